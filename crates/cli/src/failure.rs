//! Why a command did not do what it was asked, for the person who must act.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use onething_definition::diagnostic::{Report, Wire};
use onething_engine::{Rejection, record::Fault};
use onething_model::{Lang, Text};
use onething_plan::Plan;
use onething_store::Error as StoreError;
use serde::Serialize;

use crate::cause;
use crate::exit::Exit;
use crate::say::both;
use crate::show;

/// What went wrong, what to do, and with which exit code the program ends.
#[derive(Debug, Clone)]
pub(crate) struct Failure(Box<Details>);

/// What there is to say about a [`Failure`].
#[derive(Debug, Clone)]
pub(crate) struct Details {
    /// The exit code.
    pub(crate) exit: Exit,
    /// The stable code, where there is one; `docs/errors/CODE.md` explains it.
    pub(crate) code: Option<String>,
    /// What is wrong.
    pub(crate) message: Text,
    /// What to do.
    pub(crate) help: Option<Text>,
    /// Each fault, where several values are wrong.
    pub(crate) faults: Vec<Fault>,
    /// What people call that at fault, by its name.
    pub(crate) titles: BTreeMap<String, Text>,
    /// The definition's problems, where it is the definition.
    pub(crate) report: Option<Arc<Report>>,
}

impl std::ops::Deref for Failure {
    type Target = Details;
    fn deref(&self) -> &Details {
        &self.0
    }
}

/// A failure as programs read it.
#[derive(Serialize)]
pub(crate) struct FailureWire<'a> {
    exit: u8,
    code: Option<&'a str>,
    message: &'a Text,
    help: Option<&'a Text>,
    faults: Vec<FaultWire<'a>>,
    diagnostics: Vec<Wire>,
}

/// A fault as programs read it.
#[derive(Serialize)]
struct FaultWire<'a> {
    what: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<&'a Text>,
    why: &'a Text,
}

impl Failure {
    /// The answer is no: exit code 1.
    pub(crate) fn no(message: Text) -> Self {
        Self::new(Exit::No, message)
    }

    /// The command line was not understood: exit code 2.
    pub(crate) fn usage(message: Text) -> Self {
        Self::new(Exit::Usage, message)
    }

    /// Ours or the machine's: exit code 3.
    pub(crate) fn ours(message: Text) -> Self {
        Self::new(Exit::Ours, message)
    }

    fn new(exit: Exit, message: Text) -> Self {
        Self(Box::new(Details {
            exit,
            code: None,
            message,
            help: None,
            faults: Vec::new(),
            titles: BTreeMap::new(),
            report: None,
        }))
    }

    /// With what to do.
    pub(crate) fn help(mut self, help: Text) -> Self {
        self.0.help = Some(help);
        self
    }

    /// With each fault.
    pub(crate) fn with_faults(mut self, faults: Vec<Fault>) -> Self {
        self.0.faults = faults;
        self
    }

    /// With a stable code.
    pub(crate) fn with_code(mut self, code: &str) -> Self {
        self.0.code = Some(code.to_owned());
        self
    }

    /// With another message.
    pub(crate) fn with_message(mut self, message: Text) -> Self {
        self.0.message = message;
        self
    }

    /// An application file or a file of values with errors.
    pub(crate) fn unreadable_input(report: Arc<Report>) -> Self {
        let errors = report.errors();
        let mut failure = Self::no(both!(
            "文件有 {errors} 个错误，未作任何操作",
            "the file has {errors} error(s); nothing was done",
        ));
        failure.0.report = Some(report);
        failure
    }

    /// A definition with errors.
    pub(crate) fn definition(report: Arc<Report>) -> Self {
        let errors = report.errors();
        let mut failure = Self::no(both!(
            "定义有 {errors} 个错误，无法使用",
            "the definition has {errors} error(s) and cannot be used",
        ));
        failure.0.report = Some(report);
        failure
    }

    /// The same in other words, which say more of where it is wrong.
    pub(crate) fn saying(mut self, message: Text) -> Self {
        self.0.message = message;
        self
    }

    /// A file that cannot be read or written.
    pub(crate) fn file(doing: FileAct, path: &Path, error: &std::io::Error) -> Self {
        let path = path.display();
        let why = cause::of(error);
        let (zh, en) = (why.zh(), why.en());
        match doing {
            FileAct::Read => Self::no(both!(
                "无法读取 `{path}`：{zh}",
                "failed to read `{path}`: {en}",
            )),
            FileAct::Write => Self::no(both!(
                "无法写入 `{path}`：{zh}",
                "failed to write `{path}`: {en}",
            )),
        }
        .help(both!(
            "检查路径和权限",
            "check the path and the permissions"
        ))
    }

    /// The failure for programs.
    pub(crate) fn wire(&self) -> FailureWire<'_> {
        FailureWire {
            exit: self.exit.number(),
            code: self.code.as_deref(),
            message: &self.message,
            help: self.help.as_ref(),
            faults: self.faults.iter().map(|fault| self.fault(fault)).collect(),
            diagnostics: self.report.as_ref().map_or(Vec::new(), |r| r.wire()),
        }
    }

    fn fault<'a>(&'a self, fault: &'a Fault) -> FaultWire<'a> {
        FaultWire {
            what: &fault.what,
            title: self.titles.get(&fault.what),
            why: &fault.why,
        }
    }

    /// With what people call the fields and questions at fault.
    pub(crate) fn naming(mut self, plan: &Plan) -> Self {
        let names = self.faults.iter().map(|fault| fault.what.clone());
        let titles = names.filter_map(|name| Some((name.clone(), show::fault_title(plan, &name)?)));
        self.0.titles = titles.collect();
        self
    }

    /// The failure for people, without the definition's problems.
    pub(crate) fn text(&self, lang: Lang) -> String {
        let (error, help, see) = match lang {
            Lang::Zh => ("错误", "办法：", "详见："),
            Lang::En => ("error", "help: ", "see: "),
        };
        let mut text = match &self.code {
            Some(code) => format!("{error}[{code}]: "),
            None => format!("{error}: "),
        };
        text += self.message.get(lang);
        for fault in &self.faults {
            let title = self.titles.get(&fault.what);
            text += &format!("\n  - {}", show::fault(fault, title, lang));
        }
        if let Some(text_of_help) = &self.help {
            text += &format!("\n  {help}{}", text_of_help.get(lang));
        }
        if let Some(code) = &self.code {
            text += &format!("\n  {see}docs/errors/{code}.md");
        }
        text
    }
}

/// What the store was doing with a file, in Chinese.
fn done_to_a_file(doing: &str) -> &'static str {
    match doing {
        "open" => "打开",
        "read" => "读取",
        "write" => "写入",
        "list" => "列出",
        "create" => "新建",
        "remove" => "删除",
        "lock" => "锁定",
        "cut" => "截断",
        "rename" | "set aside" => "移动",
        "sync" => "写入磁盘",
        _ => "处理",
    }
}

/// What was being done with a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FileAct {
    /// Reading.
    Read,
    /// Writing.
    Write,
}

impl From<Rejection> for Failure {
    fn from(rejection: Rejection) -> Self {
        let mut failure = Self::no(rejection.message.clone()).help(rejection.help.clone());
        failure.0.code = Some(rejection.code.to_owned());
        failure.0.faults = rejection.faults.clone();
        failure
    }
}

impl From<StoreError> for Failure {
    /// What the caller can mend (another program has the store open, the disk
    /// is full) is a no; damage and the unknown are ours.
    fn from(error: StoreError) -> Self {
        match &error {
            StoreError::Locked { path } => {
                let path = path.display();
                Self::no(both!(
                    "存储 `{path}` 正被另一个程序使用",
                    "the store `{path}` is in use by another program",
                ))
                .help(both!(
                    "等它结束或先关闭它，然后重试；一个存储同时只能由一个程序打开",
                    "wait for it or close it, then try again; one program at a time opens a store",
                ))
            }
            StoreError::UnknownVersion { path, found, known } => {
                let path = path.display();
                Self::no(both!(
                    "存储 `{path}` 的格式是 {found}，本程序只认识格式 {known}；文件未作任何改动",
                    "the store `{path}` has format {found}, this program knows format {known}; its files are untouched",
                ))
                .help(both!(
                    "请用写入它的版本或更新版本的 onething 打开",
                    "open it with the version of onething that wrote it, or a newer one",
                ))
            }
            StoreError::NotAStore { path, what } => {
                let path = path.display();
                Self::no(both!(
                    "`{path}` 不是存储文件夹：{what}",
                    "`{path}` is not a store: {what}"
                ))
                .help(both!(
                    "指定一个空文件夹或新文件夹",
                    "name an empty or a new folder"
                ))
            }
            StoreError::Full { path, source } => {
                let path = path.display();
                let why = cause::of(source);
                let (zh, en) = (why.zh(), why.en());
                Self::no(both!(
                    "无法写入 `{path}`：{zh}",
                    "no room left to write `{path}`: {en}",
                ))
                .help(both!(
                    "没有写入任何内容；腾出空间后重试",
                    "nothing was stored; free some space and try again",
                ))
            }
            StoreError::Corrupt { file, offset, what } => {
                let (file, why) = (file.display(), cause::damage(what));
                let (zh, en) = (why.zh(), why.en());
                Self::ours(both!(
                    "`{file}` 在第 {offset} 字节处损坏：{zh}",
                    "`{file}` is damaged at byte {offset}: {en}",
                ))
                .help(both!(
                    "保持文件原样，用 `onething store verify` 查看涉及哪些办件，并从备份恢复",
                    "leave the files as they are, see with `onething store verify` which cases are hit, and restore them from a backup",
                ))
            }
            StoreError::Unavailable { why } => Self::ours(both!(
                "存储没有确认结果：{why}",
                "the store did not confirm the outcome: {why}",
            ))
            .help(both!(
                "重新运行同一命令：已记录的不会重复，未记录的会补上",
                "run the same command again: what is recorded is not repeated, what is not is done",
            )),
            StoreError::Io {
                doing,
                path,
                source,
            } => {
                let (path, why) = (path.display(), cause::of(source));
                let (doing_zh, zh, en) = (done_to_a_file(doing), why.zh(), why.en());
                let message = both!(
                    "{doing_zh} `{path}` 失败：{zh}",
                    "failed to {doing} `{path}`: {en}",
                );
                if !cause::is_the_callers(source) {
                    return Self::ours(message);
                }
                Self::no(message).help(both!(
                    "检查路径和权限",
                    "check the path and the permissions"
                ))
            }
            StoreError::Index { .. } => Self::ours(both!(
                "存储的索引出错：{error}",
                "the store failed: {error}",
            ))
            .help(both!(
                "办件没有丢失：重新运行本命令，索引会由日志重建",
                "no case is lost: run the command again, and the index is rebuilt from the journal",
            )),
            _ => Self::ours(both!("存储出错：{error}", "the store failed: {error}")),
        }
    }
}
