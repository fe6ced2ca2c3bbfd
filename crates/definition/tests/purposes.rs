//! Purposes of readings: a department with several grants on a field says in each
//! step which of them it reads for, and reads for nothing else.

use std::sync::Arc;

use onething_definition::diagnostic::{Code, Diagnostic, Diagnostics};
use onething_definition::{Checked, SourceSet, check, new_service};
use onething_plan::Plan;

const PERSON: &str =
    "  - { to: health, fields: all, purpose: licensing, basis: 公共场所卫生管理条例（示例） }\n";
const READS: &str = "    reads: { shop: [name, address, floor_plan], operator: [name] }\n";

const ASKS: &str = "  asks: { operator: [name, phone] }\n";

/// The template with the health department's grants on persons in place of its one,
/// and with keys added to its step; the forms ask for what has one grant.
fn checked(grants: &str, step: &str, before: &str) -> Checked {
    let asks = "  asks: { operator: [phone] }\n";
    asking(grants, step, before, &[asks, asks])
}

/// The same with what the forms of the new and of the old way ask.
fn asking(grants: &str, step: &str, before: &str, intakes: &[&str; 2]) -> Checked {
    let mut files = new_service(&"shop".parse().unwrap());
    for (path, text) in &mut files {
        let asks = match path.as_str() {
            "shop/service.yaml" => intakes[0],
            "shop/before.yaml" => intakes[1],
            _ => continue,
        };
        assert!(text.contains(ASKS), "{path}");
        *text = text.replacen(ASKS, asks, 1);
    }
    for (path, text) in &mut files {
        let (old, new) = match path.as_str() {
            "contracts/person.yaml" => (PERSON, grants.to_owned()),
            "shop/service.yaml" => (READS, format!("{READS}{step}")),
            "shop/before.yaml" => ("steps:\n", format!("steps:\n{before}")),
            _ => continue,
        };
        assert!(text.contains(old), "{path} has no\n{old}");
        *text = text.replacen(old, &new, 1);
    }
    let sources = Arc::new(SourceSet::from_texts(files));
    check(sources, &["shop".to_owned()], Diagnostics::new())
}

fn errors(checked: &Checked) -> Vec<&Diagnostic> {
    let all = checked.report.diagnostics.iter();
    all.filter(|d| d.severity() == onething_definition::diagnostic::Severity::Error)
        .collect()
}

/// Purpose and basis of what a step reads of the operator.
fn stands_on(plan: &Plan, step: &str) -> Vec<Option<(String, String)>> {
    let ix = plan.find_step(step).unwrap();
    let personal = plan.step(ix).reads.iter().filter(|read| {
        let path = &plan.field(read.field).path;
        path.role.as_str() == "operator"
    });
    personal
        .map(|read| {
            let grant = plan.grant(ix, read)?;
            Some((grant.purpose.clone(), grant.basis.clone()))
        })
        .collect()
}

const TWO: &str = "  - { to: health, fields: all, purpose: licensing, basis: 甲法 }
  - { to: health, fields: [name], purpose: statistics, basis: 乙法 }
";

#[test]
fn a_step_reads_on_the_one_grant_that_it_names() {
    // The grants; what the step names; purpose and basis of the reading.
    let one = "  - { to: health, fields: all, purpose: licensing, basis: 甲法 }\n";
    let table = [
        (one, "", ("licensing", "甲法")),
        (one, "    purpose: licensing\n", ("licensing", "甲法")),
        (TWO, "    purpose: licensing\n", ("licensing", "甲法")),
        (TWO, "    purpose: statistics\n", ("statistics", "乙法")),
        (TWO, "    purpose: [statistics]\n", ("statistics", "乙法")),
        // What nothing is granted for does no harm beside what is.
        (
            TWO,
            "    purpose: [research, statistics]\n",
            ("statistics", "乙法"),
        ),
    ];
    for (grants, step, (purpose, basis)) in table {
        let checked = checked(grants, step, "");
        assert!(
            errors(&checked).is_empty(),
            "{step}: {:#?}",
            errors(&checked)
        );
        let service = checked.services[0].service.as_ref().unwrap();
        for plan in [&service.new, service.old.as_ref().unwrap()] {
            let on = stands_on(plan, "health-review");
            let expected = Some((purpose.to_owned(), basis.to_owned()));
            assert_eq!(on, [expected], "{step}");
        }
    }
}

#[test]
fn what_a_step_reads_for_is_no_guess_and_no_more_than_it_says() {
    let own = "  - { to: health, fields: [phone], purpose: licensing, basis: 甲法 }\n";
    let twice = "  - { to: health, fields: [name], purpose: licensing, basis: 甲法 }
  - { to: health, fields: all, purpose: licensing, basis: 乙法 }
";
    // The grants; what the step names; the code, and what its message and cure say.
    let table: [(&str, &str, Code, &[&str]); 7] = [
        (
            TWO,
            "",
            Code::PurposeOpen,
            &[
                "`operator.name`",
                "`licensing`, `statistics`",
                "`purpose: licensing`",
            ],
        ),
        (
            TWO,
            "    purpose: [licensing, statistics]\n",
            Code::PurposeOpen,
            &["`licensing`, `statistics`", "keep one of them"],
        ),
        (
            TWO,
            "    purpose: research\n",
            Code::NoGrant,
            &[
                "`research`",
                "`operator.name`",
                "may read it for `licensing`, `statistics`",
            ],
        ),
        (
            own,
            "",
            Code::NoGrant,
            &["`operator.name`", "fields: [name]"],
        ),
        (
            own,
            "    purpose: licensing\n",
            Code::NoGrant,
            &["`licensing`", "fields: [name]"],
        ),
        (
            twice,
            "",
            Code::Repeated,
            &["`name`", "`licensing`", "one grant of the two"],
        ),
        (
            TWO,
            "    purpose: [licensing, licensing]\n",
            Code::Repeated,
            &["`licensing`"],
        ),
    ];
    for (grants, step, code, said) in table {
        let checked = checked(grants, step, "");
        let errors = errors(&checked);
        // The old way reads the same, and has the same problem.
        assert!(!errors.is_empty(), "{step}");
        for error in errors {
            assert_eq!(error.code, code, "{grants}{step}{error:#?}");
            let text = format!(
                "{} {}",
                error.message.en(),
                error.help.as_ref().unwrap().en()
            );
            for part in said {
                assert!(text.contains(part), "{text}\nhas no {part}");
            }
        }
    }
}

/// Who takes an application in is shown what its form asks on its own account: on one
/// grant, which is no guess either, and is the one that the record names.
#[test]
fn an_intake_asks_for_one_purpose() {
    let step = "    purpose: licensing\n";
    let own = "  - { to: health, fields: [phone], purpose: notices, basis: 甲法 }
  - { to: health, fields: [name], purpose: licensing, basis: 甲法 }
";
    // The old way's is for the window of the signboard as well.
    let asks = |named: &str| {
        let line = |named: &str| match named {
            "" => ASKS.to_owned(),
            named => format!("{ASKS}  purpose: [{named}]\n"),
        };
        let more = match named {
            "" => String::new(),
            named => format!("{named}, signboard-filing"),
        };
        [line(named), line(&more)]
    };
    // The grants; what the intake names; the code, and what its message and cure say; or the
    // purposes of name and phone.
    type Told<'a> = Result<[Option<&'a str>; 2], (Code, &'a [&'a str])>;
    let table: [(&str, &str, Told<'_>); 8] = [
        (
            TWO,
            "statistics",
            Err((
                Code::NoGrant,
                &[
                    "the intake asks for `operator.phone` for `statistics`",
                    "may read it for `licensing`",
                ],
            )),
        ),
        (TWO, "licensing", Ok([Some("licensing"), Some("licensing")])),
        (
            TWO,
            "licensing, statistics",
            Err((
                Code::PurposeOpen,
                &["the intake names", "`operator.name`", "keep one of them"],
            )),
        ),
        (
            TWO,
            "",
            Err((
                Code::PurposeOpen,
                &[
                    "the intake does not say what it asks for `operator.name` for",
                    "`licensing`, `statistics`",
                    "`purpose: licensing`",
                ],
            )),
        ),
        (own, "", Ok([Some("licensing"), Some("notices")])),
        (
            own,
            "notices, licensing",
            Ok([Some("licensing"), Some("notices")]),
        ),
        (
            own,
            "notices",
            Err((Code::NoGrant, &["the intake", "`operator.name`"])),
        ),
        (
            TWO,
            "licensing, licensing",
            Err((Code::Repeated, &["`licensing`"])),
        ),
    ];
    for (grants, purpose, expected) in table {
        let [new, old] = asks(purpose);
        let checked = asking(grants, step, "", &[&new, &old]);
        let errors = errors(&checked);
        match expected {
            Ok(purposes) => {
                assert!(errors.is_empty(), "{purpose}: {errors:#?}");
                let service = checked.services[0].service.as_ref().unwrap();
                for (plan, apply) in [
                    (&service.new, "apply"),
                    (service.old.as_ref().unwrap(), "apply-health-permit"),
                ] {
                    let on = stands_on(plan, apply).into_iter();
                    let on: Vec<_> = on.map(|on| on.map(|(purpose, _)| purpose)).collect();
                    assert_eq!(on, purposes.map(|one| one.map(str::to_owned)), "{purpose}");
                }
            }
            Err((code, said)) => {
                // Both ways ask, and have the same problem.
                assert!(errors.len() >= 2, "{purpose}: {errors:#?}");
                for error in errors {
                    assert_eq!(error.code, code, "{purpose}{error:#?}");
                    let text = format!(
                        "{} {}",
                        error.message.en(),
                        error.help.as_ref().unwrap().en()
                    );
                    for part in said {
                        assert!(text.contains(part), "{text}\nhas no {part}");
                    }
                }
            }
        }
    }
    // What whoever takes it in is not granted is asked for the step that reads it.
    let none = "  - { to: health, fields: [name], purpose: licensing, basis: 甲法 }\n";
    for purpose in ["", "licensing"] {
        let [new, old] = asks(purpose);
        let checked = asking(none, "", "", &[&new, &old]);
        let told: Vec<_> = errors(&checked);
        assert!(told.is_empty(), "{told:#?}");
        let service = checked.services[0].service.as_ref().unwrap();
        let licensing = Some(("licensing".to_owned(), "甲法".to_owned()));
        assert_eq!(stands_on(&service.new, "apply"), [licensing, None]);
    }
    // A purpose without a grant on anything that is asked is a step's mistake as well.
    let none = "  - { to: urban, fields: [name], purpose: licensing, basis: 甲法 }\n";
    for (purpose, fields) in [("", 0), ("licensing", 2)] {
        let [new, _] = asks(purpose);
        let checked = asking(none, "", "", &[&new, ASKS]);
        let told = errors(&checked).into_iter().filter(|error| {
            error.code == Code::NoGrant && error.message.en().starts_with("the intake")
        });
        let told: Vec<_> = told.collect();
        assert_eq!(told.len(), fields, "{told:#?}");
        for error in told {
            assert!(error.message.en().contains("for `licensing`"), "{error:#?}");
            assert!(
                error
                    .help
                    .as_ref()
                    .unwrap()
                    .en()
                    .ends_with("or leave `purpose` out")
            );
        }
    }
}

#[test]
fn the_old_way_may_have_read_for_something_else() {
    let before = "  health-review: { purpose: statistics }\n";
    let checked = checked(TWO, "    purpose: licensing\n", before);
    assert!(errors(&checked).is_empty(), "{:#?}", errors(&checked));
    let service = checked.services[0].service.as_ref().unwrap();
    let purpose = |plan| stands_on(plan, "health-review")[0].clone().unwrap().0;
    assert_eq!(purpose(&service.new), "licensing");
    assert_eq!(purpose(service.old.as_ref().unwrap()), "statistics");
}

/// The owner of a contract that another department's registry fills: every such
/// registry shares on a stated basis, since any of them may be the one that is asked.
#[test]
fn an_owner_grants_itself_what_others_hold_only_on_their_basis() {
    let own = "  - { registry: own, department: health, with: [credit_code], gives: [name] }\n";
    let shared = "  - { registry: shared, department: urban, with: [credit_code], gives: [name], basis: 示例 }\n";
    let taken = "  - { registry: taken, department: urban, with: [credit_code], gives: [name] }\n";
    let table: [(&[&str], Option<&str>); 7] = [
        (&[own], None),
        (&[shared], None),
        (&[taken], Some("`taken`")),
        (&[own, shared], None),
        (&[own, taken], Some("`taken`")),
        (&[shared, taken], Some("`taken`")),
        (&[], None),
    ];
    for (providers, named) in table {
        let mut files = new_service(&"shop".parse().unwrap());
        files.retain(|(path, _)| path != "shop/workload.yaml");
        for (path, text) in &mut files {
            if path == "contracts/enterprise.yaml" {
                let at = text.find("providers:\n").unwrap();
                text.truncate(at);
                let providers = match providers {
                    [] => String::new(),
                    list => format!("providers:\n{}", list.concat()),
                };
                let grant = "{ to: health, fields: [name], purpose: licensing, basis: 示例 }";
                *text += &format!("owner: health\n{providers}grants: [{grant}]\n");
            }
        }
        let sources = Arc::new(SourceSet::from_texts(files));
        let checked = check(sources, &["shop".to_owned()], Diagnostics::new());
        let errors = errors(&checked);
        let told: Vec<&str> = errors.iter().map(|d| d.message.en()).collect();
        match named {
            None => assert!(told.is_empty(), "{told:?}"),
            Some(registry) => {
                assert_eq!(errors.len(), 1, "{told:?}");
                assert_eq!(errors[0].code, Code::SelfGrant);
                assert!(told[0].contains(registry), "{told:?}");
            }
        }
    }
}
