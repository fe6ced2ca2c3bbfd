//! The order of registries, where it decides: of those that give the same field the
//! first is asked, and of those that need what the others give the first is asked with
//! what the applicant has to state.

use std::collections::BTreeSet;

use onething_model::{FieldKey, RegistryKey, Text};

use super::Kind;
use super::compare::Found;
use super::read::{Contract, Provider};
use super::usage::Hits;
use crate::diagnostic::both;

/// Reports registries that change places although their order decides.
pub(super) fn order(old: &Contract, new: &Contract, found: &mut Vec<Found>) {
    let place = |contract: &Contract, registry: &RegistryKey| {
        let mut all = contract.providers.iter();
        all.position(|provider| provider.registry == *registry)
    };
    // In the old order, with their places in the new one.
    let kept: Vec<(usize, usize)> = old
        .providers
        .iter()
        .enumerate()
        .filter_map(|(was, provider)| Some((was, place(new, &provider.registry)?)))
        .collect();
    let mut moved: BTreeSet<(usize, usize)> = BTreeSet::new();
    for (at, first) in kept.iter().enumerate() {
        for second in &kept[at + 1..] {
            let exchanged = second.1 < first.1;
            if exchanged
                && decides(&old.providers, first.0, second.0)
                && decides(&new.providers, first.1, second.1)
            {
                moved.extend([*first, *second]);
            }
        }
    }
    if moved.is_empty() {
        return;
    }
    let fields: BTreeSet<&FieldKey> = moved
        .iter()
        .flat_map(|(was, is)| [&old.providers[*was], &new.providers[*is]])
        .flat_map(|provider| &provider.gives)
        .collect();
    let fields: Vec<&FieldKey> = fields.into_iter().collect();
    let names = |places: BTreeSet<usize>, of: &Contract| {
        let places = places.into_iter();
        Text::list(places.map(|at| format!("`{}`", of.providers[at].registry)))
    };
    let was = names(moved.iter().map(|(was, _)| *was).collect(), old);
    let is = names(moved.iter().map(|(_, is)| *is).collect(), new);
    found.push(Found::new(
        Kind::ProvidersReordered,
        &fields,
        Hits::Everybody,
        both!(
            "数据库的先后：{was} → {is}。先查哪一个，由此决定数据从哪里来、申请人要填写什么",
            "the order of registries: {was} → {is}; which is asked first decides where data comes from and what the applicant is asked for"; was, is
        ),
    ));
}

/// Whether it matters which of two registries comes first: both give the same field, or
/// one needs, through others or not, what the other gives, and neither can be asked
/// before some circle of registries that give each other's keys is cut. Without a circle
/// the one that needs the other is asked later wherever it stands.
fn decides(all: &[Provider], one: usize, other: usize) -> bool {
    let same = all[one]
        .gives
        .iter()
        .any(|field| all[other].gives.contains(field));
    let dependent = || leads(all, one, other) || leads(all, other, one);
    let behind_a_circle = || {
        (0..all.len())
            .any(|at| leads(all, at, at) && (leads(all, at, one) || leads(all, at, other)))
    };
    same || (dependent() && behind_a_circle())
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
