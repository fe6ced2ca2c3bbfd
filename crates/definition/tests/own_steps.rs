//! What a step of the applicant's asks and reads: nothing twice, nothing that follows from what
//! was asked before, and nobody's data for its own sake.

use std::sync::Arc;

use onething_definition::diagnostic::Diagnostics;
use onething_definition::{SourceSet, check, new_service};

const FIELDS: &str = "fields:
  id: { title: 公民身份号码, type: identity-number, sensitivity: personal }
  born: { title: 出生日期, type: date, sensitivity: personal, derived: { from: id, as: date-of-birth } }
  home: { title: 住址, type: address, sensitivity: personal }
  nick: { title: 店招, type: text }
";

/// What is told of a step of the applicant's that reads and writes this, and of one of the
/// office's after it.
fn told(own_reads: &str, own_writes: &str, office_reads: &str, office_when: &str) -> Vec<String> {
    let mut files = new_service(&"shop".parse().unwrap());
    for (path, text) in &mut files {
        match path.as_str() {
            "contracts/person.yaml" => *text = text.replacen("fields:\n", FIELDS, 1),
            "shop/service.yaml" => {
                let list = |key: &str, fields: &str| match fields {
                    "" => String::new(),
                    fields => format!("    {key}: {{ operator: [{fields}] }}\n"),
                };
                let steps = format!(
                    "steps:\n  tell:\n    title: 填报\n    matter: health-permit\n    by: applicant\n{}{}  \
                     heed:\n    title: 登记\n    matter: health-permit\n    by: officer\n    limit: 1wd\n{office_when}{}",
                    list("reads", own_reads),
                    list("writes", own_writes),
                    list("reads", office_reads),
                );
                let at = text.find("steps: ").unwrap();
                let end = at + text[at..].find('\n').unwrap() + 1;
                text.replace_range(at..end, &steps);
            }
            _ => {}
        }
    }
    let sources = Arc::new(SourceSet::from_texts(files));
    let checked = check(sources, &["shop".to_owned()], Diagnostics::new());
    let found = checked.report.diagnostics.iter();
    let of_own = found.filter(|found| ["D0210", "D0219", "D0220"].contains(&found.code.as_str()));
    of_own
        .map(|found| format!("{} {}", found.code, found.message.en()))
        .collect()
}

#[test]
fn a_step_of_the_applicants_asks_nothing_twice_and_reads_nothing_for_nobody() {
    const TWICE: &str = "D0210 the step `tell` asks the applicant for `operator.nick`, which the application has asked";
    const ALONE: &str = "D0220 `operator.home` is read by the applicant's own step `tell` alone: \
                         personal data would be asked or looked up though no department needs it";
    for (reads, writes, office, expected) in [
        ("", "nick", "nick", &[][..]),
        // To read it before is to have it asked before.
        ("nick", "nick", "nick", &[TWICE]),
        ("home", "", "nick", &[ALONE]),
        ("home", "", "home, nick", &[]),
        // What anybody may know harms nobody.
        ("nick", "", "", &[]),
        // What follows from a number that an office reads is read with it.
        ("born", "", "id", &[]),
    ] {
        let said = told(reads, writes, office, "");
        assert_eq!(
            said, expected,
            "reads {reads}, writes {writes}, then {office}"
        );
    }
    // What holds for some answers names one.
    let said = told("home", "", "home", "    when: signboard\n");
    let no = format!("{ALONE} (with signboard = no, for instance)");
    assert_eq!(said, [no]);
}

/// The date of birth is asked, and then the number that it follows from.
#[test]
fn what_follows_from_a_number_is_not_asked_before_it() {
    let mut files = new_service(&"shop".parse().unwrap());
    for (path, text) in &mut files {
        match path.as_str() {
            "contracts/person.yaml" => *text = text.replacen("fields:\n", FIELDS, 1),
            "shop/service.yaml" => {
                *text = text.replacen("operator: [name] }", "operator: [name, born] }", 1).replacen(
                    "steps:",
                    "steps:\n  tell:\n    title: 填报\n    matter: health-permit\n    by: applicant\n    \
                     reads: { health_permit: [number] }\n    writes: { operator: [id] }\n  heed:\n    title: 登记\n    \
                     matter: health-permit\n    by: officer\n    limit: 1wd\n    reads: { operator: [id] } #",
                    1,
                );
            }
            _ => {}
        }
    }
    let sources = Arc::new(SourceSet::from_texts(files));
    let checked = check(sources, &["shop".to_owned()], Diagnostics::new());
    let mut found = checked.report.diagnostics.iter();
    let late = found.find(|found| found.code.as_str() == "D0219");
    let message = late.map(|late| late.message.en().to_owned());
    let message = message.unwrap_or_default();
    assert!(
        message.contains("`operator.born`, which follows from `operator.id`")
            && message.contains("only in the step `tell`"),
        "{:?}",
        checked.report.diagnostics
    );
}
