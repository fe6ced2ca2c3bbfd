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

/// Whether one limit is longer than another; `None` when they cannot be compared.
fn longer(one: Limit, other: Limit) -> Option<bool> {
    match (one, other) {
        (Limit::WorkingDays { thousandths: a }, Limit::WorkingDays { thousandths: b })
        | (Limit::CalendarDays { thousandths: a }, Limit::CalendarDays { thousandths: b }) => {
            Some(a > b)
        }
        (Limit::Clock(a), Limit::Clock(b)) => Some(a > b),
        (Limit::WorkingDays { .. } | Limit::CalendarDays { .. } | Limit::Clock(_), _) => None,
    }
}
