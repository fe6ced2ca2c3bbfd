//! The order of registries, where it decides: of those that give the same field the
//! first is asked, and of those that need what the others give the first is asked with
//! what the applicant has to state.

use std::collections::BTreeSet;

use onething_model::{FieldKey, RegistryKey};

use super::Kind;
use super::compare::Found;
use super::names::{Names, listed};
use super::read::{Contract, Provider};
use super::usage::Hits;
use crate::diagnostic::{both, quoted};

/// A registry that is asked before another one, and a field that may so come of the first.
type Precedence<'a> = (&'a RegistryKey, &'a RegistryKey, &'a FieldKey);

/// Reports registries that come before others that gave a field already, be it that they
/// change places, are new or begin to give it.
pub(super) fn order(old: &Contract, new: &Contract, called: &Names, found: &mut Vec<Found>) {
    let gave = |registry: &RegistryKey, field: &FieldKey| {
        let mut all = old.providers.iter();
        all.any(|one| one.registry == *registry && one.gives.contains(field))
    };
    let before = precedences(&old.providers);
    let changed: Vec<Precedence<'_>> = precedences(&new.providers)
        .into_iter()
        .filter(|one @ (_, later, field)| !before.contains(one) && gave(later, field))
        .collect();
    if changed.is_empty() {
        return;
    }
    let registries: BTreeSet<&RegistryKey> = changed
        .iter()
        .flat_map(|(first, later, _)| [*first, *later])
        .collect();
    let concerned = |provider: &&Provider| registries.contains(&provider.registry);
    let names = |of: &Contract| {
        let all = of.providers.iter().filter(concerned);
        listed(all.map(|provider| called.registry_listed(&provider.registry)))
    };
    let fields: BTreeSet<&FieldKey> = changed
        .iter()
        .flat_map(|one| moved_by(*one, &new.providers))
        .collect();
    let fields: Vec<&FieldKey> = fields.into_iter().collect();
    let (was, is) = (names(old), names(new));
    let message = if was == is {
        let list = quoted(&fields);
        both!(
            "数据库的先后仍为：{is}，但从此决定 {list} 从哪里来：先查哪一个，由此决定数据从哪里来、申请人要填写什么",
            "the order of registries stays {is}, and decides from now on about {list}: which is asked first decides where data comes from and what the applicant is asked for"; is, list
        )
    } else {
        both!(
            "数据库的先后：{was} → {is}。先查哪一个，由此决定数据从哪里来、申请人要填写什么",
            "the order of registries: {was} → {is}; which is asked first decides where data comes from and what the applicant is asked for"; was, is
        )
    };
    found.push(Found::new(
        Kind::ProvidersReordered,
        &fields,
        Hits::Of(registries.into_iter().cloned().collect()),
        message,
    ));
}

/// What may come of a registry, now that it is asked first: the field that both give, and in a
/// circle whatever either gives.
fn moved_by<'a>((first, later, field): Precedence<'a>, all: &'a [Provider]) -> Vec<&'a FieldKey> {
    let gives = |registry: &RegistryKey| {
        let mut all = all.iter();
        all.find(|one| one.registry == *registry)
            .map_or(&[][..], |one| &one.gives)
    };
    match gives(first).contains(field) {
        true => vec![field],
        false => gives(first).iter().chain(gives(later)).collect(),
    }
}

fn precedences(all: &[Provider]) -> BTreeSet<Precedence<'_>> {
    let mut found = BTreeSet::new();
    for (at, first) in all.iter().enumerate() {
        for (later_at, later) in all.iter().enumerate().skip(at + 1) {
            let same = |field: &&FieldKey| first.gives.contains(field);
            let whatever = in_a_circle(all, at, later_at);
            let decided = later.gives.iter().filter(|field| whatever || same(field));
            found.extend(decided.map(|field| (&first.registry, &later.registry, field)));
        }
    }
    found
}

/// Whether it matters which of two registries comes first, whatever they give: one needs,
/// through others or not, what the other gives, and neither can be asked before some circle
/// of registries that give each other's keys is cut. Without a circle the one that needs the
/// other is asked later wherever it stands.
fn in_a_circle(all: &[Provider], one: usize, other: usize) -> bool {
    let dependent = leads(all, one, other) || leads(all, other, one);
    let behind_a_circle = || {
        (0..all.len())
            .any(|at| leads(all, at, at) && (leads(all, at, one) || leads(all, at, other)))
    };
    dependent && behind_a_circle()
}

/// Whether what a registry gives leads to another: as its key, or as that of one that
/// leads to it.
fn leads(all: &[Provider], from: usize, to: usize) -> bool {
    let mut reached = vec![false; all.len()];
    let mut open = vec![from];
    while let Some(giver) = open.pop() {
        for (at, asked) in all.iter().enumerate() {
            let is_key = asked.with.iter().any(|key| all[giver].gives.contains(key));
            if is_key && !reached[at] {
                reached[at] = true;
                open.push(at);
            }
        }
    }
    reached[to]
}
