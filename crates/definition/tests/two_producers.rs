//! Two steps that make the same field for some answers: found although the service has more
//! answers than are gone through, as long as the two hang on few enough.

use std::sync::Arc;

use onething_definition::diagnostic::Diagnostics;
use onething_definition::{SourceSet, check, new_service};

/// What is told of two steps under these conditions, in a service of so many questions.
fn told(questions: usize, one: &str, other: &str) -> Vec<String> {
    let mut files = new_service(&"shop".parse().unwrap());
    for (path, text) in &mut files {
        if path != "shop/service.yaml" {
            continue;
        }
        let (mut asked, mut given) = (String::new(), String::new());
        let mut steps = String::new();
        for at in 0..questions {
            asked += &format!("  q{at}: {{ ask: 问题{at}, type: yes-no }}\n");
            given += &format!(", q{at}: no");
            // Each question decides something.
            steps += &format!(
                "  x{at}: {{ title: 环节{at}, matter: health-permit, by: system, when: q{at}, reads: {{ shop: [name] }} }}\n"
            );
        }
        for (key, when) in [("one", one), ("other", other)] {
            steps += &format!(
                "  {key}: {{ title: 环节, matter: health-permit, by: system, when: \"{when}\", \
                 reads: {{ shop: [name] }}, writes: {{ sign_filing: [valid_until] }} }}\n"
            );
        }
        *text = text
            .replace("questions: ", &format!("questions:\n{asked}#"))
            .replace(
                "reference: { signboard: yes }",
                &format!("reference: {{ signboard: yes{given} }}"),
            )
            .replace("steps: ", &format!("steps:\n{steps}#"));
    }
    let sources = Arc::new(SourceSet::from_texts(files));
    let checked = check(sources, &["shop".to_owned()], Diagnostics::new());
    let found = checked.report.diagnostics.iter();
    let found = found.filter(|found| ["D0201", "D0907"].contains(&found.code.as_str()));
    let mut found: Vec<String> = found.map(|found| found.code.as_str().to_owned()).collect();
    found.dedup();
    found
}

#[test]
fn two_makers_are_found_among_more_answers_than_are_gone_through() {
    let all = |questions: std::ops::Range<usize>| {
        let questions: Vec<String> = questions.map(|at| format!("q{at}")).collect();
        questions.join(" && ")
    };
    for (questions, one, other, expected) in [
        (4, all(0..2), all(2..4), vec!["D0201"]),
        (4, "q0".to_owned(), "!q0".to_owned(), vec![]),
        // One answer of 4,096 to twelve of thirteen questions.
        (13, all(0..6), all(6..12), vec!["D0201", "D0907"]),
        (
            13,
            all(0..6),
            format!("!q0 && {}", all(6..12)),
            vec!["D0907"],
        ),
    ] {
        let mut told = told(questions, &one, &other);
        told.sort();
        assert_eq!(told, expected, "{questions} questions: {one} | {other}");
    }
}
