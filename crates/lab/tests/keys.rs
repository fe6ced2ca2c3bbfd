//! What registries are asked with: where a registry's answer is the key of the next, what a
//! miss costs, against the probability by hand; and no notice asks for such a key.

use std::sync::Arc;

use onething_lab::draw::Seed;
use onething_lab::replicate::replicate;
use onething_lab::setting::Setting;
use onething_measure::FigureName;
use onething_model::Calendar;
use onething_plan::builder::PlanBuilder;
use onething_plan::workload::{
    AnswerMix, Arrivals, Distribution, Duration, Figure, Origin, Unit, Workload,
};
use onething_plan::{Actor, Answer, Cond, FieldType, Plan, Refused};

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

/// Submissions of an applicant in the mean, where officers send as many notices as they may.
fn submissions(reads_phone: bool) -> f64 {
    let mut b = PlanBuilder::new("permit");
    let matter = b.matter("permit", Refused::EndsCase);
    let [id, name, phone] = ["id", "name", "phone"].map(|field| b.field(field));
    b.look_up("population", &[id], &[name]);
    let step = b
        .step("check", Actor::Officer)
        .matter(matter)
        .reads(id)
        .reads(name);
    if reads_phone {
        step.reads(phone);
    }
    let plan = Arc::new(b.build());
    let hours = |mean| {
        assumed(Duration {
            distribution: Distribution::Exponential { mean },
            unit: Unit::Hours,
        })
    };
    let workload = Workload {
        arrivals: Some(Arrivals {
            per_year: 1_000.0,
            calendar: Arc::new(Calendar::round_the_clock()),
            origin: Origin::Assumed("a test".into()),
        }),
        work: vec![("check".parse().unwrap(), hours(1.0))],
        supplements: vec![("permit".parse().unwrap(), assumed(1.0))],
        answered_after: Some(hours(5.0)),
        misses: vec![("population".parse().unwrap(), assumed(0.0))],
        ..Workload::default()
    };
    let setting = Setting::new(&plan, &workload).unwrap();
    let run = replicate(&setting, Seed::new(3).replication(0), 500).unwrap();
    run.mean(FigureName::Submissions).unwrap()
}

#[test]
fn no_notice_asks_for_what_a_registry_was_asked_with() {
    // The application, and the notice: about the telephone number.
    assert!((submissions(true) - 2.0).abs() < 1e-9);
    // All the rest was fetched, or the register was asked with it.
    assert!((submissions(false) - 1.0).abs() < 1e-9);
}
