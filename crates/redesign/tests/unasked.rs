//! A form for what a registry does not have comes as well where the registry cannot be asked,
//! since the step that makes its key is refused: said where somebody who goes on needs it.

use onething_model::Lang;
use onething_plan::builder::PlanBuilder;
use onething_plan::{Actor, Cond, Plan, Refused, Scenario};
use onething_redesign::guide::GuideData;
use onething_redesign::{Guide, Why};
use serde_json::{Value, json};

/// The licence gives its number, with which the register gives the grade, which `decide` reads,
/// and `also` another step if it is asked to.
fn plan(refused: Refused, decide: &str, question: bool) -> Plan {
    let mut b = PlanBuilder::new("shop");
    let [name, number, plate, grade] = ["name", "number", "plate", "grade"].map(|f| b.field(f));
    let licence = b.matter("licence", refused);
    let other = b.matter("other", Refused::EndsMatter);
    let asked = question.then(|| b.yes_no("large"));
    b.step("measure", Actor::Officer)
        .reads(name)
        .writes(plate)
        .matter(licence);
    b.step("license", Actor::Officer)
        .reads(name)
        .writes(number)
        .matter(licence);
    b.late_look_up("register", &[number], &[grade]);
    let mut step = b.step("decide", Actor::Officer).reads(grade);
    step = match decide {
        "goes on" => step.matter(other),
        "can do without" => step
            .with(|step| step.reads[0].optional = true)
            .matter(other),
        "is of the matter" => step.matter(licence),
        "needs the number" => step.reads(number).matter(other),
        // It may be there before the licence is refused.
        "needs the plate" => step.reads(plate).matter(other),
        decide => panic!("{decide}"),
    };
    if let Some(asked) = asked {
        step.when(Cond::yes(asked));
        b.step("label", Actor::Officer).reads(grade).matter(licence);
    }
    b.build()
}

#[test]
fn a_form_that_comes_after_a_refusal_is_told_where_it_can() {
    for (refused, decide, comes) in [
        (Refused::EndsMatter, "goes on", true),
        (Refused::EndsMatter, "can do without", false),
        (Refused::EndsMatter, "is of the matter", false),
        (Refused::EndsMatter, "needs the number", false),
        (Refused::EndsMatter, "needs the plate", true),
        (Refused::EndsCase, "goes on", false),
    ] {
        let plan = plan(refused, decide, false);
        let guide = Guide::new(&plan, &plan.reference);
        let grade = plan
            .find_field(&"applicant.grade".parse().unwrap())
            .unwrap();
        let scenario = Scenario::resolve(&plan, &plan.reference);
        let why = Why::new(&plan, &scenario, grade);
        for (lang, words) in [
            (Lang::Zh, "因“license”不予许可或者不再办理而无法查询"),
            (
                Lang::En,
                "cannot be asked since “license” is refused or not gone on with",
            ),
        ] {
            for told in [
                guide.text(lang).replace('\n', ""),
                guide.markdown(lang),
                guide.html(lang),
                why.text(lang),
            ] {
                let told = told.replace(' ', "");
                assert_eq!(
                    told.contains(&words.replace(' ', "")),
                    comes,
                    "{decide} {told}"
                );
            }
        }
        let data = GuideData::new(&plan, &plan.reference).unwrap();
        let data = serde_json::to_value(&data).unwrap();
        let said: Vec<&Value> = data["forms"]
            .as_array()
            .unwrap()
            .iter()
            .flat_map(|form| form["after_refusal"].as_array().unwrap())
            .collect();
        let expected = json!({ "step": "license", "when": null });
        let expected = if comes { vec![&expected] } else { Vec::new() };
        assert_eq!(said, expected, "{decide}");
    }
}

/// Without the step that goes on, whoever else reads the grade ends with the licence.
#[test]
fn the_data_says_for_which_answers_it_comes() {
    let plan = plan(Refused::EndsMatter, "goes on", true);
    let data = GuideData::new(&plan, &plan.reference).unwrap();
    let data = serde_json::to_value(&data).unwrap();
    let forms = data["forms"].as_array().unwrap().iter();
    let said: Vec<&Value> = forms
        .flat_map(|form| form["after_refusal"].as_array().unwrap())
        .collect();
    assert_eq!(said.len(), 1, "{said:?}");
    assert_eq!(said[0]["when"]["test"]["question"], "large");
}
