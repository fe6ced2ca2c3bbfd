//! Keys that steps make: used where a registry is asked with them, and not where it only could be.

use std::sync::Arc;

use onething_definition::diagnostic::Diagnostics;
use onething_definition::{SourceSet, check, new_service};

/// What is told of the number of a file that the health review makes. A registry gives `plan`
/// with it, which the signboard's step reads.
fn told(edits: &[(&str, &str)]) -> Vec<String> {
    const ENTERPRISE: &str = "contracts/enterprise.yaml";
    let name = "shop".parse().unwrap();
    let mut files: Vec<(String, String)> = new_service(&name).into_iter().collect();
    let all = [
        (
            "fields:\n",
            "fields:\n  file_no: { title: 档案号, type: text }\n  plan: { title: 规划用途, type: text }\n",
        ),
        (
            "writes: { health_permit: [number, valid_until] }",
            "writes: { health_permit: [number, valid_until], shop: [file_no] }",
        ),
        ("address, sign_photo]", "address, sign_photo, plan]"),
    ];
    for (path, text) in &mut files {
        let edits = all.iter().chain(edits);
        let here = edits.filter(|(from, _)| *from != "fields:\n" || path == ENTERPRISE);
        for (from, to) in here {
            *text = text.replacen(from, to, 1);
        }
        if path == ENTERPRISE {
            *text += "  - { registry: plans, department: urban, with: [file_no], gives: [plan], fresh: 1d, basis: 示例 }\n";
        }
    }
    let checked = check(
        Arc::new(SourceSet::from_texts(files)),
        &["shop".to_owned()],
        Diagnostics::new(),
    );
    let said = checked.report.diagnostics.iter();
    said.map(|found| format!("{} {}", found.code.as_str(), found.message.en()))
        .collect()
}

#[test]
fn a_key_is_used_where_a_registry_is_asked_with_it() {
    const MADE: &str = "shop: [file_no] }";
    let never = "D0205 `shop.file_no` is made, but no step reads it, nobody gets it, and no registry is ever asked with it";
    let unread = "D0205 `shop.file_no` is made, but no step reads it and nobody gets it";
    let plan_made = "D0205 `shop.plan` is made, but no step reads it and nobody gets it";
    let gives = ("gives: [name, address]", "gives: [name, address, plan]");
    // What is changed, and what is said.
    type Edits<'a> = &'a [(&'a str, &'a str)];
    let table: [(Edits<'_>, &[&str]); 8] = [
        (&[], &[]),
        // Another registry comes first and gives it; a step makes it.
        (&[gives], &[never]),
        (&[(MADE, "shop: [file_no, plan] }")], &[never]),
        // A step reads the key, or somebody gets it.
        (
            &[
                gives,
                ("floor_plan], operator", "floor_plan, file_no?], operator"),
            ],
            &[],
        ),
        (
            &[
                gives,
                ("address, sign_photo", "address, file_no, sign_photo"),
            ],
            &[],
        ),
        (
            &[
                gives,
                (
                    "delivers:\n",
                    "delivers:\n  - { what: shop, by: [electronic] }\n",
                ),
            ],
            &[],
        ),
        // Nobody wants what the registry gives: it is not even a possible key.
        (&[(", plan]", "]")], &[unread]),
        (
            &[(", plan]", "]"), (MADE, "shop: [file_no, plan] }")],
            &[unread, plan_made],
        ),
    ];
    for (edits, expected) in table {
        let mut said = told(edits);
        said.retain(|one| one.starts_with("D0205"));
        assert_eq!(said, expected, "{edits:?}");
    }
}

/// For some answers is enough.
#[test]
fn a_key_is_used_where_a_registry_is_asked_for_some_answers() {
    let for_some = (
        "writes: { sign_filing: [number] }",
        "writes: { sign_filing: [number], shop: [file_no] }",
    );
    let elsewhere = (
        "writes: { health_permit: [number, valid_until], shop: [file_no] }",
        "writes: { health_permit: [number, valid_until] }",
    );
    let reads = ("floor_plan], operator", "floor_plan, plan], operator");
    let said = told(&[
        elsewhere,
        for_some,
        (", sign_photo, plan]", ", sign_photo]"),
        reads,
    ]);
    assert!(
        said.iter().all(|one| !one.starts_with("D0205")),
        "{said:#?}"
    );
}
