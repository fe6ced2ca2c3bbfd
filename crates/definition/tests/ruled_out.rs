//! Where `impossible` leaves few of many answers, everything is found that is found without it.

use std::sync::Arc;

use onething_definition::diagnostic::Diagnostics;
use onething_definition::{SourceSet, check, new_service};

/// What is told of a service whose intake asks for what a step makes if there is a signboard, and
/// whose matter of the signboard comes to nothing where that is not lit; beside so many questions
/// that have nothing to do with it.
fn told(questions: usize, yes: &str, rules: &[String], steps: &str) -> Vec<String> {
    let mut files = new_service(&"shop".parse().unwrap());
    files.retain(|(path, _)| !path.ends_with("before.yaml") && !path.ends_with("workload.yaml"));
    for (path, text) in &mut files {
        if path != "shop/service.yaml" {
            continue;
        }
        let (mut asked, mut given) = (String::new(), String::new());
        for at in 0..questions {
            asked += &format!("  q{at}: {{ ask: 问题{at}, type: yes-no }}\n");
            given += &format!(
                ", q{at}: {}",
                if yes.as_bytes()[at % yes.len()] == b'y' {
                    "yes"
                } else {
                    "no"
                }
            );
        }
        asked += "  lit: { ask: 亮灯, type: yes-no, when: signboard }\n";
        let rules: Vec<String> = rules
            .iter()
            .map(|when| format!("  - {{ when: \"{when}\", because: 不可能 }}\n"))
            .collect();
        let rules = match rules.is_empty() {
            true => String::new(),
            false => format!("impossible:\n{}", rules.concat()),
        };
        *text = text
            .replace(
                "type: yes-no }\nreference: { signboard: yes }",
                &format!("type: yes-no }}\n{asked}reference: {{ signboard: yes, lit: yes{given} }}\n{rules}"),
            )
            .replace(
                "asks: { operator: [name, phone] }",
                "asks: { operator: [name, phone], sign_filing: [number] }",
            )
            .replace(
                "    matter: sign-filing\n",
                "    matter: sign-filing\n    when: lit\n",
            )
            .replace("steps: ", &format!("steps:\n{steps}#"));
    }
    let sources = Arc::new(SourceSet::from_texts(files));
    let checked = check(sources, &["shop".to_owned()], Diagnostics::new());
    let found = checked.report.diagnostics.iter();
    let mut found: Vec<String> = found.map(|found| found.code.as_str().to_owned()).collect();
    found.sort();
    found.dedup();
    found
}

#[test]
fn what_hangs_on_other_questions_is_found_whatever_rules_leave() {
    let chain = |count: usize| {
        (1..count)
            .map(|at| format!("q{} && !q{at}", at - 1))
            .collect()
    };
    let gaps = |count: usize| {
        (1..count)
            .map(|at| format!("!q{} && !q{at}", at - 1))
            .collect()
    };
    let pairs = |count: usize| {
        let pair = |at: usize| {
            let (one, two) = (2 * at, 2 * at + 1);
            format!("(q{one} && q{two}) || (!q{one} && !q{two})")
        };
        (0..count / 2).map(pair).collect::<Vec<_>>()
    };
    type Rules = Vec<String>;
    let table: [(&str, usize, &str, Rules); 7] = [
        ("none", 0, "y", Vec::new()),
        ("each implies the next", 12, "y", chain(12)),
        ("each implies the next", 16, "y", chain(16)),
        ("each implies the next", 200, "y", chain(200)),
        ("no two in a row are no", 40, "y", gaps(40)),
        ("one of two", 16, "yn", pairs(16)),
        ("one of two", 40, "yn", pairs(40)),
    ];
    for (name, questions, yes, rules) in table {
        let told = told(questions, yes, &rules, "");
        assert_eq!(told, ["D0210", "D0307"], "{name}, {questions} questions");
    }
}
