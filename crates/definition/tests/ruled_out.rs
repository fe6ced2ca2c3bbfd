//! Where `impossible` leaves few of many answers, everything is found that is found without it; so
//! it is where there are more answers than are gone through.

use std::sync::Arc;

use onething_definition::diagnostic::Diagnostics;
use onething_definition::{SourceSet, check, new_service};

/// What is told of a service whose intake asks for what a step makes if there is a signboard, and
/// whose matter of the signboard comes to nothing where that is not lit (`made`); beside so many
/// questions, of which `hung_on` decide about a step each.
fn told(questions: usize, hung_on: usize, yes: &str, rules: &[String], made: &str) -> Vec<String> {
    let mut files = new_service(&"shop".parse().unwrap());
    files.retain(|(path, _)| !path.ends_with("before.yaml") && !path.ends_with("workload.yaml"));
    for (path, text) in &mut files {
        if path != "shop/service.yaml" {
            continue;
        }
        let (mut asked, mut given, mut steps) = (String::new(), String::new(), String::new());
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
        for at in 0..hung_on {
            steps += &format!(
                "  x{at}: {{ title: 环节{at}, matter: health-permit, by: system, when: q{at}, reads: {{ shop: [name] }} }}\n"
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
                &format!("    matter: sign-filing\n    when: {made}\n"),
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
        let told = told(questions, 0, yes, &rules, "lit");
        assert_eq!(told, ["D0210", "D0307"], "{name}, {questions} questions");
    }
}

#[test]
fn what_is_so_for_one_answer_of_very_many_is_found() {
    let all = |questions: std::ops::Range<usize>, not: &str| {
        let names: Vec<String> = questions.map(|at| format!("{not}q{at}")).collect();
        format!("lit && {}", names.join(" && "))
    };
    let not_both = |at: usize| format!("q{} && q{at}", at - 1);
    let not_both: Vec<String> = (1..40).map(not_both).collect();
    let every_other = (0..20).map(|at| format!("q{}", 2 * at));
    let every_other = format!("lit && {}", every_other.collect::<Vec<_>>().join(" && "));
    for (name, questions, yes, rules, made) in [
        ("all of sixteen", 16, "n", Vec::new(), all(0..16, "")),
        ("none of forty", 40, "y", Vec::new(), all(0..40, "!")),
        ("as many of forty as can be", 40, "n", not_both, every_other),
    ] {
        let told = told(questions, questions, yes, &rules, &made);
        assert_eq!(told, ["D0210", "D0307", "D0907"], "{name}");
    }
}
