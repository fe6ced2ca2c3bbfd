//! Fields that follow from others: what a contract says of them, and what it cannot say.

use onething_plan::{Derivation, Sensitivity};

use super::Cx;
use super::contract::{ContractEntry, FieldEntry, ProviderEntry};
use super::reads::Datum;
use super::symbols::Symbols;
use super::way::{Fetched, WaySpec};
use crate::diagnostic::{Code, Diagnostic, both};
use crate::source::Span;
use crate::syntax::contract::{DerivationWord, DerivedDef};
use crate::yaml::read::Spanned;

/// What a field of a contract follows from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DerivedEntry {
    /// The field of the same contract, by number.
    pub(crate) from: usize,
    pub(crate) by: Derivation,
    pub(crate) span: Span,
}

impl From<DerivationWord> for Derivation {
    fn from(word: DerivationWord) -> Self {
        match word {
            DerivationWord::DateOfBirth => Self::DateOfBirth,
            DerivationWord::Sex => Self::Sex,
            DerivationWord::FirstRegistrationDivision => Self::FirstRegistrationDivision,
            DerivationWord::RegistrationDivision => Self::RegistrationDivision,
            DerivationWord::OrganisationCode => Self::OrganisationCode,
        }
    }
}

impl Fetched {
    /// Whether what follows from something known is known. Where nothing is
    /// fetched, forms are filled in by hand, and ask for both.
    pub(crate) fn derives(&self) -> bool {
        !matches!(self, Self::None)
    }
}

impl WaySpec {
    /// What a datum follows from in this way of handling.
    pub(crate) fn source_of(&self, symbols: &Symbols<'_>, datum: Datum) -> Option<Datum> {
        self.fetched.derives().then(|| symbols.source_of(datum))?
    }
}

impl Symbols<'_> {
    /// What a datum follows from, as its contract says.
    pub(crate) fn source_of(&self, (role, field): Datum) -> Option<Datum> {
        let contract = &self.tree.contracts[self.roles[role].contract?];
        let derived = contract.fields.get(field)?.derived?;
        Some((role, derived.from))
    }
}

/// What a field of a contract, by number, is derived from; reports what cannot be.
pub(crate) fn derived(
    cx: &mut Cx<'_>,
    entry: &ContractEntry,
    at: usize,
    def: &Spanned<DerivedDef>,
) -> Option<DerivedEntry> {
    let (from, by) = (def.value.from.as_ref()?, def.value.by.as_ref()?);
    let (item, name) = (&entry.fields[at], entry.fields[at].key.as_str());
    let path = format!("fields.{name}.derived");
    let source = entry.field(cx, from.as_str(), from.span, &format!("{path}.from"))?;
    let derivation = Derivation::from(by.value);
    let word = derivation.as_str();
    let bad =
        |span: Span, message| Diagnostic::new(Code::BadDerivation, span, message).field(&path);
    let whence = &entry.fields[source];
    let (key, wanted) = (from.as_str(), derivation.source_type());
    // Nothing that is derived is itself a number to derive from, so there are no chains, and
    // no circles but this one.
    if source == at {
        cx.report(
            bad(
                from.span,
                both!("`{name}` 由它自己得出", "`{name}` is derived from itself"),
            )
            .help(both!(
                "在 `from` 中写类型为 `{wanted}` 的字段",
                "name a field of type `{wanted}` in `from`",
            )),
        );
        return None;
    }
    if let Some(kind) = &whence.kind
        && !derivation.accepts(kind)
    {
        let standard = derivation.standard();
        cx.report(
            bad(
                from.span,
                both!(
                    "`{word}` 由类型为 `{wanted}` 的字段得出，而 `{key}` 不是",
                    "`{word}` follows from a field of type `{wanted}`, which `{key}` is not",
                ),
            )
            .related(whence.span, both!("`{key}` 在这里", "`{key}` is here"))
            .why(both!(
                "依据 {standard}：{}",
                "by {standard}: {}",
                derivation.part().zh(),
                derivation.part().en(),
            ))
            .help(both!(
                "在 `from` 中写类型为 `{wanted}` 的字段",
                "name a field of type `{wanted}` in `from`",
            )),
        );
        return None;
    }
    if let Some(kind) = &item.kind
        && !derivation.fits(kind)
    {
        let result = derivation.result_type();
        let (zh, en) = (result.zh(), result.en());
        cx.report(
            bad(
                by.span,
                both!(
                    "`{word}` 得出的值不都符合字段 `{name}` 的类型",
                    "what `{word}` comes to is not always a value of the type of `{name}`",
                ),
            )
            .related(item.span, both!("字段在这里", "the field is here"))
            .help(both!("类型写成{zh}", "make its type a {en}")),
        );
        return None;
    }
    if item.sensitivity == Sensitivity::Public && whence.sensitivity != Sensitivity::Public {
        cx.report(
            Diagnostic::new(
                Code::DerivedPublic,
                item.span,
                both!(
                    "`{name}` 由个人信息 `{key}` 得出，却是公开的",
                    "`{name}` follows from `{key}`, which is personal data, and is public",
                ),
            )
            .field(format!("fields.{name}"))
            .related(whence.span, both!("`{key}` 在这里", "`{key}` is here"))
            .why(both!(
                "由个人信息得出的仍与该人有关，也是个人信息（个人信息保护法第四条）",
                "what follows from data about a person is about that person (Personal Information Protection Law, art. 4)",
            ))
            .help(both!(
                "补上 `sensitivity: personal`",
                "add `sensitivity: personal`",
            )),
        );
    }
    example(cx, item, whence, derivation, &path);
    Some(DerivedEntry {
        from: source,
        by: derivation,
        span: def.span,
    })
}

/// Examples of a subject are of one subject.
fn example(
    cx: &mut Cx<'_>,
    item: &FieldEntry,
    whence: &FieldEntry,
    derivation: Derivation,
    path: &str,
) {
    let (Some(given), Some(source)) = (&item.example, &whence.example) else {
        return;
    };
    let Some(follows) = derivation.of(source).filter(|follows| follows != given) else {
        return;
    };
    let (name, key, follows) = (item.key.as_str(), whence.key.as_str(), follows.to_string());
    cx.report(
        Diagnostic::new(
            Code::BadExample,
            item.span,
            both!(
                "`{name}` 的示例与 `{key}` 的示例不一致",
                "the example of `{name}` does not follow from that of `{key}`",
            ),
        )
        .field(path)
        .related(whence.span, both!("`{key}` 在这里", "`{key}` is here"))
        .help(both!(
            "写成 `example: {follows}`，或者删除",
            "write `example: {follows}`, or leave it out",
        )),
    );
}

/// Reports what a registry gives although it is derived.
pub(crate) fn given_elsewhere(cx: &mut Cx<'_>, entry: &ContractEntry, provider: &ProviderEntry) {
    for field in &provider.gives {
        let item = &entry.fields[*field];
        let Some(derived) = item.derived else {
            continue;
        };
        let (name, registry) = (item.key.as_str(), provider.registry.as_str());
        let from = entry.fields[derived.from].key.as_str();
        cx.report(
            elsewhere(
                provider.registry.span,
                derived.span,
                both!(
                    "数据库 `{registry}` 提供 `{name}`，而它由 `{from}` 得出",
                    "the registry `{registry}` gives `{name}`, which follows from `{from}`",
                ),
            )
            .field(format!("providers.{registry}.gives"))
            .help(both!(
                "从 `gives` 中删除 `{name}`，或者删除 `derived`",
                "remove `{name}` from its `gives`, or remove `derived`",
            )),
        );
    }
}

/// Reports what steps of a way make although it is derived.
pub(crate) fn made_elsewhere(cx: &mut Cx<'_>, symbols: &Symbols<'_>, way: &WaySpec) {
    for step in &way.steps {
        for write in &step.writes {
            let (role, field) = write.datum;
            let Some(contract) = symbols.roles[role].contract else {
                continue;
            };
            let fields = &symbols.tree.contracts[contract].fields;
            let Some(derived) = fields[field].derived else {
                continue;
            };
            let (name, from) = (
                fields[field].key.as_str(),
                fields[derived.from].key.as_str(),
            );
            let (role, step) = (symbols.roles[role].key.as_str(), step.key.as_str());
            cx.report(
                elsewhere(
                    write.span,
                    derived.span,
                    both!(
                        "环节 `{step}` 产生 `{role}.{name}`，而它由 `{role}.{from}` 得出",
                        "the step `{step}` makes `{role}.{name}`, which follows from `{role}.{from}`",
                    ),
                )
                .field(format!("steps.{step}.writes"))
                .help(both!(
                    "从 `writes` 中删除它（产生 `{from}` 时它就有了），或者从数据约定中删除 `derived`",
                    "remove it from `writes` (it is there as soon as `{from}` is), or `derived` from the contract",
                )),
            );
        }
    }
}

fn elsewhere(span: Span, derived: Span, message: onething_model::Text) -> Diagnostic {
    Diagnostic::new(Code::DerivedElsewhere, span, message)
        .related(
            derived,
            both!("在这里写明由它得出", "derived, as this says"),
        )
        .why(both!(
            "同一数据只有一个来源，否则两处可能不一致",
            "a datum has one source; two could contradict each other",
        ))
}
