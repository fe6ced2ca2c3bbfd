//! Reading a definition tree from a disk.
//!
//! Only this module touches files. What it finds goes into a [`SourceSet`]; what
//! it cannot read becomes a diagnostic, and reading goes on.

mod overlooked;

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::diagnostic::{Code, Diagnostic, Diagnostics, both};
use crate::encoding::Foreign;
use crate::source::{MAX_FILE_BYTES, SourceFile, SourceSet, Span};

/// How deeply folders may be nested below the root.
pub const MAX_FOLDER_DEPTH: usize = 12;

/// How many files one definition tree may hold.
pub const MAX_FILES: usize = 20_000;

/// The endings a file of a definition may have; JSON is a part of YAML.
pub const ENDINGS: [&str; 3] = ["yaml", "yml", "json"];

/// A definition tree as it was found on a disk.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The folder that holds `departments.yaml`; `None` when there is none.
    pub root: Option<PathBuf>,
    /// Every file of the tree, also those that could not be read.
    pub sources: Arc<SourceSet>,
    /// What was asked for: a folder or a file below the root, with `/`; empty for
    /// the whole tree.
    pub asked: String,
    /// The services at or below the path that was asked for, as folders below the
    /// root with `/`, in order. None, where it is a file that services share.
    pub services: Vec<String>,
    /// The files at or below that path that services share: departments, calendars,
    /// contracts.
    pub shared: Vec<String>,
    /// What could not be read.
    pub diagnostics: Diagnostics,
}

/// Reads the definition tree that `path` belongs to.
///
/// `path` is the root of a tree, a service's folder, a folder that holds several,
/// that of the contracts or the calendars, or one of their files. The root is the nearest folder at or above it that holds
/// `departments.yaml`. The whole tree is read, because a service refers to
/// contracts, calendars and departments outside its folder.
#[must_use]
pub fn load(path: &Path) -> Loaded {
    let mut reader = TreeReader::default();
    let Some((root, asked)) = find_root(path) else {
        return not_a_tree(path);
    };
    reader.folder(&root, "", 0);
    // A file of a service stands for the service, one that services share for itself.
    let is_file = !asked.is_empty() && reader.files.iter().any(|file| file.path() == asked);
    let folder = match asked.rsplit_once('/') {
        Some((folder, _)) if is_file => folder,
        None if is_file => "",
        Some(_) | None => &asked,
    };
    reader.faults.retain(|fault| fault.concerns(folder));
    let (sources, mut diagnostics) = reader.finish();
    let mut of_services = services(&sources);
    of_services.retain(|service| is_at_or_below(service, folder));
    let mut shared: Vec<String> = sources
        .iter()
        .map(|(_, file)| file.path())
        .filter(|path| is_shared(path) && is_at_or_below(path, &asked))
        .map(str::to_owned)
        .collect();
    shared.sort();
    if is_file && !shared.is_empty() {
        of_services.clear();
    }
    let services = of_services;
    if services.is_empty()
        && shared.is_empty()
        && let Some((file, _)) = sources.iter().next()
    {
        let shown = path.display();
        diagnostics.push(
            Diagnostic::new(
                Code::NoService,
                Span::top(sources.find("departments.yaml").unwrap_or(file)),
                both!(
                    "`{shown}` 中没有一件事的定义",
                    "there is no service at or below `{shown}`",
                ),
            )
            .help(both!(
                "一件事是含有 `service.yaml` 的文件夹；用 `onething new` 可以新建一个",
                "a service is a folder that holds `service.yaml`; `onething new` makes one",
            )),
        );
    }
    Loaded {
        root: Some(root),
        sources,
        asked,
        services,
        shared,
        diagnostics,
    }
}

/// Reads contracts without their tree: one file, a folder of contracts, or the
/// contracts of a whole tree. Files are named by the path they are asked for by: of two
/// versions that are compared, each by its own.
#[must_use]
pub fn load_contracts(path: &Path) -> (Arc<SourceSet>, Diagnostics) {
    let mut reader = TreeReader {
        only_contracts: true,
        ..TreeReader::default()
    };
    let below = path.join("contracts");
    let folder = if below.is_dir() { &below } else { path };
    if folder.is_dir() {
        let name = folder.to_string_lossy();
        let name = name.trim_end_matches(std::path::MAIN_SEPARATOR);
        reader.folder(folder, name, 0);
        // Contracts are not nested.
        let is_in_it = |path: &str| {
            let below = path.strip_prefix(name);
            below.is_some_and(|below| !below.trim_start_matches('/').contains('/'))
        };
        reader.files.retain(|file| is_in_it(file.path()));
        reader.faults.retain(|fault| is_in_it(&fault.path));
    } else {
        reader.file(path, path.to_string_lossy().into_owned());
    }
    reader.finish()
}

/// The folders of a set that hold a service, in order.
#[must_use]
pub fn services(sources: &SourceSet) -> Vec<String> {
    let mut folders: Vec<String> = sources
        .iter()
        .filter_map(|(_, file)| {
            let (folder, name) = file.path().rsplit_once('/')?;
            let (stem, ending) = name.rsplit_once('.')?;
            (stem == "service" && ENDINGS.contains(&ending)).then(|| folder.to_owned())
        })
        .collect();
    folders.sort();
    folders.dedup();
    folders
}

/// Whether a file is one that services share.
fn is_shared(path: &str) -> bool {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    match folder {
        "" => stem == "departments",
        "calendars" | "contracts" => true,
        _ => false,
    }
}

pub(crate) fn is_at_or_below(service: &str, asked: &str) -> bool {
    asked.is_empty()
        || service == asked
        || service
            .strip_prefix(asked)
            .is_some_and(|rest| rest.starts_with('/'))
}

/// The root, and what below it was asked for.
fn find_root(path: &Path) -> Option<(PathBuf, String)> {
    let asked = fs::canonicalize(path).ok()?;
    let start = if asked.is_dir() {
        asked.clone()
    } else {
        asked.parent()?.to_owned()
    };
    let root = start.ancestors().find(|folder| {
        ENDINGS
            .iter()
            .any(|ending| folder.join(format!("departments.{ending}")).is_file())
    })?;
    let asked = asked.strip_prefix(root).ok()?;
    let asked: Vec<String> = asked
        .components()
        .map(|part| part.as_os_str().to_string_lossy().into_owned())
        .collect();
    Some((root.to_owned(), asked.join("/")))
}

fn not_a_tree(path: &Path) -> Loaded {
    let shown = path.display().to_string();
    let sources = SourceSet::from_files(vec![SourceSet::unreadable(shown.clone(), String::new())]);
    let mut diagnostics = Diagnostics::new();
    if let Some(file) = sources.find(&shown) {
        let span = Span::top(file);
        diagnostics.push(match fs::metadata(path) {
            Err(error) => cannot_read(span, &error),
            Ok(_) => Diagnostic::new(
                Code::NoTree,
                span,
                both!(
                    "此文件夹及其上级文件夹中都没有 `departments.yaml`",
                    "neither this folder nor one above it holds `departments.yaml`",
                ),
            )
            .help(match overlooked::root_at(path) {
                Some((name, meant)) => both!(
                    "把 `{name}` 改名为 `{meant}`",
                    "rename `{name}` to `{meant}`",
                ),
                None => both!(
                    "在定义的根目录中建立 `departments.yaml`，列出各部门",
                    "put a `departments.yaml` that lists the departments into the root of the definitions",
                ),
            }),
        });
    }
    Loaded {
        root: None,
        sources: Arc::new(sources),
        asked: String::new(),
        services: Vec::new(),
        shared: Vec::new(),
        diagnostics,
    }
}

fn cannot_read(span: Span, error: &io::Error) -> Diagnostic {
    let reason = match error.kind() {
        io::ErrorKind::NotFound => both!("不存在", "it does not exist"),
        io::ErrorKind::InvalidInput => both!(
            "是管道或设备，不是普通文件",
            "it is a pipe or a device, not a file"
        ),
        io::ErrorKind::PermissionDenied => {
            both!("没有读取权限", "there is no permission to read it")
        }
        _ => both!("{error}", "{error}"),
    };
    let (zh, en) = (reason.zh(), reason.en());
    Diagnostic::new(
        Code::Unreadable,
        span,
        both!("无法读取：{zh}", "cannot be read: {en}"),
    )
    .help(both!(
        "检查路径和权限",
        "check the path and the permissions",
    ))
}

/// What is wrong with a pipe or a device.
fn not_a_file() -> io::Error {
    io::ErrorKind::InvalidInput.into()
}

enum Trouble {
    Io(io::Error),
    TooLarge(u64),
    NotUtf8(Foreign),
    Loop,
    TooManyFiles,
    /// It is not read, but would be under this name.
    Overlooked(String),
}

struct Fault {
    path: String,
    /// Offset of the first byte that is wrong.
    at: usize,
    trouble: Trouble,
}

impl Fault {
    /// Whether who looks at this folder is to know: what is not read of another service is its
    /// own business.
    fn concerns(&self, folder: &str) -> bool {
        match self.trouble {
            Trouble::Overlooked(_) => is_shared(&self.path) || is_at_or_below(&self.path, folder),
            _ => true,
        }
    }

    fn diagnostic(&self, span: Span) -> Diagnostic {
        match &self.trouble {
            Trouble::Io(error) => cannot_read(span, error),
            Trouble::TooLarge(bytes) => {
                let most = MAX_FILE_BYTES / (1024 * 1024);
                Diagnostic::new(
                    Code::TooLarge,
                    span,
                    both!(
                        "文件有 {bytes} 字节，最多 {most} MiB",
                        "the file has {bytes} bytes; {most} MiB are allowed",
                    ),
                )
                .help(both!(
                    "这可能不是定义文件；如果是，请拆分",
                    "this is hardly a definition; if it is, split it",
                ))
            }
            Trouble::NotUtf8(foreign) => {
                let message = match foreign {
                    Foreign::Utf16 => both!(
                        "文件是 UTF-16 编码，不是 UTF-8",
                        "the file is UTF-16, not UTF-8",
                    ),
                    Foreign::Byte { byte, .. } => both!(
                        "此处的字节 0x{byte:02X} 不是 UTF-8 编码",
                        "the byte 0x{byte:02X} here is not UTF-8",
                    ),
                };
                Diagnostic::new(Code::NotUtf8, span, message).help(foreign.cure())
            }
            Trouble::Overlooked(meant) => {
                let name = self.path.rsplit('/').next().unwrap_or(&self.path);
                overlooked::diagnostic(span, name, meant)
            }
            Trouble::Loop => Diagnostic::new(
                Code::FolderLoop,
                span,
                both!(
                    "此文件夹包含它自己，或者嵌套超过 {MAX_FOLDER_DEPTH} 层",
                    "this folder contains itself, or is nested more than {MAX_FOLDER_DEPTH} deep",
                ),
            )
            .help(both!(
                "检查符号链接",
                "look at the symbolic links in it",
            )),
            Trouble::TooManyFiles => Diagnostic::new(
                Code::TooManyValues,
                span,
                both!(
                    "定义文件超过 {MAX_FILES} 个，此处及之后的没有读取",
                    "there are more than {MAX_FILES} files; this one and those after it were not read",
                ),
            )
            .help(both!(
                "只检查其中一个一件事的文件夹，或者把定义分到几个根目录",
                "split the definitions into several trees",
            )),
        }
    }
}

#[derive(Default)]
struct TreeReader {
    /// Whether every folder is one of contracts, whatever its name.
    only_contracts: bool,
    files: Vec<SourceFile>,
    faults: Vec<Fault>,
    /// The folders from the root down to the current one, links resolved.
    above: BTreeSet<PathBuf>,
}

impl TreeReader {
    /// What was read, and what could not be.
    fn finish(self) -> (Arc<SourceSet>, Diagnostics) {
        let sources = Arc::new(SourceSet::from_files(self.files));
        let mut diagnostics = Diagnostics::new();
        for fault in self.faults {
            if let Some(file) = sources.find(&fault.path) {
                let span = Span::new(file, fault.at, fault.at);
                diagnostics.push(fault.diagnostic(span));
            }
        }
        (sources, diagnostics)
    }

    fn fault(&mut self, path: &str, shown: String, at: usize, trouble: Trouble) {
        self.files
            .push(SourceSet::unreadable(path.to_owned(), shown));
        self.faults.push(Fault {
            path: path.to_owned(),
            at,
            trouble,
        });
    }

    fn folder(&mut self, folder: &Path, below: &str, depth: usize) {
        let shown = if below.is_empty() { "." } else { below };
        let real = match fs::canonicalize(folder) {
            Ok(real) => real,
            Err(error) => return self.fault(shown, String::new(), 0, Trouble::Io(error)),
        };
        if depth > MAX_FOLDER_DEPTH || !self.above.insert(real.clone()) {
            return self.fault(shown, String::new(), 0, Trouble::Loop);
        }
        self.entries(folder, below, depth);
        self.above.remove(&real);
    }

    fn entries(&mut self, folder: &Path, below: &str, depth: usize) {
        let shown = if below.is_empty() { "." } else { below };
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) => return self.fault(shown, String::new(), 0, Trouble::Io(error)),
        };
        let mut names: Vec<String> = Vec::new();
        for entry in entries {
            match entry {
                // A name that is not UTF-8 cannot be one of ours.
                Ok(entry) => names.extend(entry.file_name().into_string()),
                Err(error) => self.fault(shown, String::new(), 0, Trouble::Io(error)),
            }
        }
        names.sort();
        for name in &names {
            if name.starts_with('.') {
                continue;
            }
            // Beside the file that was meant it is a copy.
            let kind = if self.only_contracts {
                "contracts"
            } else {
                below
            };
            let meant = overlooked::meant(kind, name).filter(|meant| !names.contains(meant));
            let path = folder.join(name);
            let below = if below.is_empty() {
                name.clone()
            } else {
                format!("{below}/{name}")
            };
            let ours = name
                .rsplit_once('.')
                .is_some_and(|(_, ending)| ENDINGS.contains(&ending));
            let is_full = self.files.len() >= MAX_FILES;
            match (fs::metadata(&path), meant) {
                (Ok(meta), Some(meant)) if meta.is_file() && !is_full => {
                    self.fault(&below, String::new(), 0, Trouble::Overlooked(meant));
                }
                (Ok(meta), _) if meta.is_dir() => self.folder(&path, &below, depth + 1),
                // Devices and pipes are never opened: reading them might not end.
                (Ok(meta), _) if meta.is_file() && ours => {
                    if self.files.len() < MAX_FILES {
                        self.file(&path, below);
                    } else if self.files.len() == MAX_FILES {
                        self.fault(&below, String::new(), 0, Trouble::TooManyFiles);
                    }
                }
                (Ok(_), _) if ours => {
                    self.fault(&below, String::new(), 0, Trouble::Io(not_a_file()));
                }
                (Ok(_), _) => {}
                (Err(error), _) if ours => self.fault(&below, String::new(), 0, Trouble::Io(error)),
                // A broken link that is not a definition is none of our business.
                (Err(_), _) => {}
            }
        }
    }

    fn file(&mut self, path: &Path, below: String) {
        let mut bytes = Vec::new();
        let is_file =
            fs::metadata(path).and_then(|about| match about.is_file() || about.is_dir() {
                true => Ok(()),
                // Opening a pipe waits until somebody writes into it.
                false => Err(not_a_file()),
            });
        let read = is_file
            .and_then(|()| fs::File::open(path))
            .and_then(|file| {
                let size = file.metadata()?.len();
                // One byte more than allowed, so that a file that grows is noticed.
                file.take(MAX_FILE_BYTES as u64 + 1)
                    .read_to_end(&mut bytes)?;
                Ok(size)
            });
        let size = match read {
            Ok(size) => size,
            Err(error) => return self.fault(&below, String::new(), 0, Trouble::Io(error)),
        };
        if bytes.len() > MAX_FILE_BYTES {
            let size = size.max(bytes.len() as u64);
            return self.fault(&below, String::new(), 0, Trouble::TooLarge(size));
        }
        let shown = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        match Foreign::of(&bytes) {
            None => self.files.push(SourceSet::whole(below, shown(&bytes))),
            // What is shown of it would be read by nobody.
            Some(Foreign::Utf16) => {
                let trouble = Trouble::NotUtf8(Foreign::Utf16);
                self.fault(&below, String::new(), 0, trouble);
            }
            Some(foreign @ Foreign::Byte { at, .. }) => {
                self.fault(&below, shown(&bytes), at, Trouble::NotUtf8(foreign));
            }
        }
    }
}
