//! Orders and limits that cannot be: steps that wait for each other or for themselves;
//! a limit that cannot be read, of which that is told and nothing else; an answer that is too
//! old at once.

use std::sync::Arc;

use onething_definition::diagnostic::{Diagnostics, Severity};
use onething_definition::{SourceSet, check, new_service};

const HEALTH: &str = "    writes: { health_permit: [number, valid_until] }\n";
const SIGN: &str = "    writes: { sign_filing: [number] }\n";

fn told(health: &str, sign: &str) -> Vec<String> {
    let mut files = new_service(&"shop".parse().unwrap());
    for (path, text) in &mut files {
        if path == "shop/service.yaml" {
            assert!(text.contains(HEALTH) && text.contains(SIGN));
            *text = text
                .replace(HEALTH, &format!("{HEALTH}{health}"))
                .replace(SIGN, &format!("{SIGN}{sign}"));
        }
    }
    let sources = Arc::new(SourceSet::from_texts(files));
    let checked = check(sources, &["shop".to_owned()], Diagnostics::new());
    let of = checked.report.diagnostics.iter();
    of.map(|d| format!("{} {}", d.code, d.message.en()))
        .collect()
}

#[test]
fn a_circle_is_told_whatever_its_length() {
    let after = |step: &str| format!("    after: {{ step: {step}, because: 示例, basis: 示例 }}\n");
    let none: [&str; 0] = [];
    let table = [
        (String::new(), after("health-review"), &none[..]),
        (
            after("health-review"),
            String::new(),
            &["D0301 steps wait for each other: health-review → health-review"][..],
        ),
        (
            after("sign-review"),
            after("health-review"),
            &[
                // In the old way, where one applies for one after the other.
                "D0301 steps wait for each other: apply-sign-filing → sign-review → health-review → apply-sign-filing",
                "D0301 steps wait for each other: health-review → sign-review → health-review",
            ][..],
        ),
        // Each circle of one is told, and so is one beside a longer one.
        (
            after("health-review"),
            after("sign-review"),
            &[
                "D0301 steps wait for each other: health-review → health-review",
                "D0301 steps wait for each other: sign-review → sign-review",
            ][..],
        ),
    ];
    for (health, sign, expected) in table {
        assert_eq!(told(&health, &sign), expected, "{health} {sign}");
    }
}

#[test]
fn a_limit_that_cannot_be_read_is_told_once() {
    let told = |written: &str, limit: &str| -> Vec<String> {
        let mut files = new_service(&"shop".parse().unwrap());
        for (path, text) in &mut files {
            if path == "shop/service.yaml" {
                assert!(text.contains(written), "{written}");
                *text = text.replacen(written, limit, 1);
            }
        }
        let sources = Arc::new(SourceSet::from_texts(files));
        let checked = check(sources, &["shop".to_owned()], Diagnostics::new());
        let of = checked.report.diagnostics.iter();
        of.map(|d| format!("{} {}", d.code, d.field)).collect()
    };
    let none: [&str; 0] = [];
    let table = [
        ("\n  limit: 1wd\n", "\n  limit: 1wd\n", &none[..]),
        // The acceptance is described under `intake`.
        ("\n  limit: 1wd\n", "\n", &["D0503 intake"][..]),
        (
            "\n  limit: 1wd\n",
            "\n  limit: 1\n",
            &["D0108 intake.limit"][..],
        ),
        (
            "    limit: 8wd\n",
            "    limit: 8\n",
            &["D0108 steps.health-review.limit"][..],
        ),
    ];
    for (written, limit, expected) in table {
        assert_eq!(told(written, limit), expected, "{limit}");
    }
}

#[test]
fn an_answer_may_be_used_for_a_while_or_for_ever() {
    let table = [
        ("", None),
        ("fresh: 1s, ", None),
        ("fresh: 0.001d, ", None),
        ("fresh: 0s, ", Some("D0108 providers")),
        ("fresh: 0d, ", Some("D0108 providers")),
        ("fresh: 0.000wd, ", Some("D0108 providers")),
    ];
    for (fresh, expected) in table {
        let mut files = new_service(&"shop".parse().unwrap());
        for (path, text) in &mut files {
            if path == "contracts/enterprise.yaml" {
                let at = text.find("providers:\n").unwrap();
                let entry = format!(
                    "  - {{ registry: names, {fresh}department: health, with: [credit_code], gives: [name], basis: 办法 }}\n"
                );
                text.insert_str(at + "providers:\n".len(), &entry);
            }
        }
        let sources = Arc::new(SourceSet::from_texts(files));
        let checked = check(sources, &["shop".to_owned()], Diagnostics::new());
        let errors = checked.report.diagnostics.iter();
        let errors = errors.filter(|d| d.code.severity() == Severity::Error);
        let told: Vec<String> = errors.map(|d| format!("{} {}", d.code, d.field)).collect();
        let expected: Vec<&str> = expected.into_iter().collect();
        assert_eq!(told, expected, "{fresh}");
    }
}
