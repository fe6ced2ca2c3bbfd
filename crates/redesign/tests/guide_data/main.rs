//! The notice as data: it fits its schema, and a front end that knows nothing else
//! comes to what the program itself does, whatever the answers are.
//!
//! What changed on purpose is written anew by
//! `ONETHING_BLESS=1 cargo test -p onething-redesign --test guide_data`, and then read.

mod changes;
mod front_end;
mod plans;
#[path = "../random/mod.rs"]
mod random_service;
#[path = "../services/mod.rs"]
mod services;

use std::path::Path;

use onething_definition::classes::classes;
use onething_definition::{compile, load};
use onething_plan::random::Dice;
use onething_plan::{Answers, Plan, QuestionIx, Service};
use onething_redesign::Guide;
use onething_redesign::guide::{self, GuideData};
use serde_json::{Map, Value};

use self::front_end::Remains;

fn shipped() -> Vec<Service> {
    let loaded = load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../workflows"));
    let services = loaded.services.iter();
    services
        .map(|folder| {
            compile(&loaded.sources, folder)
                .service
                .expect("it compiles")
        })
        .collect()
}

fn json(plan: &Plan, given: &Answers) -> Value {
    serde_json::to_value(GuideData::new(plan, given).unwrap()).unwrap()
}

/// Answers as a front end holds them.
fn as_json(plan: &Plan, answers: &Answers) -> Map<String, Value> {
    let answers = answers.iter();
    answers
        .map(|(ix, answer)| {
            let answer = serde_json::to_value(answer).unwrap();
            (plan.question(ix).key.to_string(), answer)
        })
        .collect()
}

/// The conditions of one document come to what the program says for each of these answers.
/// Returns how many different cases there were.
fn decides_alone(plan: &Plan, all: &[Answers], name: &str) -> usize {
    let guide = json(plan, &Answers::none(plan.questions.len()));
    let mut cases = std::collections::BTreeSet::new();
    for answers in all {
        let given = as_json(plan, answers);
        let (answered, next) = front_end::asked(&guide, &given);
        assert_eq!((&answered, next), (&given, None), "{name}");
        let contradiction = plan.contradiction(answers);
        let because = contradiction.map(|rule| serde_json::to_value(&rule.because).unwrap());
        assert_eq!(
            front_end::impossible(&guide, &answered),
            because,
            "{name}: {given:?}"
        );
        if because.is_some() {
            continue;
        }
        let decided = Remains::decided(&guide, &answered);
        let noticed = notice(plan, answers);
        assert_eq!(decided, noticed, "{name}: {given:?}");
        cases.insert(format!("{decided:?}"));
    }
    cases.len()
}

/// What the program itself says for these answers.
fn notice(plan: &Plan, answers: &Answers) -> Remains {
    let noticed = onething_redesign::guide::NoticeData::new(plan, answers);
    Remains::noticed(&serde_json::json!({ "notice": noticed }))
}

#[test]
fn a_front_end_decides_for_every_answer_of_the_shipped_services() {
    let mut cases = 0;
    for service in shipped() {
        let ways = [Some(&service.new), service.old.as_ref()];
        for plan in ways.into_iter().flatten() {
            let classes = classes(plan);
            assert!(classes.exhaustive);
            cases += decides_alone(plan, &classes.answers, plan.service.as_str());
        }
    }
    assert!(cases > 100, "{cases}");
}

#[test]
fn a_front_end_decides_for_every_answer_of_random_plans() {
    let (mut cases, mut sets, mut follow) = (0, 0, 0);
    for seed in 0..200 {
        let plan = plans::plan(seed);
        let answers = plans::some(plans::every_answer(&plan), 40, seed);
        sets += answers.len();
        cases += decides_alone(&plan, &answers, &format!("seed {seed}"));
        let derived = answers.iter().map(|answers| notice(&plan, answers).derived);
        follow += derived.collect::<std::collections::BTreeSet<_>>().len() - 1;
    }
    assert!(sets > 3_000 && cases > 350, "{sets}, {cases}");
    // Whether something follows differs from answer to answer.
    assert!(follow > 15, "{follow}");
}

#[test]
fn a_front_end_decides_for_every_answer_of_random_services() {
    let mut cases = 0;
    for seed in 0..150 {
        let sources = random_service::service(seed);
        let Some(service) = compile(&sources, "svc").service else {
            continue;
        };
        for plan in [Some(&service.new), service.old.as_ref()]
            .into_iter()
            .flatten()
        {
            let answers = plans::every_answer(plan);
            cases += decides_alone(plan, &answers, &format!("seed {seed}"));
        }
    }
    assert!(cases > 200, "{cases}");
}

/// After some of the answers the front end asks what the program would ask.
#[test]
fn the_next_question_is_the_one_that_the_program_names() {
    let mut asked = 0;
    for seed in 0..200 {
        let plan = plans::plan(seed);
        let mut dice = Dice::new(!seed);
        let all = plans::every_answer(&plan);
        let mut given = all[dice.below(all.len())].clone();
        for at in 0..plan.questions.len() {
            if dice.chance(40) {
                given.set(QuestionIx::at(at), None);
            }
        }
        let guide = json(&plan, &given);
        let (_, next) = front_end::asked(&guide, &as_json(&plan, &given));
        let named = guide["notice"]["next_question"].as_str();
        assert_eq!(next.as_deref(), named, "seed {seed}");
        asked += usize::from(next.is_some());
        // What is given is not assumed, all else is.
        for answer in guide["notice"]["answers"].as_array().unwrap() {
            let ix = plan
                .find_question(answer["question"].as_str().unwrap())
                .unwrap();
            let kept = given
                .get(ix)
                .map(|given| serde_json::to_value(given).unwrap());
            let assumed = kept.as_ref() != Some(&answer["answer"]);
            assert_eq!(answer["assumed"], assumed, "seed {seed}");
        }
    }
    assert!(asked > 50, "{asked}");
}

/// The schema, which allows keys of later versions, with nothing allowed beyond.
fn closed(mut schema: Value) -> Value {
    fn close(schema: &mut Value) {
        if let Some(map) = schema.as_object_mut() {
            if map.contains_key("properties") {
                map.insert("additionalProperties".into(), false.into());
            }
            map.values_mut().for_each(close);
        }
        if let Some(list) = schema.as_array_mut() {
            list.iter_mut().for_each(close);
        }
    }
    close(&mut schema);
    schema
}

#[test]
fn every_notice_fits_the_schema() {
    let schema = guide::schema();
    assert!(jsonschema::meta::is_valid(&schema));
    let validator = jsonschema::validator_for(&closed(schema)).unwrap();
    let fits = |plan: &Plan, name: &str| {
        let guide = json(plan, &plan.reference);
        let faults: Vec<String> = validator
            .iter_errors(&guide)
            .map(|fault| format!("{}: {fault}", fault.instance_path()))
            .collect();
        assert!(faults.is_empty(), "{name}: {faults:#?}");
    };
    for service in shipped() {
        for plan in [Some(&service.new), service.old.as_ref()]
            .into_iter()
            .flatten()
        {
            fits(plan, plan.service.as_str());
        }
    }
    for seed in 0..200 {
        fits(&plans::plan(seed), &format!("seed {seed}"));
    }
    fits(&services::restaurant(), "restaurant");
    fits(&services::restaurant_before(), "restaurant before");
}

#[test]
fn the_schema_refuses_what_the_format_is_not() {
    let validator = jsonschema::validator_for(&guide::schema()).unwrap();
    let plan = services::restaurant();
    let good = json(&plan, &plan.reference);
    assert!(validator.is_valid(&good));
    let with = |pointer: &str, value: Value| {
        let mut changed = good.clone();
        *changed
            .pointer_mut(pointer)
            .unwrap_or_else(|| panic!("{pointer}")) = value;
        changed
    };
    let when = |test: Value| {
        with(
            "/steps/0/when",
            serde_json::json!({ "test": test, "text": {"zh": "x", "en": "x"} }),
        )
    };
    for refused in [
        with("/format", "onething-guide/2".into()),
        with("/questions/0/type", "poem".into()),
        with("/questions/0/ask", "a plain text".into()),
        with("/forms/0/fields/0/required", Value::Null),
        with("/data/0/type", "poem".into()),
        with("/notice/visits", (-1).into()),
        when(serde_json::json!({ "both": [true, false] })),
        when(serde_json::json!({ "question": "a", "is": "about", "value": 1 })),
        when(serde_json::json!({ "not": true, "all": [] })),
        when(serde_json::json!("cold_dishes && seats > 50")),
    ] {
        assert!(!validator.is_valid(&refused), "{refused:#}");
    }
    assert!(validator.is_valid(&when(
        serde_json::json!({ "all": [true, { "not": false }] })
    )));
}

/// Every reference leads to something that is there.
#[test]
fn what_is_referred_to_is_described() {
    for service in shipped() {
        let guide = json(&service.new, &service.new.reference);
        let all = |pointer: &str, key: &str| -> Vec<String> {
            let list = guide.pointer(pointer).unwrap().as_array().unwrap().iter();
            list.map(|item| item[key].as_str().unwrap().to_owned())
                .collect()
        };
        let (steps, data) = (all("/steps", "key"), all("/data", "field"));
        let matters = all("/matters", "key");
        let step = |value: &Value| steps.iter().any(|key| value == key);
        let datum = |value: &Value| data.iter().any(|key| value == key);
        let items = |of: &Value, key: &str| of[key].as_array().unwrap().clone();
        for form in items(&guide, "forms")
            .iter()
            .chain(&items(&guide, "fetched"))
        {
            assert!(step(&form["step"]), "{form}");
            for list in ["fields", "materials"] {
                for asked in form[list].as_array().into_iter().flatten() {
                    assert!(datum(&asked["field"]), "{asked}");
                }
            }
        }
        for derived in items(&guide, "derived") {
            assert!(datum(&derived["field"]), "{derived}");
            assert!(datum(&derived["from"]), "{derived}");
        }
        for fetched in items(&guide, "fetched") {
            assert!(step(&fetched["if_not_found"]));
            assert!(items(&fetched, "keys").iter().all(datum), "{fetched}");
        }
        for item in items(&guide, "data") {
            for list in ["sources", "readers"] {
                assert!(!items(&item, list).is_empty(), "{item}");
                for part in items(&item, list) {
                    assert!(step(&part["step"]), "{part}");
                }
            }
        }
        for item in items(&guide, "steps") {
            let matter = &item["matter"];
            assert!(
                matter.is_null() || matters.iter().any(|key| matter == key),
                "{item}"
            );
        }
    }
}

/// The written notice and the data say the same of a case.
#[test]
fn the_notice_for_people_and_the_one_for_programs_agree() {
    for service in shipped() {
        let plan = &service.new;
        for answers in &classes(plan).answers {
            let guide = Guide::new(plan, answers);
            let data = guide::NoticeData::new(plan, answers);
            let forms = guide.forms.iter().chain(&guide.own_forms);
            let forms = forms.chain(&guide.later_forms);
            let told: Vec<_> = forms
                .flat_map(|form| form.fields.iter().chain(&form.materials))
                .map(|field| field.field.clone())
                .collect();
            let listed = data.forms.iter().flat_map(|form| &form.fields);
            let listed: Vec<_> = listed.map(|field| field.field.clone()).collect();
            assert_eq!(told, listed);
            assert_eq!(guide.time.working_days, data.time.working_days);
            let path: f64 = data.time.path.iter().map(|step| step.working_days).sum();
            assert!((path - data.time.working_days.unwrap_or(0.0)).abs() < 1e-9);
        }
    }
}

/// The types of the schema as Markdown tables, the whole first.
fn reference(schema: &Value) -> String {
    let mut out = String::new();
    let named = schema["$defs"].as_object().unwrap().iter();
    let all = [("The whole", schema)].into_iter();
    for (name, of) in all.chain(named.map(|(name, of)| (name.as_str(), of))) {
        let about = of["description"].as_str().unwrap();
        if let Some(words) = of["oneOf"]
            .as_array()
            .filter(|words| words[0]["const"].is_string())
        {
            out += &format!("\n### {name}\n\n{about}\n\n| word | meaning |\n|---|---|\n");
            for word in words {
                let (word, about) = (&word["const"], &word["description"]);
                out += &format!(
                    "| `{}` | {} |\n",
                    word.as_str().unwrap(),
                    about.as_str().unwrap()
                );
            }
        }
        let Some(keys) = of["properties"].as_object() else {
            continue;
        };
        if of.get("required").is_none() && name == "Text" {
            continue;
        }
        out += &format!("\n### {name}\n\n{about}\n\n| key | type | meaning |\n|---|---|---|\n");
        for (key, of) in keys {
            let kind = kind(of);
            let about = of["description"].as_str().unwrap();
            out += &format!("| `{key}` | {kind} | {about} |\n");
        }
    }
    out
}

fn kind(of: &Value) -> String {
    if let Some(name) = of["$ref"].as_str() {
        return name.trim_start_matches("#/$defs/").to_owned();
    }
    if let Some(some) = of["anyOf"].as_array() {
        return format!("{} or null", kind(&some[0]));
    }
    match &of["type"] {
        Value::String(name) if name == "array" => format!("list of {}", kind(&of["items"])),
        Value::String(name) => name.clone(),
        Value::Array(names) => {
            let names: Vec<&str> = names.iter().filter_map(Value::as_str).collect();
            names.join(", ")
        }
        _ => "any".to_owned(),
    }
}

#[test]
fn the_reference_is_in_the_documentation() {
    const BEGIN: &str = "<!-- the reference below is generated: ONETHING_BLESS=1 cargo test -p onething-redesign --test guide_data -->\n";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/guide-format.md");
    let page = std::fs::read_to_string(&path)
        .unwrap()
        .replace("\r\n", "\n");
    let (before, written) = page.split_once(BEGIN).expect("the marker is there");
    let expected = reference(&guide::schema());
    if std::env::var_os("ONETHING_BLESS").is_some() {
        std::fs::write(&path, format!("{before}{BEGIN}{expected}")).unwrap();
    } else {
        assert!(
            written == expected,
            "run with ONETHING_BLESS=1 to write the reference again"
        );
    }
}

#[test]
fn golden_data() {
    let plan = services::restaurant();
    let guide = GuideData::new(&plan, &plan.reference).unwrap();
    for (name, value) in [
        ("guide.json", serde_json::to_string_pretty(&guide).unwrap()),
        ("guide.schema.json", format!("{:#}", guide::schema())),
    ] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/golden")
            .join(name);
        let written = value + "\n";
        if std::env::var_os("ONETHING_BLESS").is_some() {
            std::fs::write(&path, &written).unwrap();
        }
        let wanted = std::fs::read_to_string(&path).unwrap_or_default();
        let same = wanted.replace("\r\n", "\n") == written;
        assert!(same, "{name} reads differently now:\n{written}");
    }
}
