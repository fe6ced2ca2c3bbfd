//! Fields: types, sensitivity, wording, grants.

use std::collections::{BTreeMap, BTreeSet};

use onething_model::{DepartmentKey, FieldKey, Text};
use onething_plan::{FieldType, Sensitivity};

use super::Kind;
use super::compare::Found;
use super::read::Contract;
use super::usage::Hits;
use crate::diagnostic::both;
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
            Hits::Everybody,
            both!(
                "字段 `{key}` 改由 {is} 得出，原由 {was} 得出",
                "`{key}` is derived from {is}, not {was}",
            ),
        ),
        (None, Some(is)) => (
            Kind::DerivationAdded,
            Hits::Suppliers,
            both!("字段 `{key}` 由 {is} 得出", "`{key}` is derived from {is}"),
        ),
        (Some(was), None) => (
            Kind::DerivationWithdrawn,
            Hits::Readers,
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
        SensitivityWord::WORDS[at as usize].word
    };
    let (was, is) = (word(before), word(after));
    let message = both!(
        "字段 `{key}` 的敏感程度：{was} → {is}",
        "the sensitivity of `{key}`: {was} → {is}",
    );
    let (kind, hits, message) = match (before, after) {
        (Sensitivity::Public, _) => {
            let granted = new.grants.iter().map(|grant| grant.to.clone()).collect();
            (Kind::MadePersonal, Hits::ReadersBut(granted), message)
        }
        // No program fails; what was promised to the people whose data it is does.
        (_, Sensitivity::Public) => (
            Kind::MadePublic,
            Hits::Everybody,
            both!(
                "字段 `{key}` 由 {was} 改为 {is}：此后不需授权即可读取，列表中直接显示，读取不再记录。受影响的是数据所属的人，改之前须由主管部门决定",
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
        if old == new {
            return;
        }
        let shown = |bound: &Option<T>| {
            let bound = bound.as_ref();
            bound.map_or_else(|| "—".to_owned(), ToString::to_string)
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
        let list = |words: &mut dyn Iterator<Item = &&str>| {
            words
                .map(|word| format!("`{word}`"))
                .collect::<Vec<_>>()
                .join(", ")
        };
        if open && old.is_empty() != new.is_empty() {
            let all = list(&mut old.union(new));
            if new.is_empty() {
                let message = both!(
                    "`{key}` 的 `{name}` 不再限于 {all}",
                    "`{name}` of `{key}` is no longer bound to {all}"
                );
                self.widened(message);
            } else {
                let message = both!(
                    "`{key}` 的 `{name}` 只限于 {all}",
                    "`{name}` of `{key}` is bound to {all}"
                );
                self.narrowed(message);
            }
            return;
        }
        let (gone, come) = (
            list(&mut old.difference(new)),
            list(&mut new.difference(old)),
        );
        if !gone.is_empty() {
            self.narrowed(both!(
                "`{key}` 的 `{name}` 去掉 {gone}",
                "`{name}` of `{key}` loses {gone}"
            ));
        }
        if !come.is_empty() {
            self.widened(both!(
                "`{key}` 的 `{name}` 增加 {come}",
                "`{name}` of `{key}` gains {come}"
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
            let before: BTreeSet<&str> = old_accepts.iter().map(String::as_str).collect();
            let after: BTreeSet<&str> = accepts.iter().map(String::as_str).collect();
            to.choice("accepts", &before, &after, true);
            to.bound("up_to", Some(*old_bytes), Some(*max_bytes), |old, new| {
                new < old
            });
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

/// For which purposes departments read which fields.
type Rights = BTreeMap<(DepartmentKey, FieldKey), BTreeSet<String>>;

fn rights(contract: &Contract) -> Rights {
    let mut rights = Rights::new();
    for field in &contract.fields {
        for grant in &field.grants {
            rights
                .entry((grant.to.clone(), field.key.clone()))
                .or_default()
                .insert(grant.purpose.clone());
        }
    }
    rights
}

/// Whether steps of a department that could read a field without a choice have to make
/// one from now on. With its only grant, or while the field was public, a step need name
/// no purpose. Where it names several, for what it reads besides, one of them was granted
/// for this field: a further purpose, be it the third, may be another one of them.
fn has_to_say(
    was: &FieldEntry,
    had: Option<&BTreeSet<String>>,
    is: &FieldEntry,
    has: &BTreeSet<String>,
) -> bool {
    let without_a_choice = match had {
        _ if was.sensitivity == Sensitivity::Public => true,
        // A purpose that takes another's place is told as that.
        Some(had) => had.len() < has.len() && had.is_subset(has),
        // Nobody could read it.
        None => false,
    };
    without_a_choice && is.sensitivity != Sensitivity::Public && has.len() > 1
}

/// One entry per department and kind of change, with all its fields.
pub(super) fn grants(old: &Contract, new: &Contract, found: &mut Vec<Found>) {
    let (before, after) = (rights(old), rights(new));
    let mut changed: BTreeMap<(DepartmentKey, Kind), Vec<&FieldKey>> = BTreeMap::new();
    for ((department, field), purposes) in &before {
        // A field that is gone takes its grants along.
        let Some(entry) = new.field(field) else {
            continue;
        };
        let kept = after.get(&(department.clone(), field.clone()));
        let kind = match kept {
            Some(kept) if purposes.is_subset(kept) => continue,
            _ if entry.sensitivity == Sensitivity::Public => Kind::GrantNotNeeded,
            Some(_) => Kind::PurposeChanged,
            None => Kind::GrantWithdrawn,
        };
        let fields = changed.entry((department.clone(), kind)).or_default();
        fields.push(field);
    }
    for ((department, field), purposes) in &after {
        let had = before.get(&(department.clone(), field.clone()));
        // A purpose that takes another's place is told as that.
        let added = had.is_none_or(|had| had.is_subset(purposes) && had != purposes);
        // What is new comes with its grants.
        let (Some(was), Some(is)) = (old.field(field), new.field(field)) else {
            continue;
        };
        let kind = match has_to_say(was, had, is, purposes) {
            true => Kind::PurposeNeeded,
            false if added => Kind::GrantAdded,
            false => continue,
        };
        let fields = changed.entry((department.clone(), kind)).or_default();
        fields.push(field);
    }
    for ((department, kind), fields) in changed {
        let list = fields
            .iter()
            .map(|field| format!("`{field}`"))
            .collect::<Vec<_>>()
            .join(", ");
        let each = |rights: &Rights| -> BTreeMap<FieldKey, BTreeSet<String>> {
            let of = |field: &&FieldKey| {
                let purposes = rights.get(&(department.clone(), (*field).clone()))?;
                Some(((*field).clone(), purposes.clone()))
            };
            fields.iter().filter_map(of).collect()
        };
        let purposes = |rights: &Rights| -> String {
            let all: BTreeSet<String> = each(rights).into_values().flatten().collect();
            all.into_iter().collect::<Vec<_>>().join(", ")
        };
        let (was, is) = (purposes(&before), purposes(&after));
        let (hits, message) = match kind {
            Kind::GrantWithdrawn => (
                Hits::ReadersOf(department.clone()),
                both!(
                    "部门 `{department}` 不再有权读取 {list}（用途 {was}）",
                    "`{department}` may no longer read {list} (for {was})",
                ),
            ),
            Kind::PurposeChanged => (
                Hits::ReadersOf(department.clone()),
                both!(
                    "部门 `{department}` 读取 {list} 的用途：{was} → {is}",
                    "what `{department}` may read {list} for: {was} → {is}",
                ),
            ),
            Kind::PurposeNeeded => (
                Hits::Unsaid(department.clone(), each(&after)),
                both!(
                    "部门 `{department}` 可为几种用途读取 {list}（{is}）：没有写明用途或写明其中几种的环节不能再读取",
                    "`{department}` may read {list} for several purposes ({is}): a step that names none or several of them may no longer read it",
                ),
            ),
            Kind::GrantAdded => (
                Hits::Nobody,
                both!(
                    "部门 `{department}` 可以读取 {list}（用途 {is}）",
                    "`{department}` may read {list} (for {is})",
                ),
            ),
            _ => (
                Hits::Nobody,
                both!(
                    "撤销部门 `{department}` 对公开字段 {list} 的授权",
                    "the grant of {list}, which are public, to `{department}` is withdrawn",
                ),
            ),
        };
        found.push(Found::new(kind, &fields, hits, message));
    }
    bases(old, new, found);
}

/// Other legal bases for the same rights.
fn bases(old: &Contract, new: &Contract, found: &mut Vec<Found>) {
    let bases = |contract: &Contract| {
        let mut all: BTreeMap<(DepartmentKey, FieldKey, String), BTreeSet<String>> =
            BTreeMap::new();
        for field in &contract.fields {
            for grant in &field.grants {
                all.entry((grant.to.clone(), field.key.clone(), grant.purpose.clone()))
                    .or_default()
                    .insert(grant.basis.clone());
            }
        }
        all
    };
    let (before, after) = (bases(old), bases(new));
    let departments: BTreeSet<&DepartmentKey> = before
        .iter()
        .filter(|(right, was)| after.get(right).is_some_and(|is| is != *was))
        .map(|((department, ..), _)| department)
        .collect();
    for department in departments {
        found.push(Found::new(
            Kind::WordingChanged,
            &[],
            Hits::Nobody,
            both!(
                "部门 `{department}` 读取授权的依据改变",
                "the basis on which `{department}` reads changes",
            ),
        ));
    }
}
