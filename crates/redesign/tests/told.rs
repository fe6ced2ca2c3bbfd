//! What notices and reasons say of what is fetched, of what an intake asks on its own
//! account, and of what follows from a number.

use onething_definition::{SourceSet, compile, new_service};
use onething_model::{Lang, Text};
use onething_plan::builder::PlanBuilder;
use onething_plan::{
    Actor, Answer, Answers, Cond, Derivation, FieldIx, FieldType, Plan, Question, QuestionIx,
    QuestionType, Read, Scenario, Service,
};
use onething_redesign::guide::{GuideData, Spares};
use onething_redesign::{Guide, View, Why};

fn spared(guide: &Guide) -> Vec<(String, Spares)> {
    let fetched = guide.fetched.iter().flat_map(|fetched| &fetched.fields);
    fetched
        .map(|item| (item.field.field.field.to_string(), item.spares))
        .collect()
}

fn is_told(guide: &Guide, zh: &str, en: &str) {
    for (lang, words) in [(Lang::Zh, zh), (Lang::En, en)] {
        // Lines are broken anywhere.
        let squeezed = |text: &str| text.split_whitespace().collect::<String>();
        let text = guide.text(lang);
        assert!(
            squeezed(&text).contains(&squeezed(words)),
            "{words}\n{text}"
        );
    }
}

/// What a registry gives so that another one can be asked would not have been asked of the
/// applicant: it spares them nothing by itself.
#[test]
fn a_key_that_is_fetched_to_ask_another_registry_is_not_counted_as_spared() {
    let mut b = PlanBuilder::new("shop");
    let [id, name, place, address] = ["id", "name", "place", "address"].map(|name| b.field(name));
    b.look_up("people", &[id], &[name, place]);
    b.look_up("places", &[place], &[address]);
    b.step("review", Actor::Officer).reads(name).reads(address);
    let plan = b.build();
    let guide = Guide::new(&plan, &plan.reference);
    let told = [
        ("name", Spares::Giving),
        ("place", Spares::OnlyAKey),
        ("address", Spares::Giving),
    ];
    assert_eq!(
        spared(&guide),
        told.map(|(field, spares)| (field.to_owned(), spares))
    );
    is_told(&guide, "免填免交 2 项", "2 items fetched for you");
    is_told(
        &guide,
        "申请人·place（只用来查询其他内容）",
        "Applicant: place (only to look up the rest)",
    );
}

/// Once a step reads it as well, it is spared.
#[test]
fn a_key_that_a_step_reads_too_is_spared() {
    let mut b = PlanBuilder::new("shop");
    let [id, name, place, address] = ["id", "name", "place", "address"].map(|name| b.field(name));
    b.look_up("people", &[id], &[name, place]);
    b.look_up("places", &[place], &[address]);
    b.step("review", Actor::Officer)
        .reads(name)
        .reads(place)
        .reads(address);
    let plan = b.build();
    let guide = Guide::new(&plan, &plan.reference);
    assert!(
        spared(&guide)
            .iter()
            .all(|(_, spares)| *spares == Spares::Giving)
    );
    is_told(&guide, "免填免交 3 项", "3 items fetched for you");
}

/// A step needs the name before its registry can be asked: the applicant gives it.
#[test]
fn what_is_on_a_form_anyway_is_not_counted_as_spared() {
    let mut b = PlanBuilder::new("shop");
    let [name, number, address] = ["name", "number", "address"].map(|name| b.field(name));
    b.step("first", Actor::Officer).reads(name).writes(number);
    b.late_look_up("register", &[number], &[name, address]);
    b.step("second", Actor::Officer).reads(name).reads(address);
    let plan = b.build();
    let guide = Guide::new(&plan, &plan.reference);
    assert_eq!(guide.forms[0].fields[0].field.field.as_str(), "name");
    let told = [("name", Spares::Nothing), ("address", Spares::Giving)];
    assert_eq!(
        spared(&guide),
        told.map(|(field, spares)| (field.to_owned(), spares))
    );
    is_told(&guide, "免填免交 1 项", "1 item fetched for you");
    is_told(
        &guide,
        "申请人·name（您也要填）",
        "Applicant: name (you give it as well)",
    );
}

/// The small service that `onething new` writes, with texts of it replaced.
fn shop(replaced: &[(&str, &str)]) -> Service {
    let mut files = new_service(&"shop".parse().unwrap());
    for (from, to) in replaced {
        let mut found = false;
        for (_, text) in &mut files {
            found |= text.contains(from);
            *text = text.replacen(from, to, 1);
        }
        assert!(found, "{from}");
    }
    let compilation = compile(&SourceSet::from_texts(files), "shop");
    compilation
        .service
        .unwrap_or_else(|| panic!("{:?}", compilation.diagnostics))
}

fn why(plan: &Plan, field: &str) -> Why {
    let field = plan.find_field(&field.parse().unwrap()).unwrap();
    Why::new(plan, &Scenario::resolve(plan, &plan.reference), field)
}

/// No step reads the phone number: it is for whoever takes the application in.
#[test]
fn what_an_intake_asks_names_who_takes_it_in_and_what_for() {
    const ACCEPT: &str = "  by: officer\n  limit: 1wd\n  asks";
    let grant = |purpose: &str| {
        format!("  - {{ to: health, fields: [phone], purpose: {purpose}, basis: 通知办法 }}\n")
    };
    let health = "  - { to: health, fields: all, purpose: licensing, ";
    let only_name = "  - { to: health, fields: [name], purpose: licensing, ";
    let notices = format!("{}{only_name}", grant("notices"));
    let several = format!("{}{health}", grant("notices"));
    // What is replaced; who reads it as the application, in both languages.
    type Case<'a> = (&'a [(&'a str, &'a str)], &'a str, &'a str);
    let table: [Case<'_>; 5] = [
        (
            &[(health, &notices)],
            "申请（卫生健康委员会），用途：notices，依据：通知办法",
            "Application (Health commission), for: notices, on the basis of 通知办法",
        ),
        // A system that accepts is shown nothing; but that is what it is asked for.
        (
            &[
                (health, &notices),
                (ACCEPT, "  by: system\n  asks"),
                ("  accept: 10min\n", ""),
            ],
            "申请（卫生健康委员会），用途：notices，依据：通知办法",
            "Application (Health commission), for: notices, on the basis of 通知办法",
        ),
        // Of several the one that the intake names.
        (
            &[
                (health, &several),
                // In both ways; the old one has a window for signboards as well.
                (
                    "phone] }\n",
                    "phone] }\n  purpose: [licensing, signboard-filing]\n",
                ),
            ],
            "申请（卫生健康委员会），用途：licensing，依据：公共场所卫生管理条例（示例）",
            "Application (Health commission), for: licensing, on the basis of 公共场所卫生管理条例（示例）",
        ),
        // Nobody accepts it.
        (
            &[
                (health, &notices),
                (ACCEPT, "  asks"),
                ("  accept: 10min\n", ""),
            ],
            "申请",
            "Application",
        ),
        // Anyone may see it.
        (
            &[(
                "type: phone, sensitivity: personal",
                "type: phone, sensitivity: public",
            )],
            "申请（卫生健康委员会），用途：licensing，依据：公共场所卫生管理条例（示例）",
            "Application (Health commission), for: licensing, on the basis of 公共场所卫生管理条例（示例）",
        ),
    ];
    for (replaced, zh, en) in table {
        let service = shop(replaced);
        let why = why(&service.new, "operator.phone");
        let [reader] = &why.readers[..] else {
            panic!("{why:?}")
        };
        for (lang, sentence) in [(Lang::Zh, zh), (Lang::En, en)] {
            let line = format!("- {sentence}\n");
            assert!(why.markdown(lang).contains(&line), "{}", why.markdown(lang));
        }
        let guide = Guide::new(&service.new, &service.new.reference);
        is_told(&guide, zh, en);
        // And to programs: by the application, whose department is said once.
        let data = GuideData::new(&service.new, &service.new.reference).unwrap();
        let data = serde_json::to_value(&data).unwrap();
        let data = data["data"].as_array().unwrap();
        let phone = data.iter().find(|datum| datum["field"] == "operator.phone");
        let readers = phone.unwrap()["readers"].as_array().unwrap();
        let told = &readers[0]["grants"];
        assert_eq!(readers[0]["step"], "apply");
        assert_eq!(told.as_array().unwrap().len(), reader.grants.len());
        if let Some(grant) = reader.grants.first() {
            assert_eq!(told[0]["purpose"], grant.purpose.as_str());
            assert_eq!(told[0]["basis"], grant.basis.as_str());
        }
    }
}

/// In the old way each window takes its own application in.
#[test]
fn each_window_asks_for_its_own_department() {
    let service = shop(&[]);
    let why = why(service.old.as_ref().unwrap(), "operator.phone");
    let told: Vec<_> = why
        .readers
        .iter()
        .map(|reader| {
            let department = reader.department.as_ref();
            let purposes = reader.grants.iter().map(|grant| grant.purpose.as_str());
            (
                reader.step.as_str(),
                department.map(|department| department.key.as_str()),
                purposes.collect::<Vec<_>>(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("apply-health-permit", Some("health"), vec!["licensing"]),
            ("apply-sign-filing", Some("urban"), vec!["signboard-filing"]),
        ]
    );
}

/// A plan in which the review reads a number's owner's date of birth, and with `number` the number.
fn with_birth(number: bool) -> (Plan, FieldIx, FieldIx) {
    let mut b = PlanBuilder::new("shop");
    let id = b.typed_field("id", FieldType::IdentityNumber);
    let born = b.derived_field("born", Derivation::DateOfBirth, id);
    b.step("review", Actor::Officer).reads(born);
    let check = b.step("check", Actor::Officer);
    if number {
        check.reads(id);
    }
    (b.build(), id, born)
}

#[test]
fn what_follows_from_a_number_is_told_with_it() {
    let (plan, id, born) = with_birth(true);
    let scenario = Scenario::resolve(&plan, &plan.reference);
    let guide = Guide::new(&plan, &plan.reference);
    let told: Vec<_> = guide
        .derived
        .iter()
        .map(|item| {
            (
                item.field.field.to_string(),
                item.from.field.to_string(),
                item.by,
            )
        })
        .collect();
    let pair = (
        "applicant.born".to_owned(),
        "applicant.id".to_owned(),
        "date-of-birth",
    );
    assert_eq!(told, [pair]);
    is_told(
        &guide,
        "申请人·born：由申请人·id得出（第 7 至 14 位，GB 11643-1999），无需填写",
        "Applicant: born: follows from Applicant: id (digits 7 to 14, GB 11643-1999)",
    );
    // Where it comes from: with the number, and from whom that is.
    let of_born = Why::new(&plan, &scenario, born);
    let [from] = &of_born.comes_from[..] else {
        panic!("{of_born:?}")
    };
    assert_eq!((from.kind, from.step.as_str()), ("derived", "apply"));
    assert_eq!(from.from.as_ref().unwrap().to_string(), "applicant.id");
    let text = of_born.text(Lang::Zh);
    assert!(
        text.contains("由“id”（第 7 至 14 位）得出，无需填写"),
        "{text}"
    );
    assert!(of_born.why_asked.is_empty());
    // Who reads the number: one itself, one only what follows from it.
    let of_id = Why::new(&plan, &scenario, id);
    let only: Vec<_> = of_id
        .readers
        .iter()
        .map(|reader| (reader.step.as_str(), reader.only.len()))
        .collect();
    assert_eq!(only, [("review", 1), ("check", 0)]);
    let text = of_id.text(Lang::Zh);
    assert!(
        text.contains("review（window），只用由它得出的born"),
        "{text}"
    );
    assert!(text.contains("由它可以得出，从而不用再填：born"), "{text}");
    // What the steps are shown.
    let view = View::new(&plan, &plan.reference);
    let review = view.steps.iter().find(|step| step.key.as_str() == "review");
    let reads: Vec<_> = review
        .unwrap()
        .reads
        .iter()
        .map(|read| (read.field.to_string(), read.source, read.from.to_string()))
        .collect();
    assert_eq!(
        reads,
        [("applicant.born".to_owned(), "derived", "apply".to_owned())]
    );
}

/// A date of birth alone is not worth a number: it is asked itself, and nothing follows.
#[test]
fn where_nothing_gives_the_number_nothing_is_told_to_follow() {
    let (plan, _, born) = with_birth(false);
    let scenario = Scenario::resolve(&plan, &plan.reference);
    let guide = Guide::new(&plan, &plan.reference);
    assert!(guide.derived.is_empty());
    assert!(!guide.text(Lang::Zh).contains("不用再填的"));
    let why = Why::new(&plan, &scenario, born);
    assert_eq!(why.comes_from[0].kind, "applicant");
    // Nor is it left open why not.
    is_told(
        &guide,
        "由“id”可以得出它，但为此要多问“id”，并不比直接填写它少（最小必要）",
        "it follows from “id”, which would have to be asked and is no less than it itself (minimum necessity)",
    );
    let view = View::new(&plan, &plan.reference);
    let reads = view.steps.iter().flat_map(|step| &step.reads);
    assert!(reads.clone().count() > 0 && reads.clone().all(|read| read.source == "applicant"));
}

/// The number is made, but only after its owner's date of birth is read.
#[test]
fn a_number_that_comes_too_late_is_named() {
    let mut b = PlanBuilder::new("shop");
    let id = b.typed_field("id", FieldType::IdentityNumber);
    let born = b.derived_field("born", Derivation::DateOfBirth, id);
    b.step("review", Actor::Officer).reads(born);
    b.step("register", Actor::Officer).writes(id);
    let plan = b.build();
    is_told(
        &Guide::new(&plan, &plan.reference),
        "由“id”可以得出它，但“id”要等“register”之后才有",
        "it follows from “id”, which is there only after “register”",
    );
}

/// What everybody can do without is asked of nobody where a registry that is asked after the
/// application has nothing; what somebody needs is, and what is optional with it.
#[test]
fn a_later_form_is_announced_where_somebody_is_asked() {
    for (optional, asked) in [([true, true], false), ([false, true], true)] {
        let mut b = PlanBuilder::new("shop");
        let [number, photo, note] = ["number", "photo", "note"].map(|name| b.field(name));
        b.step("first", Actor::Officer).writes(number);
        b.late_look_up("register", &[number], &[photo, note]);
        let reads = [photo, note].into_iter().zip(optional);
        b.step("second", Actor::Officer).with(|step| {
            step.reads.extend(reads.map(|(field, optional)| Read {
                field,
                optional,
                grant: None,
            }));
        });
        let plan = b.build();
        let guide = Guide::new(&plan, &plan.reference);
        let fields = guide.later_forms.iter().map(|form| form.fields.len());
        assert_eq!(
            fields.collect::<Vec<_>>(),
            if asked { vec![2] } else { vec![] }
        );
        let scenario = Scenario::resolve(&plan, &plan.reference);
        let why = Why::new(&plan, &scenario, note);
        let (zh, en) = (why.text(Lang::Zh), why.text(Lang::En));
        assert_eq!(zh.contains("查不到时才请申请人提供"), asked, "{zh}");
        assert_eq!(
            zh.contains("查不到也可以办，不再请申请人提供"),
            !asked,
            "{zh}"
        );
        assert_eq!(en.contains("the applicant is asked only if"), asked, "{en}");
        assert_eq!(en.contains("nobody is asked"), !asked, "{en}");
    }
}

/// An answer may cost a trip or an appointment, and nothing to fill in or to hand in.
#[test]
fn trips_and_appointments_that_an_answer_brings_are_told() {
    let mut b = PlanBuilder::new("shop");
    let cold = b.yes_no("cold");
    let name = b.field("name");
    b.step("review", Actor::Officer).reads(name);
    let inspect = b.step("inspect", Actor::Officer).reads(name);
    let inspect = inspect.when(Cond::yes(cold)).number();
    let collect = b.step("collect", Actor::Applicant).when(Cond::yes(cold));
    let collect = collect.number();
    let plan = b.plan_mut();
    plan.steps[inspect.index()].attended = true;
    plan.steps[collect.index()].visits = 1;
    let plan = b.build();
    for (yes, zh, en) in [
        (
            false,
            "若回答“是”：增加须本人在场的“inspect”、到现场办理“collect”",
            "“yes” adds the appointment for “inspect”, the trip for “collect”",
        ),
        (
            true,
            "若回答“否”：减少须本人在场的“inspect”、到现场办理“collect”",
            "“no” drops the appointment for “inspect”, the trip for “collect”",
        ),
    ] {
        let mut answers = Answers::none(1);
        answers.set(cold, Some(Answer::YesNo(yes)));
        is_told(&Guide::new(&plan, &answers), zh, en);
    }
}

/// An answer may make something required that can be left out without it, and the other way round.
#[test]
fn what_an_answer_makes_required_or_optional_is_told() {
    let mut b = PlanBuilder::new("shop");
    let cold = b.yes_no("cold");
    let (name, note) = (b.field("name"), b.field("note"));
    let review = b.step("review", Actor::Officer).reads(name).reads(note);
    let review = review.number();
    b.plan_mut().steps[review.index()].reads[1].optional = true;
    b.step("inspect", Actor::Officer)
        .reads(name)
        .reads(note)
        .when(Cond::yes(cold));
    let plan = b.build();
    for (yes, zh, en) in [
        (
            false,
            "若回答“是”：改为必须提供：填报项“申请人·note”",
            "“yes” makes the field “Applicant: note” required",
        ),
        (
            true,
            "若回答“否”：改为可以不提供：填报项“申请人·note”",
            "“no” makes the field “Applicant: note” optional",
        ),
    ] {
        let mut answers = Answers::none(1);
        answers.set(cold, Some(Answer::YesNo(yes)));
        let guide = Guide::new(&plan, &answers);
        is_told(&guide, zh, en);
        let change = &guide.questions[0].changes[0];
        assert_eq!(change.requires.len(), usize::from(!yes));
        assert_eq!(change.frees.len(), usize::from(yes));
        let data = GuideData::new(&plan, &answers).unwrap();
        let other = &data.notice.other_answers[0];
        assert_eq!(
            (&other.requires, &other.frees),
            (&change.requires, &change.frees)
        );
    }
}

/// People choose by the title, and an application file holds the key.
#[test]
fn a_choice_is_told_with_its_key() {
    let mut b = PlanBuilder::new("shop");
    let options = || {
        [
            ("dine_in", "堂食", "Dine in"),
            ("takeaway", "外卖", "Takeaway"),
        ]
        .into_iter()
    };
    let plan = b.plan_mut();
    plan.questions.push(Question {
        key: "kind".parse().unwrap(),
        ask: Text::new("怎么经营", "How is it run"),
        kind: QuestionType::Choice(
            options()
                .map(|(key, zh, en)| (key.into(), Text::new(zh, en)))
                .collect(),
        ),
        when: Cond::Always,
    });
    plan.reference = Answers::none(1);
    let kind = FieldType::Choice {
        options: options()
            .map(|(key, zh, en)| (key.to_owned(), Text::new(zh, en)))
            .collect(),
    };
    let main = b.typed_field("main", kind);
    b.step("review", Actor::Officer).reads(main);
    let plan = b.build();
    let mut answers = Answers::none(1);
    answers.set(QuestionIx(0), Some(Answer::Choice("takeaway".into())));
    let guide = Guide::new(&plan, &answers);
    is_told(
        &guide,
        "必填；选择（括号内为申请文件中的写法）：堂食（dine_in）、外卖（takeaway）",
        "one of (in brackets as an application file has it): Dine in (dine_in), Takeaway (takeaway)",
    );
    is_told(&guide, "外卖（takeaway）", "Takeaway (takeaway)");
}

/// Programs are told what of a look-up is a key for another one and spares nothing.
#[test]
fn what_is_fetched_says_to_programs_what_it_spares() {
    let mut b = PlanBuilder::new("shop");
    let [id, name, place, address] = ["id", "name", "place", "address"].map(|name| b.field(name));
    b.look_up("people", &[id], &[name, place]);
    b.look_up("places", &[place], &[address]);
    b.step("review", Actor::Officer).reads(name).reads(address);
    let plan = b.build();
    let data = GuideData::new(&plan, &plan.reference).unwrap();
    let data = serde_json::to_value(&data).unwrap();
    let fetched = data["notice"]["fetched"].as_array().unwrap().iter();
    let told: Vec<_> = fetched
        .flat_map(|one| one["fields"].as_array().unwrap())
        .map(|one| {
            (
                one["field"].as_str().unwrap(),
                one["spares"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("applicant.name", "giving"),
            ("applicant.place", "only_a_key"),
            ("applicant.address", "giving"),
        ]
    );
}

/// What is looked up later is nobody's to confirm on the draft; and what is asked only where a
/// registry has nothing is not asked for one answer more than for another.
#[test]
fn what_is_looked_up_later_is_told_apart_from_what_is_confirmed() {
    let mut b = PlanBuilder::new("shop");
    let new = b.yes_no("new");
    let [id, name, code, title] = ["id", "name", "code", "title"].map(|name| b.field(name));
    b.look_up("people", &[id], &[name]);
    b.step("register", Actor::Officer)
        .when(Cond::yes(new))
        .reads(name)
        .writes(code);
    b.late_look_up("firms", &[code], &[title]);
    let file = b.step("file", Actor::Officer).when(Cond::yes(new));
    file.reads(title);
    b.step("see", Actor::Officer).reads(name);
    let plan = b.build();
    let guide = Guide::new(&plan, &plan.reference);
    let confirmed: Vec<bool> = guide.fetched.iter().map(|one| one.confirmed).collect();
    assert_eq!(confirmed, [true, false]);
    is_told(&guide, "会请您核对", "and you confirm it");
    is_told(
        &guide,
        "在办理过程中由部门之间查询；查不到时才请您补填或补交",
        "while your application is handled; you are asked later",
    );
    let [question] = &guide.questions[..] else {
        panic!("{:?}", guide.questions)
    };
    for change in &question.changes {
        let drops: Vec<&str> = change.drops.iter().map(Text::en).collect();
        assert!(
            drops.iter().all(|text| !text.contains("title")),
            "{drops:?}"
        );
    }
}

/// Who has nothing to apply for is told so, and nothing of forms.
#[test]
fn a_notice_of_nothing_says_so() {
    let mut b = PlanBuilder::new("shop");
    let wanted = b.yes_no("wanted");
    let name = b.field("name");
    let file = b.step("file", Actor::Officer).when(Cond::yes(wanted));
    file.reads(name);
    let plan = b.build();
    let mut answers = plan.reference.clone();
    answers.set(wanted, Some(Answer::YesNo(false)));
    let guide = Guide::new(&plan, &answers);
    is_told(
        &guide,
        "没有需要办理的事项，不用提交申请",
        "there is nothing to apply for",
    );
    assert!(!guide.text(Lang::Zh).contains("提交 0 次"));
    // Whose answer now brings something is told that the other leaves nothing, beside what goes.
    for (yes, zh, en) in [
        (
            true,
            "若回答“否”：就没有需要办理的事项了；减少填报项",
            "“no” leaves nothing to apply for; drops the field",
        ),
        (false, "若回答“是”：增加填报项", "“yes” adds the field"),
    ] {
        answers.set(wanted, Some(Answer::YesNo(yes)));
        let guide = Guide::new(&plan, &answers);
        is_told(&guide, zh, en);
        assert_eq!(guide.questions[0].changes[0].nothing_left, yes);
    }
}
