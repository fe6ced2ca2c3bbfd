//! Derived fields as definitions write them: what is asked, what is refused, and in which words.

mod order;

use std::sync::Arc;

use onething_definition::diagnostic::Diagnostics;
use onething_definition::{Checked, SourceSet, check, new_service};
use onething_plan::{Actor, Plan, Scenario, Source, StepIx};

const PERSON: &str = "contract: person
version: 1.0.0
title: { zh: 自然人, en: Person }
identified_by: [number]
fields:
  number: { title: { zh: 公民身份号码, en: Identity number }, type: identity-number, sensitivity: personal }
  name: { title: { zh: 姓名, en: Name }, type: text, max_chars: 50, sensitivity: personal }
  phone: { title: { zh: 手机号码, en: Mobile phone }, type: phone, sensitivity: personal }
  born: { title: { zh: 出生日期, en: Date of birth }, type: date, derived: { from: number, as: date-of-birth }, sensitivity: personal }
  sex: { title: { zh: 性别, en: Sex }, type: choice, options: { female: 女, male: 男 }, derived: { from: number, as: sex }, sensitivity: personal }
grants:
  - { to: health, fields: all, purpose: licensing, basis: 公共场所卫生管理条例（示例） }
  - { to: urban, fields: all, purpose: signboard-filing, basis: 城市市容和环境卫生管理条例（示例） }
";

/// The template with this contract, the reads of its two steps, and what the intake asks.
fn shop(person: &str, health: &str, sign: &str, asks: &str) -> Checked {
    let name = "shop".parse().unwrap();
    let files = new_service(&name).into_iter().map(|(path, text)| {
        let text = match &*path {
            "contracts/person.yaml" => person.to_owned(),
            "shop/service.yaml" => text
                .replace(
                    "operator: [name] }\n    writes: { health",
                    &format!("operator: [{health}] }}\n    writes: {{ health"),
                )
                .replace(
                    "sign_photo] }",
                    &format!("sign_photo], operator: [{sign}] }}"),
                )
                .replace(
                    "asks: { operator: [name, phone] }",
                    &format!("asks: {{ operator: [{asks}] }}"),
                ),
            _ => text,
        };
        (path, text)
    });
    let sources = Arc::new(SourceSet::from_texts(files));
    check(sources, &["shop".to_owned()], Diagnostics::new())
}

fn plan(checked: &Checked) -> &Plan {
    match &checked.services[0].service {
        Some(service) => &service.new,
        None => panic!("{:?}", said(checked)),
    }
}

/// The code and the message of each error.
fn said(checked: &Checked) -> Vec<String> {
    let all = checked.report.diagnostics.iter();
    all.filter(|found| found.code.severity() == onething_definition::diagnostic::Severity::Error)
        .map(|found| format!("{} {}", found.code, found.message.en()))
        .collect()
}

fn form(plan: &Plan) -> Vec<String> {
    let scenario = Scenario::resolve(plan, &plan.reference);
    let apply = plan.applications().next().unwrap();
    let form = scenario.form(apply).iter();
    let of_operator = form.map(|asked| &plan.field(asked.field).path);
    of_operator
        .filter(|path| path.role.as_str() == "operator")
        .map(|path| path.field.to_string())
        .collect()
}

#[test]
fn what_follows_from_what_a_step_reads_is_not_asked() {
    for (health, sign, asked) in [
        ("number, born, sex", "name", vec!["number", "name", "phone"]),
        ("born", "number", vec!["number", "name", "phone"]),
        // Worth a number together, and not alone.
        ("born, sex", "name", vec!["number", "name", "phone"]),
        ("born", "name", vec!["born", "name", "phone"]),
    ] {
        let checked = shop(PERSON, health, sign, "name, phone");
        let mut form = form(plan(&checked));
        let mut asked: Vec<String> = asked.into_iter().map(str::to_owned).collect();
        form.sort();
        asked.sort();
        assert_eq!(form, asked, "{health} and {sign}");
    }
}

/// The step that reads the date waits for nobody and is shown no number.
#[test]
fn the_reader_of_what_follows_does_not_read_the_number() {
    let checked = shop(PERSON, "born, sex", "number", "name, phone");
    let plan = plan(&checked);
    let review = plan.find_step("health-review").unwrap();
    let scenario = Scenario::resolve(plan, &plan.reference);
    let names = |step: StepIx| -> Vec<&str> {
        let reads = plan.step(step).reads.iter();
        reads
            .map(|read| plan.field(read.field).path.field.as_str())
            .collect()
    };
    assert!(!names(review).contains(&"number"));
    let derived = |(field, source): &(_, Source)| {
        let Source::Derived(from) = source else {
            return None;
        };
        let name = |field| plan.field(field).path.field.to_string();
        Some((name(*field), name(*from)))
    };
    let follows: Vec<_> = scenario
        .sources(review)
        .iter()
        .filter_map(derived)
        .collect();
    let pair = |field: &str| (field.to_owned(), "number".to_owned());
    assert_eq!(follows, [pair("born"), pair("sex")]);
    let look_ups = plan
        .steps
        .iter()
        .filter(|step| matches!(step.actor, Actor::LookUp(_)));
    assert!(
        look_ups
            .flat_map(|step| &step.writes)
            .all(|field| plan.field(*field).derived.is_none())
    );
}

/// The old way fetches nothing: its forms ask for both.
#[test]
fn forms_that_are_filled_in_by_hand_ask_for_both() {
    let checked = shop(PERSON, "number, born", "name", "name, phone");
    let service = checked.services[0].service.as_ref().unwrap();
    let old = service.old.as_ref().unwrap();
    let scenario = Scenario::resolve(old, &old.reference);
    let asked: Vec<&str> = old
        .applications()
        .flat_map(|application| scenario.form(application))
        .map(|asked| old.field(asked.field).path.field.as_str())
        .collect();
    assert!(
        asked.contains(&"born") && asked.contains(&"number"),
        "{asked:?}"
    );
}

#[test]
fn asking_for_what_follows_names_the_derivation() {
    let checked = shop(PERSON, "number", "name", "name, phone, born");
    let wanted = "D0210 `operator.born` is asked of the applicant, but follows from `operator.number` (digits 7 to 14, GB 11643-1999)";
    assert_eq!(said(&checked), [wanted]);
    // Where nobody else needs the number, the date is what is asked.
    let checked = shop(PERSON, "name, born", "name", "name, phone, born");
    assert_eq!(said(&checked), Vec::<String>::new());
    // Every form has the number: nobody is ever asked for the date, read for whatever answers.
    let checked = shop(PERSON, "number", "born", "name, phone, born");
    assert_eq!(said(&checked), [wanted]);
    // The form has the number for its own sake, or for some answers alone.
    for (health, sign, asks) in [
        ("name", "born, sex", "name, phone, born, sex"),
        ("name", "number, born", "name, phone, born"),
    ] {
        let checked = shop(PERSON, health, sign, asks);
        assert_eq!(said(&checked), Vec::<String>::new(), "{health} {sign}");
    }
}

/// A sample of it follows from the sample of its source, so that it needs none of its own.
#[test]
fn a_code_that_is_derived_needs_no_example() {
    for (derived, codes) in [
        (
            ", derived: { from: number, as: first-registration-division }",
            &[][..],
        ),
        ("", &["D0903"]),
    ] {
        let person = PERSON.replace(
            "grants:",
            &format!(
                "  area: {{ title: 首次登记地, type: code, pattern: \"[0-9]{{6}}\", sensitivity: personal{derived} }}\ngrants:"
            ),
        );
        let checked = shop(&person, "number, name, area", "born, sex, area", "phone");
        let told = checked.report.diagnostics.iter();
        // Of what the two steps leave unread grants say more than is needed.
        let told = told.filter(|found| found.code.as_str() != "D0910");
        let told: Vec<&str> = told.map(|found| found.code.as_str()).collect();
        assert_eq!(told, codes, "{derived}");
        let plan = plan(&checked);
        let area = plan.find_field(&"operator.area".parse().unwrap()).unwrap();
        let sample = onething_plan::sample::value(plan, area);
        assert_eq!(sample == "110105", !derived.is_empty(), "{sample}");
    }
}

#[test]
fn what_cannot_be_derived_is_told() {
    let born = "type: date, derived: { from: number, as: date-of-birth }";
    for (from, to, wanted) in [
        (
            "from: number, as: date",
            "from: nobody, as: date",
            "D0403 there is no field `nobody`",
        ),
        (
            "from: number, as: date",
            "from: born, as: date",
            "D0214 `born` is derived from itself",
        ),
        (
            "from: number, as: date",
            "from: sex, as: date",
            "D0214 `date-of-birth` follows from a field of type `identity-number`, which `sex` is not",
        ),
        (
            born,
            "type: text, derived: { from: number, as: date-of-birth }",
            "D0214 what `date-of-birth` comes to is not always a value of the type of `born`",
        ),
        (
            "options: { female: 女, male: 男 }",
            "options: { f: 女, m: 男 }",
            "D0214 what `sex` comes to is not always a value of the type of `sex`",
        ),
        (
            "as: date-of-birth }, sensitivity: personal",
            "as: date-of-birth }",
            "D0218 `born` follows from `number`, which is personal data, and is public",
        ),
        (
            "type: identity-number, sensitivity",
            "type: identity-number, example: 11010519491231002X, sensitivity",
            "D0118 the example of `born` does not follow from that of `number`",
        ),
        ("as: sex", "as: age", "D0106"),
    ] {
        let mut person = PERSON.replacen(from, to, 1);
        assert_ne!(person, PERSON, "{from}");
        if wanted.starts_with("D0118") {
            person = person.replace(born, &format!("{born}, example: \"1949-12-30\""));
        }
        let said = said(&shop(&person, "number, born, sex", "name", "name, phone"));
        assert!(
            said.iter().any(|said| said.starts_with(wanted)),
            "{wanted}: {said:?}"
        );
    }
}

#[test]
fn what_is_derived_has_no_other_source() {
    let provider = "providers:
  - { registry: population, department: health, with: [number], gives: [name, born], basis: 政务数据共享条例（示例） }
grants:";
    let person = PERSON.replace("grants:", provider);
    let checked = shop(&person, "number, born, sex", "name", "phone");
    let wanted = "D0215 the registry `population` gives `born`, which follows from `number`";
    assert_eq!(said(&checked), [wanted]);
    let name = "shop".parse().unwrap();
    let files = new_service(&name).into_iter().map(|(path, text)| {
        let text = match &*path {
            "contracts/person.yaml" => PERSON.to_owned(),
            "shop/service.yaml" => text.replace(
                "writes: { health_permit: [number, valid_until] }",
                "writes: { health_permit: [number, valid_until], operator: [born] }",
            ),
            _ => text,
        };
        (path, text)
    });
    let sources = Arc::new(SourceSet::from_texts(files));
    let checked = check(sources, &["shop".to_owned()], Diagnostics::new());
    let wanted = "D0215 the step `health-review` makes `operator.born`, which follows from `operator.number`";
    assert_eq!(said(&checked), [wanted]);
}
