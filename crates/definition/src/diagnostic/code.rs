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
    NotRead = "D0008" Warning "名称不对而没有读取的文件" "a file that is not read because of its name";
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
    ControlCharacter = "D0021" Error "文本中有控制字符" "a text with control characters";

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
    KeyOfOtherType = "D0117" Error "该类型没有这个键" "a key of another type";
    BadExample = "D0118" Error "示例不符合类型" "an example that does not fit its type";
    MissingAnswer = "D0119" Error "问题没有回答" "a question without an answer";
    BadAnswer = "D0120" Error "回答不对" "not an answer to the question";
    NotAsked = "D0121" Error "回答了不会问到的问题" "an answer to a question that is not asked";
    ImpossibleAnswers = "D0122" Error "不可能同时成立的回答" "answers that cannot hold together";

    TwoProducers = "D0201" Error "同一字段由两个环节产生" "two steps make the same field";
    ProviderCircle = "D0202" Error "数据库要先知道它所提供的" "a registry that needs what it gives";
    NothingDelivered = "D0203" Error "送达的结果没有环节产生" "a delivery that no step makes";
    NoGrant = "D0204" Error "没有读取授权" "a read without a grant";
    NeverUsed = "D0205" Warning "产生后没有使用" "made, but never used";
    SelfGrant = "D0206" Error "部门给自己授权读取他人的数据" "a department that grants itself another's data";
    PurposeOpen = "D0207" Error "没有写明读取用途" "a reading whose purpose is open";
    NoSharingBasis = "D0208" Error "与数据库交换个人信息没有依据" "personal data exchanged with a registry without a basis";
    AskedThoughKnown = "D0210" Error "已有来源还要申请人填写" "asked although it is known";
    MadeByNobody = "D0211" Warning "用到时没有环节产生它" "something that no step makes by the time it is read";
    LeftOut = "D0212" Error "没有查询已有数据的数据库" "a registry left out without a reason";
    AskedBesideMade = "D0213" Warning "要申请人填写与环节产生的同类内容" "asked of the applicant beside what steps make";
    BadDerivation = "D0214" Error "不能这样得出的字段" "a field that cannot be derived like that";
    DerivedElsewhere = "D0215" Error "已能得出的数据另有来源" "something derived that somebody else makes as well";
    DocumentAsKey = "D0216" Error "以材料作为查询条件" "a document as a key";
    NotVerified = "D0217" Warning "要求核验而没有核验" "a role to be verified that nothing verifies";
    DerivedPublic = "D0218" Error "由个人信息得出的数据不是公开的" "something public that follows from personal data";
    StatedTooLate = "D0219" Warning "到后来才填报的查询依据" "a key that is stated too late";
    ForNobody = "D0220" Error "没有部门需要的个人信息" "personal data that no department needs";

    Cycle = "D0301" Error "环节互相等待" "steps that wait for each other";
    Unreachable = "D0302" Warning "永远不会办理的环节" "a step that is never part of a case";
    MatterWithoutSteps = "D0303" Error "事项没有环节" "a matter without steps";
    OrderWithoutReason = "D0304" Error "先后顺序没有理由" "an order without a reason";
    NoDepartment = "D0305" Error "没有写明由谁办理" "nobody does it";
    NothingToDo = "D0306" Warning "没有事项可办的回答" "answers for which nothing is done";
    NoResult = "D0307" Warning "事项没有结果" "a matter that comes to no result";

    UnknownDepartment = "D0401" Error "未知的部门" "an unknown department";
    UnknownContract = "D0402" Error "未知的数据约定" "an unknown contract";
    UnknownField = "D0403" Error "未知的字段" "an unknown field";
    UnknownStep = "D0404" Error "未知的环节" "an unknown step";
    UnknownMatter = "D0405" Error "未知的事项" "an unknown matter";
    UnknownRegistry = "D0406" Error "未知的数据库" "an unknown registry";
    UnknownCalendar = "D0407" Error "未知的工作日历" "an unknown calendar";
    UnknownRole = "D0408" Error "未知的角色" "an unknown role";
    UnknownWindow = "D0409" Error "未知的窗口" "an unknown window";
    UnknownOption = "D0410" Error "未知的选项" "an unknown option";
    UnknownEvent = "D0411" Error "未知的外部事件" "an unknown event";
    NameMismatch = "D0420" Error "名称与文件不同" "a name that is not that of its file";
    ReservedName = "D0421" Error "名称已被占用" "a name that is taken";

    PromiseBeyondLaw = "D0501" Error "承诺时限长于法定时限" "a promise longer than the law";
    MixedLimits = "D0502" Warning "时限的单位不能比较" "limits that cannot be compared";
    NoLimit = "D0503" Warning "没有时限" "a step without a limit";
    BadCalendar = "D0504" Error "工作日历前后矛盾" "a calendar that contradicts itself";

    ConditionSyntax = "D0601" Error "条件无法读懂" "a condition that cannot be understood";
    ConditionUnsupported = "D0602" Error "条件中不能使用的内容" "something that cannot be used in a condition";
    UnknownQuestion = "D0603" Error "未知的情形问题" "an unknown question";
    ConditionType = "D0604" Error "条件中的类型不对" "a condition that compares what does not fit";
    ConditionTooLarge = "D0605" Error "条件过长或嵌套过深" "a condition too long or nested too deeply";
    LaterQuestion = "D0606" Error "问题问得太早" "a condition on a question that is asked later";
    NeverHolds = "D0607" Warning "永远不成立的条件" "a condition that never holds";
    ConstantComparison = "D0608" Warning "结果固定的比较" "a comparison that is always the same";
    HoldsUnasked = "D0609" Warning "没有问也成立的条件" "a condition that holds where its question is not asked";
    NeverGiven = "D0610" Warning "永远不可能的回答" "an answer that can never be given";

    OutputLost = "D0701" Error "新办法少了一个结果" "a result that the new way no longer delivers";
    MatterNotWalked = "D0702" Error "跑动顺序与事项不符" "a walk that does not fit the matters";
    NotInService = "D0703" Error "新办法中没有这个环节" "a difference of a step that does not exist";
    NoMatter = "D0704" Error "环节不属于任何事项" "a step of no matter";
    SaidTwice = "D0705" Error "同一内容两处写法不同" "said twice, and differently";
    BadDistribution = "D0710" Error "分布的参数不对" "a distribution that cannot be";
    MixedUnits = "D0711" Error "分布中的单位不同" "a distribution with several units";
    SharesDoNotAddUp = "D0712" Error "比例之和不是 100%" "shares that do not add up";
    NotNeeded = "D0713" Warning "用不到的数字" "a figure that nothing uses";
    OnlyImpossible = "D0714" Error "设定的申请人都不可能" "a workload whose applicants cannot be";

    NotCarriedOut = "D0801" Error "本版本还不能执行" "not carried out by this version";
    CarriedOutInPart = "D0802" Warning "本版本只执行一部分" "carried out in part by this version";

    NoOrigin = "D0901" Warning "数字没有来源" "a figure without an origin";
    DifferenceWithoutSource = "D0902" Warning "不同之处没有来源" "a difference without a source";
    CodeWithoutExample = "D0903" Warning "编码没有示例" "a code without an example";
    LimitWithoutBasis = "D0904" Warning "时限没有依据" "a limit without a basis";
    UnusedRole = "D0905" Warning "没有用到的角色" "a role that nothing uses";
    UnusedContract = "D0906" Warning "没有用到的数据约定" "a contract that nothing uses";
    Sampled = "D0907" Warning "情形过多，只检查了一部分" "too many scenarios to check all";
    UnusedQuestion = "D0908" Warning "不影响任何环节的问题" "a question that changes nothing";
    SameOptions = "D0909" Warning "没有区别的选项" "options that make no difference";
    UnusedGrant = "D0910" Warning "没有用到的授权" "a grant that nothing uses";
    UnusedField = "D0911" Warning "没有用到的字段" "a field that nothing uses";
    UnusedProvision = "D0912" Warning "没有用到的数据库或其数据" "a registry, or what it gives, that nothing needs";
    AskedForNobody = "D0913" Warning "问了没有人用的个人信息" "personal data asked for nobody";
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
