//! Two versions of data contracts compared: what changed, whether anybody who
//! keeps to the old one is wrong under the new one, and who that is.
//!
//! A contract is promised in two directions. Who *supplies* a value (a step that
//! makes it, a registry, the applicant) is wrong when it is no longer valid; who
//! *reads* it is wrong when something arrives that could not occur, or no longer
//! arrives. Either is breaking. What only adds is compatible.
//!
//! | change | breaks |
//! |---|---|
//! | a field is removed, its type or unit changes | who supplies and who reads it |
//! | fewer values are valid | who supplies it, and who accepts what the form asks |
//! | more values are valid | who reads it, and who accepts what the form asks |
//! | a public field becomes personal | departments without a grant, and who accepts what the form asks |
//! | a personal field becomes public | the people whose data it is; shown with who uses it |
//! | a grant or its purpose is withdrawn | that department's steps that read for it, and who accepts |
//! | a further purpose is granted | that department's steps that name none or several, and who accepts |
//! | a registry is withdrawn, gives less, needs more | who reads what it gave |
//! | another registry comes first, and the order decides | who reads what they give |
//! | answers may be older, must be fresher; one counts working days, the other does not | who reads them; the registry; both |
//! | the basis of a look-up is no longer stated | who reads what the registry gave |
//! | a service of the tree no longer passes its check | that service |
//! | steps of the tree get from elsewhere what somebody gave them | these steps |
//!
//! Versions follow Semantic Versioning 2.0.0: breaking raises the first number,
//! additions the second, corrections the third. While the first is 0, nothing is
//! settled, and what breaks raises the second.
//!
//! ```
//! use onething_definition::SourceSet;
//! use onething_definition::contract_diff::{Bump, Contracts, diff};
//!
//! let contract = |version: &str, most: u32| {
//!     let text = format!(
//!         "contract: shop\nversion: {version}\ntitle: 店\nfields:\n  name: {{ title: 店名, type: text, max_chars: {most} }}\n"
//!     );
//!     Contracts::read(&SourceSet::from_texts([("shop.yaml", text)])).0
//! };
//! let found = diff(&contract("1.0.0", 100), &contract("1.1.0", 50), None);
//! assert_eq!(found.contracts[0].needed, Bump::Major);
//! assert!(!found.holds(), "1.1.0 promises that nothing breaks");
//! ```

mod compare;
mod fields;
mod forms;
mod grants;
mod names;
mod order;
mod origins;
mod pairs;
mod providers;
mod read;
mod taken;
mod text;
mod told;
mod trial;
mod usage;

use std::collections::BTreeSet;

use onething_model::{DepartmentKey, FieldKey, FieldPath, ServiceKey, StepKey, Text};
use serde::{Serialize, Serializer};

pub use compare::diff;
pub use forms::{AskedAnew, Asking};
pub use origins::{Moved, Origin};
pub use read::Contracts;
pub use trial::NewProblem;
pub use usage::Usage;

use crate::diagnostic::Severity;
pub use crate::yaml::scalar::Version;

/// Which number of a version has to rise, at least.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Bump {
    /// None: nothing changed.
    None,
    /// The third: corrections and wording.
    Patch,
    /// The second: something was added.
    Minor,
    /// The first: something breaks.
    Major,
}

macro_rules! kinds {
    ($($variant:ident $word:literal $bump:ident $zh:literal $en:literal;)*) => {
        /// A kind of change.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind {
            $(#[doc = concat!($en, " (", $zh, ")")] $variant,)*
        }

        impl Kind {
            /// Every kind, in the order of the table.
            pub const ALL: &'static [Kind] = &[$(Kind::$variant,)*];

            /// The word for programs.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            /// Which number of the version has to rise for it.
            #[must_use]
            pub const fn bump(self) -> Bump {
                match self { $(Self::$variant => Bump::$bump,)* }
            }

            /// What it is.
            #[must_use]
            pub fn title(self) -> Text {
                match self { $(Self::$variant => Text::new($zh, $en),)* }
            }
        }
    };
}

kinds! {
    FailsCheck "fails-check" Major "有一件事因此不能通过检查" "a service no longer passes its check";
    ContractRemoved "contract-removed" Major "删除数据约定" "the contract is removed";
    ContractAdded "contract-added" None "新增数据约定" "the contract is new";
    FieldRemoved "field-removed" Major "删除字段" "a field is removed";
    FieldAdded "field-added" Minor "新增字段" "a field is added";
    TypeChanged "type-changed" Major "字段类型改变" "the type of a field changes";
    UnitChanged "unit-changed" Major "计量单位改变" "the unit of a number changes";
    FormChanged "form-changed" Major "编码格式改变" "the form of a code changes";
    Narrowed "narrowed" Major "允许的值变少" "fewer values are valid";
    Widened "widened" Major "允许的值变多" "more values are valid";
    DerivationAdded "derivation-added" Major "字段改为由另一字段得出" "a field becomes derived, and has no other source";
    DerivationWithdrawn "derivation-withdrawn" Major "字段不再由另一字段得出" "a field is no longer derived";
    DerivationChanged "derivation-changed" Major "字段改由别的得出" "a field is derived from something else, or otherwise";
    MadePersonal "made-personal" Major "公开字段改为个人信息" "a public field becomes personal";
    MadePublic "made-public" Major "个人信息改为公开字段" "what was not public becomes public";
    SensitivityChanged "sensitivity-changed" Minor "敏感程度改变" "the sensitivity changes, and nobody loses the right to read";
    GrantWithdrawn "grant-withdrawn" Major "撤销读取授权" "a grant is withdrawn";
    PurposeChanged "purpose-changed" Major "授权用途改变" "a grant is for another purpose";
    GrantAdded "grant-added" Minor "新增读取授权" "a grant is added";
    PurposeNeeded "purpose-needed" Major "新增一种用途，环节须写明其中一种" "a further purpose is granted, and a step has to name exactly one";
    GrantNotNeeded "grant-not-needed" Patch "撤销对公开字段的授权" "a grant of public fields is withdrawn";
    ProviderWithdrawn "provider-withdrawn" Major "撤销数据库" "a registry no longer provides";
    ProviderAdded "provider-added" Minor "新增数据库" "a registry provides";
    GivesLess "gives-less" Major "数据库提供的字段变少" "a registry gives less";
    GivesMore "gives-more" Minor "数据库提供的字段变多" "a registry gives more";
    NeedsMore "needs-more" Major "查询条件变多" "a registry needs more to look up";
    NeedsLess "needs-less" Minor "查询条件变少" "a registry needs less to look up";
    ProvidersReordered "providers-reordered" Major "先查询的数据库改变" "another registry comes first, and the order decides";
    SourceChanged "source-changed" Major "环节的数据改从别处取得" "steps get data from elsewhere";
    BasisWithdrawn "basis-withdrawn" Major "共享依据不再写明" "the basis of a look-up is no longer stated";
    MustBeFresher "must-be-fresher" Major "数据须更新及时" "answers have to be fresher";
    MayBeOlder "may-be-older" Major "数据可以更旧" "answers may be older";
    FreshnessChanged "freshness-changed" Major "数据时限在工作日与自然日之间改变" "how old answers may be turns from working days to calendar days or back, which do not compare";
    IdentityChanged "identity-changed" Major "对象的标识字段改变" "what identifies a subject changes";
    ResponsibilityChanged "responsibility-changed" Minor "主管或提供部门改变" "another department answers for the data";
    WordingChanged "wording-changed" Patch "标题、示例或依据改变" "titles, examples or legal bases change";
}

impl Kind {
    /// Whether it is about where data comes from.
    pub(crate) const fn moves_sources(self) -> bool {
        matches!(
            self,
            Self::SourceChanged
                | Self::ContractRemoved
                | Self::FieldRemoved
                | Self::DerivationAdded
                | Self::DerivationWithdrawn
                | Self::DerivationChanged
                | Self::ProviderWithdrawn
                | Self::GivesLess
                | Self::NeedsMore
                | Self::ProvidersReordered
        )
    }
}

impl Serialize for Kind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// What a step does with a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Does {
    /// It needs to know it.
    Reads,
    /// It makes it.
    Makes,
    /// It is a look-up that gives it.
    Gives,
    /// It is a form on which the applicant may be asked for it.
    Asks,
    /// It accepts the application whose form asks for it, and is shown it.
    Sees,
}

/// Which way of handling a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum WayOf {
    /// One thing.
    New,
    /// The old way.
    Old,
}

/// A step of a service of the tree that a change concerns.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Affected {
    /// The service.
    pub service: ServiceKey,
    /// Which way of handling it.
    pub way: WayOf,
    /// The step.
    pub step: StepKey,
    /// Who does it, if not the applicant.
    pub department: Option<DepartmentKey>,
    /// What it does with the field.
    pub does: Does,
    /// The field, by the service's role.
    pub field: FieldPath,
    /// Of who reads what follows from the field that changes: that field.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub follows_from: Option<FieldPath>,
}

impl Affected {
    /// Whether both are the same step reading the same field.
    fn is_same_reading(&self, other: &Self) -> bool {
        let key = |one: &Self| {
            (
                one.service.clone(),
                one.way,
                one.step.clone(),
                one.field.clone(),
            )
        };
        let reads = |one: &Self| one.does == Does::Reads;
        reads(self) && reads(other) && key(self) == key(other)
    }
}

/// One change of a contract.
#[derive(Debug, Clone, Serialize)]
pub struct Change {
    /// The kind.
    pub kind: Kind,
    /// Which number of the version has to rise for it.
    pub bump: Bump,
    /// The fields it is about; none where it is about the whole contract.
    pub fields: Vec<FieldKey>,
    /// What changed, from what to what.
    pub message: Text,
    /// Whom it concerns, in the services that were looked at: for whom it breaks, and
    /// of an addition, which forms ask for what is now to be had elsewhere.
    pub affected: Vec<Affected>,
}

impl Change {
    /// Whether somebody who keeps to the old version is wrong.
    #[must_use]
    pub fn is_breaking(&self) -> bool {
        self.bump == Bump::Major
    }
}

/// Whom to tell.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Concerned {
    /// The departments for whose steps something breaks, that accept forms that grow, whose
    /// registries are told what they were not told before, and that own a service which fails
    /// its check or do the steps of it at which it does.
    pub departments: BTreeSet<DepartmentKey>,
    /// The services in which something breaks.
    pub services: BTreeSet<String>,
}

/// A contract in both versions.
#[derive(Debug, Clone, Serialize)]
pub struct ContractDiff {
    /// Its name.
    pub contract: String,
    /// What people call it.
    pub title: Text,
    /// The old version; none where the contract is new.
    pub old: Option<Version>,
    /// The new version; none where the contract is gone.
    pub new: Option<Version>,
    /// Which number has to rise, at least.
    pub needed: Bump,
    /// The lowest version that says so; none where no version can.
    pub lowest: Option<Version>,
    /// Whether the new version says so.
    pub holds: bool,
    /// Whom what breaks concerns, in the services that were looked at.
    pub concerned: Concerned,
    /// What changed, what breaks first.
    pub changes: Vec<Change>,
}

/// What was found.
#[derive(Debug, Clone, Serialize)]
pub struct Diff {
    /// Whether anything breaks.
    pub breaking: bool,
    /// The contracts that changed or that are there only once, by name.
    pub contracts: Vec<ContractDiff>,
    /// How many contracts are the same in both versions.
    pub unchanged: usize,
    /// The services whose steps were looked at; none where no tree was.
    pub looked_at: Option<Vec<String>>,
    /// Services of the tree with errors: what they use is not known.
    pub not_readable: Vec<String>,
    /// What `onething check` says of the services with the new contracts and did not
    /// say with the old; none where it was not [tried](Diff::tried_on).
    pub newly: Option<Vec<NewProblem>>,
    /// What forms of the services ask with the new contracts and did not ask with the old;
    /// none where it was not [tried](Diff::tried_on).
    pub asked_anew: Option<Vec<AskedAnew>>,
    /// What steps of the services get from elsewhere with the new contracts; none where it
    /// was not [tried](Diff::tried_on).
    pub moved: Option<Vec<Moved>>,
    /// What people call whom and what it is about.
    #[serde(skip)]
    names: names::Names,
}

impl Diff {
    /// Whether every new version says how far its contract changed. A contract
    /// that is removed has no version that could; nor can one contract's version
    /// say what only several changes together break.
    #[must_use]
    pub fn holds(&self) -> bool {
        let newly = self.newly.iter().flatten();
        let mut newly = newly.filter(|problem| problem.severity == Severity::Error);
        let moved = self.moved.iter().flatten();
        let mut moved = moved.filter(|one| one.is_lost());
        self.contracts.iter().all(|contract| contract.holds)
            && newly.all(|problem| !problem.contracts.is_empty())
            && moved.all(|one| !one.contracts.is_empty())
    }
}

impl ContractDiff {
    /// Whether somebody who keeps to the old version is wrong.
    #[must_use]
    pub fn is_breaking(&self) -> bool {
        self.needed == Bump::Major
    }
}
