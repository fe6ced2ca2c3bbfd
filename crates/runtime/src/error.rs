//! What can go wrong, told to the person or program that can do something.

use onething_engine::{Fault, Rejection};
use onething_model::{CaseId, ServiceKey};

/// Why the engine did not do what it was asked.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// It cannot be done as things stand: a normal answer. Nothing changed.
    #[error(transparent)]
    Rejected(#[from] Rejection),

    /// The application breaks its contract and was turned away; the refusal
    /// is on record under this number, with every fault.
    #[error("case {case} was not accepted: {rejection}")]
    NotAccepted {
        /// Under which number the refusal is recorded.
        case: CaseId,
        /// Code C0210, with every fault.
        rejection: Rejection,
    },

    /// The store did not take or give the records. See C0207.
    #[error("the store failed: {0}")]
    Store(#[from] onething_store::Error),

    /// A case's records cannot be continued by this program. See C0213.
    #[error("case {case} cannot be opened: {why}")]
    Unreadable {
        /// The case.
        case: CaseId,
        /// What is in the way and what to do.
        why: String,
    },
}

impl Error {
    /// The stable code; `docs/errors/CODE.md` explains it.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Rejected(rejection) | Self::NotAccepted { rejection, .. } => rejection.code,
            Self::Store(_) => "C0207",
            Self::Unreadable { .. } => "C0213",
        }
    }

    /// The rejection, with its texts in both languages, where it is one.
    #[must_use]
    pub fn rejection(&self) -> Option<&Rejection> {
        match self {
            Self::Rejected(rejection) | Self::NotAccepted { rejection, .. } => Some(rejection),
            Self::Store(_) | Self::Unreadable { .. } => None,
        }
    }

    /// Whether the very same call may succeed a little later.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Rejected(rejection) => rejection.code == "C0204",
            Self::Store(error) => error.is_retryable(),
            Self::NotAccepted { .. } | Self::Unreadable { .. } => false,
        }
    }
}

/// Why an engine does not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// No store was given.
    #[error("the engine was given no store; call `store` on the builder")]
    NoStore,

    /// There is no tokio runtime to run on.
    #[error(
        "the engine was started outside a tokio runtime; start it within one, or give the builder \
         a spawner"
    )]
    NoRuntime,

    /// A service was registered twice.
    #[error("service `{service}` is registered twice; register one definition of it")]
    Twice {
        /// The service.
        service: ServiceKey,
    },

    /// A definition's digest is not that of its sources.
    #[error(
        "the sources given for service `{service}` are not those its plan was compiled from; \
         give the sources unchanged and in the compiler's order"
    )]
    Sources {
        /// The service.
        service: ServiceKey,
    },

    /// Automatic steps that nobody does.
    #[error(
        "service `{service}` needs {}, which {} not registered; register a handler for each, or \
         one for any", missing.join(", "), if missing.len() == 1 { "is" } else { "are" }
    )]
    NoHandler {
        /// The service.
        service: ServiceKey,
        /// Departments and registries without a handler.
        missing: Vec<String>,
    },

    /// The store failed.
    #[error(transparent)]
    Store(#[from] onething_store::Error),
}

/// The runtime's rejections. Each code has a page under `docs/errors/`.
pub(crate) mod reject {
    use onething_plan::{Plan, check};

    use super::{CaseId, Fault, Rejection};

    pub(crate) fn unknown_case(case: CaseId) -> Rejection {
        Rejection::new(
            "C0201",
            format!("没有编号为 {case} 的办件"),
            format!("there is no case {case}"),
            "请核对办件编号",
            "check the number of the case",
        )
    }

    /// The key is not repeated: who sent it knows it, and whoever reads the log need not.
    pub(crate) fn key_reused(case: CaseId) -> Rejection {
        Rejection::new(
            "C0202",
            format!("该幂等键已用于办件 {case}，但申请内容不同"),
            format!("the key was used for case {case} with another application"),
            "同一申请重发时内容须一致；新的申请请使用新的幂等键",
            "send the same application again unchanged, or use a new key for another one",
        )
    }

    pub(crate) fn unknown_service(service: &str, known: &[String]) -> Rejection {
        let service: String = service.chars().take(80).collect();
        let listed = |none: &str, separator: &str| {
            if known.is_empty() {
                none.to_owned()
            } else {
                known.join(separator)
            }
        };
        Rejection::new(
            "C0203",
            format!(
                "没有名为「{service}」的一件事，现有：{}",
                listed("无", "、")
            ),
            format!(
                "there is no service `{service}`; there is {}",
                listed("none", ", ")
            ),
            "请选用已登记的一件事",
            "apply for a service that is registered",
        )
    }

    pub(crate) fn overloaded(zh: &str, en: &str) -> Rejection {
        Rejection::new(
            "C0204",
            format!("系统繁忙：{zh}"),
            format!("too much to do: {en}"),
            "请稍后用同一幂等键重发",
            "send it again a little later, under the same key",
        )
    }

    pub(crate) fn shutting_down() -> Rejection {
        Rejection::new(
            "C0205",
            "系统正在停止，不再受理新的操作".to_owned(),
            "the engine is shutting down and takes no more commands".to_owned(),
            "请在系统重新启动后重发",
            "send it again after the engine has been started again",
        )
    }

    pub(crate) fn unknown_step(case: CaseId, step: &str) -> Rejection {
        let step: String = step.chars().take(80).collect();
        Rejection::new(
            "C0206",
            format!("办件 {case} 没有名为「{step}」的环节"),
            format!("case {case} has no step `{step}`"),
            "请核对待办编号（办件/环节/轮次）",
            "check the effect's id, CASE/STEP/ROUND, against the worklist",
        )
    }

    pub(crate) fn unknown_department(department: &str, plan: &Plan) -> Rejection {
        let known: Vec<&str> = plan
            .departments
            .iter()
            .map(|item| item.key.as_str())
            .collect();
        let department: String = department.chars().take(80).collect();
        Rejection::new(
            "C0216",
            format!("本服务没有部门「{department}」，有：{}", known.join("、")),
            format!(
                "the service has no department `{department}`; it has {}",
                known.join(", ")
            ),
            "请核对部门的名称（key）",
            "name a department by its key",
        )
    }

    pub(crate) fn unknown_names(faults: Vec<Fault>) -> Rejection {
        Rejection::new(
            "C0208",
            format!("有 {} 个数据项名称在本服务中不存在", faults.len()),
            match faults.len() {
                1 => "1 name is not a field of this service".to_owned(),
                count => format!("{count} names are not fields of this service"),
            },
            "数据项写作“角色.字段”，请与表单核对",
            "fields are written `role.field`; check them against the form",
        )
        .with_faults(faults)
    }

    pub(crate) fn unknown_purpose(department: &str, purpose: &str, granted: &[&str]) -> Rejection {
        // A purpose may be anything that somebody typed.
        let purpose: String = purpose.chars().take(80).collect();
        let (zh, en) = match granted {
            [] => (
                "该部门在本服务中没有任何授权".to_owned(),
                "the department has no grants in this service".to_owned(),
            ),
            _ => (
                format!("已授权的用途：{}", granted.join("、")),
                format!("it has grants for: {}", granted.join(", ")),
            ),
        };
        Rejection::new(
            "C0208",
            format!("部门 `{department}` 没有用途为 `{purpose}` 的授权"),
            format!("`{department}` has no grant for the purpose `{purpose}`"),
            &zh,
            &en,
        )
    }

    pub(crate) fn missing_documents(faults: Vec<Fault>) -> Rejection {
        Rejection::new(
            "C0209",
            format!("有 {} 份材料的内容尚未上传", faults.len()),
            match faults.len() {
                1 => "the content of 1 document is not in the store".to_owned(),
                count => format!("the contents of {count} documents are not in the store"),
            },
            "请先上传材料，再引用其摘要",
            "attach each document first and hand in the value that `attach` returns",
        )
        .with_faults(faults)
    }

    pub(crate) fn not_accepted(faults: Vec<Fault>) -> Rejection {
        Rejection::new(
            "C0210",
            format!("申请不符合要求，共 {} 处，未予接收", faults.len()),
            match faults.len() {
                1 => "the application is wrong in 1 place and was not accepted".to_owned(),
                count => format!("the application is wrong in {count} places and was not accepted"),
            },
            "请按逐项说明改正后，用新的幂等键重新申请",
            "mend each fault and apply again under a new key",
        )
        .with_faults(faults)
    }

    pub(crate) fn bad_key(max_bytes: usize) -> Rejection {
        Rejection::new(
            "C0211",
            format!("幂等键为空或超过 {max_bytes} 字节"),
            format!("the key is empty or longer than {max_bytes} bytes"),
            "每份申请请附一个唯一的短键，例如业务流水号",
            "give each application a short key of its own, such as a reference number",
        )
    }

    /// A text that somebody writes into the record.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub(crate) enum Said {
        /// Who reads or acts: one line.
        Name,
        /// Why something is refused, asked for or withdrawn.
        Reason,
    }

    /// Refuses control characters: they would steer the terminal of whoever reads
    /// the record, or make one line look like two.
    pub(crate) fn unreadable(text: &str, what: Said) -> Result<(), Rejection> {
        let Err(why) = check::no_control(text, what == Said::Reason) else {
            return Ok(());
        };
        let (zh, en) = match what {
            Said::Name => ("姓名", "the name of who reads or decides"),
            Said::Reason => ("理由", "the reason"),
        };
        Err(Rejection::new(
            "C0215",
            format!("{zh}{}", why.zh()),
            format!("{en} {}", why.en()),
            "请删去不可见的字符后重试",
            "write it again without the character",
        ))
    }

    /// Refuses a name that names nobody, or that cannot be read.
    pub(crate) fn nobody(by: &str) -> Result<(), Rejection> {
        // Letters that show nothing (fillers of Hangul) name nobody, nor do marks alone.
        let fillers = ['\u{115f}', '\u{1160}', '\u{3164}', '\u{ffa0}'];
        let is_shown = |c: char| c.is_alphanumeric() && !fillers.contains(&c);
        if by.chars().any(is_shown) {
            return unreadable(by, Said::Name);
        }
        Err(Rejection::new(
            "C0214",
            "未写明由谁查看或办理".to_owned(),
            "nobody is named who reads or decides".to_owned(),
            "写明姓名或工号；个人信息只向留名的人显示，决定须有人负责",
            "give a name or staff number: personal data is shown to a name only, and somebody answers for each decision",
        ))
    }

    pub(crate) fn too_large(bytes: usize, max_bytes: usize) -> Rejection {
        Rejection::new(
            "C0212",
            format!("内容约 {bytes} 字节，超过上限 {max_bytes} 字节"),
            format!("the values have about {bytes} bytes, more than the {max_bytes} allowed"),
            "文件请作为材料上传，只提交其摘要",
            "attach files as documents and hand in their digests",
        )
    }
}

/// The codes of the runtime; each has a page under `docs/errors/`.
pub const CODES: [&str; 16] = [
    "C0201", "C0202", "C0203", "C0204", "C0205", "C0206", "C0207", "C0208", "C0209", "C0210",
    "C0211", "C0212", "C0213", "C0214", "C0215", "C0216",
];

#[cfg(test)]
mod tests {
    use super::*;

    /// Whoever reads personal data or decides leaves a name that can be seen.
    #[test]
    fn a_name_that_shows_nothing_names_nobody() {
        for by in [
            "", " ", "\u{3000}", "\u{200b}", "\u{ad}", "\u{2060}", "\u{feff}", "\u{3164}",
            "\u{301}", "—",
        ] {
            let code = reject::nobody(by).unwrap_err();
            assert_eq!(code.code, "C0214", "{by:?}");
        }
        for by in ["张某", "A", "0017", "王 (窗口3)"] {
            assert!(reject::nobody(by).is_ok(), "{by}");
        }
    }
}
