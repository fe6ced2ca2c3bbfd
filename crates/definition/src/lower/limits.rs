//! Statutory and promised limits.

use onething_model::Limit;
use onething_plan::Limits;

use super::Cx;
use crate::diagnostic::{Code, Diagnostic, both};
use crate::syntax::step::LimitDef;
use crate::yaml::read::Spanned;

/// Both kinds of limit; the promise may not be longer than the law.
pub(crate) fn limits(cx: &mut Cx<'_>, written: Option<&Spanned<LimitDef>>, field: &str) -> Limits {
    let Some(written) = written else {
        return Limits::default();
    };
    let def = match &written.value {
        LimitDef::Promised(limit) => {
            return Limits {
                promised: Some(*limit),
                ..Limits::default()
            };
        }
        LimitDef::Both(def) => def,
    };
    if let (Some(statutory), Some(promised)) = (def.statutory, def.promised) {
        let (law, promise) = (statutory.value, promised.value);
        match longer(promise, law) {
            Some(true) => cx.report(
                Diagnostic::new(
                    Code::PromiseBeyondLaw,
                    promised.span,
                    both!(
                        "承诺时限 {promise} 长于法定时限 {law}",
                        "the promised limit {promise} is longer than the statutory {law}",
                    ),
                )
                .field(field)
                .related(statutory.span, both!("法定时限", "the statutory limit"))
                .help(both!(
                    "承诺时限应当不长于法定时限",
                    "promise at most what the law allows",
                )),
            ),
            Some(false) => {}
            None => cx.report(
                Diagnostic::new(
                    Code::MixedLimits,
                    promised.span,
                    both!(
                        "承诺时限和法定时限的单位不同，无法比较",
                        "the promised and the statutory limit have units that cannot be compared",
                    ),
                )
                .field(field)
                .related(statutory.span, both!("法定时限", "the statutory limit"))
                .why(both!(
                    "工作日和自然日不能换算",
                    "working days and calendar days are never converted",
                ))
                .help(both!("用同一种单位", "use one unit for both")),
            ),
        }
    }
    if let Some(statutory) = def.statutory
        && def.basis.is_none()
    {
        cx.report(
            Diagnostic::new(
                Code::LimitWithoutBasis,
                statutory.span,
                both!(
                    "法定时限没有写明依据",
                    "the statutory limit does not name its basis",
                ),
            )
            .field(field)
            .help(both!(
                "补上 `basis: 法规名称 第…条`",
                "add `basis:` with the law and article",
            )),
        );
    }
    Limits {
        statutory: def.statutory.map(|limit| limit.value),
        promised: def.promised.map(|limit| limit.value),
        basis: def.basis.as_ref().map(|basis| basis.value.clone()),
    }
}

/// The limits that held in the old way: what is stated of it, and what is not as it is today.
/// Where the two cannot both have held, since the promise would be longer than the law or of
/// another unit, the law has changed since: what is stated stands alone.
pub(crate) fn as_it_was(stated: Limits, today: &Limits) -> Limits {
    let agree = |promised: Option<Limit>, statutory: Option<Limit>| {
        let both = promised.zip(statutory);
        both.is_none_or(|(promise, law)| longer(promise, law) == Some(false))
    };
    let held = agree(stated.promised, today.statutory) || stated.statutory.is_some();
    let law = today.statutory.filter(|_| held);
    let promise = today.promised;
    let promise = promise.filter(|_| agree(promise, stated.statutory));
    Limits {
        statutory: stated.statutory.or(law),
        promised: stated.promised.or(promise),
        basis: stated
            .basis
            .or_else(|| today.basis.clone().filter(|_| held)),
    }
}

/// Whether one limit is longer than another; `None` when they cannot be compared.
pub(crate) fn longer(one: Limit, other: Limit) -> Option<bool> {
    match (one, other) {
        (Limit::WorkingDays { thousandths: a }, Limit::WorkingDays { thousandths: b })
        | (Limit::CalendarDays { thousandths: a }, Limit::CalendarDays { thousandths: b }) => {
            Some(a > b)
        }
        (Limit::Clock(a), Limit::Clock(b)) => Some(a > b),
        (Limit::WorkingDays { .. } | Limit::CalendarDays { .. } | Limit::Clock(_), _) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `statutory/promised/basis`, each of them a dash where there is none.
    fn read(text: &str) -> Limits {
        let mut parts = text.split('/');
        let mut part = || parts.next().filter(|part| *part != "-");
        Limits {
            statutory: part().map(|limit| limit.parse().unwrap()),
            promised: part().map(|limit| limit.parse().unwrap()),
            basis: part().map(str::to_owned),
        }
    }

    #[test]
    fn what_is_not_stated_of_the_old_way_is_as_it_is_today_unless_both_cannot_have_held() {
        for (stated, today, was) in [
            ("-/-/-", "10wd/5wd/law", "10wd/5wd/law"),
            ("-/8wd/-", "10wd/5wd/law", "10wd/8wd/law"),
            ("-/10wd/-", "10wd/5wd/law", "10wd/10wd/law"),
            ("-/15wd/-", "10wd/5wd/law", "-/15wd/-"),
            ("-/15wd/old", "10wd/5wd/law", "-/15wd/old"),
            ("-/15d/-", "10wd/5wd/law", "-/15d/-"),
            ("20wd/15wd/old", "10wd/5wd/law", "20wd/15wd/old"),
            ("20wd/-/old", "10wd/5wd/law", "20wd/5wd/old"),
            ("3wd/-/old", "10wd/5wd/law", "3wd/-/old"),
            ("30d/-/old", "10wd/5wd/law", "30d/-/old"),
            ("-/15wd/-", "-/5wd/-", "-/15wd/-"),
            ("-/15wd/-", "-/-/-", "-/15wd/-"),
        ] {
            let made = as_it_was(read(stated), &read(today));
            assert_eq!(made, read(was), "{stated} over {today}");
        }
    }
}
