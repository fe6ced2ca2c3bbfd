//! Applicants of the workload whose answers the definition rules out are drawn again.

use std::sync::Arc;

use onething_lab::draw::Seed;
use onething_lab::setting::Setting;
use onething_model::{Calendar, Text};
use onething_plan::builder::PlanBuilder;
use onething_plan::workload::{AnswerMix, Arrivals, Figure, Origin, Workload};
use onething_plan::{Actor, Answer, Cond, Impossible, Plan, QuestionIx};

/// Two yes-no questions, of which both cannot be answered with yes.
fn plan(ruled: bool) -> Arc<Plan> {
    let mut b = PlanBuilder::new("answers");
    let (one, two) = (b.yes_no("one"), b.yes_no("two"));
    b.step("review", Actor::System);
    if ruled {
        b.plan_mut().impossible.push(Impossible {
            when: Cond::yes(one).and(Cond::yes(two)),
            because: Text::new("两者只能选一", "only one of them"),
        });
        b.plan_mut().reference.set(two, Some(Answer::YesNo(false)));
    }
    Arc::new(b.build())
}

fn workload(plan: &Plan, yes: f64) -> Workload {
    let figure = |value| Figure {
        value,
        origin: Origin::Assumed("a test".into()),
    };
    let shares = || {
        let shares = vec![
            (Answer::YesNo(true), yes),
            (Answer::YesNo(false), 1.0 - yes),
        ];
        figure(AnswerMix::Shares(shares))
    };
    Workload {
        arrivals: Some(Arrivals {
            per_year: 1_000.0,
            calendar: Arc::new(Calendar::round_the_clock()),
            origin: Origin::Assumed("a test".into()),
        }),
        answers: plan
            .questions
            .iter()
            .map(|question| (question.key.clone(), shares()))
            .collect(),
        ..Workload::default()
    }
}

/// How many of `cases` applicants answer (yes to one, yes to two) in each way.
fn drawn(plan: &Arc<Plan>, yes: f64, cases: u64) -> [u64; 4] {
    let setting = Setting::new(plan, &workload(plan, yes)).unwrap();
    let draws = Seed::new(7).replication(0);
    let mut counts = [0; 4];
    for case in 0..cases {
        let answers = setting.answers(draws.case(case));
        let yes = |at| usize::from(answers.get(QuestionIx(at)) == Some(&Answer::YesNo(true)));
        counts[2 * yes(0) + yes(1)] += 1;
    }
    counts
}

#[test]
fn shares_are_those_among_the_applicants_who_can_be() {
    let [neither, two, one, both] = drawn(&plan(true), 0.5, 6_000);
    assert_eq!(both, 0);
    // A third each: within four standard deviations of a binomial (36.5).
    for count in [neither, two, one] {
        assert!((2_000_i64 - count as i64).abs() < 4 * 37, "{count}");
    }
}

#[test]
fn who_can_be_is_drawn_as_without_rules() {
    let (ruled, free) = (plan(true), plan(false));
    let draws = |plan: &Arc<Plan>| Setting::new(plan, &workload(plan, 0.5)).unwrap();
    let (ruled, free) = (draws(&ruled), draws(&free));
    let replication = Seed::new(7).replication(0);
    for case in 0..500 {
        let wanted = free.answers(replication.case(case));
        if plan(true).contradiction(&wanted).is_none() {
            assert_eq!(ruled.answers(replication.case(case)), wanted, "case {case}");
        }
    }
}

#[test]
fn where_nobody_can_be_the_reference_stands_in() {
    assert_eq!(drawn(&plan(true), 1.0, 3), [0, 0, 3, 0]);
}
