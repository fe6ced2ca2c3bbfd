//! Registries that change places.

use super::*;

/// What each of three registries is asked with and gives, the order in which they stand
/// then, and whether it matters.
pub(crate) type Order = ([(&'static str, &'static str); 3], [usize; 3], bool);

pub(crate) const ORDERS: &[Order] = &[
    // As before.
    (
        [("estate", "name"), ("name", "estate"), ("kind", "area")],
        [0, 1, 2],
        false,
    ),
    // A circle of two: the form asks for the key of the first.
    (
        [("estate", "name"), ("name", "estate"), ("kind", "area")],
        [1, 0, 2],
        true,
    ),
    // What stands outside of it does not matter.
    (
        [("estate", "name"), ("name", "estate"), ("kind", "area")],
        [2, 0, 1],
        false,
    ),
    // A circle of three.
    (
        [("estate", "name"), ("name", "kind"), ("kind", "estate")],
        [0, 2, 1],
        true,
    ),
    // One that needs what a circle gives: asked before it, the form asks for its key.
    (
        [("estate", "name"), ("name", "estate"), ("name", "area")],
        [2, 0, 1],
        true,
    ),
    // One that needs another is asked later wherever it stands.
    (
        [("estate", "name"), ("name", "kind"), ("kind", "area")],
        [2, 1, 0],
        false,
    ),
    // Two that give the same: the first is asked.
    (
        [("estate", "name"), ("kind", "name"), ("kind", "area")],
        [1, 0, 2],
        true,
    ),
    (
        [("estate", "name"), ("kind", "name"), ("kind", "area")],
        [0, 2, 1],
        false,
    ),
];

#[test]
fn registries_that_change_places_break_what_their_order_decides() {
    let at = BASE.find("  - { registry: estates").unwrap();
    let end = at + BASE[at..].find('\n').unwrap() + 1;
    for (registries, order, decides) in ORDERS {
        let written = |order: &[usize; 3]| {
            let one = |at: &usize| {
                let (with, gives) = registries[*at];
                format!(
                    "  - {{ registry: r{at}, department: urban, with: [{with}], gives: [{gives}], basis: 条例 }}\n"
                )
            };
            let mut text = BASE.to_owned();
            text.replace_range(at..end, &order.iter().map(one).collect::<String>());
            contracts(&text)
        };
        let found = diff(&written(&[0, 1, 2]), &written(order), None);
        let expected: &[&str] = match decides {
            true => &["providers-reordered"],
            false => &[],
        };
        assert_eq!(kinds(&found), expected, "{registries:?} {order:?}");
        assert_eq!(found.holds(), !decides, "{registries:?} {order:?}");
    }
}

/// A registry that comes before another one decides whether it moves there, is new there or
/// begins to give there what the other gives. What comes after it changes nothing.
#[test]
fn a_registry_that_comes_first_decides_whether_or_not_it_is_new() {
    // What registries are asked with and give, before and after; the kinds of changes.
    type Case<'a> = (&'a [Registry<'a>], &'a [Registry<'a>], &'a [&'a str]);
    type Registry<'a> = (&'a str, &'a str, &'a str);
    let table: [Case<'_>; 9] = [
        (
            &[("a", "estate", "name")],
            &[("b", "kind", "name"), ("a", "estate", "name")],
            &["providers-reordered", "provider-added"],
        ),
        (
            &[("a", "estate", "name")],
            &[("a", "estate", "name"), ("b", "kind", "name")],
            &["provider-added"],
        ),
        (
            &[("a", "estate", "name")],
            &[("b", "estate", "area"), ("a", "estate", "name")],
            &["provider-added"],
        ),
        // It was first, and begins to give what the other gives.
        (
            &[("b", "kind", "area"), ("a", "estate", "name")],
            &[("b", "kind", "area, name"), ("a", "estate", "name")],
            &["providers-reordered", "gives-more"],
        ),
        // The other one begins, and is asked for nothing.
        (
            &[("a", "estate", "name"), ("b", "kind", "area")],
            &[("a", "estate", "name"), ("b", "kind", "area, name")],
            &["gives-more"],
        ),
        // It moves before the other and begins to give that.
        (
            &[("a", "estate", "name"), ("b", "kind", "area")],
            &[("b", "kind", "area, name"), ("a", "estate", "name")],
            &["providers-reordered", "gives-more"],
        ),
        // What takes the place of one that goes is told as going.
        (
            &[("c", "kind", "name"), ("a", "estate", "name")],
            &[("a", "estate", "name")],
            &["provider-withdrawn"],
        ),
        // It makes a circle of keys: the applicant states the key of the first.
        (
            &[("a", "estate", "name")],
            &[("b", "name", "estate"), ("a", "estate", "name")],
            &["providers-reordered", "provider-added"],
        ),
        (
            &[("a", "estate", "name")],
            &[("a", "estate", "name"), ("b", "name", "estate")],
            &["provider-added"],
        ),
    ];
    let with = |registries: &[Registry<'_>]| {
        let at = BASE.find("  - { registry: estates").unwrap();
        let end = at + BASE[at..].find('\n').unwrap() + 1;
        let one = |(key, with, gives): &Registry<'_>| {
            format!(
                "  - {{ registry: {key}, department: urban, with: [{with}], gives: [{gives}], basis: 条例 }}\n"
            )
        };
        let mut text = BASE.to_owned();
        text.replace_range(at..end, &registries.iter().map(one).collect::<String>());
        contracts(&text)
    };
    for (before, after, expected) in table {
        let found = diff(&with(before), &with(after), None);
        assert_eq!(kinds(&found), expected, "{before:?} -> {after:?}");
        // What stays is not told as what changes.
        let order = |all: &[Registry<'_>]| {
            let names = all.iter().map(|(name, ..)| format!("`{name}`"));
            names.collect::<Vec<_>>().join(", ")
        };
        let (was, is) = (order(before), order(after));
        let expected = match was == is {
            true => {
                format!("the order of registries stays {is}, and decides from now on about `name`")
            }
            false => format!("the order of registries: {was} → {is};"),
        };
        let changes = found.contracts.iter().flat_map(|one| &one.changes);
        for change in changes.filter(|one| one.kind == Kind::ProvidersReordered) {
            let said = change.message.en();
            assert!(said.starts_with(&expected), "{said}\n{expected}");
        }
    }
}
