//! Reading folders: what is found, and what is said about what cannot be read.

use std::fs;
use std::path::Path;

use onething_definition::diagnostic::{Code, Rendering, Report};
use onething_definition::load::{Loaded, load, load_contracts};
use onething_definition::source::SourceFile;
use onething_definition::{check_loaded, new_service};
use onething_model::Lang;

fn write(root: &Path, path: &str, content: impl AsRef<[u8]>) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
}

fn tree() -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    write(root.path(), "departments.yaml", "language: zh\n");
    write(root.path(), "shop/service.yaml", "service: shop\n");
    write(root.path(), "group/newborn/service.json", "{}");
    write(root.path(), "shop/README.md", "not ours");
    write(root.path(), "shop/.hidden.yaml", "not ours");
    root
}

fn said(loaded: Loaded) -> Vec<(Code, String)> {
    let report = Report::new(loaded.sources, loaded.diagnostics);
    let rendering = Rendering {
        lang: Lang::En,
        colour: false,
    };
    report
        .diagnostics
        .iter()
        .map(|d| (d.code, rendering.render(d, &report.sources)))
        .collect()
}

#[test]
fn the_root_is_the_nearest_folder_with_departments() {
    let root = tree();
    for (path, services) in [
        ("", vec!["group/newborn", "shop"]),
        ("shop", vec!["shop"]),
        ("shop/service.yaml", vec!["shop"]),
        ("group", vec!["group/newborn"]),
    ] {
        let loaded = load(&root.path().join(path));
        assert_eq!(loaded.services, services, "{path:?}");
        let files: Vec<&str> = loaded.sources.iter().map(|(_, f)| f.path()).collect();
        assert_eq!(
            files,
            [
                "departments.yaml",
                "group/newborn/service.json",
                "shop/service.yaml"
            ]
        );
        assert!(loaded.diagnostics.is_empty());
    }
}

#[test]
fn no_tree_no_service_no_path() {
    let root = tree();
    let empty = tempfile::tempdir().unwrap();
    assert_eq!(said(load(empty.path()))[0].0, Code::NoTree);
    let gone = said(load(&root.path().join("nowhere")));
    assert_eq!(gone[0].0, Code::Unreadable);
    assert!(gone[0].1.contains("does not exist"), "{}", gone[0].1);
    fs::create_dir(root.path().join("empty")).unwrap();
    assert_eq!(said(load(&root.path().join("empty")))[0].0, Code::NoService);
}

#[test]
fn a_file_that_is_not_utf8_is_shown_where_it_breaks() {
    let root = tree();
    // "标题: " in UTF-8, then "餐" in GBK.
    write(
        root.path(),
        "shop/before.yaml",
        [b"a: 1\n\xE6\xA0\x87: " as &[u8], b"\xB2\xCD\n"].concat(),
    );
    let said = said(load(root.path()));
    assert_eq!(said.len(), 1);
    assert_eq!(said[0].0, Code::NotUtf8);
    assert!(said[0].1.contains("shop/before.yaml:2:4"), "{}", said[0].1);
}

#[test]
fn a_file_in_utf16_is_called_that() {
    let root = tree();
    let text = "before: shop\nbecause: 先办许可\n".encode_utf16();
    let bytes: Vec<u8> = text.flat_map(u16::to_le_bytes).collect();
    write(root.path(), "shop/before.yaml", bytes);
    let said = said(load(root.path()));
    assert_eq!(said.len(), 1, "{said:?}");
    assert_eq!(said[0].0, Code::NotUtf8);
    assert!(said[0].1.contains("the file is UTF-16"), "{}", said[0].1);
}

/// A zero in a small file is not what makes it UTF-16; nor is the cure to put it in quotes.
#[test]
fn a_nul_byte_is_called_that_and_shown_where_it_stands() {
    for (text, place, what) in [
        ("a: \0b\n", "1:4", "a NUL byte (U+0000)"),
        (
            "before: shop\nbecause: \"先\0办\"\n",
            "2:12",
            "a NUL byte (U+0000)",
        ),
        ("# a\0b\nbefore: shop\n", "1:4", "a NUL byte (U+0000)"),
        (
            "before: shop\nbecause: \"先\u{1b}[2J\"\n",
            "2:12",
            "the control character U+001B",
        ),
    ] {
        let root = tree();
        write(root.path(), "shop/before.yaml", text);
        let loaded = load(root.path());
        assert!(loaded.diagnostics.is_empty(), "{text:?}");
        let sources = loaded.sources;
        let mut found = onething_definition::diagnostic::Diagnostics::new();
        let file = sources.find("shop/before.yaml").unwrap();
        assert!(onething_definition::yaml::parse(&sources, file, &mut found).is_none());
        let report = onething_definition::diagnostic::Report::new(sources, found);
        let said = report.render(onething_definition::diagnostic::Rendering {
            lang: onething_model::Lang::En,
            colour: false,
        });
        assert!(said.contains("D0010"), "{text:?}: {said}");
        assert!(
            said.contains(&format!("shop/before.yaml:{place}")),
            "{text:?}: {said}"
        );
        assert!(
            said.contains(&format!("{what} stands here")),
            "{text:?}: {said}"
        );
        assert!(!said.contains("put the text in quotes"), "{text:?}: {said}");
    }
}

#[test]
fn a_large_file_is_refused_before_it_is_parsed() {
    let root = tree();
    write(
        root.path(),
        "shop/before.yaml",
        vec![b'a'; 50 * 1024 * 1024],
    );
    let loaded = load(root.path());
    assert_eq!(loaded.services.len(), 2, "the rest is read");
    let said = said(loaded);
    assert_eq!(said[0].0, Code::TooLarge);
    assert!(said[0].1.contains("52428800 bytes"), "{}", said[0].1);
}

#[cfg(unix)]
#[test]
fn links_that_lead_back_are_cut() {
    let root = tree();
    std::os::unix::fs::symlink("..", root.path().join("shop/up")).unwrap();
    std::os::unix::fs::symlink("gone", root.path().join("shop/workload.yaml")).unwrap();
    let said = said(load(root.path()));
    let codes: Vec<Code> = said.iter().map(|(code, _)| *code).collect();
    assert_eq!(codes, [Code::FolderLoop, Code::Unreadable]);
    assert!(said[0].1.contains("shop/up"), "{}", said[0].1);
}

#[test]
fn a_folder_where_a_file_is_expected() {
    let root = tree();
    fs::remove_file(root.path().join("shop/service.yaml")).unwrap();
    fs::create_dir_all(root.path().join("shop/service.yaml")).unwrap();
    fs::create_dir_all(root.path().join("shop/before.yaml")).unwrap();
    let loaded = load(root.path());
    assert_eq!(
        loaded.services,
        ["group/newborn"],
        "a folder is no definition"
    );
    assert_eq!(said(load(&root.path().join("shop")))[0].0, Code::NoService);
    let other = tempfile::tempdir().unwrap();
    fs::create_dir_all(other.path().join("departments.yaml")).unwrap();
    assert_eq!(said(load(other.path()))[0].0, Code::NoTree);
}

/// The template's tree with a contract that no service uses and that is no YAML.
fn template() -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    for (path, text) in new_service(&"shop".parse().unwrap()) {
        write(root.path(), &path, text);
    }
    write(root.path(), "contracts/novel.yaml", "]]] : {{\n");
    root
}

#[test]
fn what_is_asked_for_is_checked_whether_a_service_uses_it_or_not() {
    let root = template();
    // The path; how many services are checked; the files that something is said of.
    let novel: &[&str] = &["contracts/novel.yaml"];
    let table = [
        ("", 1, novel),
        ("contracts", 0, novel),
        ("contracts/novel.yaml", 0, novel),
        ("contracts/person.yaml", 0, &[]),
        ("departments.yaml", 0, &[]),
        ("calendars", 0, &[]),
        // A service that does not use the contract is none the worse for it.
        ("shop", 1, &[]),
        ("shop/before.yaml", 1, &[]),
    ];
    for (path, services, files) in table {
        let loaded = load(&root.path().join(path));
        assert_eq!(loaded.services.len(), services, "{path:?}");
        let checked = check_loaded(loaded);
        let report = &checked.report;
        let said = report.diagnostics.iter();
        let mut said: Vec<&str> = said
            .map(|found| report.sources.file(found.primary.span.file).path())
            .collect();
        said.dedup();
        assert_eq!(said, files, "{path:?}");
        assert_eq!(report.errors() > 0, !files.is_empty(), "{path:?}");
        let usable = checked.services.iter().all(|one| one.service.is_some());
        assert!(usable, "{path:?}");
    }
    // A contract that a service uses breaks it.
    write(root.path(), "contracts/person.yaml", "]]] : {{\n");
    let checked = check_loaded(load(&root.path().join("shop")));
    assert!(checked.report.errors() > 0 && checked.services[0].service.is_none());
}

/// Reading a pipe or a device might not begin, or not end; it is named all the same.
#[cfg(unix)]
#[test]
fn a_definition_that_is_a_device_is_told_and_not_read() {
    let root = template();
    let novel = root.path().join("contracts/novel.yaml");
    fs::remove_file(&novel).unwrap();
    std::os::unix::fs::symlink("/dev/zero", &novel).unwrap();
    // Nobody takes it for a definition.
    std::os::unix::fs::symlink("/dev/zero", root.path().join("contracts/notes.txt")).unwrap();
    let told = said(load(root.path()));
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0].0, Code::Unreadable);
    assert!(
        told[0].1.contains("it is a pipe or a device, not a file"),
        "{}",
        told[0].1
    );
    assert!(told[0].1.contains("contracts/novel.yaml"), "{}", told[0].1);
}

/// Of what is not there, or is no tree, there is one thing to say.
#[test]
fn what_is_no_tree_is_told_once() {
    let nothing = tempfile::tempdir().unwrap();
    for (path, code) in [("", Code::NoTree), ("missing", Code::Unreadable)] {
        let report = check_loaded(load(&nothing.path().join(path))).report;
        let told: Vec<Code> = report.diagnostics.iter().map(|found| found.code).collect();
        assert_eq!(told, [code], "{path:?}");
    }
}

#[test]
fn a_file_that_is_not_read_because_of_its_name_is_told() {
    let root = tree();
    write(root.path(), "shop/before.yaml.txt", "before: shop\n");
    write(
        root.path(),
        "contracts/person.yaml.txt",
        "contract: person\n",
    );
    write(root.path(), "other/Service.yaml", "service: other\n");
    // Beside the file itself it is a copy.
    write(root.path(), "shop/service.yaml.txt", "service: shop\n");
    // Of another service it is told where that is looked at.
    assert_eq!(said(load(&root.path().join("group"))).len(), 1);
    assert_eq!(said(load(&root.path().join("shop/service.yaml"))).len(), 2);
    let loaded = load(root.path());
    assert_eq!(loaded.services, ["group/newborn", "shop"]);
    let said = said(loaded);
    let told: Vec<(Code, &str)> = said
        .iter()
        .map(|(code, text)| (*code, text.lines().nth(1).unwrap().trim()))
        .collect();
    let at = |path| (Code::NotRead, path);
    let expected = [
        at("--> contracts/person.yaml.txt"),
        at("--> other/Service.yaml"),
        at("--> shop/before.yaml.txt"),
    ];
    assert_eq!(told, expected);
    let cure = "rename the file to `before.yaml`";
    assert!(said[2].1.contains(cure), "{}", said[2].1);
    // A folder of contracts by itself: their names are the author's.
    write(
        root.path(),
        "versions/services.yaml",
        "contract: services\n",
    );
    write(root.path(), "versions/shop.yaml.txt", "contract: shop\n");
    let (sources, found) = load_contracts(&root.path().join("versions"));
    let read = |file: &SourceFile| file.is_readable() && file.path().ends_with("services.yaml");
    assert!(sources.iter().any(|(_, file)| read(file)));
    let codes: Vec<Code> = found.into_sorted().iter().map(|d| d.code).collect();
    assert_eq!(codes, [Code::NotRead]);
    // Without the file that makes it a tree there is none.
    let root = tempfile::tempdir().unwrap();
    write(root.path(), "departments.yaml.txt", "language: zh\n");
    write(root.path(), "shop/service.yaml", "service: shop\n");
    for below in ["", "shop", "shop/service.yaml"] {
        let said = self::said(load(&root.path().join(below)));
        assert_eq!(said[0].0, Code::NoTree);
        let cure = "rename `departments.yaml.txt` to `departments.yaml`";
        assert!(said[0].1.contains(cure), "{below}: {}", said[0].1);
    }
}
