//! Registries: what they give, what they need, how fresh their answers are.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use onething_model::{FieldKey, Limit, Text};

use super::Kind;
use super::compare::Found;
use super::names::{Names, spaced};
use super::read::{Contract, Provider};
use super::usage::Hits;
use crate::diagnostic::{both, quoted};

pub(super) fn providers(old: &Contract, new: &Contract, names: &Names, found: &mut Vec<Found>) {
    for before in &old.providers {
        let registry = &before.registry;
        let Some(after) = new.providers.iter().find(|new| new.registry == *registry) else {
            let fields: Vec<&FieldKey> = before.gives.iter().collect();
            let (list, called) = (quoted(&fields), spaced(names.registry_at(registry)));
            found.push(Found::new(
                Kind::ProviderWithdrawn,
                &fields,
                Hits::Of(vec![registry.clone()]),
                both!(
                    "{called}不再提供 {list}",
                    "{called} no longer gives {list}"; called, list
                ),
            ));
            continue;
        };
        compare((before, after), new, names, found);
    }
    for after in &new.providers {
        let registry = &after.registry;
        if old.providers.iter().all(|old| old.registry != *registry) {
            let fields: Vec<&FieldKey> = after.gives.iter().collect();
            let (list, called) = (quoted(&fields), spaced(names.registry_at(registry)));
            let whose = after.department.as_ref();
            let whose = whose.map(|key| names.department_at(key));
            let called = match whose.map(spaced) {
                Some(whose) => both!("{whose}的{called}", "{called} of {whose}"; whose, called),
                None => called,
            };
            found.push(Found::new(
                Kind::ProviderAdded,
                &fields,
                Hits::Askers,
                both!(
                    "{called}可以提供 {list}",
                    "{called} gives {list}"; called, list
                ),
            ));
        }
    }
}

/// What one list has and the other has not, in the order of names.
fn but<'a>(of: &'a [FieldKey], without: &[FieldKey]) -> Vec<&'a FieldKey> {
    let left: BTreeSet<&FieldKey> = of.iter().filter(|key| !without.contains(key)).collect();
    left.into_iter().collect()
}

fn compare(
    (old, new): (&Provider, &Provider),
    to: &Contract,
    names: &Names,
    found: &mut Vec<Found>,
) {
    let registry = &old.registry;
    let called = spaced(names.registry_at(registry));
    let mut say = |kind, fields: &[&FieldKey], hits, message| {
        found.push(Found::new(kind, fields, hits, message));
    };
    let all: Vec<&FieldKey> = new.gives.iter().collect();

    let mut less = but(&old.gives, &new.gives);
    // Nobody gives a field that is gone, and that is told.
    less.retain(|field| to.field(field).is_some());
    if !less.is_empty() {
        let list = quoted(&less);
        let message = both!(
            "{called}不再提供 {list}",
            "{called} no longer gives {list}"; called, list
        );
        say(
            Kind::GivesLess,
            &less,
            Hits::Of(vec![registry.clone()]),
            message,
        );
    }
    let more = but(&new.gives, &old.gives);
    if !more.is_empty() {
        let list = quoted(&more);
        let message = both!(
            "{called}还提供 {list}",
            "{called} gives {list} as well"; called, list
        );
        say(Kind::GivesMore, &more, Hits::Askers, message);
    }
    let more = but(&new.with, &old.with);
    if !more.is_empty() {
        let list = quoted(&more);
        let message = both!(
            "查询{called}还需要 {list}",
            "a look-up in {called} needs {list} as well"; called, list
        );
        say(
            Kind::NeedsMore,
            &all,
            Hits::Of(vec![registry.clone()]),
            message,
        );
    }
    let less = but(&old.with, &new.with);
    if !less.is_empty() {
        let list = quoted(&less);
        let message = both!(
            "查询{called}不再需要 {list}",
            "a look-up in {called} no longer needs {list}"; called, list
        );
        say(Kind::NeedsLess, &less, Hits::Nobody, message);
    }
    if old.fresh != new.fresh {
        let shown =
            |fresh: &Option<Limit>| fresh.map_or_else(|| "—".to_owned(), |fresh| fresh.to_string());
        let (was, is) = (shown(&old.fresh), shown(&new.fresh));
        let message = || {
            both!(
                "{called}的数据最多可以有多旧：{was} → {is}",
                "how old answers of {called} may be: {was} → {is}"; called
            )
        };
        let of = || vec![registry.clone()];
        match freshness(old.fresh, new.fresh) {
            Freshness::Same => {}
            Freshness::Fresher => {
                let hits = Hits::LookUp(registry.clone());
                say(Kind::MustBeFresher, &all, hits, message());
            }
            Freshness::Older => say(Kind::MayBeOlder, &all, Hits::Of(of()), message()),
            // Who supplies may be too late, and who reads get what is too old.
            Freshness::NotComparable => {
                let message = message();
                let message = both!(
                    "{message}（工作日与自然日无法比较，可能更新也可能更旧）",
                    "{message} (working days and calendar days do not compare: it may be less or more)"; message
                );
                say(Kind::FreshnessChanged, &all, Hits::Of(of()), message);
            }
        }
    }
    if old.department != new.department {
        let name = |provider: &Provider| {
            let department = provider.department.as_ref();
            department.map_or_else(|| Text::list(["—"]), |key| names.department_listed(key))
        };
        let (was, is) = (name(old), name(new));
        // Who is told the keys, on the basis that the entry states, and who answers for
        // what they bring.
        let keys: Vec<&FieldKey> = new.with.iter().collect();
        let list = quoted(&keys);
        let message = match new.department {
            Some(_) => both!(
                "{called}的部门：{was} → {is}。此后查询条件（{list}）告知后者，由后者对查得的数据负责，依据须能适用",
                "the department of {called}: {was} → {is}; from now on the latter is told what is looked up with ({list}) and answers for what it gives, and the basis has to cover that"; called, was, is, list
            ),
            None => both!(
                "{called}的部门：{was} → {is}",
                "the department of {called}: {was} → {is}"; called, was, is
            ),
        };
        let concerned: Vec<&FieldKey> = new.with.iter().chain(&new.gives).collect();
        let hits = Hits::Of(vec![registry.clone()]);
        say(Kind::ResponsibilityChanged, &concerned, hits, message);
    }
    if old.basis.is_some() && new.basis.is_none() {
        // The look-up has nothing left to stand on.
        let message = both!(
            "查询{called}的依据不再写明",
            "the basis of look-ups in {called} is no longer stated"; called
        );
        let hits = Hits::Of(vec![registry.clone()]);
        say(Kind::BasisWithdrawn, &all, hits, message);
    } else if old.title != new.title || old.basis != new.basis {
        let message = both!(
            "{called}的标题或依据改变",
            "the title or basis of {called} changes"; called
        );
        say(Kind::WordingChanged, &[], Hits::Nobody, message);
    }
}

/// How old answers may be, against before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Freshness {
    Same,
    Fresher,
    Older,
    /// Working days against calendar days: neither is converted into the other.
    NotComparable,
}

fn freshness(old: Option<Limit>, new: Option<Limit>) -> Freshness {
    let ordered = |order: Ordering| match order {
        Ordering::Less => Freshness::Fresher,
        Ordering::Equal => Freshness::Same,
        Ordering::Greater => Freshness::Older,
    };
    match (old, new) {
        (None, None) => Freshness::Same,
        (None, Some(_)) => Freshness::Fresher,
        (Some(_), None) => Freshness::Older,
        (Some(old), Some(new)) => match (micros(old), micros(new)) {
            (Some(was), Some(is)) => ordered(is.cmp(&was)),
            _ => match (old, new) {
                (
                    Limit::WorkingDays { thousandths: was },
                    Limit::WorkingDays { thousandths: is },
                ) => ordered(is.cmp(&was)),
                _ => Freshness::NotComparable,
            },
        },
    }
}

/// The length on the wall's clock, in microseconds; working days have none.
fn micros(limit: Limit) -> Option<i128> {
    const MICROS_PER_THOUSANDTH_OF_A_DAY: i128 = 86_400_000;
    match limit {
        Limit::WorkingDays { .. } => None,
        Limit::CalendarDays { thousandths } => {
            Some(i128::from(thousandths) * MICROS_PER_THOUSANDTH_OF_A_DAY)
        }
        Limit::Clock(micros) => Some(i128::from(micros.0)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn freshness_compares_what_can_be_compared() {
        use Freshness::{Fresher, NotComparable, Older, Same};
        let table = [
            ("1d", "30d", Older),
            ("30d", "1d", Fresher),
            ("24h", "1d", Same),
            ("2h", "1d", Older),
            ("1wd", "2wd", Older),
            ("2wd", "1wd", Fresher),
            ("1wd", "1d", NotComparable),
            ("30d", "5wd", NotComparable),
        ];
        for (old, new, expected) in table {
            let limit = |text: &str| text.parse().ok();
            assert_eq!(freshness(limit(old), limit(new)), expected, "{old} {new}");
        }
        assert_eq!(freshness(None, "1d".parse().ok()), Fresher);
        assert_eq!(freshness("1d".parse().ok(), None), Older);
        assert_eq!(freshness(None, None), Same);
    }
}
