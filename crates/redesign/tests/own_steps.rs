//! What the applicant states in a step of their own is asked there: in the notice, in the form
//! for programs, in the reasons, and in the counts.

use std::sync::Arc;

use onething_measure::{Basis, compute};
use onething_model::Lang;
use onething_plan::builder::PlanBuilder;
use onething_plan::{Actor, FieldType, Plan, Scenario};
use onething_redesign::guide::GuideData;
use onething_redesign::{Guide, View, Why};
use serde_json::{Value, json};

/// Who pays says when, which the receipt names, and attaches the slip, which nobody reads.
fn plan() -> Plan {
    let mut b = PlanBuilder::new("premium");
    let [name, amount, paid_on, receipt] =
        ["name", "amount", "paid_on", "receipt"].map(|field| b.field(field));
    let slip = b.typed_field(
        "slip",
        FieldType::Document {
            accepts: Vec::new(),
            max_bytes: 1,
        },
    );
    b.step("assess", Actor::Officer).reads(name).writes(amount);
    b.step("pay", Actor::Applicant)
        .reads(amount)
        .writes(paid_on)
        .writes(slip);
    b.step("issue", Actor::Officer)
        .reads(paid_on)
        .writes(receipt);
    b.build()
}

#[test]
fn the_notice_tells_what_is_stated_on_the_way() {
    let plan = plan();
    let guide = Guide::new(&plan, &plan.reference);
    let form = &guide.own_forms[0];
    let named = |fields: &[onething_redesign::guide::FieldGuide]| -> Vec<String> {
        fields.iter().map(|field| field.field.to_string()).collect()
    };
    assert_eq!((form.step.as_str(), guide.own_forms.len()), ("pay", 1));
    assert_eq!(named(&form.fields), ["applicant.paid_on"]);
    assert_eq!(named(&form.materials), ["applicant.slip"]);
    for (lang, lead, counts) in [
        (Lang::Zh, "办理过程中由您填报的", "填报 2 项，交材料 1 份"),
        (
            Lang::En,
            "What you state while your application is handled",
            "2 fields to fill in, 1 material to hand in",
        ),
    ] {
        let text = guide.text(lang);
        assert!(text.contains(lead) && text.contains(counts), "{text}");
    }
}

#[test]
fn programs_are_told_the_same() {
    let plan = plan();
    let data = GuideData::new(&plan, &plan.reference).unwrap();
    let data = serde_json::to_value(data).unwrap();
    let forms: Vec<&Value> = data["forms"].as_array().unwrap().iter().collect();
    let kinds: Vec<_> = forms.iter().map(|form| &form["kind"]).collect();
    assert_eq!(kinds, ["application", "own_step"]);
    assert_eq!(forms[1]["step"], "pay");
    let asked = json!([{ "field": "applicant.paid_on", "when": null, "required": true }]);
    assert_eq!(forms[1]["fields"], asked);
    let mut all = data["data"].as_array().unwrap().iter();
    let paid_on = all
        .find(|datum| datum["field"] == "applicant.paid_on")
        .unwrap();
    let sources = json!([{ "kind": "applicant", "step": "pay", "from": null }]);
    assert_eq!(paid_on["sources"], sources);
    let reasons = &paid_on["why_asked"][0]["text"]["en"];
    assert_eq!(*reasons, "no step of this service makes it");
}

/// Whether somebody reads it or not, it is asked, and said why.
#[test]
fn reasons_are_those_of_what_is_asked() {
    let plan = plan();
    let scenario = Scenario::resolve(&plan, &plan.reference);
    for (name, reader) in [
        ("applicant.paid_on", "issue (window)"),
        ("applicant.slip", "no step of this scenario"),
    ] {
        let field = plan.find_field(&name.parse().unwrap()).unwrap();
        let why = Why::new(&plan, &scenario, field);
        assert_eq!(why.comes_from[0].kind, "applicant");
        let text = why.text(Lang::En);
        for words in [
            reader,
            "given by the applicant in “pay”",
            "no step of this service makes it",
        ] {
            assert!(text.contains(words), "{words}\n{text}");
        }
    }
}

#[test]
fn it_counts_as_a_form_but_as_no_submission() {
    let plan = Arc::new(plan());
    let counts = compute(&plan, &plan.reference, Basis::Binding, None).counts;
    let counts = (
        counts.fields,
        counts.materials,
        counts.forms,
        counts.submissions,
    );
    assert_eq!(counts, (2, 1, 2, 1));
    let scenario = Scenario::resolve(&plan, &plan.reference);
    let view = View::of(&plan, &plan.reference, &scenario);
    let pay = view
        .steps
        .iter()
        .find(|step| step.key.as_str() == "pay")
        .unwrap();
    assert_eq!(pay.asks.len(), 2);
    let text = onething_redesign::draw::text(&view, Lang::En);
    let asks = text.lines().filter(|line| line.contains("asks: "));
    assert_eq!(asks.count(), 2, "{text}");
}
