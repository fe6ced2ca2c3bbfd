//! Once only: nothing is asked that a step makes or a registry holds, whatever
//! the answers; and what nobody else brings in a scenario is asked.

use std::path::Path;
use std::sync::Arc;

use onething_definition::classes::classes;
use onething_definition::diagnostic::{Diagnostics, Severity};
use onething_definition::load::load;
use onething_definition::{SourceSet, check, new_service};
use onething_plan::builder::PlanBuilder;
use onething_plan::{
    Actor, Answer, Answers, Cond, FieldIx, Handled, Plan, Refused, Scenario, StepIx, random,
};
use proptest::prelude::*;

/// Who else brings a field that a form asks for: none is as it should be.
fn asked_in_vain(plan: &Plan, scenario: &Scenario) -> Vec<String> {
    let mut vain = Vec::new();
    let forms = scenario
        .steps()
        .iter()
        .filter(|step| matches!(plan.step(**step).actor, Actor::Submission(_)));
    for form in forms {
        // A fallback asks for what its registry did not have: that is its purpose.
        let is_application = plan.applications().any(|step| step == *form);
        for asked in scenario.form(*form).iter().filter(|_| is_application) {
            let brings = |step: &&StepIx| {
                let item = plan.step(**step);
                !matches!(item.actor, Actor::Submission(_)) && item.writes.contains(&asked.field)
            };
            let from = plan.field(asked.field).derived.map(|derived| derived.from);
            let beside = |from| scenario.form(*form).iter().any(|other| other.field == from);
            if let Some(from) = from.filter(|from| beside(*from)) {
                let (path, from) = (&plan.field(asked.field).path, &plan.field(from).path);
                vain.push(format!(
                    "`{path}` is asked although it follows from `{from}`"
                ));
            }
            if let Some(step) = scenario.steps().iter().find(brings) {
                let (path, key) = (&plan.field(asked.field).path, &plan.step(*step).key);
                vain.push(format!("`{path}` is asked although `{key}` brings it"));
            }
        }
    }
    vain
}

/// Every field that an active step cannot do without has a source.
fn without_source(plan: &Plan, scenario: &Scenario) -> Vec<String> {
    let mut missing = Vec::new();
    for step in scenario.steps() {
        for read in plan.step(*step).reads.iter().filter(|read| !read.optional) {
            let has = |(field, _): &(FieldIx, _)| *field == read.field;
            if !scenario.sources(*step).iter().any(has) {
                let (path, key) = (&plan.field(read.field).path, &plan.step(*step).key);
                missing.push(format!("`{key}` reads `{path}`, which comes from nowhere"));
            }
        }
    }
    missing
}

#[test]
fn the_shipped_services_ask_for_nothing_that_is_known() {
    let workflows = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../workflows");
    let loaded = load(&workflows);
    let checked = check(loaded.sources, &loaded.services, loaded.diagnostics);
    assert!(checked.services.len() >= 3);
    let mut scenarios = 0;
    for compilation in &checked.services {
        let service = compilation.service.as_ref().expect(&compilation.folder);
        for answers in classes(&service.new).answers {
            let scenario = Scenario::resolve(&service.new, &answers);
            scenarios += 1;
            let vain = asked_in_vain(&service.new, &scenario);
            assert!(vain.is_empty(), "{}: {vain:#?}", compilation.folder);
            let missing = without_source(&service.new, &scenario);
            assert!(missing.is_empty(), "{}: {missing:#?}", compilation.folder);
        }
    }
    assert!(scenarios > 20, "{scenarios}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn random_services_ask_for_nothing_that_is_known(seed in any::<u64>()) {
        let plan = random::plan(seed);
        prop_assume!(plan.handled == Handled::Together);
        for answers in classes(&plan).answers.iter().take(64) {
            let scenario = Scenario::resolve(&plan, answers);
            prop_assert_eq!(asked_in_vain(&plan, &scenario), Vec::<String>::new());
            prop_assert_eq!(without_source(&plan, &scenario), Vec::<String>::new());
        }
    }
}

/// The licence's number is what the signboard needs: made where both are applied
/// for, asked where only the signboard is.
#[test]
fn if_only_a_later_matter_is_chosen_its_input_is_asked_for() {
    let mut b = PlanBuilder::new("shop");
    let (licence_asked, sign_asked) = (b.yes_no("licence-asked"), b.yes_no("sign-asked"));
    let (licence, sign) = (
        b.matter("licence", Refused::EndsCase),
        b.matter("sign", Refused::EndsMatter),
    );
    let [paper, number, filing] = ["paper", "number", "filing"].map(|field| b.field(field));
    b.step("review", Actor::Officer)
        .reads(paper)
        .writes(number)
        .matter(licence)
        .when(Cond::yes(licence_asked));
    b.step("sign-review", Actor::Officer)
        .reads(number)
        .writes(filing)
        .matter(sign)
        .when(Cond::yes(sign_asked));
    let plan = b.build();
    let asked = |licence: bool, sign: bool| -> Vec<String> {
        let mut answers = Answers::none(plan.questions.len());
        answers.set(licence_asked, Some(Answer::YesNo(licence)));
        answers.set(sign_asked, Some(Answer::YesNo(sign)));
        let scenario = Scenario::resolve(&plan, &answers);
        let form = plan.applications().next().unwrap();
        let name = |field: FieldIx| plan.field(field).path.field.to_string();
        scenario
            .form(form)
            .iter()
            .map(|asked| name(asked.field))
            .collect()
    };
    assert_eq!(asked(true, false), ["paper"]);
    assert_eq!(asked(true, true), ["paper"]);
    assert_eq!(asked(false, true), ["number"]);
}

/// An officer's finding is nobody else's to state: where no step makes it, a step
/// that can do without does without, and no form and no supplement notice asks for it.
/// An applicant who may have it, because the form says so, is asked.
#[test]
fn what_a_step_can_do_without_and_no_step_makes_is_absent() {
    let look = |optional: bool, asked: bool, review: bool| -> (Vec<String>, bool) {
        let mut b = PlanBuilder::new("shop");
        let question = b.yes_no("cold-dishes");
        let [paper, opinion] = ["paper", "opinion"].map(|field| b.field(field));
        b.step("review", Actor::Officer)
            .reads(paper)
            .writes(opinion)
            .when(Cond::yes(question));
        let read = |field, optional| onething_plan::Read {
            field,
            optional,
            grant: None,
        };
        b.step("decide", Actor::Officer)
            .reads(paper)
            .with(|step| step.reads.push(read(opinion, optional)));
        let apply = StepIx(0);
        if asked {
            let steps = &mut b.plan_mut().steps;
            steps[apply.index()].reads.push(read(opinion, true));
        }
        let plan = b.build();
        assert_eq!(plan.applications().next(), Some(apply));
        let mut answers = Answers::none(plan.questions.len());
        answers.set(question, Some(Answer::YesNo(review)));
        let scenario = Scenario::resolve(&plan, &answers);
        let name = |field: FieldIx| plan.field(field).path.field.to_string();
        let form = scenario.form(apply).iter().map(|asked| name(asked.field));
        let decide = plan.find_step("decide").unwrap();
        let mut sources = scenario.sources(decide).iter();
        (form.collect(), sources.any(|(field, _)| *field == opinion))
    };
    // Whether the step can do without, whether the form asks, whether it is reviewed.
    let table = [
        ((true, false, true), vec!["paper"], true),
        ((true, false, false), vec!["paper"], false),
        ((false, false, false), vec!["paper", "opinion"], true),
        ((true, true, true), vec!["paper"], true),
        ((true, true, false), vec!["paper", "opinion"], true),
    ];
    for ((optional, asked, review), asks, has_source) in table {
        let what = format!("optional {optional}, asked {asked}, reviewed {review}");
        let (form, known) = look(optional, asked, review);
        assert_eq!(form, asks, "{what}");
        assert_eq!(known, has_source, "{what}");
    }
}

#[test]
fn asking_for_what_is_known_is_refused_with_the_name_of_who_provides_it() {
    // What the form asks for besides; who provides it, as people call it.
    let register = (
        "卫生健康委员会的“企业登记信息库”（`enterprise-register`）",
        "the registry “Enterprise register” (`enterprise-register`) of Health commission",
    );
    let table = [
        ("shop: [address]", register),
        ("shop: [name]", register),
        (
            "health_permit: [number]",
            (
                "卫生健康委员会办理的环节“卫生审查”（`health-review`）",
                "the step “Health review” (`health-review`) of Health commission",
            ),
        ),
    ];
    for (asks, provider) in table {
        let mut files = new_service(&"shop".parse().unwrap());
        for (path, text) in &mut files {
            if path == "shop/service.yaml" {
                *text = text.replace(
                    "asks: { operator: [name, phone] }",
                    &format!("asks: {{ operator: [name, phone], {asks} }}"),
                );
            }
        }
        let sources = Arc::new(SourceSet::from_texts(files));
        let checked = check(sources, &["shop".to_owned()], Diagnostics::new());
        let said: Vec<_> = checked
            .report
            .diagnostics
            .iter()
            .map(|d| {
                (
                    d.code.as_str(),
                    d.message.en().contains(provider.1),
                    d.message.zh().contains(provider.0),
                )
            })
            .collect();
        assert_eq!(said, [("D0210", true, true)], "{asks}");
    }
}

/// What the intake asks for and steps read for some answers only is found for these and asked of
/// the others, or found for all; what it adds nothing to, or no step ever reads, is refused.
#[test]
fn what_is_known_for_some_answers_may_be_asked_of_the_others() {
    // What the intake asks of the shop, what everybody's step and the signboard's read of it,
    // and what is refused.
    let table = [
        ("name", "floor_plan", "name, address", &[][..]),
        ("name, address", "floor_plan", "name, address", &[]),
        ("name", "name, address", "sign_photo", &["D0210 name"]),
        ("name", "name, address", "name, address", &["D0210 name"]),
        ("name", "floor_plan", "sign_photo", &[]),
        (
            "credit_code, name",
            "floor_plan",
            "sign_photo",
            &["D0210 name"],
        ),
        ("credit_code, name", "floor_plan", "name", &[]),
        ("\"name?\"", "floor_plan", "name, address", &[]),
        ("\"name?\"", "name, address", "name", &["D0210 name"]),
    ];
    for (asks, all, signboard, refused) in table {
        let mut files = new_service(&"shop".parse().unwrap());
        for (path, text) in &mut files {
            if path == "shop/service.yaml" {
                *text = text
                    .replace(
                        "[name, phone] }",
                        &format!("[name, phone], shop: [{asks}] }}"),
                    )
                    .replace("[name, address, floor_plan]", &format!("[{all}]"))
                    .replace("[name, address, sign_photo]", &format!("[{signboard}]"));
            }
        }
        let sources = Arc::new(SourceSet::from_texts(files));
        let checked = check(sources, &["shop".to_owned()], Diagnostics::new());
        let said = checked.report.diagnostics.iter();
        let said: Vec<String> = said
            .filter(|found| found.code.severity() == Severity::Error)
            .map(|found| {
                let field = found.message.en().split('`').nth(1).unwrap_or_default();
                format!(
                    "{} {}",
                    found.code.as_str(),
                    field.trim_start_matches("shop.")
                )
            })
            .collect();
        assert_eq!(
            said, refused,
            "asks {asks}; all read {all}, some {signboard}"
        );
    }
}

/// The template with a further step, what it reads and who applies for the signboard changed, and
/// the errors that `check` finds.
fn refused_with(changes: &[(&str, &str)]) -> Vec<String> {
    told_with(changes, |_, severity| severity == Severity::Error)
}

fn told_with(changes: &[(&str, &str)], wanted: fn(&str, Severity) -> bool) -> Vec<String> {
    let mut files = new_service(&"shop".parse().unwrap());
    for (path, text) in &mut files {
        if path == "shop/service.yaml" {
            for (from, to) in changes {
                assert!(text.contains(from), "{from}");
                *text = text.replace(from, to);
            }
        }
    }
    let sources = Arc::new(SourceSet::from_texts(files));
    let checked = check(sources, &["shop".to_owned()], Diagnostics::new());
    let found = checked.report.diagnostics.iter();
    let found = found.filter(|found| wanted(found.code.as_str(), found.code.severity()));
    let told = found.map(|found| format!("{} {}", found.code.as_str(), found.message.en()));
    told.collect()
}

/// Where a step makes the key, a registry is asked after the application: what it gives to all
/// who need it is not for the intake to ask before.
#[test]
fn what_a_registry_gives_after_the_application_is_not_asked_before_it() {
    const GIVEN: &[&str] = &[
        "D0210 `shop.address` is asked of the applicant, but the registry “Enterprise register” \
         (`enterprise-register`) of Health commission provides it",
    ];
    const FOR_SOME: &[&str] = &[
        "D0210 `shop.address` is asked of the applicant, but the registry “Enterprise register” \
         (`enterprise-register`) of Health commission provides it (with signboard = yes, for instance)",
    ];
    const ALL: &str = "";
    const SOME: &str = "when: signboard";
    // What the intake asks of the shop; for whom its code is made; what everybody's step reads;
    // for whom the signboard is, and what its step reads; whether the shop is verified.
    let table = [
        ("address", ALL, "floor_plan", ALL, "address", false, GIVEN),
        (
            "\"address?\"",
            ALL,
            "floor_plan",
            ALL,
            "address",
            false,
            &[],
        ),
        ("address", ALL, "floor_plan", ALL, "address", true, GIVEN),
        // Looked up on the draft for the others, to whom nobody gives a code.
        (
            "address",
            SOME,
            "floor_plan",
            ALL,
            "name, address",
            false,
            FOR_SOME,
        ),
        // Too little for a code that would have to be asked for.
        ("address", SOME, "floor_plan", ALL, "address", false, &[]),
        // Read before there is a code, or for some answers only, or not at all.
        ("address", ALL, "address", ALL, "address", false, &[]),
        ("address", ALL, "floor_plan", SOME, "address", false, &[]),
        ("address", ALL, "floor_plan", ALL, "sign_photo", false, &[]),
    ];
    for (asks, coded, all, signboard, sign, verified, refused) in table {
        let review = format!(
            "steps:\n  register:\n    title: 登记\n    matter: health-permit\n    by: officer\n    \
             {coded}\n    reads: {{ shop: [{all}] }}\n    writes: {{ shop: [credit_code] }}\n    \
             limit: 1wd\n"
        );
        let said = refused_with(&[
            (
                "[name, phone] }",
                &format!("[name, phone], shop: [{asks}] }}"),
            ),
            ("when: signboard", signboard),
            ("steps:", &review),
            ("[name, address, floor_plan]", "[floor_plan]"),
            ("[name, address, sign_photo]", &format!("[{sign}]")),
            (
                "shop: enterprise",
                match verified {
                    true => "shop: { contract: enterprise, verify: yes }",
                    false => "shop: enterprise",
                },
            ),
        ]);
        assert_eq!(
            said, refused,
            "asks {asks}; code made {coded}; read {all}; then {signboard} {sign}; {verified}"
        );
    }
}

/// A step of the applicant's asks as a form does.
#[test]
fn a_step_of_the_applicants_does_not_ask_for_what_a_registry_gives() {
    const GIVEN: &[&str] = &[
        "D0210 the step `state` asks the applicant for `shop.address`, but the registry \
         “Enterprise register” (`enterprise-register`) of Health commission provides it",
    ];
    const FOR_SIGNBOARDS: &[&str] = &[
        "D0210 the step `state` asks the applicant for `shop.address`, but the registry \
         “Enterprise register” (`enterprise-register`) of Health commission provides it \
         (with signboard = yes, for instance)",
    ];
    // Who makes what of the shop and for whom; what everybody's step and the signboard's read.
    let table = [
        (
            "applicant",
            "address",
            "",
            "name, address",
            "sign_photo",
            GIVEN,
        ),
        (
            "applicant",
            "address",
            "",
            "address",
            "name, address",
            FOR_SIGNBOARDS,
        ),
        (
            "applicant",
            "address",
            "when: signboard",
            "address",
            "name",
            FOR_SIGNBOARDS,
        ),
        // Too little for a code that would have to be asked for.
        ("applicant", "address", "", "address", "sign_photo", &[]),
        (
            "applicant",
            "address",
            "when: \"!signboard\"",
            "address",
            "name",
            &[],
        ),
        // Held by no registry; found by an officer.
        (
            "applicant",
            "sign_photo",
            "",
            "name, address",
            "sign_photo",
            &[],
        ),
        ("officer", "address", "", "name, address", "sign_photo", &[]),
    ];
    for (by, writes, when, all, signboard, refused) in table {
        let state = format!(
            "steps:\n  state:\n    title: 说明\n    matter: health-permit\n    by: {by}\n    \
             {when}\n    reads: {{ shop: [floor_plan] }}\n    writes: {{ shop: [{writes}] }}\n"
        );
        let said = refused_with(&[
            ("steps:", &state),
            ("[name, address, floor_plan]", &format!("[{all}]")),
            ("[name, address, sign_photo]", &format!("[{signboard}]")),
        ]);
        let what = format!("{by} makes {writes} {when}; all read {all}, some {signboard}");
        assert_eq!(said, refused, "{what}");
    }
}

/// What opens a registry is asked on the application, not later: it would spare the rest.
#[test]
fn what_a_registry_is_asked_with_is_not_stated_too_late() {
    let told = |asked: &str| {
        vec![format!(
            "D0219 the application asks for {asked}, which the registry “Enterprise register” \
             (`enterprise-register`) of Health commission would give for `shop.credit_code`; the \
             applicant states that only in the step `confirm`"
        )]
    };
    let both = told("`shop.name`, `shop.address`");
    for (by, after, when, asked, fetched, expected) in [
        ("applicant", true, "", "name, address", "", both.clone()),
        ("applicant", true, "", "address", "", told("`shop.address`")),
        // For some answers is too late as well.
        (
            "applicant",
            true,
            "when: signboard",
            "name, address",
            "",
            both,
        ),
        // Before anybody reads what the registry gives, it is asked in time.
        ("applicant", false, "", "name, address", "", vec![]),
        // Nothing that it gives is read.
        ("applicant", true, "", "", "", vec![]),
        // An officer's finding is not there before.
        ("officer", true, "", "name, address", "", vec![]),
        // Said why not.
        (
            "applicant",
            true,
            "",
            "name, address",
            "fetched: { without: { enterprise-register: 接口尚未开通 } }\nsteps:",
            vec![],
        ),
    ] {
        let reads = if after {
            "reads: { health_permit: [number] }"
        } else {
            ""
        };
        let fetched = if fetched.is_empty() {
            "steps:"
        } else {
            fetched
        };
        let confirm = format!(
            "{fetched}\n  confirm:\n    title: 确认\n    matter: health-permit\n    by: {by}\n    {when}\n    \
             {reads}\n    writes: {{ shop: [credit_code] }}\n  enter:\n    title: 登记\n    matter: \
             health-permit\n    by: system\n    {when}\n    reads: {{ shop: [credit_code] }}\n"
        );
        let reads = format!(
            "[{}floor_plan]",
            if asked.is_empty() {
                String::new()
            } else {
                format!("{asked}, ")
            }
        );
        let changes = [
            ("steps:", &*confirm),
            ("[name, address, floor_plan]", &reads),
            ("[name, address, sign_photo]", "[sign_photo]"),
        ];
        let said = told_with(&changes, |code, _| code == "D0219");
        assert_eq!(said, expected, "by {by} {after} {when} {asked}");
    }
}

/// What `check` says of the template with a `fetched` in the new way: codes and the
/// first message in both languages.
fn with_fetched(fetched: &str) -> (Vec<&'static str>, String) {
    let mut files = new_service(&"shop".parse().unwrap());
    for (path, text) in &mut files {
        if path == "shop/service.yaml" {
            text.push_str(&format!("fetched: {fetched}\n"));
        }
    }
    let sources = Arc::new(SourceSet::from_texts(files));
    let checked = check(sources, &["shop".to_owned()], Diagnostics::new());
    let found = &checked.report.diagnostics;
    let message = found.first().map(|d| &d.message);
    let message = message.map_or_else(String::new, |m| format!("{} | {}", m.zh(), m.en()));
    (found.iter().map(|d| d.code.as_str()).collect(), message)
}

#[test]
fn a_registry_is_left_out_of_the_new_way_with_a_reason_or_not_at_all() {
    for silent in ["nothing", "[]"] {
        let (codes, message) = with_fetched(silent);
        assert_eq!(codes, ["D0212"], "{silent}");
        for part in [
            "企业登记信息库",
            "卫生健康委员会",
            "Enterprise register",
            "Health commission",
            "`shop.address`, `shop.name`",
        ] {
            assert!(message.contains(part), "{part}: {message}");
        }
    }
    let accepted = [
        "everything",
        "[enterprise-register]",
        "{ without: { enterprise-register: 接口尚未开通 } }",
    ];
    for fetched in accepted {
        assert_eq!(with_fetched(fetched).0, [""; 0], "{fetched}");
    }
    // A reason is a reason, and a registry one that there is.
    let table = [
        ("{ without: { enterprise-register: } }", "D0104"),
        ("{ without: { nobody: 没有 } }", "D0406"),
        ("{ without: [enterprise-register] }", "D0103"),
    ];
    for (fetched, code) in table {
        assert_eq!(with_fetched(fetched).0.first(), Some(&code), "{fetched}");
    }
}

/// Nothing fetched is nothing derived: who asks for a number asks for what follows from it.
#[test]
fn a_way_that_fetches_nothing_asks_for_what_follows_from_a_number() {
    const NUMBER: &str = "  number: { title: { zh: 身份证号, en: Number }, type: identity-number, sensitivity: personal }\n";
    const BORN: &str = "  born: { title: { zh: 出生日期, en: Born }, type: date, sensitivity: personal, derived: { from: number, as: date-of-birth } }\n";
    let with = |reads: &str, writes: &str, fetched: &str| -> Vec<String> {
        let mut files = new_service(&"shop".parse().unwrap());
        for (path, text) in &mut files {
            if path == "contracts/person.yaml" {
                *text = text.replace("fields:\n", &format!("fields:\n{NUMBER}{BORN}"));
            }
            if path == "shop/service.yaml" {
                *text = text
                    .replace("operator: [name] }", &format!("operator: [{reads}] }}"))
                    .replace(
                        "sign_photo] }\n    writes: {",
                        &format!("sign_photo] }}\n    writes: {{{writes}"),
                    );
                text.push_str(fetched);
            }
        }
        let sources = Arc::new(SourceSet::from_texts(files));
        let checked = check(sources, &["shop".to_owned()], Diagnostics::new());
        let of_registry = |text: &str| text.contains("`enterprise-register`");
        let found = checked.report.diagnostics.iter();
        found
            .filter(|found| found.code.as_str() == "D0212" && !of_registry(found.message.en()))
            .map(|found| format!("{} | {}", found.message.zh(), found.message.en()))
            .collect()
    };
    let nothing = "fetched: nothing\n";
    let told = [
        "写明什么都不查询，就什么都不推算：`operator.born`（由 `operator.number` 得出）也要申请人填写 \
         | with nothing fetched nothing is derived either: the applicant is asked for \
         `operator.born` (from `operator.number`)",
    ];
    assert_eq!(with("name, number, born", "", nothing), told);
    // What a step made is known as well.
    assert_eq!(with("name, born", " operator: [number], ", nothing), told);
    // Alone it is no more than it would be.
    assert_eq!(with("name, born", "", nothing), [""; 0]);
    assert_eq!(with("name, number", "", nothing), [""; 0]);
    assert_eq!(with("name, number, born", "", ""), [""; 0]);
}
