//! The table of diagnostic codes.
//!
//! A code never changes its meaning and is never used again. Each has a page
//! `docs/errors/Dxxxx.md`, which a test demands. The ranges:
//!
//! | range | about |
//! |---|---|
//! | D00xx | files and YAML |
//! | D01xx | the shape: keys, types, names, units |
//! | D02xx | the flow of data: asked once, produced, read |
//! | D03xx | the graph: cycles, unreachable steps |
//! | D04xx | references to what does not exist |
//! | D05xx | limits, calendars, law |
//! | D06xx | conditions |
//! | D07xx | workload and the old way |
//! | D08xx | what this version cannot carry out yet |
//! | D09xx | warnings about quality, such as figures without a source |

use std::fmt;

use onething_model::{Lang, Text};
use serde::Serialize;

/// Whether a problem keeps the definition from being used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The definition cannot be used until it is mended.
    Error,
    /// The definition works, but somebody will ask.
    Warning,
}

impl Severity {
    /// The word in front of a message.
    #[must_use]
    pub fn word(self, lang: Lang) -> &'static str {
        match (self, lang) {
            (Self::Error, Lang::Zh) => "错误",
            (Self::Error, Lang::En) => "error",
            (Self::Warning, Lang::Zh) => "警告",
            (Self::Warning, Lang::En) => "warning",
        }
    }
}

macro_rules! codes {
    ($($variant:ident = $code:literal $severity:ident $zh:literal $en:literal;)*) => {
        /// The kind of a problem.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $(
                #[doc = concat!($code, ": ", $en, " (", $zh, ")")]
                $variant,
            )*
        }

        impl Code {
            /// Every code, in the order of the table.
            pub const ALL: &'static [Code] = &[$(Code::$variant,)*];

            /// The code as it is printed, such as `D0101`.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }

            /// Whether a problem of this kind keeps the definition from being used.
            #[must_use]
            pub fn severity(self) -> Severity {
                match self { $(Self::$variant => Severity::$severity,)* }
            }

            /// What problems of this kind have in common.
            #[must_use]
            pub fn title(self) -> Text {
                match self { $(Self::$variant => Text::new($zh, $en),)* }
            }
        }
    };
}

codes! {
    Unreadable = "D0001" Error "文件无法读取" "the file cannot be read";
    TooLarge = "D0002" Error "文件过大" "the file is too large";
    NotUtf8 = "D0003" Error "文件不是 UTF-8 编码" "the file is not UTF-8";
    FolderLoop = "D0004" Error "文件夹循环或嵌套过深" "folders that contain themselves or are nested too deeply";
    NoTree = "D0005" Error "找不到定义的根目录" "no definition tree here";
    NoService = "D0006" Error "找不到一件事的定义" "no service here";
    TwoFiles = "D0007" Error "同一内容有两个文件" "two files for the same thing";
    Syntax = "D0010" Error "不符合 YAML 语法" "not valid YAML";
    DuplicateKey = "D0011" Error "键重复" "the same key twice";
    Anchor = "D0012" Error "不支持锚点和引用" "anchors and aliases are not accepted";
    Tag = "D0013" Error "不支持类型标签" "tags are not accepted";
    MergeKey = "D0014" Error "不支持合并键" "merge keys are not accepted";
    SeveralDocuments = "D0015" Error "一个文件中有多个文档" "several documents in one file";
    TooDeep = "D0016" Error "嵌套过深" "nested too deeply";
    TooManyValues = "D0017" Error "内容过多" "too many values";
    OddKey = "D0018" Error "键不是简单的名称" "a key that is not a plain name";
    EmptyFile = "D0019" Error "文件没有内容" "the file is empty";
    TooManyProblems = "D0020" Error "问题过多" "too many problems";

    UnknownKey = "D0101" Error "未知的键" "unknown key";
    MissingKey = "D0102" Error "缺少必填的键" "a required key is missing";
    WrongType = "D0103" Error "内容的类型不对" "the wrong kind of value";
    NeedsQuotes = "D0104" Error "文本需要加引号" "a text that needs quotes";
    BadName = "D0105" Error "名称不符合规则" "not a valid name";
    UnknownWord = "D0106" Error "不是可选的词" "not one of the words allowed here";
    BadNumber = "D0107" Error "数字不对" "not a valid number";
    BadDuration = "D0108" Error "时长不对" "not a valid duration";
    BadProbability = "D0109" Error "比例不对" "not a valid probability";
    BadMoney = "D0110" Error "金额不对" "not a valid amount of money";
    BadSize = "D0111" Error "大小不对" "not a valid size";
    BadVersion = "D0112" Error "版本号不对" "not a valid version";
    Empty = "D0113" Error "内容为空" "empty";
    Repeated = "D0114" Error "列表中有重复" "the same entry twice";
    BadForm = "D0115" Error "写法不对" "not written as expected here";
    OneDistribution = "D0116" Error "应当有且只有一个分布" "exactly one distribution is needed";

    ConditionSyntax = "D0601" Error "条件无法读懂" "a condition that cannot be understood";
    ConditionUnsupported = "D0602" Error "条件中不能使用的内容" "something that cannot be used in a condition";
    UnknownQuestion = "D0603" Error "未知的情形问题" "an unknown question";
    ConditionType = "D0604" Error "条件中的类型不对" "a condition that compares what does not fit";
    ConditionTooLarge = "D0605" Error "条件过长或嵌套过深" "a condition too long or nested too deeply";
}

impl Code {
    /// The page that explains the code, below the root of the project.
    #[must_use]
    pub fn page(self) -> String {
        format!("docs/errors/{}.md", self.as_str())
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Code {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_in_order() {
        for pair in Code::ALL.windows(2) {
            assert!(
                pair[0].as_str() < pair[1].as_str(),
                "{} before {}",
                pair[0],
                pair[1]
            );
        }
        for code in Code::ALL {
            let digits = code.as_str().strip_prefix('D').unwrap();
            assert!(digits.len() == 4 && digits.bytes().all(|b| b.is_ascii_digit()));
        }
    }
}
