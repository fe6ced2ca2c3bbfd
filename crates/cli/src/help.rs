//! Help and usage errors in the chosen language.
//!
//! clap knows one language. The English texts are those of
//! [`args`](crate::args); [`CHINESE`] has the others by command and argument,
//! and a test keeps the two complete.

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, ArgAction, Command};
use onething_model::Lang;

/// The Chinese help by `command`, and by `command argument`.
const CHINESE: &[(&str, &str)] = &[
    (
        "onething",
        "高效办成一件事：描述、比较并办理由多个部门共同完成的一件事",
    ),
    ("onething lang", "提示语言；默认随系统区域设置"),
    (
        "onething color",
        "何时使用颜色；默认在终端上使用，设置了 NO_COLOR 时不用",
    ),
    (
        "onething verbose",
        "在标准错误输出内部过程；重复使用则更详细",
    ),
    ("onething quiet", "不显示进度条和附带说明；失败仍会提示"),
    ("check", "检查定义，逐一指出问题的位置和改法"),
    (
        "check paths",
        "一件事的文件夹、含有多件事的文件夹，或定义的根目录",
    ),
    ("check strict", "把警告也当作错误"),
    ("check format", "输出形式"),
    ("plan", "显示一件事的环节、先后次序、关键路径和并行程度"),
    ("plan dir", "一件事的文件夹"),
    (
        "plan way",
        "哪种办理方式：新方式、改革前，或在一张图中并列（both）",
    ),
    ("plan answers", "情形问题的回答，代替基准情形；可重复"),
    ("plan format", "显示形式"),
    ("plan output", "写入文件，而不是标准输出"),
    ("compare", "比较改革前后：时间、提交次数、材料、跑动次数"),
    ("compare dir", "一件事的文件夹"),
    ("compare cases", "每次重复的办件数"),
    ("compare replications", "独立重复的次数"),
    ("compare seed", "随机数种子；种子相同，数字相同"),
    (
        "compare confidence",
        "区间的置信水平，0.5 到 0.9999，例如 0.95",
    ),
    (
        "compare threads",
        "仿真所用线程数，不影响结果；默认用全部处理器",
    ),
    (
        "compare answers",
        "所有申请人都这样回答，代替按比例抽取；其余问题仍按比例抽取；可重复",
    ),
    ("compare format", "输出形式"),
    ("guide", "一次性告知：需要什么、多长时间、由谁办理"),
    ("guide dir", "一件事的文件夹"),
    ("guide answers", "情形问题的回答，代替基准情形；可重复"),
    ("guide format", "显示形式"),
    ("guide output", "写入文件，而不是标准输出"),
    ("why", "为什么要填这一项：谁要用、为什么别处没有"),
    ("why dir", "一件事的文件夹"),
    ("why field", "字段：角色.字段"),
    ("why way", "哪种办理方式：新方式或改革前"),
    ("why answers", "情形问题的回答，代替基准情形；可重复"),
    ("why format", "输出形式"),
    (
        "redesign",
        "由改革前的办法和数据约定推出新办法，并附每一处改动的依据",
    ),
    ("redesign dir", "一件事的文件夹"),
    ("redesign save_work", "优先节省人员工时，而不是申请人的时间"),
    (
        "redesign apply",
        "把推出的新办法写成一件独立的一件事，放在原来的旁边，文件夹名加 -redesigned",
    ),
    (
        "redesign output",
        "把推出的新办法写成一件独立的一件事，放在这个文件夹：service.yaml、按其环节重写的原办法、业务量",
    ),
    (
        "redesign with_contracts",
        "让这个文件夹自成定义的根目录，一并复制用到的部门、日历和数据约定",
    ),
    (
        "redesign simulate",
        "由仿真决定哪些改动采用，各设计面对同样的申请人",
    ),
    ("redesign cases", "每个设计每次重复的办件数"),
    ("redesign replications", "每个设计独立重复的次数"),
    ("redesign seed", "随机数种子；种子相同，数字相同"),
    (
        "redesign confidence",
        "区间以及全部取舍合计的置信水平，0.5 到 0.9999，例如 0.95",
    ),
    (
        "redesign margin",
        "改动最多可使其目标以外的指标变差多少，占改革前的比例，0 到 1，例如 0.05",
    ),
    (
        "redesign threads",
        "仿真使用的线程数，不影响数字；默认用满全部处理器",
    ),
    ("redesign format", "输出形式"),
    ("contract", "比较部门之间共享数据约定的版本"),
    (
        "contract diff",
        "指出有哪些变化、是否兼容、影响哪些环节，以及版本号应为多少",
    ),
    (
        "contract diff old",
        "旧版本：一个数据约定、数据约定的文件夹，或定义的根目录",
    ),
    ("contract diff new", "新版本"),
    (
        "contract diff tree",
        "查看哪些一件事：定义的根目录；默认是旧版本所在的根目录",
    ),
    ("contract diff format", "输出形式"),
    (
        "schema",
        "一类文件的 JSON Schema，供编辑器使用；或 guide 所写表单的",
    ),
    ("schema kind", "文件的种类"),
    ("schema list", "只列出有哪些种类的文件，以及写在哪里"),
    ("schema all", "把全部 Schema 写入这个文件夹"),
    ("new", "新建定义：一件能通过检查的小型一件事"),
    ("new dir", "要新建的文件夹，其名称即一件事的名称"),
    (
        "work show",
        "打开一件待办，查看本环节可以查看的全部内容；谁看过会留下记录",
    ),
    ("work show effect", "待办编号，见 work list：办件/环节/轮次"),
    ("work show store", "存储所在的文件夹"),
    ("work show by", "查看人；不留姓名不能查看个人信息"),
    ("work show format", "输出形式"),
    ("run", "在嵌入式存储上真实办理一个办件，部门由脚本代答"),
    ("run dir", "一件事的文件夹"),
    ("run store", "存储所在的文件夹"),
    (
        "run application",
        "申请文件，YAML 或 JSON；不写则继续未办结的办件，没有时用示例申请",
    ),
    ("run key", "幂等键；默认由申请内容决定"),
    ("run answers", "示例办件对情形问题的回答；可重复"),
    ("run all", "人工环节和申请人环节也以示例数据办结，仅供试用"),
    (
        "run confirm",
        "先存为待提交：数据库提供的内容请申请人核对后再提交",
    ),
    ("run misses", "没有数据的数据库；可重复"),
    ("run format", "输出形式"),
    ("work", "查看并办理工作人员和外部机构的待办"),
    ("work list", "列出待办，先到期的在前"),
    ("work list store", "存储所在的文件夹"),
    ("work list department", "只看这个部门的待办"),
    ("work list format", "输出形式"),
    ("work complete", "办结一个环节"),
    (
        "work complete values",
        "环节的结果：文件，或 角色.字段=值；可重复",
    ),
    (
        "work complete sample",
        "未给出的结果以示例数据代替，仅供试用",
    ),
    ("work refuse", "对一个环节作出不予许可"),
    ("work refuse reason", "理由，将告知申请人"),
    ("work supplement", "一次性告知申请人需要补正的内容"),
    ("work supplement reason", "缺什么、为什么，将告知申请人"),
    ("work supplement fields", "需要重新提交的字段；可重复"),
    ("work retry", "重试受阻的环节"),
    ("case", "查看办件，代申请人操作"),
    ("case list", "列出办件"),
    ("case list store", "存储所在的文件夹"),
    ("case list open", "只看未结束的办件"),
    ("case list format", "输出形式"),
    ("case show", "显示一个办件：办到哪里、等待什么、经过如何"),
    ("case show case", "办件编号"),
    ("case show store", "存储所在的文件夹"),
    ("case show history", "逐条说明经过，以及其间在等待什么"),
    (
        "case show readings",
        "列出谁在何时、为何、依据什么查阅了哪些个人信息",
    ),
    ("case show field", "只看这个字段的查阅记录：角色.字段"),
    ("case show data", "列出已有的数据、来源和取得时间"),
    ("case show by", "查看人；不留姓名不能查看个人信息"),
    (
        "case show department",
        "按哪个部门的授权查看；默认是牵头部门",
    ),
    (
        "case show purpose",
        "为什么用途查看，与授权所写的用途一致；部门对同一字段有几项授权时必填",
    ),
    (
        "case show applicant",
        "给申请人或帮办人员看：告知书和理由按原文显示；其他人看到的不含个人信息",
    ),
    ("case show format", "输出形式"),
    (
        "case draft",
        "查看待提交的申请：数据库提供了什么、还缺什么、哪些可以更正",
    ),
    ("case draft case", "办件编号"),
    ("case draft store", "存储所在的文件夹"),
    (
        "case draft by",
        "查看人：申请人或帮办人员；不留姓名不能查看个人信息",
    ),
    ("case draft misses", "没有数据的数据库；可重复"),
    ("case draft format", "输出形式"),
    ("case confirm", "核对之后提交申请，计一次提交"),
    ("case confirm case", "办件编号"),
    ("case confirm store", "存储所在的文件夹"),
    (
        "case confirm by",
        "核对人：申请人或帮办人员，记录在案；用 --sample 时可不写",
    ),
    (
        "case confirm values",
        "补填和更正的内容：文件，或 角色.字段=值；可重复",
    ),
    ("case confirm sample", "缺少的内容以示例数据代替，仅供试用"),
    ("case confirm misses", "没有数据的数据库；可重复"),
    ("case confirm format", "输出形式"),
    (
        "case hand-in",
        "代申请人提交办件所要求的内容，或报告已办妥的事项",
    ),
    ("case hand-in case", "办件编号"),
    ("case hand-in step", "要求提交的环节"),
    ("case hand-in store", "存储所在的文件夹"),
    (
        "case hand-in by",
        "提交人：申请人或帮办人员，记录在案；用 --sample 时可不写",
    ),
    (
        "case hand-in values",
        "提交的内容：文件，或 角色.字段=值；可重复",
    ),
    (
        "case hand-in sample",
        "未给出的内容以示例数据代替，仅供试用",
    ),
    ("case hand-in misses", "没有数据的数据库；可重复"),
    ("case hand-in format", "输出形式"),
    ("case withdraw", "代申请人撤回办件"),
    ("case withdraw case", "办件编号"),
    ("case withdraw store", "存储所在的文件夹"),
    ("case withdraw by", "撤回人：申请人或帮办人员，记录在案"),
    ("case withdraw reason", "理由，可不写"),
    ("case withdraw format", "输出形式"),
    ("store", "维护存储"),
    (
        "store verify",
        "通读整个存储，说明何处损坏、涉及哪些办件、如何处理",
    ),
    ("store verify store", "存储所在的文件夹"),
    ("store verify format", "输出形式"),
    ("measure", "真实办件的各项数字"),
    ("measure store", "存储所在的文件夹"),
    ("measure dir", "同时仿真这件事，数字并列"),
    ("measure format", "输出形式"),
    (
        "work complete effect",
        "待办编号，如 work list 所列：办件/环节/轮次",
    ),
    ("work complete store", "存储所在的文件夹"),
    (
        "work complete by",
        "办理人姓名，记录在案；用 --sample 时可不写",
    ),
    ("work complete misses", "没有数据的数据库；可重复"),
    ("work complete format", "输出形式"),
    (
        "work refuse effect",
        "待办编号，如 work list 所列：办件/环节/轮次",
    ),
    ("work refuse store", "存储所在的文件夹"),
    ("work refuse by", "办理人姓名，记录在案"),
    ("work refuse misses", "没有数据的数据库；可重复"),
    ("work refuse format", "输出形式"),
    (
        "work supplement effect",
        "待办编号，如 work list 所列：办件/环节/轮次",
    ),
    ("work supplement store", "存储所在的文件夹"),
    ("work supplement by", "办理人姓名，记录在案"),
    ("work supplement misses", "没有数据的数据库；可重复"),
    ("work supplement format", "输出形式"),
    (
        "work retry effect",
        "待办编号，如 work list 所列：办件/环节/轮次",
    ),
    ("work retry store", "存储所在的文件夹"),
    ("work retry by", "办理人姓名，记录在案"),
    ("work retry misses", "没有数据的数据库；可重复"),
    ("work retry format", "输出形式"),
];

const HELP: (&str, &str) = ("显示帮助", "Print help.");
const VERSION: (&str, &str) = ("显示版本", "Print the version.");

fn chinese(key: &str) -> Option<&'static str> {
    let found = CHINESE.iter().find(|(known, _)| *known == key);
    found.map(|(_, text)| *text)
}

/// The command line with its help in `lang`.
pub(crate) fn localised(command: Command, lang: Lang) -> Command {
    let version = Arg::new("version")
        .long("version")
        .short('V')
        .action(ArgAction::Version)
        .help(pick(VERSION, lang));
    one(
        command
            .disable_help_subcommand(true)
            .disable_version_flag(true)
            .arg(version),
        "onething",
        lang,
    )
}

fn one(command: Command, path: &str, lang: Lang) -> Command {
    let (template, commands, options, arguments) = match lang {
        Lang::Zh => (
            "{about-with-newline}\n用法：{usage}\n\n{all-args}{after-help}",
            "命令",
            "选项",
            "参数",
        ),
        Lang::En => (
            "{about-with-newline}\nUsage: {usage}\n\n{all-args}{after-help}",
            "Commands",
            "Options",
            "Arguments",
        ),
    };
    let help = Arg::new("help")
        .long("help")
        .short('h')
        .action(ArgAction::Help)
        .help(pick(HELP, lang));
    let mut command = command
        .disable_help_flag(true)
        .arg(help)
        .help_template(template)
        .next_line_help(false)
        .subcommand_help_heading(commands)
        .subcommand_value_name(match lang {
            Lang::Zh => "命令",
            Lang::En => "COMMAND",
        });
    if lang == Lang::Zh
        && let Some(text) = chinese(path)
    {
        command = command.about(text).long_about(text);
    }
    command = command.mut_args(|arg| {
        let heading = if arg.is_positional() {
            arguments
        } else {
            options
        };
        argument(arg, path, lang).help_heading(heading)
    });
    command.mut_subcommands(|sub| {
        let path = below(path, sub.get_name());
        one(sub, &path, lang)
    })
}

/// The path of a subcommand: `work list` of `onething work list`.
fn below(path: &str, name: &str) -> String {
    if path == "onething" {
        name.to_owned()
    } else {
        format!("{path} {name}")
    }
}

fn argument(arg: Arg, path: &str, lang: Lang) -> Arg {
    let key = format!("{path} {}", arg.get_id());
    let english = arg.get_help().map(ToString::to_string).unwrap_or_default();
    let mut text = match lang {
        Lang::Zh => chinese(&key).map_or(english, str::to_owned),
        Lang::En => english,
    };
    if !arg.get_action().takes_values() {
        return arg.help(text);
    }
    let values: Vec<_> = arg
        .get_possible_values()
        .iter()
        .map(|value| value.get_name().to_owned())
        .collect();
    if !values.is_empty() {
        text += &match lang {
            Lang::Zh => format!("（{}）", values.join("、")),
            Lang::En => format!(" ({})", values.join(", ")),
        };
    }
    let defaults: Vec<_> = arg
        .get_default_values()
        .iter()
        .map(|value| value.to_string_lossy().into_owned())
        .collect();
    if !defaults.is_empty() {
        text += &match lang {
            Lang::Zh => format!("[默认：{}]", defaults.join("、")),
            Lang::En => format!(" [default: {}]", defaults.join(", ")),
        };
    }
    arg.help(text)
        .hide_possible_values(true)
        .hide_default_value(true)
}

const fn pick((zh, en): (&'static str, &'static str), lang: Lang) -> &'static str {
    match lang {
        Lang::Zh => zh,
        Lang::En => en,
    }
}

/// What the parser says, in `lang`; coloured for a terminal if asked.
pub(crate) fn message(error: &clap::Error, lang: Lang, colour: bool) -> String {
    if lang == Lang::En || is_answer(error) {
        let text = error.render();
        let text = if colour {
            text.ansi().to_string()
        } else {
            text.to_string()
        };
        return match lang {
            Lang::Zh => text.replace("[OPTIONS]", "[选项]"),
            Lang::En => text,
        };
    }
    let mut text = format!("错误：{}\n", fault(error));
    for (kind, before) in [
        (ContextKind::ValidValue, "可用的值："),
        (ContextKind::SuggestedArg, "是否想写："),
        (ContextKind::SuggestedSubcommand, "是否想写："),
        (ContextKind::SuggestedValue, "是否想写："),
    ] {
        let values = context(error, kind);
        if !values.is_empty() {
            text += &format!("  {before}{}\n", values.join("、"));
        }
    }
    let usage = context(error, ContextKind::Usage).concat();
    let usage = usage.trim().trim_start_matches("Usage:").trim();
    if !usage.is_empty() {
        text += &format!("\n用法：{}\n", usage.replace("[OPTIONS]", "[选项]"));
    }
    text + "\n用 `--help` 查看说明。\n"
}

/// Whether it is no error but an answer: help or the version.
pub(crate) fn is_answer(error: &clap::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::DisplayHelp
            | ErrorKind::DisplayVersion
            | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
    )
}

fn context(error: &clap::Error, kind: ContextKind) -> Vec<String> {
    match error.get(kind) {
        Some(ContextValue::String(text)) => vec![text.clone()],
        Some(ContextValue::Strings(texts)) => texts.clone(),
        Some(ContextValue::StyledStr(text)) => vec![text.to_string()],
        Some(ContextValue::Number(number)) => vec![number.to_string()],
        Some(_) | None => Vec::new(),
    }
}

fn fault(error: &clap::Error) -> String {
    let get = |kind| context(error, kind).join("、");
    let (arg, value) = (get(ContextKind::InvalidArg), get(ContextKind::InvalidValue));
    match error.kind() {
        ErrorKind::InvalidValue if value.is_empty() => format!("`{arg}` 需要一个值"),
        ErrorKind::InvalidValue => format!("`{value}` 不是 `{arg}` 的有效值"),
        ErrorKind::UnknownArgument => format!("没有参数 `{arg}`"),
        ErrorKind::InvalidSubcommand => {
            format!("没有命令 `{}`", get(ContextKind::InvalidSubcommand))
        }
        ErrorKind::NoEquals => format!("给 `{arg}` 赋值时要用等号"),
        ErrorKind::ValueValidation => {
            let why = std::error::Error::source(error).map_or(String::new(), ToString::to_string);
            format!("`{value}` 不能作为 `{arg}` 的值：{why}")
        }
        ErrorKind::TooManyValues => format!("`{value}` 是 `{arg}` 多余的值"),
        ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues => {
            format!("`{arg}` 的值的个数不对")
        }
        ErrorKind::ArgumentConflict => {
            format!("`{arg}` 不能与 {} 同时使用", get(ContextKind::PriorArg))
        }
        ErrorKind::MissingRequiredArgument => format!("缺少参数：{arg}"),
        ErrorKind::MissingSubcommand => "缺少命令".to_owned(),
        _ => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::Args;
    use clap::CommandFactory;
    use std::collections::BTreeSet;

    /// Every command with its path, depth first.
    fn commands(command: &Command, path: &str, all: &mut Vec<(String, Command)>) {
        all.push((path.to_owned(), command.clone()));
        for sub in command.get_subcommands() {
            commands(sub, &below(path, sub.get_name()), all);
        }
    }

    #[test]
    fn every_command_and_argument_has_help_in_both_languages() {
        let mut all = Vec::new();
        commands(&Args::command(), "onething", &mut all);
        let mut expected = BTreeSet::new();
        for (path, command) in &all {
            assert!(command.get_about().is_some(), "{path} has no help");
            expected.insert(path.clone());
            for arg in command.get_arguments() {
                assert!(
                    arg.get_help().is_some(),
                    "{path} {} has no help",
                    arg.get_id()
                );
                expected.insert(format!("{path} {}", arg.get_id()));
            }
        }
        let there: BTreeSet<_> = CHINESE.iter().map(|(key, _)| (*key).to_owned()).collect();
        assert_eq!(there, expected, "left: translated, right: exists");
        assert_eq!(there.len(), CHINESE.len(), "a key stands twice");
        for (key, text) in CHINESE {
            let han = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c);
            assert!(text.chars().any(han), "{key} is not in Chinese");
        }
    }

    #[test]
    fn the_page_names_every_command() {
        let page = include_str!("../../../docs/command-line.md");
        for sub in Args::command().get_subcommands() {
            let named = format!("| `{} ", sub.get_name());
            let bare = format!("| `{}`", sub.get_name());
            assert!(page.contains(&named) || page.contains(&bare), "{named}");
            for sub in sub.get_subcommands() {
                assert!(page.contains(sub.get_name()), "{}", sub.get_name());
            }
        }
    }

    #[test]
    fn the_command_line_is_well_formed_in_both_languages() {
        for lang in [Lang::Zh, Lang::En] {
            localised(Args::command(), lang).debug_assert();
        }
    }
}
