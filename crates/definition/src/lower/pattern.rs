//! Regular expressions, and what is wrong with them in words.

use onething_plan::Pattern;

use super::Cx;
use crate::diagnostic::{Code, Diagnostic, both};
use crate::yaml::read::Spanned;

/// The form of a code.
pub(super) fn pattern(cx: &mut Cx<'_>, written: &Spanned<String>, path: &str) -> Option<Pattern> {
    let refused = |why: String| {
        let zh = in_chinese(&why);
        cx.report(
            Diagnostic::new(
                Code::BadForm,
                written.span,
                both!(
                    "不是正则表达式：{zh}",
                    "this is not a regular expression: {why}",
                ),
            )
            .field(format!("{path}.pattern"))
            .help(both!(
                "写成如 `\"[0-9A-Z]{{18}}\"`",
                "write it as in `\"[0-9A-Z]{{18}}\"`",
            )),
        );
    };
    Pattern::new(&written.value).map_err(refused).ok()
}

/// What the compiler of expressions says in English, by what it is about; the first that fits.
fn in_chinese(why: &str) -> String {
    const SAID: [(&str, &str); 28] = [
        ("without closing ')'", "`(` 没有关闭"),
        ("expected closing ')'", "`(` 没有关闭"),
        ("without matching '('", "`)` 没有对应的 `(`"),
        (
            "look-around",
            "不支持前后查找（`(?=`、`(?!`、`(?<=`、`(?<!`）",
        ),
        ("backreferences", "不支持反向引用（如 `\\1`）"),
        (
            "Unicode character classes",
            "不支持按 Unicode 属性分类（`\\p`）",
        ),
        (
            "nested character classes",
            "`[]` 中不能再写 `[`；要匹配 `[` 本身请写 `\\[`",
        ),
        ("POSIX character class", "没有这种 POSIX 字符类"),
        ("character class intersection", "`[]` 中不支持交集 `&&`"),
        ("character class difference", "`[]` 中不支持差集 `--`"),
        ("character class symmetric", "`[]` 中不支持对称差 `~~`"),
        (
            "invalid escape sequence in character class",
            "`[]` 中有不能使用的转义",
        ),
        (
            "must start and end with a single character",
            "`[]` 中范围的两端必须是单个字符",
        ),
        (
            "invalid range in character class",
            "`[]` 中范围的起点大于终点",
        ),
        ("character class", "`[` 没有关闭"),
        ("uncounted repetition", "`*`、`+`、`?` 之前没有要重复的内容"),
        (
            "counted repetition operator must be",
            "`{}` 之前没有要重复的内容",
        ),
        ("min bigger than its max", "`{}` 中的下限大于上限"),
        ("counted repetition", "表示次数的 `{}` 没有写完"),
        ("hexadecimal number", "`\\x`、`\\u` 之后要写十六进制编码"),
        ("decimal number", "`{}` 中要写次数，而且不能过大"),
        (
            "escape sequence",
            "没有这种转义；要匹配 `\\` 本身请写 `\\\\`",
        ),
        ("group name", "组的名称写法有误"),
        ("flag", "`(?` 之后的标志写法有误"),
        ("word boundary", "单词边界 `\\b{}` 写法有误"),
        ("nesting", "括号嵌套过深"),
        ("too many capture groups", "组过多"),
        ("size limit", "表达式展开后过大，请减少重复次数"),
    ];
    let found = SAID.iter().find(|(about, _)| why.contains(about));
    match found {
        Some((_, said)) => (*said).to_owned(),
        None => format!("写法有误（{why}）"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_with_an_expression_is_said_in_chinese() {
        for (source, said) in [
            ("(a", "`(` 没有关闭"),
            ("a)", "`)` 没有对应的 `(`"),
            ("[0-9", "`[` 没有关闭"),
            ("[9-0]", "起点大于终点"),
            ("[[a]", "不能再写 `[`"),
            ("*a", "之前没有要重复的内容"),
            ("{2}", "之前没有要重复的内容"),
            ("a{3,2}", "下限大于上限"),
            ("a{2", "没有写完"),
            ("a{x}", "次数"),
            ("(?=a)", "前后查找"),
            (r"(a)\1", "反向引用"),
            (r"\p{Han}", "Unicode"),
            (r"\y", "没有这种转义"),
            (r"\xZZ", "十六进制"),
            ("(?<>a)", "组的名称"),
            ("(?y)a", "标志"),
            ("(a{1000}){1000}", "过大"),
        ] {
            let why = Pattern::new(source).unwrap_err();
            let zh = in_chinese(&why);
            assert!(zh.contains(said), "{source}: {why}: {zh}");
        }
        assert_eq!(in_chinese("no idea"), "写法有误（no idea）");
    }
}
