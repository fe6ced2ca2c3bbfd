//! What is asked so that registries can be asked, and what instead.

use super::*;
use crate::builder::PlanBuilder;
use crate::field::FieldType;
use crate::random::Dice;
use crate::scenario::Scenario;

/// One subject: fields, look-ups over them, and what one step reads, every other one with
/// something that it can do without.
fn subject(seed: u64) -> Plan {
    let mut dice = Dice::new(seed);
    let mut b = PlanBuilder::new("subject");
    let fields: Vec<FieldIx> = (0..2 + dice.below(7))
        .map(|at| {
            let kind = match dice.below(4) {
                0 => FieldType::Document {
                    accepts: Vec::new(),
                    max_bytes: 1,
                },
                _ => FieldType::Text { max_chars: 9 },
            };
            let field = b.typed_field(&format!("f{at}"), kind);
            b.plan_mut().fields[field.index()].sensitivity = [
                Sensitivity::Public,
                Sensitivity::Personal,
                Sensitivity::Sensitive,
            ][dice.below(3)];
            field
        })
        .collect();
    for at in 0..dice.below(5) {
        let (mut keys, mut gives) = (Vec::new(), Vec::new());
        for field in &fields {
            match dice.below(4) {
                0 => keys.push(*field),
                1 => gives.push(*field),
                _ => {}
            }
        }
        b.look_up(&format!("register-{at}"), &keys, &gives);
    }
    b.weigh_look_ups();
    let mut step = b.step("review", Actor::Officer);
    for field in &fields {
        if dice.chance(55) {
            step = step.reads(*field);
        }
    }
    if seed % 2 == 1 {
        let mut dice = Dice::new(!seed);
        step = step.with(|step| {
            for read in &mut step.reads {
                read.optional = dice.chance(40);
            }
        });
    }
    let _ = step;
    b.build()
}

/// What is asked, by weight, what must be given before what may be left out.
fn asked(plan: &Plan) -> u64 {
    let scenario = Scenario::resolve(plan, &plan.reference);
    let apply = plan.find_step("apply").unwrap();
    let form = scenario.form(apply).iter();
    form.map(|asked| plan.field(asked.field).burden(!asked.optional))
        .sum()
}

#[test]
fn no_more_is_asked_than_with_every_look_up_and_than_with_none() {
    let (mut better_than_all, mut better_than_none) = (0, 0);
    for seed in 0..3_000 {
        let plan = subject(seed);
        let mut all = plan.clone();
        for step in &mut all.steps {
            if let Actor::LookUp(look_up) = &mut step.actor {
                look_up.always = true;
            }
        }
        let mut none = plan.clone();
        none.fields
            .iter_mut()
            .for_each(|field| field.lookups.clear());
        let (weighed, all, none) = (asked(&plan), asked(&all), asked(&none));
        assert!(weighed <= all, "seed {seed}: {weighed}, {all} with all");
        assert!(weighed <= none, "seed {seed}: {weighed}, {none} with none");
        better_than_all += usize::from(weighed < all);
        better_than_none += usize::from(weighed < none);
    }
    assert!(better_than_all > 300, "{better_than_all}");
    assert!(better_than_none > 300, "{better_than_none}");
}

#[test]
fn what_is_not_made_says_what_it_would_ask_for() {
    let (mut told, mut circles) = (0, 0);
    for seed in 0..3_000 {
        let plan = subject(seed);
        let scenario = Scenario::resolve(&plan, &plan.reference);
        for spared in scenario.spared() {
            assert!(!scenario.is_active(spared.look_up), "seed {seed}");
            let form = scenario.form(plan.find_step("apply").unwrap());
            let must = |field: &FieldIx| {
                let mut asked = form.iter();
                asked.any(|asked| asked.field == *field && !asked.optional)
            };
            let (asks, saves) = (spared.asks.iter(), spared.saves.iter());
            let asks: u64 = asks.map(|field| plan.field(*field).burden(true)).sum();
            let saves = saves.map(|field| plan.field(*field).burden(must(field)));
            assert!(!spared.asks.is_empty(), "seed {seed}");
            told += 1;
            circles += usize::from(asks < saves.sum());
        }
    }
    // Only where registries give each other's keys is it less simple.
    assert!(told > 500 && circles * 50 < told, "{circles} of {told}");
}

#[test]
fn a_name_is_not_worth_an_identity_number_but_a_document_is() {
    let mut b = PlanBuilder::new("manager");
    let [number, name, card] = ["number", "name", "card"].map(|field| {
        let field = b.field(field);
        b.plan_mut().fields[field.index()].sensitivity = Sensitivity::Personal;
        field
    });
    b.plan_mut().fields[card.index()].kind = FieldType::Document {
        accepts: Vec::new(),
        max_bytes: 1,
    };
    let register = b.look_up("register", &[number], &[name]);
    b.look_up("cards", &[number], &[card]);
    b.weigh_look_ups();
    b.step("review", Actor::Officer).reads(name);
    let mut plan = b.build();
    let form = |plan: &Plan| -> Vec<String> {
        let scenario = Scenario::resolve(plan, &plan.reference);
        let apply = plan.find_step("apply").unwrap();
        let form = scenario.form(apply).iter();
        form.map(|asked| plan.field(asked.field).path.field.to_string())
            .collect()
    };
    assert_eq!(form(&plan), ["name"]);
    let scenario = Scenario::resolve(&plan, &plan.reference);
    let spared = &scenario.spared()[0];
    assert_eq!(
        (spared.look_up, &spared.asks[..]),
        (register, &[number][..])
    );
    assert_eq!(spared.saves, [name]);
    // With the card, one number opens both.
    let review = plan.find_step("review").unwrap();
    let reads = &mut plan.steps[review.index()].reads;
    reads.push(crate::step::Read {
        field: card,
        optional: false,
        grant: None,
    });
    assert_eq!(form(&plan), ["number"]);
    // Or as a check that the definition wants.
    plan.steps[review.index()].reads.pop();
    if let Actor::LookUp(look_up) = &mut plan.steps[register.index()].actor {
        look_up.always = true;
    }
    assert_eq!(form(&plan), ["number"]);
}

/// A key must be given, whatever it opens. So it is worth what must be given otherwise; what
/// may be left out decides between choices that are alike in that.
#[test]
fn what_may_be_left_out_makes_no_key_required() {
    // How sensitive the number is; what the step reads; what the form asks.
    for (sensitivity, reads, asked) in [
        (Sensitivity::Personal, "card?", "card?"),
        (Sensitivity::Personal, "name?", "name?"),
        (Sensitivity::Personal, "card", "number"),
        (Sensitivity::Personal, "name", "name"),
        (Sensitivity::Personal, "name? card?", "name? card?"),
        // A number for a name, and the card need not be handed in at all.
        (Sensitivity::Personal, "name card?", "number"),
        (Sensitivity::Sensitive, "name card?", "name card?"),
        // It is on the form, and may be left out; the registry would make it required.
        (Sensitivity::Personal, "number? card?", "number? card?"),
        (Sensitivity::Personal, "number? card", "number"),
        (Sensitivity::Personal, "number card?", "number"),
    ] {
        let mut b = PlanBuilder::new("manager");
        let [number, name, card] = ["number", "name", "card"].map(|field| {
            let field = b.field(field);
            b.plan_mut().fields[field.index()].sensitivity = Sensitivity::Personal;
            field
        });
        b.plan_mut().fields[number.index()].sensitivity = sensitivity;
        b.plan_mut().fields[card.index()].kind = FieldType::Document {
            accepts: Vec::new(),
            max_bytes: 1,
        };
        b.look_up("register", &[number], &[name]);
        b.look_up("cards", &[number], &[card]);
        b.weigh_look_ups();
        let read = |word: &str| {
            let field = match word.trim_end_matches('?') {
                "number" => number,
                "name" => name,
                _ => card,
            };
            crate::step::Read {
                field,
                optional: word.ends_with('?'),
                grant: None,
            }
        };
        b.step("review", Actor::Officer)
            .with(|step| step.reads = reads.split(' ').map(read).collect());
        let plan = b.build();
        let scenario = Scenario::resolve(&plan, &plan.reference);
        let form = scenario.form(plan.find_step("apply").unwrap()).iter();
        let form: Vec<String> = form
            .map(|asked| {
                let mark = if asked.optional { "?" } else { "" };
                format!("{}{mark}", plan.field(asked.field).path.field)
            })
            .collect();
        assert_eq!(form.join(" "), asked, "{reads}, {sensitivity:?}");
    }
}

/// What an early step can do without and a registry brings only after it is not asked beforehand
/// where the registry is asked in any case; where it is not, nothing else would bring it.
#[test]
fn what_comes_too_late_for_who_can_do_without_may_be_left_out() {
    for (is_read_later, asked) in [(true, vec![]), (false, vec![("card", true)])] {
        let mut b = PlanBuilder::new("late");
        let [card, seen] = ["card", "seen"].map(|field| b.field(field));
        let number = b.result("number");
        b.step("early", Actor::Officer)
            .reads(card)
            .writes(seen)
            .with(|step| step.reads[0].optional = true);
        b.step("make", Actor::Officer).reads(seen).writes(number);
        b.late_look_up("register", &[number], &[card]);
        if is_read_later {
            b.step("later", Actor::Officer).reads(card);
        }
        b.weigh_look_ups();
        let plan = b.build();
        let scenario = Scenario::resolve(&plan, &plan.reference);
        let form = scenario.form(plan.find_step("apply").unwrap()).iter();
        let form: Vec<(&str, bool)> = form
            .map(|asked| {
                let field = plan.field(asked.field);
                (field.path.field.as_str(), asked.optional)
            })
            .collect();
        assert_eq!(form, asked, "{is_read_later}");
    }
}
