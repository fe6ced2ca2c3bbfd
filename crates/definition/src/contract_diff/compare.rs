//! The comparison of contracts, and what their versions have to say.

use std::collections::BTreeSet;

use onething_model::{FieldKey, Text};

use super::fields::{compare_field, derivation, same_type};
use super::grants::grants;
use super::names::Names;
use super::order::order;
use super::providers::providers;
use super::read::{Contract, Contracts};
use super::usage::{Hits, Usage};
use super::{Affected, Bump, Change, Concerned, ContractDiff, Diff, Kind, Version};
use crate::diagnostic::{both, quoted};
use crate::lower::contract::FieldEntry;

/// A change, and whom it hits.
pub(super) struct Found {
    pub(super) kind: Kind,
    pub(super) fields: Vec<FieldKey>,
    pub(super) message: Text,
    pub(super) hits: Hits,
}

impl Found {
    pub(super) fn new(kind: Kind, fields: &[&FieldKey], hits: Hits, message: Text) -> Self {
        Self {
            kind,
            fields: fields.iter().map(|key| (*key).clone()).collect(),
            message,
            hits,
        }
    }
}

/// Compares two sets of contracts, by name. With the [`Usage`] of a tree, each
/// change that breaks names the steps it breaks.
#[must_use]
pub fn diff(old: &Contracts, new: &Contracts, usage: Option<&Usage>) -> Diff {
    let mut names = usage.map_or_else(Names::default, |usage| usage.names.clone());
    names.add_contracts(old);
    names.add_contracts(new);
    let all: BTreeSet<&String> = old.by_name.keys().chain(new.by_name.keys()).collect();
    let mut contracts = Vec::new();
    let mut unchanged = 0;
    for name in all {
        let (before, after) = (old.by_name.get(name), new.by_name.get(name));
        let found = match (before, after) {
            (Some(before), Some(after)) => compare(before, after, &names),
            (Some(before), None) => vec![removed(name, before)],
            (None, _) => vec![Found::new(
                Kind::ContractAdded,
                &[],
                Hits::Nobody,
                both!("新增数据约定 `{name}`", "the contract `{name}` is new"),
            )],
        };
        let one = one(name, before, after, found, usage);
        if one.changes.is_empty() && one.old == one.new {
            unchanged += 1;
        } else {
            contracts.push(one);
        }
    }
    Diff {
        breaking: contracts.iter().any(|one| one.needed == Bump::Major),
        contracts,
        unchanged,
        looked_at: usage.map(|usage| usage.services.clone()),
        not_readable: usage.map_or_else(Vec::new, |usage| usage.not_readable.clone()),
        newly: None,
        asked_anew: None,
        moved: None,
        names,
    }
}

fn one(
    name: &str,
    before: Option<&Contract>,
    after: Option<&Contract>,
    found: Vec<Found>,
    usage: Option<&Usage>,
) -> ContractDiff {
    let changes: Vec<Change> = found
        .into_iter()
        .map(|found| {
            let hit = |usage: &Usage| usage.hit(name, &found.fields, &found.hits);
            Change {
                kind: found.kind,
                bump: found.kind.bump(),
                affected: usage.map_or_else(Vec::new, hit),
                fields: found.fields,
                message: found.message,
            }
        })
        .collect();
    let version = |contract: Option<&Contract>| contract.and_then(|contract| contract.version);
    let (old, new) = (version(before), version(after));
    let mut one = ContractDiff {
        contract: name.to_owned(),
        title: after
            .or(before)
            .map(|contract| contract.title.clone())
            .unwrap_or_default(),
        old,
        new,
        needed: Bump::None,
        lowest: None,
        concerned: Concerned::default(),
        // Nobody kept to a contract that is new, and one that is gone has no version.
        holds: before.is_none(),
        changes,
    };
    settle(&mut one);
    one
}

/// What the changes come to: what breaks first, which number has to rise, and whether it does.
pub(super) fn settle(one: &mut ContractDiff) {
    one.changes
        .sort_by_key(|change| (std::cmp::Reverse(change.bump), change.kind));
    let bumps = one.changes.iter().map(|change| change.bump);
    one.needed = bumps.max().unwrap_or(Bump::None);
    let breaking = one.changes.iter().filter(|change| change.is_breaking());
    for affected in breaking.flat_map(|change| &change.affected) {
        let Affected {
            service,
            department,
            ..
        } = affected;
        one.concerned.services.insert(service.to_string());
        one.concerned.departments.extend(department.clone());
    }
    // A contract that is there only once has no two versions to compare.
    if let (Some(old), Some(new)) = (one.old, one.new) {
        let lowest = raised(old, one.needed);
        one.lowest = Some(lowest);
        one.holds = new >= lowest;
    }
}

/// The lowest version after `old` that says that this much changed.
fn raised(old: Version, needed: Bump) -> Version {
    let Version {
        major,
        minor,
        patch,
    } = old;
    // Before 1.0.0 nothing is settled: the second number stands for the first.
    let bump = match needed {
        Bump::Major if major == 0 => Bump::Minor,
        Bump::Minor if major == 0 => Bump::Patch,
        other => other,
    };
    match bump {
        Bump::None => old,
        Bump::Patch => Version {
            patch: patch.saturating_add(1),
            ..old
        },
        Bump::Minor => Version {
            minor: minor.saturating_add(1),
            patch: 0,
            ..old
        },
        Bump::Major => Version {
            major: major.saturating_add(1),
            minor: 0,
            patch: 0,
        },
    }
}

fn removed(name: &str, contract: &Contract) -> Found {
    let fields: Vec<&FieldKey> = contract.fields.iter().map(|field| &field.key).collect();
    let message = both!("删除数据约定 `{name}`", "the contract `{name}` is removed");
    Found::new(Kind::ContractRemoved, &fields, Hits::Everybody, message)
}

fn compare(old: &Contract, new: &Contract, names: &Names) -> Vec<Found> {
    let mut found = Vec::new();
    for before in &old.fields {
        let key = &before.key;
        let Some(after) = new.field(key) else {
            let renamed = renamed(before, old, new);
            let renamed = renamed.map_or_else(Text::default, |to| {
                both!(
                    "；新字段 `{to}` 的标题和类型与它相同，可能是改名",
                    "; the new field `{to}` has the same title and type, and may be what it is called now",
                )
            });
            found.push(Found::new(
                Kind::FieldRemoved,
                &[key],
                Hits::Everybody,
                both!(
                    "删除字段 `{key}`{renamed}",
                    "the field `{key}` is removed{renamed}"; renamed
                ),
            ));
            continue;
        };
        compare_field(before, after, &mut found);
        found.extend(derivation((old, before), (new, after)));
    }
    for after in &new.fields {
        let key = &after.key;
        if old.field(key).is_none() {
            found.push(Found::new(
                Kind::FieldAdded,
                &[key],
                Hits::Nobody,
                both!("新增字段 `{key}`", "the field `{key}` is added"),
            ));
        }
    }
    grants(old, new, names, &mut found);
    providers(old, new, names, &mut found);
    order(old, new, names, &mut found);
    identity(old, new, &mut found);
    if old.owner != new.owner {
        let name = |contract: &Contract| {
            let owner = contract.owner.as_ref();
            owner.map_or_else(|| Text::list(["—"]), |key| names.department_listed(key))
        };
        let (before, after) = (name(old), name(new));
        found.push(Found::new(
            Kind::ResponsibilityChanged,
            &[],
            Hits::Nobody,
            both!("主管部门：{before} → {after}", "owner: {before} → {after}"; before, after),
        ));
    }
    if old.title != new.title {
        found.push(Found::new(
            Kind::WordingChanged,
            &[],
            Hits::Nobody,
            both!("数据约定的标题改变", "the contract's title changes"),
        ));
    }
    found
}

/// The only new field that says the same as one that is gone.
fn renamed<'a>(gone: &FieldEntry, old: &Contract, new: &'a Contract) -> Option<&'a FieldKey> {
    let is_new = |field: &&FieldEntry| old.field(&field.key).is_none();
    let says_the_same = |field: &&FieldEntry| field.title == gone.title && same_type(gone, field);
    let mut found = new.fields.iter().filter(is_new).filter(says_the_same);
    let first = found.next()?;
    found.next().is_none().then_some(&first.key)
}

fn identity(old: &Contract, new: &Contract, found: &mut Vec<Found>) {
    let set = |contract: &Contract| -> BTreeSet<FieldKey> {
        contract.identified_by.iter().cloned().collect()
    };
    let (before, after) = (set(old), set(new));
    if before == after {
        return;
    }
    let fields: Vec<&FieldKey> = before.symmetric_difference(&after).collect();
    let list = |set: &BTreeSet<FieldKey>| match set.is_empty() {
        true => Text::list(["—"]),
        false => quoted(set),
    };
    let (was, is) = (list(&before), list(&after));
    found.push(Found::new(
        Kind::IdentityChanged,
        &fields,
        Hits::Everybody,
        both!(
            "确定对象的字段：{was} → {is}",
            "what identifies a subject: {was} → {is}"; was, is
        ),
    ));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lowest_version_that_says_so() {
        use Bump::{Major, Minor, None, Patch};
        let table = [
            ("1.2.3", None, "1.2.3"),
            ("1.2.3", Patch, "1.2.4"),
            ("1.2.3", Minor, "1.3.0"),
            ("1.2.3", Major, "2.0.0"),
            ("0.2.3", Major, "0.3.0"),
            ("0.2.3", Minor, "0.2.4"),
            ("0.2.3", Patch, "0.2.4"),
        ];
        for (old, needed, lowest) in table {
            let raised = raised(old.parse().unwrap(), needed);
            assert_eq!(raised.to_string(), lowest, "{old} {needed:?}");
        }
    }
}
