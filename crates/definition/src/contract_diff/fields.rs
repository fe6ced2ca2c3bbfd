//! Fields: types, sensitivity, wording, grants.

use std::collections::BTreeSet;

use onething_model::{FieldKey, Text};
use onething_plan::check::same_kind;
use onething_plan::{FieldType, Sensitivity};

use super::Kind;
use super::compare::Found;
use super::grants::Rights;
use super::read::Contract;
use super::usage::{Hits, Sight};
use crate::diagnostic::{both, quoted};
use crate::lower::contract::FieldEntry;
use crate::syntax::contract::{FieldKind, SensitivityWord};

pub(super) fn compare_field(old: &FieldEntry, new: &FieldEntry, found: &mut Vec<Found>) {
    let key = &old.key;
    if let (Some(before), Some(after)) = (&old.kind, &new.kind) {
        types(key, before, after, found);
    }
    sensitivity(old, new, found);
    if old.title != new.title || old.example != new.example {
        found.push(Found::new(
            Kind::WordingChanged,
            &[key],
            Hits::Nobody,
            both!(
                "字段 `{key}` 的标题或示例改变",
                "the title or example of `{key}` changes",
            ),
        ));
    }
}

/// Whether nothing changes between two fields but their names.
pub(super) fn same_type(old: &FieldEntry, new: &FieldEntry) -> bool {
    let mut found = Vec::new();
    if let (Some(before), Some(after)) = (&old.kind, &new.kind) {
        types(&old.key, before, after, &mut found);
    }
    found.is_empty()
}

/// Who made or gave what is derived now has to stop. Who read what was derived gets it of
/// nobody, or of somebody else. Derived from something else it is another value for both.
pub(super) fn derivation(
    (of, old): (&Contract, &FieldEntry),
    (to, new): (&Contract, &FieldEntry),
) -> Option<Found> {
    let said = |contract: &Contract, field: &FieldEntry| {
        let derived = field.derived?;
        let from = contract.fields.get(derived.from)?.key.as_str();
        Some(format!("`{from}` ({})", derived.by.as_str()))
    };
    let key = &old.key;
    let (kind, hits, text) = match (said(of, old), said(to, new)) {
        (Some(was), Some(is)) if was != is => (
            Kind::DerivationChanged,
            Hits::Deriving(Box::new(Hits::Everybody)),
            both!(
                "字段 `{key}` 改由 {is} 得出，原由 {was} 得出",
                "`{key}` is derived from {is}, not {was}",
            ),
        ),
        (None, Some(is)) => (
            Kind::DerivationAdded,
            Hits::Deriving(Box::new(Hits::Suppliers)),
            both!("字段 `{key}` 由 {is} 得出", "`{key}` is derived from {is}"),
        ),
        (Some(was), None) => (
            Kind::DerivationWithdrawn,
            Hits::Deriving(Box::new(Hits::Readers)),
            both!(
                "字段 `{key}` 不再由 {was} 得出",
                "`{key}` is no longer derived from {was}",
            ),
        ),
        (Some(_), Some(_)) | (None, None) => return None,
    };
    Some(Found::new(kind, &[key], hits, text))
}

fn sensitivity(old: &FieldEntry, new: &FieldEntry, found: &mut Vec<Found>) {
    let (before, after) = (old.sensitivity, new.sensitivity);
    if before == after {
        return;
    }
    let key = &old.key;
    let word = |sensitivity: Sensitivity| {
        let at = match sensitivity {
            Sensitivity::Public => SensitivityWord::Public,
            Sensitivity::Personal => SensitivityWord::Personal,
            Sensitivity::Sensitive => SensitivityWord::Sensitive,
        };
        let key = SensitivityWord::WORDS[at as usize].word;
        let zh = match sensitivity {
            Sensitivity::Public => "公开信息",
            Sensitivity::Personal => "个人信息",
            Sensitivity::Sensitive => "敏感个人信息",
        };
        (key, zh)
    };
    let ((was, was_zh), (is, is_zh)) = (word(before), word(after));
    let message = both!(
        "字段 `{key}` 的敏感程度：{was_zh} → {is_zh}",
        "the sensitivity of `{key}`: {was} → {is}",
    );
    let (kind, hits, message) = match (before, after) {
        (Sensitivity::Public, _) => {
            let sight = Sight {
                of: None,
                was: Rights::of([old]),
                is: Rights::of([new]),
            };
            (Kind::MadePersonal, Hits::Losing(sight), message)
        }
        // No program fails; what was promised to the people whose data it is does.
        (_, Sensitivity::Public) => (
            Kind::MadePublic,
            Hits::Everybody,
            both!(
                "字段 `{key}` 由{was_zh}改为{is_zh}：此后不需授权即可读取，列表中直接显示，读取不再记录。受影响的是数据所属的人，改之前须由主管部门决定",
                "`{key}` was {was} and becomes {is}: from now on anyone reads it without a grant, lists show it, and no reading is recorded. That breaks a promise to the people whose data it is, and the owner has to decide on it",
            ),
        ),
        _ => (Kind::SensitivityChanged, Hits::Nobody, message),
    };
    found.push(Found::new(kind, &[key], hits, message));
}

/// Collects what changes of one field's values.
struct Types<'a> {
    key: &'a FieldKey,
    found: &'a mut Vec<Found>,
}

impl Types<'_> {
    fn say(&mut self, kind: Kind, hits: Hits, message: Text) {
        self.found
            .push(Found::new(kind, &[self.key], hits, message));
    }

    fn narrowed(&mut self, message: Text) {
        self.say(Kind::Narrowed, Hits::Suppliers, message);
    }

    fn widened(&mut self, message: Text) {
        self.say(Kind::Widened, Hits::Readers, message);
    }

    /// A bound that leaves room on one side; `None` leaves all of it.
    fn bound<T: PartialOrd + std::fmt::Display>(
        &mut self,
        name: &str,
        old: Option<T>,
        new: Option<T>,
        is_less_room: impl Fn(&T, &T) -> bool,
    ) {
        self.bound_as(name, old, new, is_less_room, T::to_string);
    }

    fn bound_as<T: PartialOrd>(
        &mut self,
        name: &str,
        old: Option<T>,
        new: Option<T>,
        is_less_room: impl Fn(&T, &T) -> bool,
        word: impl Fn(&T) -> String,
    ) {
        if old == new {
            return;
        }
        let shown = |bound: &Option<T>| {
            let bound = bound.as_ref();
            bound.map_or_else(|| "—".to_owned(), &word)
        };
        let (key, was, is) = (self.key, shown(&old), shown(&new));
        let message = both!(
            "`{key}` 的 `{name}`：{was} → {is}",
            "`{name}` of `{key}`: {was} → {is}"
        );
        let narrower = match (&old, &new) {
            (Some(old), Some(new)) => is_less_room(old, new),
            (None, Some(_)) => true,
            (Some(_) | None, None) => false,
        };
        if narrower {
            self.narrowed(message);
        } else {
            self.widened(message);
        }
    }

    /// What may be chosen from; an empty set leaves everything open where `open` says so.
    fn choice(&mut self, name: &str, old: &BTreeSet<&str>, new: &BTreeSet<&str>, open: bool) {
        let key = self.key;
        if open && old.is_empty() != new.is_empty() {
            let all = quoted(&old.union(new).collect::<Vec<_>>());
            if new.is_empty() {
                let message = both!(
                    "`{key}` 的 `{name}` 不再限于 {all}",
                    "`{name}` of `{key}` is no longer bound to {all}"; all
                );
                self.widened(message);
            } else {
                let message = both!(
                    "`{key}` 的 `{name}` 只限于 {all}",
                    "`{name}` of `{key}` is bound to {all}"; all
                );
                self.narrowed(message);
            }
            return;
        }
        let gone: Vec<&&str> = old.difference(new).collect();
        let come: Vec<&&str> = new.difference(old).collect();
        if !gone.is_empty() {
            let gone = quoted(&gone);
            self.narrowed(both!(
                "`{key}` 的 `{name}` 去掉 {gone}",
                "`{name}` of `{key}` loses {gone}"; gone
            ));
        }
        if !come.is_empty() {
            let come = quoted(&come);
            self.widened(both!(
                "`{key}` 的 `{name}` 增加 {come}",
                "`{name}` of `{key}` gains {come}"; come
            ));
        }
    }
}

fn types(key: &FieldKey, old: &FieldType, new: &FieldType, found: &mut Vec<Found>) {
    let mut to = Types { key, found };
    match (old, new) {
        (FieldType::Text { max_chars: old }, FieldType::Text { max_chars: new }) => {
            to.bound("max_chars", Some(*old), Some(*new), |old, new| new < old);
        }
        (FieldType::Code { pattern: old }, FieldType::Code { pattern: new }) => {
            let text = |pattern: &Option<onething_plan::Pattern>| {
                pattern.as_ref().map(|pattern| pattern.as_str().to_owned())
            };
            match (text(old), text(new)) {
                (Some(old), Some(new)) if old != new => {
                    let message = both!(
                        "`{key}` 的格式：`{old}` → `{new}`",
                        "the form of `{key}`: `{old}` → `{new}`"
                    );
                    to.say(Kind::FormChanged, Hits::Everybody, message);
                }
                (None, Some(new)) => {
                    to.narrowed(both!(
                        "`{key}` 须符合格式 `{new}`",
                        "`{key}` has to have the form `{new}`"
                    ));
                }
                (Some(old), None) => {
                    to.widened(both!(
                        "`{key}` 不再限于格式 `{old}`",
                        "`{key}` is no longer bound to the form `{old}`"
                    ));
                }
                (Some(_), Some(_)) | (None, None) => {}
            }
        }
        (
            FieldType::Number {
                min: old_min,
                max: old_max,
                whole: old_whole,
                unit: old_unit,
            },
            FieldType::Number {
                min,
                max,
                whole,
                unit,
            },
        ) => {
            to.bound("min", *old_min, *min, |old, new| new > old);
            to.bound("max", *old_max, *max, |old, new| new < old);
            if *whole && !*old_whole {
                to.narrowed(both!(
                    "`{key}` 只能是整数",
                    "`{key}` has to be a whole number"
                ));
            }
            if *old_whole && !*whole {
                to.widened(both!(
                    "`{key}` 可以不是整数",
                    "`{key}` need not be a whole number"
                ));
            }
            if old_unit != unit {
                let shown = |unit: &Option<String>| unit.clone().unwrap_or_else(|| "—".to_owned());
                let (was, is) = (shown(old_unit), shown(unit));
                let message = both!(
                    "`{key}` 的单位：{was} → {is}",
                    "the unit of `{key}`: {was} → {is}"
                );
                to.say(Kind::UnitChanged, Hits::Everybody, message);
            }
        }
        (FieldType::Choice { options: old }, FieldType::Choice { options: new }) => {
            let before: BTreeSet<&str> = old.iter().map(|(key, _)| key.as_str()).collect();
            let after: BTreeSet<&str> = new.iter().map(|(key, _)| key.as_str()).collect();
            to.choice("options", &before, &after, false);
            let title_of = |options: &[(String, Text)], key: &str| {
                let found = options.iter().find(|(option, _)| option == key);
                found.map(|(_, title)| title.clone())
            };
            let reworded = before
                .intersection(&after)
                .any(|option| title_of(old, option) != title_of(new, option));
            if reworded {
                let message = both!(
                    "`{key}` 的选项标题改变",
                    "titles of options of `{key}` change"
                );
                to.say(Kind::WordingChanged, Hits::Nobody, message);
            }
        }
        (
            FieldType::Document {
                accepts: old_accepts,
                max_bytes: old_bytes,
            },
            FieldType::Document { accepts, max_bytes },
        ) => {
            let all: Vec<&str> = old_accepts
                .iter()
                .chain(accepts)
                .map(String::as_str)
                .collect();
            // Two names of one type are one: who hands a document in under either is right.
            let first_name = |name: &String| {
                let mut all = all.iter().copied();
                all.find(|known| same_kind(known, name)).unwrap_or_default()
            };
            let before: BTreeSet<&str> = old_accepts.iter().map(first_name).collect();
            let after: BTreeSet<&str> = accepts.iter().map(first_name).collect();
            to.choice("accepts", &before, &after, true);
            let (old, new) = (Some(*old_bytes), Some(*max_bytes));
            let size = |bytes: &u64| crate::yaml::scalar::size_in_words(*bytes);
            to.bound_as("up_to", old, new, |old, new| new < old, size);
        }
        (old, new) => {
            let (was, is) = (word(old), word(new));
            if was != is {
                let message = both!(
                    "`{key}` 的类型：{was} → {is}",
                    "the type of `{key}`: {was} → {is}"
                );
                to.say(Kind::TypeChanged, Hits::Everybody, message);
            }
        }
    }
}

/// The word of a type in contracts.
fn word(kind: &FieldType) -> &'static str {
    let kind = match kind {
        FieldType::Text { .. } => FieldKind::Text,
        FieldType::Code { .. } => FieldKind::Code,
        FieldType::Number { .. } => FieldKind::Number,
        FieldType::YesNo => FieldKind::YesNo,
        FieldType::Date => FieldKind::Date,
        FieldType::Money => FieldKind::Money,
        FieldType::Choice { .. } => FieldKind::Choice,
        FieldType::Address => FieldKind::Address,
        FieldType::IdentityNumber => FieldKind::IdentityNumber,
        FieldType::CreditCode => FieldKind::CreditCode,
        FieldType::Phone => FieldKind::Phone,
        FieldType::Document { .. } => FieldKind::Document,
    };
    FieldKind::WORDS[kind as usize].word
}
