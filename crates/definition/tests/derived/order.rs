//! Which steps come before which where something is derived, and what counts as used.

use onething_plan::{Plan, Scenario};

use super::*;

/// The template with a contract of persons, whose steps read and make this of the operator.
fn steps(person: &str, health: (&str, &str), sign: (&str, &str)) -> Checked {
    let makes = |(_, made): (&str, &str)| match made {
        "" => String::new(),
        made => format!("operator: [{made}], "),
    };
    let name = "shop".parse().unwrap();
    let files = new_service(&name).into_iter().map(|(path, text)| {
        let text = match &*path {
            "contracts/person.yaml" => person.to_owned(),
            "shop/service.yaml" => text
                .replace(
                    "operator: [name] }\n    writes: { health",
                    &format!(
                        "operator: [{}] }}\n    writes: {{ {}health",
                        health.0,
                        makes(health)
                    ),
                )
                .replace(
                    "sign_photo] }\n    writes: {",
                    &format!(
                        "sign_photo], operator: [{}] }}\n    writes: {{ {}",
                        sign.0,
                        makes(sign)
                    ),
                ),
            _ => text,
        };
        (path, text)
    });
    let sources = Arc::new(SourceSet::from_texts(files));
    check(sources, &["shop".to_owned()], Diagnostics::new())
}

/// The steps of the case in order, without those of the enterprise.
fn order(plan: &Plan) -> Vec<String> {
    let scenario = Scenario::resolve(plan, &plan.reference);
    let keys = scenario.steps().iter();
    keys.map(|step| plan.step(*step).key.to_string())
        .filter(|key| !key.ends_with("-shop"))
        .collect()
}

/// Whether the second waits for the first, through whatever steps.
fn waits(plan: &Plan, first: &str, second: &str) -> bool {
    let scenario = Scenario::resolve(plan, &plan.reference);
    let first = plan.find_step(first).unwrap();
    let mut above = vec![plan.find_step(second).unwrap()];
    while let Some(step) = above.pop() {
        if scenario.needs(step).contains(&first) {
            return true;
        }
        above.extend(scenario.needs(step));
    }
    false
}

fn provider(line: &str) -> String {
    PERSON.replace(
        "fields:\n",
        "fields:\n  file_no: { title: { zh: 档案号, en: File number }, type: code, sensitivity: personal }\n  school: { title: { zh: 学校, en: School }, type: text, sensitivity: personal }\n",
    ).replace("grants:", &format!("providers:\n  - {{ {line}, department: urban, basis: 条例 }}\ngrants:"))
}

/// Who reads the date of birth waits for the step that makes the number, whichever of them
/// is written first, and is asked for nothing.
#[test]
fn the_step_that_makes_a_number_comes_before_the_reader_of_what_follows() {
    for (health, sign, first, second) in [
        (
            ("name, born", ""),
            ("name", "number"),
            "sign-review",
            "health-review",
        ),
        (
            ("name", "number"),
            ("born", ""),
            "health-review",
            "sign-review",
        ),
    ] {
        let checked = steps(PERSON, health, sign);
        let plan = plan(&checked);
        assert!(waits(plan, first, second), "{:?}", order(plan));
        let form = form(plan);
        assert!(!form.contains(&"born".to_owned()), "{form:?}");
        assert!(!form.contains(&"number".to_owned()), "{form:?}");
    }
}

/// A step that makes the number and waits for the reader already gives it too late: no
/// circle, but a question.
#[test]
fn a_reader_that_the_maker_waits_for_is_asked_for_what_follows() {
    let person = PERSON.replace(
        "fields:\n",
        "fields:\n  note: { title: 备注, type: text, sensitivity: personal }\n",
    );
    let checked = steps(&person, ("name, born", "note"), ("note", "number"));
    let plan = plan(&checked);
    assert!(waits(plan, "health-review", "sign-review"));
    assert!(form(plan).contains(&"born".to_owned()), "{:?}", form(plan));
}

/// A registry may be asked with what follows: on the draft where the form has the number,
/// and else after the step that makes the number.
#[test]
fn a_registry_asked_with_what_follows_comes_after_the_number() {
    let person = provider("registry: pupils, title: 学籍库, with: [born], gives: [school]");
    let early = steps(&person, ("number, school", ""), ("name", ""));
    let early = plan(&early);
    assert!(waits(early, "look-up-pupils-operator", "apply"));
    let asked = form(early);
    assert!(asked.contains(&"number".to_owned()), "{asked:?}");
    assert!(
        !asked
            .iter()
            .any(|field| field == "born" || field == "school")
    );

    let late = steps(&person, ("school", ""), ("name", "number"));
    let late = plan(&late);
    assert!(
        waits(late, "sign-review", "look-up-later-pupils-operator"),
        "{:?}",
        order(late)
    );
    assert!(waits(late, "ask-pupils-operator", "health-review"));
    let asked = form(late);
    assert!(
        !asked
            .iter()
            .any(|field| ["born", "number", "school"].contains(&field.as_str())),
        "{asked:?}"
    );
}

/// A registry that gives the number late gives what follows late.
#[test]
fn the_reader_of_what_follows_waits_for_the_registry_that_gives_the_number() {
    let person = provider("registry: archive, title: 档案库, with: [file_no], gives: [number]");
    for reads in ["number", "born", "born, sex"] {
        let checked = steps(&person, (reads, ""), ("name", "file_no"));
        let plan = plan(&checked);
        assert!(
            waits(plan, "sign-review", "look-up-later-archive-operator"),
            "{reads}: {:?}",
            order(plan)
        );
        assert!(
            waits(plan, "ask-archive-operator", "health-review"),
            "{reads}"
        );
        let asked = form(plan);
        assert!(
            !asked
                .iter()
                .any(|field| ["born", "number", "sex"].contains(&field.as_str())),
            "{reads}: {asked:?}"
        );
    }
}

/// What only serves to derive something is used: asked, made or looked up.
#[test]
fn a_number_is_used_where_only_what_follows_from_it_is_read() {
    let all = |checked: &Checked| -> Vec<String> {
        let all = checked.report.diagnostics.iter();
        all.filter(|found| {
            ["number", "archive"]
                .iter()
                .any(|word| found.message.en().contains(word))
        })
        .map(|found| found.code.as_str().to_owned())
        // That a department may read the number is another matter.
        .filter(|code| code != "D0910")
        .collect()
    };
    let archive = provider("registry: archive, title: 档案库, with: [file_no], gives: [number]");
    // What the contract says; what health reads, with and without what follows; what the
    // signboard's step makes; what is told without.
    for (person, with, without, makes, told) in [
        (PERSON, "name, born", "name", "number", "D0205"),
        (
            &*archive,
            "name, file_no, born",
            "name, file_no",
            "",
            "D0912",
        ),
    ] {
        assert_eq!(
            all(&steps(person, (with, ""), ("name", makes))),
            Vec::<String>::new(),
            "{with}"
        );
        let found = all(&steps(person, (without, ""), ("name", makes)));
        assert!(found.contains(&told.to_owned()), "{without}: {found:?}");
    }
    // On the form: the intake asks for the number itself.
    let asks = |health: &str| shop(PERSON, health, "name", "name, phone, number");
    assert_eq!(all(&asks("name, born")), Vec::<String>::new());
    let nobody = PERSON
        .replace(
            "to: health, fields: all",
            "to: health, fields: [name, phone, born]",
        )
        .replace("to: urban, fields: all", "to: urban, fields: [name]");
    let asks = |health: &str| shop(&nobody, health, "name", "name, phone, number");
    // The old way fetches nothing, so that nothing follows and nobody reads what it asks.
    let found = |checked: Checked, file: &str| -> bool {
        let mut all = checked.report.diagnostics.iter();
        all.any(|found| {
            let at = checked.report.sources.file(found.primary.span.file).path();
            found.code.as_str() == "D0913" && at.ends_with(file)
        })
    };
    assert!(!found(asks("name, born"), "service.yaml"));
    assert!(found(asks("name, born"), "before.yaml"));
    assert!(found(asks("name"), "service.yaml"));
}
