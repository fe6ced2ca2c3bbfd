//! Files that are not read because of their name, though somebody meant them to be: an
//! editor of Windows adds `.txt` and does not show it, a letter is large or amiss.

use std::fs;
use std::path::Path;

use super::{ENDINGS, MAX_FOLDER_DEPTH};
use crate::diagnostic::{Code, Diagnostic, both};
use crate::source::Span;
use crate::yaml::fields::suggest;

/// What a service's folder is read for.
const OF_A_SERVICE: [&str; 3] = ["service", "before", "workload"];

/// The name that a file was likely meant to have, where it is not read under its own.
///
/// `folder` is its folder below the root, with `/`.
pub(super) fn meant(folder: &str, name: &str) -> Option<String> {
    let small = name.to_ascii_lowercase();
    let plain = small.strip_suffix(".txt").unwrap_or(&small);
    let (stem, ending) = plain.rsplit_once('.')?;
    if !ENDINGS.contains(&ending) {
        return None;
    }
    let known: &[&str] = match folder {
        "" => &["departments"],
        // Their names are the author's.
        "calendars" | "contracts" => {
            let stem = &name[..stem.len()];
            let is_read = ENDINGS
                .iter()
                .any(|ending| name == format!("{stem}.{ending}"));
            return (!is_read).then(|| format!("{stem}.{ending}"));
        }
        _ => &OF_A_SERVICE,
    };
    let near = suggest(stem, known.iter().copied())?;
    let meant = format!("{near}.{ending}");
    (meant != name).then_some(meant)
}

/// A file at or above a path that makes no root because of its name, and the name that it was
/// likely meant to have.
pub(super) fn root_at(path: &Path) -> Option<(String, String)> {
    let path = fs::canonicalize(path).ok()?;
    path.ancestors().take(MAX_FOLDER_DEPTH).find_map(|folder| {
        fs::read_dir(folder).ok()?.flatten().find_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let meant = meant("", &name).filter(|_| entry.path().is_file())?;
            Some((name, meant))
        })
    })
}

/// Says that a file is not read, and under which name it would be.
pub(super) fn diagnostic(span: Span, name: &str, meant: &str) -> Diagnostic {
    let diagnostic = Diagnostic::new(
        Code::NotRead,
        span,
        both!(
            "没有读取此文件：文件名是 `{name}`，不是 `{meant}`",
            "this file is not read: its name is `{name}`, not `{meant}`",
        ),
    );
    let txt = name.to_ascii_lowercase().ends_with(".txt");
    let diagnostic = match txt {
        true => diagnostic.why(both!(
            "有的编辑器会加上 `.txt`，而系统不显示它；打开“显示文件扩展名”可以看到",
            "some editors add `.txt`, and the system hides it unless it is told to show endings",
        )),
        false => diagnostic,
    };
    diagnostic.help(both!(
        "把文件改名为 `{meant}`；不是定义的，移出此文件夹",
        "rename the file to `{meant}`; if it is no definition, move it out of this folder",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_taken_for_the_one_it_was_meant_to_be() {
        for (folder, name, expected) in [
            ("shop", "service.yaml.txt", "service.yaml"),
            ("group/shop", "before.yml.TXT", "before.yml"),
            ("shop", "Workload.yaml", "workload.yaml"),
            ("shop", "before.YAML", "before.yaml"),
            ("shop", "befor.yaml", "before.yaml"),
            ("contracts", "Person.yaml.txt", "Person.yaml"),
            ("contracts", "person.YML", "person.yml"),
            ("calendars", "office.yaml.txt", "office.yaml"),
            ("", "departments.yaml.txt", "departments.yaml"),
            ("", "department.yaml", "departments.yaml"),
            // What is read, and what is somebody else's.
            ("shop", "service.yaml", ""),
            ("shop", "before.yml", ""),
            ("contracts", "Person.yaml", ""),
            ("contracts", "README.txt", ""),
            ("shop", "service.txt", ""),
            ("shop", "application.yaml", ""),
            ("shop", "notes.yaml.txt", ""),
            ("shop", "service.yaml.bak", ""),
            ("", "notes.json", ""),
            ("", "餐.yaml", ""),
        ] {
            let said = meant(folder, name);
            assert_eq!(said.unwrap_or_default(), expected, "{folder}/{name}");
        }
    }
}
