//! The one-time notice and the reasons of questions.
//!
//! Texts that changed on purpose are written anew by
//! `ONETHING_BLESS=1 cargo test -p onething-redesign`, and then read.

mod services;

use std::collections::BTreeMap;
use std::path::Path;

use onething_model::{FieldPath, Lang, Text};
use onething_plan::builder::PlanBuilder;
use onething_plan::random::{self, Dice};
use onething_plan::{
    Actor, Answer, Answers, Compare, Cond, FieldIx, Impossible, Plan, QuestionType, Scenario,
    Source, StepIx, SubmissionKind,
};
use onething_redesign::{Guide, Why};

fn golden(name: &str, written: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(name);
    if std::env::var_os("ONETHING_BLESS").is_some() {
        std::fs::write(&path, written).unwrap();
    }
    let wanted = std::fs::read_to_string(&path).unwrap_or_default();
    let same = wanted.replace("\r\n", "\n") == written;
    assert!(same, "{name} reads differently now:\n{written}");
}

#[test]
fn golden_notices() {
    let plan = services::restaurant();
    let guide = Guide::new(&plan, &plan.reference);
    golden("guide.zh.txt", &guide.text(Lang::Zh));
    golden("guide.en.md", &guide.markdown(Lang::En));
    golden("guide.en.html", &guide.html(Lang::En));
}

#[test]
fn a_title_that_says_one_thing_does_not_say_it_twice() {
    let mut plan = services::restaurant();
    plan.title = Text::new("开饭馆“一件事”", "Open a restaurant");
    let notice = Guide::new(&plan, &plan.reference).text(Lang::Zh);
    assert_eq!(notice.lines().next(), Some("开饭馆“一件事”一次性告知"));
}

#[test]
fn golden_reasons() {
    let mut text = String::new();
    for (way, path) in [
        (services::restaurant(), "applicant.phone"),
        (services::restaurant(), "applicant.name"),
        (services::restaurant(), "applicant.findings"),
        (services::restaurant_before(), "applicant.licence_number"),
    ] {
        let field = way.find_field(&path.parse().unwrap()).unwrap();
        let scenario = Scenario::resolve(&way, &way.reference);
        let why = Why::new(&way, &scenario, field);
        text += &(why.text(Lang::Zh) + "\n" + &why.text(Lang::En) + "\n");
    }
    golden("why.txt", &text);
}

/// Who is asked with the key alone goes unasked where it is not found.
#[test]
fn a_key_for_other_registries_is_asked_of_nobody_where_it_is_not_found() {
    for (read, asked) in [(false, false), (true, true)] {
        let mut b = PlanBuilder::new("keys");
        let [id, key, file] = ["id", "key", "file"].map(|field| b.field(field));
        b.look_up("first", &[id], &[key]);
        b.look_up("second", &[key], &[file]);
        b.step("check", Actor::Officer).reads(file);
        if read {
            b.step("reader", Actor::Officer).reads(key);
        }
        let plan = b.build();
        let scenario = Scenario::resolve(&plan, &plan.reference);
        let why = Why::new(&plan, &scenario, key);
        let (en, zh) = (why.text(Lang::En), why.text(Lang::Zh));
        assert_eq!(en.contains("the applicant is asked only if"), asked, "{en}");
        assert_eq!(
            en.contains("the applicant is not asked for it"),
            !asked,
            "{en}"
        );
        assert_eq!(zh.contains("查不到时才请申请人提供"), asked, "{zh}");
        assert_eq!(zh.contains("也不要求申请人填写"), !asked, "{zh}");
        // What the second gives is asked, whichever of the two has nothing.
        let file = Why::new(&plan, &scenario, file).text(Lang::En);
        assert!(file.contains("the applicant is asked only if"), "{file}");
    }
}

/// A check has nothing to ask again: what the application asks for stands.
#[test]
fn what_the_application_asks_is_not_said_to_be_asked_where_a_check_finds_nothing() {
    // Whether a step needs the name before the code is made, so that the application asks for it,
    // and whether the registry gives something else that is asked where it has nothing.
    for (before, more) in [(true, true), (true, false), (false, true), (false, false)] {
        let mut b = PlanBuilder::new("seal");
        let [id, code, name, town] = ["id", "code", "name", "town"].map(|field| b.field(field));
        let first = if before { name } else { id };
        b.step("register", Actor::Officer).reads(first).writes(code);
        b.late_look_up("firms", &[code], &[name, town]);
        let seal = b.step("seal", Actor::Officer).reads(code).reads(name);
        if more {
            seal.reads(town);
        }
        let plan = b.build();
        let scenario = Scenario::resolve(&plan, &plan.reference);
        let told = |field, lang| Why::new(&plan, &scenario, field).text(lang);
        let (zh, en) = (told(name, Lang::Zh), told(name, Lang::En));
        assert!(
            zh.contains("`verify: yes`") && en.contains("`verify: yes`"),
            "{zh}{en}"
        );
        assert_eq!(zh.contains("查不到时才请申请人提供"), !before, "{zh}");
        assert_eq!(zh.contains("以所填为准，不再问"), before, "{zh}");
        assert_eq!(
            en.contains("the applicant is asked only if"),
            !before,
            "{en}"
        );
        assert_eq!(en.contains("what was stated stands"), before, "{en}");
        assert!(!en.contains("it can be done without"), "{en}");
        // What only the registry gives is asked where it has nothing.
        let town = told(town, Lang::En);
        assert_eq!(
            town.contains("the applicant is asked only if"),
            more,
            "{town}"
        );
    }
}

/// A look-up that saves nothing is made as a check, which is said of what it gives and
/// of what it is asked by; one that saves something needs no such reason.
#[test]
fn it_is_told_that_a_registry_is_asked_as_a_check() {
    let told = |weigh: bool, also: bool| {
        let mut b = PlanBuilder::new("shop");
        let (id, name, town) = (b.field("id"), b.field("name"), b.field("town"));
        b.look_up("people", &[id], &[name, town]);
        if weigh {
            b.weigh_look_ups();
        }
        let step = b.step("review", Actor::Officer).reads(name);
        if also {
            step.reads(town);
        }
        let plan = b.build();
        let scenario = Scenario::resolve(&plan, &plan.reference);
        let [id, name] = [id, name].map(|field| Why::new(&plan, &scenario, field));
        let checked = name.text(Lang::En).contains("`verify: yes`");
        assert_eq!(
            checked,
            name.text(Lang::Zh).contains("要求的核验（`verify: yes`）")
        );
        assert_eq!(checked, name.comes_from[0].verify);
        let last = id.why_asked.last();
        (
            name.comes_from[0].kind,
            checked,
            last.map(|text| text.en().to_owned()),
        )
    };
    let opens = |lead: &str| Some(format!("{lead}: Look up Applicant in the people of window"));
    let check = opens("with it a check is made that is wanted");
    let instead = opens("with it others can be asked instead of you");
    assert_eq!(told(false, false), ("registry", true, check.clone()));
    assert_eq!(told(false, true), ("registry", true, check));
    assert_eq!(told(true, true), ("registry", false, instead));
    assert_eq!(told(true, false), ("applicant", false, None));
}

/// A step that amends what the applicant gives makes it for the steps after it, which do not read
/// what stands on the form.
#[test]
fn who_comes_after_a_step_that_amends_it_does_not_read_what_the_form_asks() {
    let mut b = PlanBuilder::new("licence");
    let area = b.field("area");
    b.step("survey", Actor::Officer).reads(area).writes(area);
    b.step("decide", Actor::Officer).reads(area);
    let plan = b.build();
    let scenario = Scenario::resolve(&plan, &plan.reference);
    let why = Why::new(&plan, &scenario, area);
    for (lang, from) in [
        (Lang::Zh, "由环节“survey”重新核定，其后的环节使用核定的结果"),
        (
            Lang::En,
            "as the step “survey” amends it, for the steps after it",
        ),
    ] {
        let text = why.text(lang);
        assert!(text.contains(from), "{text}");
        assert!(
            !text.contains("不再问") && !text.contains("not asked again"),
            "{text}"
        );
    }
    let names = |readers: &[onething_redesign::why::Reader]| -> Vec<String> {
        readers.iter().map(|one| one.step.to_string()).collect()
    };
    assert_eq!(names(&why.readers), ["survey", "decide"]);
    let guide = Guide::new(&plan, &plan.reference);
    assert_eq!(names(&guide.forms[0].fields[0].readers), ["survey"]);
}

/// Where something is asked.
#[derive(Debug, Clone, Copy, PartialEq)]
enum On {
    Application,
    OwnStep,
    IfNotFound,
}

/// The forms of a scenario as the plan itself has them.
fn asked(plan: &Plan, answers: &Answers, on: On) -> BTreeMap<FieldPath, usize> {
    let scenario = Scenario::resolve(plan, answers);
    let mut asked = BTreeMap::new();
    for step in scenario.steps() {
        let item = plan.step(*step);
        let form = scenario.form(*step).iter();
        let (of, fields): (On, Vec<_>) = match &item.actor {
            Actor::Submission(submission) => match submission.kind {
                SubmissionKind::Application => {
                    (On::Application, form.map(|asked| asked.field).collect())
                }
                // What everybody can do without is asked of nobody where a registry has nothing.
                SubmissionKind::Fallback(_) => match form.clone().any(|asked| !asked.optional) {
                    true => (On::IfNotFound, form.map(|asked| asked.field).collect()),
                    false => continue,
                },
            },
            Actor::Applicant => (On::OwnStep, item.writes.clone()),
            _ => continue,
        };
        for field in fields.iter().filter(|_| of == on) {
            let path = plan.field(*field).path.clone();
            *asked.entry(path).or_insert(0) += 1;
        }
    }
    asked
}

#[test]
fn every_asked_field_is_in_the_notice_as_often_as_it_is_asked_and_no_other() {
    let mut seen = [0; 3];
    for seed in 0..500 {
        let plan = random::plan(seed);
        let answers = random::answers(&plan, &mut Dice::new(!seed));
        let guide = Guide::new(&plan, &answers);
        for (forms, on) in [
            (&guide.forms, On::Application),
            (&guide.own_forms, On::OwnStep),
            (&guide.later_forms, On::IfNotFound),
        ] {
            let mut told = BTreeMap::new();
            for form in forms {
                for field in form.fields.iter().chain(&form.materials) {
                    *told.entry(field.field.clone()).or_insert(0) += 1;
                    // What the applicant states is asked even where nobody reads it.
                    let is_read = !field.readers.is_empty();
                    assert!(is_read || on == On::OwnStep, "seed {seed}: {}", field.field);
                    let has_reason = !field.why_asked.is_empty();
                    assert!(
                        has_reason || on != On::OwnStep,
                        "seed {seed}: {}",
                        field.field
                    );
                }
            }
            seen[on as usize] += told.len();
            assert_eq!(told, asked(&plan, &answers, on), "seed {seed}: {on:?}");
        }
        // In the written notice too: each as a line of its own.
        let text = guide.text(Lang::En);
        let items = guide.forms.iter().chain(&guide.own_forms);
        let items = items.chain(&guide.later_forms);
        for field in items.flat_map(|form| form.fields.iter().chain(&form.materials)) {
            let line = format!("  - {}: {}\n", field.subject.en(), field.title.en());
            assert!(text.contains(&line), "seed {seed}: {line}");
        }
    }
    assert!(seen.iter().all(|count| *count > 50), "{seen:?}");
}

#[test]
fn every_field_that_is_asked_says_why_and_no_other_does() {
    for seed in 0..500 {
        let plan = random::plan(seed);
        let answers = random::answers(&plan, &mut Dice::new(!seed));
        let scenario = Scenario::resolve(&plan, &answers);
        for at in 0..plan.fields.len() {
            let why = Why::new(&plan, &scenario, FieldIx::at(at));
            let from_applicant = why.comes_from.iter().any(|from| from.kind == "applicant");
            assert_eq!(
                from_applicant,
                !why.why_asked.is_empty(),
                "seed {seed}: {why:?}"
            );
            // Who reads what follows from it, reads it.
            let read = |step: &StepIx| {
                let mut reads = plan.step(*step).reads.iter();
                let follows = (FieldIx::at(at), scenario.sources(*step));
                reads.any(|read| {
                    read.field == follows.0
                        || follows
                            .1
                            .contains(&(read.field, Source::Derived(follows.0)))
                })
            };
            let readers = scenario.steps().iter().filter(|step| read(step)).count();
            assert_eq!(readers, why.readers.len(), "seed {seed}");
        }
    }
}

#[test]
fn answers_prune_and_what_is_not_answered_is_marked() {
    let plan = services::restaurant();
    let cold = plan.find_question("cold_dishes").unwrap();
    let mut answers = Answers::none(plan.questions.len());
    answers.set(cold, Some(Answer::YesNo(false)));
    let guide = Guide::new(&plan, &answers);
    let marks: Vec<_> = guide
        .questions
        .iter()
        .map(|q| (q.key.as_str(), q.assumed))
        .collect();
    assert_eq!(marks, [("cold_dishes", false), ("tobacco", true)]);
    assert!(
        guide
            .time
            .path
            .iter()
            .all(|step| !step.en().contains("cold"))
    );
    // An answer of the wrong type is no answer.
    answers.set(cold, Some(Answer::Number(3.0)));
    assert!(Guide::new(&plan, &answers).questions[0].assumed);
}

#[test]
fn a_different_answer_tells_what_it_changes() {
    let mut plan = services::restaurant();
    let tobacco = plan.find_question("tobacco").unwrap();
    plan.reference.set(tobacco, Some(Answer::YesNo(true)));
    // Only the tobacco step reads the rendering now.
    let rendering = plan
        .find_field(&"applicant.rendering".parse().unwrap())
        .unwrap();
    for step in &mut plan.steps {
        if step.key.as_str() == "tobacco-review" {
            step.reads.push(onething_plan::Read {
                field: rendering,
                optional: false,
                grant: None,
            });
        } else {
            step.reads.retain(|read| read.field != rendering);
        }
    }
    let guide = Guide::new(&plan, &plan.reference);
    let [change] = &guide.questions[1].changes[..] else {
        panic!("one other answer: {:?}", guide.questions[1].changes);
    };
    let drops: Vec<&str> = change.drops.iter().map(Text::en).collect();
    assert_eq!(
        drops,
        ["the material “Applicant: Rendering of the signboard”"]
    );
    assert!(change.adds.is_empty());
}

/// What designers write is text, whatever characters it has.
#[test]
fn odd_titles_break_no_format() {
    let mut plan = services::restaurant();
    let odd = "a\"b<script>alert(1)</script>&amp;|*x*_y_`z`\n# h\n- l";
    plan.title = Text::new(odd, odd);
    for field in &mut plan.fields {
        field.title = Text::new(odd, odd);
    }
    let guide = Guide::new(&plan, &plan.reference);
    let html = guide.html(Lang::Zh);
    assert!(!html.contains("<script") && html.contains("&lt;script&gt;"));
    let plain = services::restaurant();
    let plain = Guide::new(&plain, &plain.reference);
    let lines = |text: &str| text.lines().count();
    assert_eq!(lines(&html), lines(&plain.html(Lang::Zh)));
    assert_eq!(
        lines(&guide.markdown(Lang::En)),
        lines(&plain.markdown(Lang::En))
    );
}

#[test]
fn answers_that_cannot_be_are_told_with_their_reason_and_avoided_where_none_is_given() {
    let mut plan = services::restaurant();
    let ix = |key: &str| plan.find_question(key).unwrap();
    let (one, other) = {
        let mut yes_no = plan.questions.iter().filter(|question| {
            question.kind == onething_plan::QuestionType::YesNo && question.when == Cond::Always
        });
        let mut next = || ix(yes_no.next().unwrap().key.as_str());
        (next(), next())
    };
    plan.impossible.push(Impossible {
        when: Cond::yes(one).and(Cond::yes(other)),
        because: Text::new("两者只能选一", "only one of them"),
    });
    let mut given = Answers::none(plan.questions.len());
    given.set(other, Some(Answer::YesNo(true)));
    let guide = Guide::new(&plan, &given);
    let told = &guide.questions[one.index()];
    assert_eq!(
        told.answer,
        Some(Answer::YesNo(false)),
        "the only one that can be"
    );
    assert!(told.assumed);
    assert_eq!(told.excluded.len(), 1, "{told:?}");
    assert_eq!(told.excluded[0].answer, Answer::YesNo(true));
    assert!(guide.text(Lang::Zh).contains("两者只能选一"));
    // Answering the other way is possible, since nothing else was answered.
    assert!(guide.questions[other.index()].excluded.is_empty());
}

/// The registry's entry in the contract counts, not whether the definition asks it.
#[test]
fn a_registry_that_is_not_asked_is_named_with_the_reason() {
    let mut files = onething_definition::new_service(&"shop".parse().unwrap());
    for (path, text) in &mut files {
        if path == "shop/service.yaml" {
            text.push_str("fetched: { without: { enterprise-register: { zh: 接口尚未开通, en: no interface yet } } }\n");
        }
    }
    let sources = onething_definition::SourceSet::from_texts(files);
    let service = onething_definition::compile(&sources, "shop")
        .service
        .unwrap();
    let why = |plan: &Plan| {
        let field = plan.find_field(&"shop.name".parse().unwrap()).unwrap();
        let scenario = Scenario::resolve(plan, &plan.reference);
        Why::new(plan, &scenario, field).why_asked
    };
    let new = why(&service.new);
    let told = Text::new(
        "卫生健康委员会的“企业登记信息库”有它，但没有查询：接口尚未开通",
        "“Enterprise register” of Health commission holds it, but is not asked: no interface yet",
    );
    assert!(new.contains(&told), "{new:#?}");
    assert!(
        !new.iter()
            .any(|reason| reason.en().contains("no registry can"))
    );
    let old = why(service.old.as_ref().unwrap());
    let then = "“Enterprise register” of Health commission holds it, but was not asked then";
    assert!(old.iter().any(|reason| reason.en() == then), "{old:#?}");
}

/// A service in which step `at` is done for numbers between `at` and the next of `values`.
fn by_number(values: &[f64], reference: f64) -> Plan {
    let mut b = PlanBuilder::new("beds");
    let beds = b.yes_no("beds");
    b.plan_mut().questions[0].kind = QuestionType::Number {
        min: Some(0.0),
        max: None,
    };
    let answer = Answer::Number(reference);
    b.plan_mut().reference.set(beds, Some(answer));
    let fields: Vec<_> = (0..values.len())
        .map(|at| b.field(&format!("f{at}")))
        .collect();
    for (at, pair) in values.windows(2).enumerate() {
        let above = Cond::Compare(beds, Compare::Greater, Answer::Number(pair[0]));
        let below = Cond::Compare(beds, Compare::Less, Answer::Number(pair[1]));
        b.step(&format!("s{at}"), Actor::Officer)
            .when(Cond::All(vec![above, below]))
            .reads(fields[at]);
    }
    b.build()
}

#[test]
fn a_number_between_two_that_conditions_name_is_tried_although_none_is_whole() {
    let plan = by_number(&[3.0, 4.0], 10.0);
    let guide = Guide::new(&plan, &plan.reference);
    let changes = &guide.questions[0].changes;
    assert_eq!(changes.len(), 1, "{changes:?}");
    assert_eq!(changes[0].answer, Answer::Number(3.5));
    assert_eq!(changes[0].adds.len(), 1);
}

#[test]
fn a_notice_compares_the_nearest_answers_however_many_there_are() {
    let values: Vec<f64> = (0..400).map(|at| f64::from(at) * 10.0).collect();
    let plan = by_number(&values, 2_005.0);
    let guide = Guide::new(&plan, &plan.reference);
    let changes = &guide.questions[0].changes;
    assert_eq!(changes.len(), 24);
    for change in changes {
        let Answer::Number(number) = change.answer else {
            panic!("{change:?}")
        };
        assert!((number - 2_005.0).abs() < 200.0, "{number}");
    }
}
