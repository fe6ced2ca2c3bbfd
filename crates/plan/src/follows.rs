//! Whether something is asked for what follows from it.
//!
//! Where an identity number is on a form anyway, a date of birth is not asked beside it. Where
//! it is not, it is asked only if that asks for less: a date of birth is not worth an
//! identity number (minimum necessity, Personal Information Protection Law, art. 6), a date
//! of birth and the sex are, as are a date of birth and what a registry holds under the number.
//! The same holds for [look-ups](crate::worth).
//!
//! A registry that is asked with what follows from a number, beside another one that gives
//! that number, can deceive the weighing: once in some thousand random subjects one more
//! field is asked than without deriving.

use std::collections::{BTreeMap, BTreeSet};

use crate::index::{FieldIx, StepIx};
use crate::outline::FormField;
use crate::plan::{Handled, Plan};
use crate::step::{Actor, SubmissionKind};
use crate::worth::Spared;

/// What the applicant gives with a submission, and something follows from.
pub(crate) type Given = BTreeSet<(StepIx, FieldIx)>;

/// What the applicant is to give so that what follows from it is not asked, beyond `known`;
/// `None` where nothing is gained any more.
///
/// What look-ups would save that are [not made](Spared) for want of it alone counts with what
/// follows from it.
pub(crate) fn given(
    plan: &Plan,
    active: &[bool],
    forms: &[Vec<FormField>],
    spared: &[Spared],
    known: Option<&Given>,
) -> Option<Given> {
    let mut more = Given::new();
    for (at, form) in forms.iter().enumerate() {
        let submission = StepIx::at(at);
        if !matches!(&plan.step(submission).actor, Actor::Submission(item)
            if item.kind == SubmissionKind::Application)
        {
            continue;
        }
        // By what it follows from.
        let mut following: BTreeMap<FieldIx, BTreeSet<FieldIx>> = BTreeMap::new();
        for asked in form {
            if let Some(derived) = plan.field(asked.field).derived {
                following
                    .entry(derived.from)
                    .or_default()
                    .insert(asked.field);
            }
        }
        for (from, mut saves) in following {
            let is_asked = form.iter().any(|asked| asked.field == from);
            let must = |field: &FieldIx| {
                let mut asked = form.iter();
                asked.any(|asked| asked.field == *field && !asked.optional)
            };
            let on_form = |field: &&FieldIx| form.iter().any(|asked| asked.field == **field);
            // Whoever can do without what follows can do without the number, which then
            // opens no registry.
            let is_must = saves.iter().any(must);
            let opened = spared.iter().filter(|item| is_must && item.asks == [from]);
            saves.extend(opened.flat_map(|item| &item.saves).filter(on_form));
            let burden = |field: &FieldIx| plan.field(*field).burden(must(field));
            let saved: u64 = saves.iter().map(burden).sum();
            let is_worth =
                || saved > plan.field(from).burden(is_must) && !comes(plan, active, at, from);
            let is_known = known.is_some_and(|known| known.contains(&(submission, from)));
            if !is_known && (is_asked || is_worth()) {
                more.insert((submission, from));
            }
        }
    }
    if more.is_empty() {
        return None;
    }
    more.extend(known.into_iter().flatten());
    Some(more)
}

/// Whether somebody else brings a field in the course of the case, if later.
fn comes(plan: &Plan, active: &[bool], submission: usize, field: FieldIx) -> bool {
    let item = plan.field(field);
    let mut from = item.producers.iter().chain(&item.lookups);
    from.any(|step| {
        let here = plan.step(*step).scope.index() == submission;
        active[step.index()] && (plan.handled == Handled::Together || here)
    })
}

#[cfg(test)]
mod tests {
    use crate::builder::PlanBuilder;
    use crate::condition::Cond;
    use crate::derivation::Derivation;
    use crate::field::{FieldType, Sensitivity};
    use crate::index::FieldIx;
    use crate::plan::Plan;
    use crate::random::Dice;
    use crate::scenario::{Scenario, Source};
    use crate::step::Actor;

    struct Person {
        b: PlanBuilder,
        number: FieldIx,
        born: FieldIx,
        sex: FieldIx,
        name: FieldIx,
    }

    fn person() -> Person {
        let mut b = PlanBuilder::new("person");
        let number = b.typed_field("number", FieldType::IdentityNumber);
        let born = b.derived_field("born", Derivation::DateOfBirth, number);
        let sex = b.derived_field("sex", Derivation::Sex, number);
        let name = b.field("name");
        for field in [number, born, sex, name] {
            b.plan_mut().fields[field.index()].sensitivity = Sensitivity::Personal;
        }
        Person {
            b,
            number,
            born,
            sex,
            name,
        }
    }

    /// What the form asks.
    fn asks(plan: &Plan) -> String {
        let scenario = Scenario::resolve(plan, &plan.reference);
        let apply = plan.find_step("apply").unwrap();
        let form = scenario.form(apply).iter();
        let names: Vec<_> = form
            .map(|asked| plan.field(asked.field).path.field.as_str())
            .collect();
        names.join(" ")
    }

    #[test]
    fn what_follows_from_what_is_asked_is_not_asked() {
        let mut p = person();
        p.b.step("check", Actor::Officer).reads(p.number);
        let (born, sex) = (p.born, p.sex);
        p.b.step("examine", Actor::Officer).reads(born).reads(sex);
        let plan = p.b.build();
        assert_eq!(asks(&plan), "number");
        let scenario = Scenario::resolve(&plan, &plan.reference);
        let examine = plan.find_step("examine").unwrap();
        let apply = plan.find_step("apply").unwrap();
        let number = (p.number, Source::Applicant(apply));
        let derived = |field| (field, Source::Derived(p.number));
        assert_eq!(
            scenario.sources(examine),
            [number, derived(born), derived(sex)]
        );
        assert_eq!(scenario.outline().origin(examine, sex), Some(number));
        assert_eq!(scenario.outline().origin(examine, p.name), None);
    }

    #[test]
    fn a_date_of_birth_is_not_worth_a_number_but_two_things_are() {
        let mut p = person();
        p.b.step("examine", Actor::Officer).reads(p.born);
        assert_eq!(asks(&p.b.build()), "born");
        let mut p = person();
        p.b.step("examine", Actor::Officer).reads(p.born);
        p.b.step("sort", Actor::Officer).reads(p.sex);
        assert_eq!(asks(&p.b.build()), "number");
    }

    #[test]
    fn a_number_that_is_asked_for_a_look_up_is_enough() {
        let mut p = person();
        p.b.look_up("register", &[p.number], &[p.name]);
        let (born, name) = (p.born, p.name);
        p.b.step("examine", Actor::Officer).reads(born).reads(name);
        assert_eq!(asks(&p.b.build()), "number");
    }

    #[test]
    fn what_follows_and_what_is_looked_up_are_worth_a_number_together() {
        let asked = |born: bool, name: bool| {
            let mut p = person();
            p.b.look_up("register", &[p.number], &[p.name]);
            p.b.weigh_look_ups();
            let reads = [(p.born, born), (p.name, name)];
            let mut step = p.b.step("examine", Actor::Officer);
            for (field, _) in reads.iter().filter(|(_, is_read)| *is_read) {
                step = step.reads(*field);
            }
            asks(&p.b.build())
        };
        assert_eq!(asked(true, false), "born");
        assert_eq!(asked(false, true), "name");
        assert_eq!(asked(true, true), "number");
    }

    #[test]
    fn a_registry_that_gives_the_number_for_what_is_known_gives_what_follows() {
        let asked = |key_is_read: bool| {
            let mut p = person();
            p.b.look_up("register", &[p.name], &[p.number]);
            p.b.weigh_look_ups();
            let (born, name) = (p.born, p.name);
            let step = p.b.step("examine", Actor::Officer).reads(born);
            let _ = if key_is_read { step.reads(name) } else { step };
            asks(&p.b.build())
        };
        assert_eq!(asked(true), "name");
        // A name for a date of birth: no less.
        assert_eq!(asked(false), "born");
    }

    #[test]
    fn what_a_step_makes_brings_what_follows_from_it_and_nobody_is_asked_before() {
        let mut p = person();
        let (number, born, sex) = (p.number, p.born, p.sex);
        p.b.step("before", Actor::Officer).reads(born).reads(sex);
        p.b.step("register", Actor::Officer).writes(number);
        p.b.step("after", Actor::Officer).reads(born);
        let plan = p.b.build();
        // The number is yet to be given: before, there is nothing that they follow from.
        assert_eq!(asks(&plan), "born sex");
        let scenario = Scenario::resolve(&plan, &plan.reference);
        let [after, register] = ["after", "register"].map(|key| plan.find_step(key).unwrap());
        assert_eq!(scenario.needs(after), [register]);
        let sources = [
            (number, Source::Step(register)),
            (born, Source::Derived(number)),
        ];
        assert_eq!(scenario.sources(after), sources);
    }

    #[test]
    fn a_registry_that_needs_what_follows_from_what_it_gives_is_asked_as_it_is() {
        let mut p = person();
        let (number, born, name) = (p.number, p.born, p.name);
        p.b.look_up("by-name", &[name, born], &[number]);
        p.b.step("check", Actor::Officer).reads(number).reads(born);
        let plan = p.b.build();
        assert_eq!(asks(&plan), "born name");
    }

    #[test]
    fn answers_that_spare_the_number_ask_for_the_date() {
        let mut p = person();
        let yes = p.b.yes_no("yes");
        p.b.step("check", Actor::Officer)
            .when(Cond::yes(yes))
            .reads(p.number);
        p.b.step("examine", Actor::Officer).reads(p.born);
        let mut plan = p.b.build();
        assert_eq!(asks(&plan), "number");
        let no = crate::condition::Answer::YesNo(false);
        plan.reference.set(yes, Some(no));
        assert_eq!(asks(&plan), "born");
    }

    /// Over one subject with random look-ups and readers, some of them after a step that
    /// may make the number: to derive asks for no more, by weight, than not to.
    #[test]
    fn no_more_is_asked_than_without_deriving() {
        let (mut less, mut more) = (0, 0);
        for seed in 0..4_000 {
            let mut dice = Dice::new(seed);
            let mut p = person();
            let fields = [p.number, p.born, p.sex, p.name, p.b.field("other")];
            for at in 0..dice.below(4) {
                let key = fields[dice.below(fields.len())];
                let gives: Vec<FieldIx> = [p.number, p.name, fields[4]]
                    .into_iter()
                    .filter(|field| *field != key && dice.chance(50))
                    .collect();
                p.b.look_up(&format!("register-{at}"), &[key], &gives);
            }
            p.b.weigh_look_ups();
            let makes = dice.chance(30).then(|| dice.below(4));
            for at in 0..1 + dice.below(4) {
                let mut step = p.b.step(&format!("step-{at}"), Actor::Officer);
                for field in fields {
                    let made_here = makes == Some(at) && field == p.number;
                    if made_here {
                        step = step.writes(field);
                    } else if dice.chance(35) {
                        step = step.reads(field);
                    }
                }
            }
            let plan = p.b.build();
            let mut as_it_was = plan.clone();
            as_it_was.fields.iter_mut().for_each(|f| f.derived = None);
            let weight = |plan: &Plan| -> u64 {
                let scenario = Scenario::resolve(plan, &plan.reference);
                let form = scenario.form(plan.find_step("apply").unwrap()).iter();
                form.map(|asked| plan.field(asked.field).weight()).sum()
            };
            let (is, was) = (weight(&plan), weight(&as_it_was));
            more += usize::from(is > was);
            less += usize::from(is < was);
        }
        // Registries that are asked with what follows can deceive the weighing.
        assert!(less > 400 && more < 4, "{less} less, {more} more");
    }

    #[test]
    fn what_is_optional_stays_so_unless_somebody_needs_it() {
        let mut p = person();
        let optional = |step: &mut crate::step::Step| step.reads[0].optional = true;
        p.b.step("check", Actor::Officer)
            .reads(p.number)
            .with(optional);
        let born = p.born;
        p.b.step("examine", Actor::Officer)
            .reads(born)
            .with(optional);
        let plan = p.b.build();
        let form = |plan: &Plan| {
            let scenario = Scenario::resolve(plan, &plan.reference);
            scenario.form(plan.find_step("apply").unwrap()).to_vec()
        };
        let [asked] = form(&plan)[..] else {
            panic!("{:?}", form(&plan))
        };
        assert_eq!((asked.field, asked.optional), (p.number, true));
        let mut plan = plan;
        let examine = plan.find_step("examine").unwrap();
        plan.steps[examine.index()].reads[0].optional = false;
        let [asked] = form(&plan)[..] else {
            panic!("{:?}", form(&plan))
        };
        assert_eq!((asked.field, asked.optional), (p.number, false));
    }
}
