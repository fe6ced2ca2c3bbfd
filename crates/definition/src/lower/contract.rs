//! Contracts: fields with their types, providers, grants.

use onething_model::{ContractKey, DepartmentKey, FieldKey, Lang, Limit, RegistryKey, Text};
use onething_plan::field::{DEFAULT_MAX_BYTES, DEFAULT_MAX_CHARS};
use onething_plan::{FieldType, Grant, Sensitivity};
use serde_json::Value as Json;

use super::derived::{DerivedEntry, derived, given_elsewhere};
use super::listed::{Listed, listed};
use super::pattern::pattern;
use super::sharing::{fresh, needs_what_it_gives, self_grant, without_basis};
use super::tree::{Tree, check_name};
use super::{Cx, FIELD, Index, titled};
use crate::diagnostic::{Code, Diagnostic, both};
use crate::source::{FileId, Span};
use crate::syntax::contract::{
    ContractFile, FieldDef, FieldKind, GrantDef, ProviderDef, SensitivityWord,
};
use crate::syntax::read_file;
use crate::syntax::values::AllOr;
use crate::yaml::read::Spanned;
use crate::yaml::{Node, Style, Value, scalar};

/// A contract of the tree.
#[derive(Debug, Clone)]
pub(crate) struct ContractEntry {
    pub(crate) name: String,
    pub(crate) file: FileId,
    pub(crate) key: Option<ContractKey>,
    pub(crate) title: Text,
    /// Whether all fields are known, so that an unknown name is a mistake.
    pub(crate) whole: bool,
    pub(crate) fields: Vec<FieldEntry>,
    field_names: Index,
    /// The fields that identify a subject.
    pub(crate) identified_by: Vec<usize>,
    pub(crate) providers: Vec<ProviderEntry>,
    /// Its grants as they are written.
    pub(crate) grants: Vec<GrantEntry>,
}

/// A grant of a contract, its fields by number.
#[derive(Debug, Clone)]
pub(crate) struct GrantEntry {
    pub(crate) to: Spanned<DepartmentKey>,
    pub(crate) purpose: String,
    /// With the place of each, or of the word that stands for all.
    pub(crate) fields: Vec<(usize, Span)>,
    /// Whether it says `all`.
    pub(crate) all: bool,
}

/// A field of a contract.
#[derive(Debug, Clone)]
pub(crate) struct FieldEntry {
    pub(crate) key: FieldKey,
    pub(crate) span: Span,
    pub(crate) title: Text,
    /// `None` where it is broken and was reported.
    pub(crate) kind: Option<FieldType>,
    pub(crate) sensitivity: Sensitivity,
    pub(crate) example: Option<Json>,
    pub(crate) derived: Option<DerivedEntry>,
    pub(crate) grants: Vec<Grant>,
}

/// A provider of a contract, its fields by number.
#[derive(Debug, Clone)]
pub(crate) struct ProviderEntry {
    pub(crate) registry: Spanned<RegistryKey>,
    pub(crate) title: Option<Text>,
    pub(crate) department: usize,
    pub(crate) with: Vec<usize>,
    pub(crate) gives: Vec<usize>,
    pub(crate) fresh: Option<Limit>,
    pub(crate) basis: Option<String>,
}

impl ProviderEntry {
    /// What people call the registry; its name where the contract has no title.
    pub(crate) fn shown(&self) -> Text {
        let name = self.registry.as_str();
        self.title.clone().unwrap_or_else(|| Text::new(name, name))
    }
}

impl ContractEntry {
    pub(crate) fn find_field(&self, name: &str) -> Option<usize> {
        self.field_names.get(name)
    }

    /// The field of this name; reports an unknown one.
    pub(crate) fn field(
        &self,
        cx: &mut Cx<'_>,
        name: &str,
        span: Span,
        path: &str,
    ) -> Option<usize> {
        let found = self.find_field(name);
        if found.is_none() && self.whole {
            let names = self.fields.iter().map(|field| field.key.as_str());
            cx.unknown(FIELD, span, path, name, names);
        }
        found
    }
}

/// Reads a contract; the name is that of the file.
pub(crate) fn contract(cx: &mut Cx<'_>, tree: &Tree, name: &str, file: FileId) -> ContractEntry {
    let mut entry = ContractEntry {
        name: name.to_owned(),
        file,
        key: None,
        title: titled(name),
        whole: false,
        fields: Vec::new(),
        field_names: Index::default(),
        identified_by: Vec::new(),
        providers: Vec::new(),
        grants: Vec::new(),
    };
    let Some(read) = read_file::<ContractFile>(cx.sources, file, Lang::Zh, cx.found) else {
        return entry;
    };
    let read = &read.value;
    if let Some(key) = &read.contract {
        check_name(cx, key.as_str(), key.span, name);
        entry.key = Some(key.value.clone());
    }
    if let Some(title) = &read.title {
        entry.title = title.value.clone();
    }
    if let Some(owner) = &read.owner {
        tree.department(cx, owner, "owner");
    }
    for (key, def) in read.fields.iter().flat_map(|fields| &fields.entries) {
        let path = format!("fields.{}", key.as_str());
        entry.field_names.insert(key.as_str(), entry.fields.len());
        entry.fields.push(match def {
            Some(def) => field(cx, key, def, &path),
            None => FieldEntry {
                key: key.value.clone(),
                span: key.span,
                title: titled(key.as_str()),
                kind: None,
                sensitivity: Sensitivity::Public,
                example: None,
                derived: None,
                grants: Vec::new(),
            },
        });
    }
    entry.whole = read.fields.is_some();
    let fields = read.fields.iter().flat_map(|fields| &fields.entries);
    for (at, (_, def)) in fields.enumerate() {
        let written = def.as_ref().and_then(|def| def.derived.as_ref());
        entry.fields[at].derived = written.and_then(|def| derived(cx, &entry, at, def));
    }
    if let Some(list) = &read.identified_by {
        let (list, what) = ((&list.value[..], list.span), Listed::IdentifiedBy);
        let fields = listed(cx, &entry, list, what, "identified_by");
        entry.identified_by = fields.into_iter().map(|(at, _)| at).collect();
    }
    for def in read.providers.iter().flat_map(|list| &list.value) {
        if let Some(provider) = provider(cx, tree, &entry, &def.value) {
            without_basis(cx, &entry, &provider);
            given_elsewhere(cx, &entry, &provider);
            entry.providers.push(provider);
        }
    }
    for def in read.grants.iter().flat_map(|list| &list.value) {
        grant(cx, tree, &mut entry, &def.value);
        if let Some(owner) = &read.owner {
            self_grant(cx, tree, &entry, &def.value, owner);
        }
    }
    entry
}

fn field(cx: &mut Cx<'_>, key: &Spanned<FieldKey>, def: &FieldDef, path: &str) -> FieldEntry {
    let kind = def
        .kind
        .and_then(|kind| field_type(cx, kind, key.span, def, path));
    let example = def
        .example
        .as_ref()
        .zip(kind.as_ref())
        .and_then(|(given, kind)| example(cx, &given.value.0, kind, path));
    let pattern = matches!(&kind, Some(FieldType::Code { pattern: Some(_) }));
    // What is derived follows from the sample of its source.
    if pattern && def.example.is_none() && def.derived.is_none() {
        let name = key.as_str();
        cx.report(
            Diagnostic::new(
                Code::CodeWithoutExample,
                key.span,
                both!(
                    "编码字段 `{name}` 有格式但没有示例",
                    "the code `{name}` has a pattern but no example",
                ),
            )
            .field(path)
            .why(both!(
                "没有示例就无法试办：编造不出符合格式的值",
                "without one nothing can be tried out: a value of this form cannot be made up",
            ))
            .help(both!("补上 `example`", "add `example`")),
        );
    }
    FieldEntry {
        key: key.value.clone(),
        span: key.span,
        title: def
            .title
            .as_ref()
            .map_or_else(|| titled(key.as_str()), |title| title.value.clone()),
        kind,
        sensitivity: match def.sensitivity.map(|word| word.value) {
            Some(SensitivityWord::Personal) => Sensitivity::Personal,
            Some(SensitivityWord::Sensitive) => Sensitivity::Sensitive,
            Some(SensitivityWord::Public) => Sensitivity::Public,
            None => unsaid(def.kind.as_ref().map(|kind| kind.value)),
        },
        example,
        derived: None,
        grants: Vec::new(),
    }
}

/// How sensitive a field is where its contract does not say: a number that is one
/// person's is personal (个人信息保护法第四条), whatever was forgotten.
fn unsaid(kind: Option<FieldKind>) -> Sensitivity {
    match kind {
        Some(FieldKind::IdentityNumber | FieldKind::Phone) => Sensitivity::Personal,
        _ => Sensitivity::Public,
    }
}

/// The keys that only some types of fields have.
fn keys_of(kind: FieldKind) -> &'static [&'static str] {
    match kind {
        FieldKind::Text => &["max_chars"],
        FieldKind::Code => &["pattern"],
        FieldKind::Number => &["min", "max", "whole", "unit"],
        FieldKind::Choice => &["options"],
        FieldKind::Document => &["accepts", "up_to"],
        FieldKind::YesNo
        | FieldKind::Date
        | FieldKind::Money
        | FieldKind::Address
        | FieldKind::IdentityNumber
        | FieldKind::CreditCode
        | FieldKind::Phone => &[],
    }
}

fn field_type(
    cx: &mut Cx<'_>,
    kind: Spanned<FieldKind>,
    key: Span,
    def: &FieldDef,
    path: &str,
) -> Option<FieldType> {
    let written = [
        ("max_chars", def.max_chars.map(|v| v.span)),
        ("pattern", def.pattern.as_ref().map(|v| v.span)),
        ("min", def.min.map(|v| v.span)),
        ("max", def.max.map(|v| v.span)),
        ("whole", def.whole.map(|v| v.span)),
        ("unit", def.unit.as_ref().map(|v| v.span)),
        ("options", def.options.as_ref().map(|v| v.span)),
        ("accepts", def.accepts.as_ref().map(|v| v.span)),
        ("up_to", def.up_to.map(|v| v.span)),
    ];
    let word = FieldKind::WORDS[kind.value as usize].word;
    for (name, span) in written {
        if let Some(span) = span.filter(|_| !keys_of(kind.value).contains(&name)) {
            cx.report(
                Diagnostic::new(
                    Code::KeyOfOtherType,
                    span,
                    both!(
                        "类型为 `{word}` 的字段没有 `{name}`",
                        "a field of type `{word}` has no `{name}`",
                    ),
                )
                .field(path)
                .related(kind.span, both!("类型在这里", "the type is stated here"))
                .help(both!(
                    "删除 `{name}`，或者改类型",
                    "remove `{name}`, or change the type"
                )),
            );
        }
    }
    let (min, max) = (def.min.map(|v| v.value), def.max.map(|v| v.value));
    if let (Some(least), Some(most)) = (def.min, def.max)
        && least.value > most.value
    {
        cx.report(reversed(least.span, most.span, path));
    }
    Some(match kind.value {
        FieldKind::Text => FieldType::Text {
            max_chars: def.max_chars.map_or(DEFAULT_MAX_CHARS, |v| v.value.get()),
        },
        FieldKind::Code => FieldType::Code {
            pattern: match &def.pattern {
                None => None,
                Some(written) => Some(pattern(cx, written, path)?),
            },
        },
        FieldKind::Number => FieldType::Number {
            min,
            max,
            whole: def.whole.is_some_and(|v| v.value),
            unit: def.unit.as_ref().map(|v| v.value.clone()),
        },
        FieldKind::YesNo => FieldType::YesNo,
        FieldKind::Date => FieldType::Date,
        FieldKind::Money => FieldType::Money,
        FieldKind::Choice => {
            let options: Vec<(String, Text)> = def
                .options
                .iter()
                .flat_map(|options| options.iter())
                .map(|(name, title)| (name.as_str().to_owned(), title.clone()))
                .collect();
            if options.is_empty() {
                cx.report(no_options(key, path));
                return None;
            }
            FieldType::Choice { options }
        }
        FieldKind::Address => FieldType::Address,
        FieldKind::IdentityNumber => FieldType::IdentityNumber,
        FieldKind::CreditCode => FieldType::CreditCode,
        FieldKind::Phone => FieldType::Phone,
        FieldKind::Document => FieldType::Document {
            accepts: def
                .accepts
                .iter()
                .flat_map(|list| &list.value)
                .map(|name| name.as_str().to_owned())
                .collect(),
            max_bytes: def.up_to.map_or(DEFAULT_MAX_BYTES, |v| v.value.0),
        },
    })
}

pub(crate) fn reversed(least: Span, most: Span, path: &str) -> Diagnostic {
    Diagnostic::new(
        Code::BadNumber,
        most,
        both!("最大值小于最小值", "the maximum is below the minimum"),
    )
    .field(path)
    .related(least, both!("最小值在这里", "the minimum is here"))
    .help(both!("交换两个值", "exchange the two"))
}

pub(crate) fn no_options(span: Span, path: &str) -> Diagnostic {
    Diagnostic::new(
        Code::MissingKey,
        span,
        both!(
            "类型 `choice` 需要选项",
            "the type `choice` needs its options"
        ),
    )
    .field(path)
    .help(both!(
        "补上 `options: {{ key: 标题 }}`",
        "add `options: {{ key: title }}`",
    ))
}

/// An example as the value that an application would hold.
fn example(cx: &mut Cx<'_>, node: &Node, kind: &FieldType, path: &str) -> Option<Json> {
    let fault = |span: Span, message: Text| {
        Diagnostic::new(Code::BadExample, span, message)
            .field(format!("{path}.example"))
            .help(both!(
                "写一个有效的值，但不要用真实的个人信息",
                "write a valid value, but nobody's real data",
            ))
    };
    if matches!(kind, FieldType::Document { .. }) {
        cx.report(fault(
            node.span,
            both!("材料不需要示例", "a document has no example"),
        ));
        return None;
    }
    let value =
        match &node.value {
            Value::Scalar(written) => match kind {
                FieldType::Number { .. } if written.style == Style::Plain => {
                    match scalar::number(&written.text) {
                        Ok(number) => serde_json::from_str(&written.text)
                            .unwrap_or_else(|_| Json::from(number)),
                        Err(_) => Json::from(&*written.text),
                    }
                }
                FieldType::YesNo => scalar::yes_no(&written.text)
                    .map_or_else(|| Json::from(&*written.text), Json::from),
                _ if written.style == Style::Plain
                    && scalar::is_ambiguous(&written.text)
                    && !matches!(kind, FieldType::Number { .. }) =>
                {
                    let text = &written.text;
                    cx.report(
                        Diagnostic::new(
                            Code::NeedsQuotes,
                            node.span,
                            both!(
                                "示例 `{text}` 需要加引号",
                                "the example `{text}` needs quotes",
                            ),
                        )
                        .field(format!("{path}.example"))
                        .help(both!("写成 `\"{text}\"`", "write `\"{text}\"`")),
                    );
                    return None;
                }
                _ => Json::from(&*written.text),
            },
            Value::List(_) | Value::Map(_) | Value::Refused => Json::Null,
        };
    match kind.check(&value) {
        Ok(()) => Some(value),
        Err(expected) => {
            let (zh, en) = (expected.zh(), expected.en());
            cx.report(fault(node.span, both!("示例{zh}", "the example {en}")));
            None
        }
    }
}

fn provider(
    cx: &mut Cx<'_>,
    tree: &Tree,
    entry: &ContractEntry,
    def: &ProviderDef,
) -> Option<ProviderEntry> {
    let registry = def.registry.clone()?;
    let path = format!("providers.{}", registry.as_str());
    let mut fields = |list: &Option<Spanned<Vec<Spanned<FieldKey>>>>, what, key: &str| {
        let Some(list) = list else {
            return Vec::new();
        };
        let path = format!("{path}.{key}");
        let fields = listed(cx, entry, (&list.value, list.span), what, &path);
        fields.into_iter().map(|(at, _)| at).collect::<Vec<usize>>()
    };
    let with = fields(&def.with, Listed::With, "with");
    let mut gives = fields(&def.gives, Listed::Gives, "gives");
    let department = def
        .department
        .as_ref()
        .and_then(|key| tree.department(cx, key, &format!("{path}.department")));
    if let Some(both_ways) = with.iter().find(|field| gives.contains(field)) {
        needs_what_it_gives(cx, def, &registry, entry.fields[*both_ways].key.as_str());
        // Whoever names the registry is not wrong as well.
        gives.retain(|field| !with.contains(field));
    }
    if let Some(other) = entry
        .providers
        .iter()
        .find(|other| other.registry.value == registry.value)
    {
        let name = registry.as_str();
        cx.report(
            Diagnostic::new(
                Code::Repeated,
                registry.span,
                both!(
                    "数据库 `{name}` 在本数据约定中出现两次",
                    "the registry `{name}` provides twice",
                ),
            )
            .field("providers")
            .related(other.registry.span, both!("第一次", "first here"))
            .help(both!("合并为一项", "make one entry of the two")),
        );
        return None;
    }
    Some(ProviderEntry {
        registry,
        title: def.title.as_ref().map(|title| title.value.clone()),
        department: department?,
        with,
        gives,
        fresh: fresh(cx, def.fresh),
        basis: def.basis.as_ref().map(|basis| basis.value.clone()),
    })
}

fn grant(cx: &mut Cx<'_>, tree: &Tree, entry: &mut ContractEntry, def: &GrantDef) {
    let (Some(to), Some(fields)) = (&def.to, &def.fields) else {
        return;
    };
    let path = format!("grants.{}", to.as_str());
    tree.department(cx, to, &path);
    let given: Vec<(usize, Span)> = match &fields.value {
        AllOr::All => (0..entry.fields.len())
            .map(|at| (at, fields.span))
            .collect(),
        AllOr::Only(list) => listed(cx, entry, (list, fields.span), Listed::Granted, &path),
    };
    let text = |text: &Option<Spanned<String>>| {
        text.as_ref()
            .map(|text| text.value.clone())
            .unwrap_or_default()
    };
    let purpose = text(&def.purpose);
    granted_twice(cx, entry, (to, &purpose), &given);
    for (at, _) in &given {
        let grants = &mut entry.fields[*at].grants;
        // What is written twice was reported; a reading stands on one of the two.
        if !grants
            .iter()
            .any(|known| known.to == to.value && known.purpose == purpose)
        {
            grants.push(Grant {
                to: to.value.clone(),
                purpose: purpose.clone(),
                basis: text(&def.basis),
            });
        }
    }
    entry.grants.push(GrantEntry {
        to: to.clone(),
        purpose,
        fields: given,
        all: matches!(fields.value, AllOr::All),
    });
}

/// For one purpose a department is granted a field once, on one basis.
fn granted_twice(
    cx: &mut Cx<'_>,
    entry: &ContractEntry,
    (to, purpose): (&Spanned<DepartmentKey>, &str),
    given: &[(usize, Span)],
) {
    let earlier = entry.grants.iter();
    let mut alike = earlier.filter(|known| known.to.value == to.value && known.purpose == purpose);
    let again = alike.find_map(|known| {
        let is_known = |at: &usize| known.fields.iter().any(|(other, _)| other == at);
        let (at, span) = given.iter().find(|(at, _)| is_known(at))?;
        Some((known.to.span, *at, *span))
    });
    let Some((first, at, span)) = again else {
        return;
    };
    let (name, to) = (entry.fields[at].key.as_str(), to.as_str());
    cx.report(
        Diagnostic::new(
            Code::Repeated,
            span,
            both!(
                "已为同一用途 `{purpose}` 授权 `{to}` 读取 `{name}`",
                "`{to}` is granted `{name}` for `{purpose}` already",
            ),
        )
        .field(format!("grants.{to}"))
        .related(first, both!("第一次授权", "granted first here"))
        .why(both!(
            "每次读取只记录一个依据",
            "each reading is recorded with one basis",
        ))
        .help(both!(
            "合并为一项授权，几个依据写在一个 `basis` 中；用途不同的，写明不同的 `purpose`",
            "make one grant of the two, with both laws in its `basis`; where they are for different things, name different purposes",
        )),
    );
}
