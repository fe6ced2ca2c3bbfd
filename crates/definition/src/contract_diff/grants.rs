//! Grants: who may read what for which purposes, and whose reading a change takes away.

use std::collections::{BTreeMap, BTreeSet};

use onething_model::{DepartmentKey, FieldKey};
use onething_plan::Sensitivity;

use super::Kind;
use super::compare::Found;
use super::names::{Names, listed, spaced};
use super::read::Contract;
use super::usage::{Hits, Sight};
use crate::diagnostic::{both, quoted};
use crate::lower::contract::FieldEntry;

/// For which purposes departments may read which fields.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Rights {
    /// What anyone may read.
    public: BTreeSet<FieldKey>,
    granted: BTreeMap<(DepartmentKey, FieldKey), BTreeSet<String>>,
}

/// What one reading stands on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing<'a> {
    /// On nothing: it is no reading that a check lets through.
    None,
    /// On several grants: nothing says on which.
    Several,
    /// On the only grant that fits, which is for this purpose.
    For(&'a str),
    /// On none, since anyone may.
    Public,
}

impl Rights {
    pub(super) fn of<'a>(fields: impl IntoIterator<Item = &'a FieldEntry>) -> Self {
        let mut rights = Self::default();
        for field in fields {
            if field.sensitivity == Sensitivity::Public {
                rights.public.insert(field.key.clone());
            }
            for grant in &field.grants {
                let key = (grant.to.clone(), field.key.clone());
                let purposes = rights.granted.entry(key).or_default();
                purposes.insert(grant.purpose.clone());
            }
        }
        rights
    }

    fn purposes(&self, department: &DepartmentKey, field: &FieldKey) -> Option<&BTreeSet<String>> {
        self.granted.get(&(department.clone(), field.clone()))
    }

    /// What a step of a department reads a field on, that names these purposes.
    fn standing(
        &self,
        department: &DepartmentKey,
        field: &FieldKey,
        named: &[String],
    ) -> Standing<'_> {
        if self.public.contains(field) {
            return Standing::Public;
        }
        let granted = self.purposes(department, field).into_iter().flatten();
        let mut fitting = granted.filter(|purpose| named.is_empty() || named.contains(purpose));
        match (fitting.next(), fitting.next()) {
            (None, _) => Standing::None,
            (Some(only), None) => Standing::For(only),
            (Some(_), Some(_)) => Standing::Several,
        }
    }

    /// Whether anyone may read a field under these rights, and not under `others`.
    pub(super) fn is_closed_to_all(&self, others: &Self, field: &FieldKey) -> bool {
        self.public.contains(field) && !others.public.contains(field)
    }

    /// Whether a reading that stood on something under these rights stands on nothing, or
    /// on something else, under `others`: it is lost, or it is for another purpose.
    pub(super) fn is_lost(
        &self,
        others: &Self,
        department: &DepartmentKey,
        field: &FieldKey,
        named: &[String],
    ) -> bool {
        let was = self.standing(department, field, named);
        let is = others.standing(department, field, named);
        match (was, is) {
            (Standing::None | Standing::Several, _) | (_, Standing::Public) => false,
            (Standing::For(was), Standing::For(is)) => was != is,
            (Standing::Public, Standing::For(_)) => false,
            (Standing::For(_) | Standing::Public, Standing::None | Standing::Several) => true,
        }
    }
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

/// Whose grant changes how, and the purposes before and after, as far as they are told.
type Changed<'a> = (
    &'a DepartmentKey,
    Kind,
    Option<&'a BTreeSet<String>>,
    Option<&'a BTreeSet<String>>,
);

/// One entry per department and kind of change, with all fields that it is the same for.
pub(super) fn grants(old: &Contract, new: &Contract, names: &Names, found: &mut Vec<Found>) {
    let (before, after) = (Rights::of(&old.fields), Rights::of(&new.fields));
    let mut changed: BTreeMap<Changed<'_>, Vec<&FieldKey>> = BTreeMap::new();
    for ((department, field), purposes) in &before.granted {
        // A field that is gone takes its grants along.
        let Some(entry) = new.field(field) else {
            continue;
        };
        let kept = after.purposes(department, field);
        let (kind, was) = match kept {
            Some(kept) if purposes.is_subset(kept) => continue,
            _ if entry.sensitivity == Sensitivity::Public => (Kind::GrantNotNeeded, None),
            Some(_) => (Kind::PurposeChanged, Some(purposes)),
            None => (Kind::GrantWithdrawn, Some(purposes)),
        };
        let of = (department, kind, was, kept.filter(|_| was.is_some()));
        changed.entry(of).or_default().push(field);
    }
    for ((department, field), purposes) in &after.granted {
        let had = before.purposes(department, field);
        // A purpose that takes another's place is told as that.
        let added = had.is_none_or(|had| had.is_subset(purposes) && had != purposes);
        let Some(is) = new.field(field) else {
            continue;
        };
        let kind = match old.field(field) {
            Some(was) if has_to_say(was, had, is, purposes) => Kind::PurposeNeeded,
            Some(_) if added => Kind::GrantAdded,
            // A grant of all fields is one of a field that is new as well.
            None if is.sensitivity != Sensitivity::Public => Kind::GrantAdded,
            Some(_) | None => continue,
        };
        let of = (department, kind, None, Some(purposes));
        changed.entry(of).or_default().push(field);
    }
    for ((department, kind, was, is), fields) in changed {
        let list = quoted(&fields);
        let whose = spaced(names.department_at(department));
        let said = |purposes: Option<&BTreeSet<String>>| {
            let purposes = purposes.into_iter().flatten();
            listed(purposes.map(|purpose| names.purpose(purpose)))
        };
        let (was, is) = (said(was), said(is));
        let losing = || {
            Hits::Losing(Sight {
                of: Some(department.clone()),
                was: before.clone(),
                is: after.clone(),
            })
        };
        let (hits, message) = match kind {
            Kind::GrantWithdrawn => (
                losing(),
                both!(
                    "{whose}不再有权读取 {list}（用途：{was}）",
                    "{whose} may no longer read {list} (for {was})"; whose, list, was
                ),
            ),
            Kind::PurposeChanged => (
                losing(),
                both!(
                    "{whose}读取 {list} 的用途：{was} → {is}",
                    "what {whose} may read {list} for: {was} → {is}"; whose, list, was, is
                ),
            ),
            Kind::PurposeNeeded => (
                losing(),
                both!(
                    "{whose}可为几种用途读取 {list}（{is}）：没有写明用途或写明其中几种的环节不能再读取",
                    "{whose} may read {list} for several purposes ({is}): a step that names none or several of them may no longer read it"; whose, list, is
                ),
            ),
            Kind::GrantAdded => (
                Hits::Nobody,
                both!(
                    "{whose}可以读取 {list}（用途：{is}）",
                    "{whose} may read {list} (for {is})"; whose, list, is
                ),
            ),
            _ => (
                Hits::Nobody,
                both!(
                    "撤销{whose}对公开字段 {list} 的授权",
                    "the grant of {list}, which are public, to {whose} is withdrawn"; whose, list
                ),
            ),
        };
        found.push(Found::new(kind, &fields, hits, message));
    }
    bases(old, new, names, found);
}

/// Other legal bases for the same rights.
fn bases(old: &Contract, new: &Contract, names: &Names, found: &mut Vec<Found>) {
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
        let whose = spaced(names.department_at(department));
        found.push(Found::new(
            Kind::WordingChanged,
            &[],
            Hits::Nobody,
            both!(
                "{whose}读取授权的依据改变",
                "the basis on which {whose} reads changes"; whose
            ),
        ));
    }
}
