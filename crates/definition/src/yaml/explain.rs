//! What the parser stumbled over, in words a designer understands.

use granit_parser::ErrorKind;
use onething_model::Text;

use crate::diagnostic::both;

/// Whether an error may come of how lines are indented.
pub(super) fn is_of_lines(kind: &ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::MappingValueNotAllowed
            | ErrorKind::MappingKeyNotAllowed
            | ErrorKind::SimpleKeyExpected
            | ErrorKind::InvalidSimpleKey
            | ErrorKind::ExpectedBlockMappingKey
            | ErrorKind::InvalidIndentation
            | ErrorKind::ExpectedBlockSequenceEntry
            | ErrorKind::BlockSequenceEntryNotAllowed
    )
}

/// Whether a key was expected.
pub(super) fn is_of_keys(kind: &ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::SimpleKeyExpected
            | ErrorKind::InvalidSimpleKey
            | ErrorKind::ExpectedBlockMappingKey
    )
}

/// What went wrong, in words a designer understands.
pub(super) fn explain(kind: &ErrorKind) -> (Text, Text) {
    match kind {
        ErrorKind::TabNotAllowed
        | ErrorKind::TabInBlockIndentation
        | ErrorKind::TabInIndentation
        | ErrorKind::TabAtBlockScalarStart => (
            both!(
                "缩进中有制表符（Tab）",
                "a tab is used where spaces are expected",
            ),
            both!(
                "用空格缩进，每层两个空格",
                "indent with spaces, two for each level",
            ),
        ),
        ErrorKind::UnclosedQuotedScalar | ErrorKind::DocumentIndicatorInQuotedScalar => (
            both!("引号没有关闭", "a quote is not closed"),
            both!(
                "在文本末尾补上引号",
                "add the closing quote at the end of the text",
            ),
        ),
        ErrorKind::InvalidTrailingSingleQuotedScalar
        | ErrorKind::InvalidTrailingDoubleQuotedScalar => (
            both!(
                "引号之后还有多余的内容",
                "something follows the closing quote",
            ),
            both!(
                "把整个文本放进引号；文本中的引号要写两次（单引号）或写成 `\\\"`（双引号）",
                "put the whole text in quotes; a quote within it is doubled ('') or escaped (\\\")",
            ),
        ),
        ErrorKind::UnknownQuotedScalarEscape
        | ErrorKind::InvalidQuotedScalarHexEscape
        | ErrorKind::InvalidLowSurrogateHexEscape => (
            both!(
                "双引号中有无法识别的转义（`\\`）",
                "an unknown escape (`\\`) in double quotes",
            ),
            both!(
                "用单引号，或者把 `\\` 写成 `\\\\`",
                "use single quotes, or write `\\\\` for a backslash",
            ),
        ),
        ErrorKind::UnclosedFlowCollection { open } => (
            both!("`{open}` 没有关闭", "`{open}` is not closed"),
            both!("补上对应的括号", "add the closing bracket"),
        ),
        ErrorKind::MismatchedFlowCollectionEnd { open, close } => (
            both!(
                "`{open}` 不能用 `{close}` 关闭",
                "`{open}` is closed by `{close}`",
            ),
            both!("改成对应的括号", "write the bracket that belongs to it"),
        ),
        ErrorKind::UnexpectedEofFlowSequence
        | ErrorKind::UnexpectedEofFlowMapping
        | ErrorKind::UnexpectedEofImplicitFlowMapping
        | ErrorKind::ExpectedFlowMappingSeparator
        | ErrorKind::ExpectedFlowSequenceSeparator
        | ErrorKind::MisplacedFlowCollectionEnd => (
            both!(
                "括号内缺少逗号，或者括号没有关闭",
                "a comma is missing between brackets, or a bracket is not closed",
            ),
            both!(
                "检查此处之前的逗号和括号；含有 `,`、`:`、括号的文本请加引号",
                "check commas and brackets before this place; put a text with `,`, `:` or brackets in quotes",
            ),
        ),
        ErrorKind::MappingValueNotAllowed | ErrorKind::MappingKeyNotAllowed => (
            both!("此处不能出现 `键: 内容`", "`key: value` cannot stand here",),
            both!(
                "检查上一行：冒号要用英文冒号加空格；含有 `: ` 的文本请加引号；检查缩进",
                "look at the line before: a key ends with a colon and a space; a text that holds `: ` needs quotes; check the indentation",
            ),
        ),
        kind if is_of_keys(kind) => (
            both!("此处应当是 `键: 内容`", "`key: value` was expected here",),
            both!(
                "检查冒号（英文冒号加空格）和缩进；含有 `: ` 的文本请加引号",
                "check the colon (followed by a space) and the indentation; put a text that holds `: ` in quotes",
            ),
        ),
        ErrorKind::InvalidIndentation
        | ErrorKind::InvalidBlockScalarIndent
        | ErrorKind::InvalidQuotedScalarIndent
        | ErrorKind::ExpectedBlockSequenceEntry
        | ErrorKind::BlockSequenceEntryNotAllowed
        | ErrorKind::UnexpectedEofBlockMapping
        | ErrorKind::UnexpectedEofBlockSequence => (
            both!("缩进不对", "the indentation is wrong"),
            both!(
                "同一层的各行要对齐，下一层多缩进两个空格",
                "align the lines of one level, and indent the next level by two spaces",
            ),
        ),
        ErrorKind::UnexpectedCharacter { character: '\0' } => (
            both!(
                "此处有一个 NUL 字节（U+0000），文本中不能有",
                "a NUL byte (U+0000) stands here, which no text has",
            ),
            both!(
                "删去这个字节；文件也可能没有存完整，或者不是文本文件",
                "remove the byte; the file may be damaged, or no text at all",
            ),
        ),
        ErrorKind::UnexpectedCharacter { character } if character.is_control() => {
            let code = u32::from(*character);
            (
                both!(
                    "此处有不可见的控制字符 U+{code:04X}",
                    "the control character U+{code:04X} stands here",
                ),
                both!("删去它，引号里也不能有", "remove it; quotes do not help"),
            )
        }
        ErrorKind::UnexpectedCharacter { character } => (
            both!(
                "文本不能以 `{character}` 开头",
                "a text cannot begin with `{character}`",
            ),
            both!("给文本加引号", "put the text in quotes"),
        ),
        ErrorKind::CommentNotSeparated | ErrorKind::CommentInterceptedScalar => (
            both!(
                "`#` 的位置不对：注释前要有空格，也不能夹在文本中间",
                "a comment in the wrong place: put a space before `#`, and none inside a text",
            ),
            both!(
                "在 `#` 前加空格，或者给文本加引号",
                "put a space before `#`, or the text in quotes",
            ),
        ),
        ErrorKind::DirectiveDisallowed => (
            both!(
                "不支持以 `%` 开头的指令",
                "directives (lines beginning with `%`) are not accepted",
            ),
            both!("删除这一行", "remove the line"),
        ),
        other => (
            both!(
                "此处不符合 YAML 语法（{other}）",
                "this is not valid YAML ({other})",
            ),
            both!(
                "检查此处的缩进、冒号、引号和括号；含有特殊符号的文本请加引号",
                "check indentation, colons, quotes and brackets here; put a text with special characters in quotes",
            ),
        ),
    }
}
