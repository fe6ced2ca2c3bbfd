//! A registry whose answer is the key of the next: what a miss costs, against the
//! probability by hand.

use std::sync::Arc;

use onething_lab::draw::Seed;
use onething_lab::replicate::replicate;
use onething_lab::setting::Setting;
use onething_measure::FigureName;
use onething_model::Calendar;
use onething_plan::builder::PlanBuilder;
use onething_plan::workload::{AnswerMix, Arrivals, Figure, Origin, Workload};
use onething_plan::{Actor, Answer, Cond, FieldType, Plan};

/// The population register gives the household number, and that the household book, a
/// document, which a step reads for those who are registered here.
fn plan() -> Arc<Plan> {
    let mut b = PlanBuilder::new("school");
    let local = b.yes_no("local");
    let (id, number) = (b.field("id"), b.field("household"));
    let scan = FieldType::Document {
        accepts: vec!["pdf".into()],
        max_bytes: 1_000,
    };
    let book = b.typed_field("book", scan);
    b.look_up("population", &[id], &[number]);
    b.look_up("households", &[number], &[book]);
    b.step("check", Actor::System)
        .reads(book)
        .when(Cond::yes(local));
    b.step("enrol", Actor::System).reads(id);
    Arc::new(b.build())
}

fn assumed<T>(value: T) -> Figure<T> {
    let origin = Origin::Assumed("a test".into());
    Figure { value, origin }
}

/// Materials asked of an applicant in the mean; 70 % are registered here.
fn materials(population: f64, households: f64, cases: u64) -> f64 {
    let plan = plan();
    let shares = vec![(Answer::YesNo(true), 0.7), (Answer::YesNo(false), 0.3)];
    let workload = Workload {
        arrivals: Some(Arrivals {
            per_year: 1_000.0,
            calendar: Arc::new(Calendar::round_the_clock()),
            origin: Origin::Assumed("a test".into()),
        }),
        answers: vec![("local".parse().unwrap(), assumed(AnswerMix::Shares(shares)))],
        misses: vec![
            ("population".parse().unwrap(), assumed(population)),
            ("households".parse().unwrap(), assumed(households)),
        ],
        ..Workload::default()
    };
    let setting = Setting::new(&plan, &workload).unwrap();
    let run = replicate(&setting, Seed::new(3).replication(0), cases).unwrap();
    run.mean(FigureName::Materials).unwrap()
}

#[test]
fn who_misses_the_key_misses_what_it_opens() {
    let cases = 20_000;
    for (population, households) in [(1.0, 0.0), (0.0, 1.0), (0.05, 0.05), (0.3, 0.2), (0.0, 0.0)] {
        // Asked for the book is who is registered here, unless both registers have it all.
        let wanted: f64 = 0.7 * (1.0 - (1.0 - population) * (1.0 - households));
        let sd = (wanted * (1.0 - wanted) / cases as f64).sqrt();
        let seen = materials(population, households, cases);
        assert!(
            (seen - wanted).abs() <= 4.0 * sd,
            "misses {population} and {households}: {seen}, expected {wanted}"
        );
    }
}
