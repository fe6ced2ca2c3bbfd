//! Roles that are to be verified: told where nothing verifies them, and why.

use std::sync::Arc;

use onething_definition::diagnostic::{Code, Diagnostics, Severity};
use onething_definition::{SourceSet, check, new_service};

/// What is said about verifying, when this is replaced in files of the template.
fn told(changes: &[(&str, &str, &str)]) -> Vec<String> {
    let mut files = new_service(&"shop".parse().unwrap());
    for (path, from, to) in changes {
        let text = &mut files.iter_mut().find(|(at, _)| at == path).unwrap().1;
        assert!(text.contains(from), "{from}");
        *text = text.replace(from, to);
    }
    let sources = Arc::new(SourceSet::from_texts(files));
    let report = check(sources, &["shop".to_owned()], Diagnostics::new()).report;
    let errors: Vec<&str> = report
        .diagnostics
        .iter()
        .filter(|d| d.code.severity() == Severity::Error)
        .map(|d| d.message.en())
        .collect();
    assert!(errors.is_empty(), "{changes:?}: {errors:?}");
    let found = report.diagnostics.iter();
    found
        .filter(|d| d.code == Code::NotVerified)
        .map(|d| format!("{}: {}", d.field, d.message.en()))
        .collect()
}

#[test]
fn a_role_that_nothing_verifies_is_told_with_the_reason() {
    const SERVICE: &str = "shop/service.yaml";
    const ENTERPRISE: &str = "contracts/enterprise.yaml";
    let shop = (
        SERVICE,
        "shop: enterprise",
        "shop: { contract: enterprise, verify: yes }",
    );
    let operator = (
        SERVICE,
        "operator: person",
        "operator: { contract: person, verify: yes }",
    );
    let nobody = (
        SERVICE,
        "operator: person",
        "operator: { contract: person, verify: no }",
    );
    let without = (
        SERVICE,
        "applicant: operator\n",
        "applicant: operator\nfetched: { without: { enterprise-register: 接口未通 } }\n",
    );
    let key_alone = (SERVICE, "shop: [name, address,", "shop: [credit_code,");
    // A second registry that gives the same, and one that needs what the first gives and
    // gives its key: of a circle the one that the contract lists first is asked.
    let second = (
        ENTERPRISE,
        "providers:\n",
        "providers:\n  - { registry: tax-register, department: urban, with: [credit_code], gives: [name, address], basis: 办法 }\n",
    );
    let circle = (
        ENTERPRISE,
        "providers:\n",
        "providers:\n  - { registry: names, department: urban, with: [name], gives: [credit_code], basis: 办法 }\n",
    );
    let circle_last = (
        ENTERPRISE,
        "providers:\n",
        "providers:\n  - { registry: numbers, department: urban, with: [credit_code], gives: [name], basis: 办法 }\n  - { registry: names, department: urban, with: [name], gives: [credit_code], basis: 办法 }\n",
    );
    // What is only asked by need not be verified: what is found by it is.
    let key = (
        ENTERPRISE,
        "providers:\n",
        "providers:\n  - { registry: codes, department: urban, with: [address], gives: [credit_code], basis: 办法 }\n",
    );
    let without_key = (
        SERVICE,
        "applicant: operator\n",
        "applicant: operator\nfetched: { without: { codes: 接口未通 } }\n",
    );
    // Another role of the contract is looked up, this one is not.
    let branch = (
        SERVICE,
        "operator: person",
        "operator: person\n  branch: { contract: enterprise, verify: yes }",
    );
    const BRANCH: &str = "roles.branch.verify: no step reads anything that a registry gives of `branch`: none is asked, and nothing is verified";
    const NO_REGISTRY: &str =
        "roles.operator.verify: the contract `person` has no registry: nothing verifies `operator`";
    const LEFT_OUT: &str = "roles.shop.verify: `enterprise-register` is not asked: what it gives of `shop` is not verified";
    const NOT_READ: &str = "roles.shop.verify: no step reads anything that a registry gives of `shop`: none is asked, and nothing is verified";
    type Case<'a> = (&'a [(&'a str, &'a str, &'a str)], &'a [&'a str]);
    let table: [Case<'_>; 12] = [
        (&[], &[]),
        (&[shop], &[]),
        (&[nobody], &[]),
        (&[operator], &[NO_REGISTRY]),
        (&[shop, without], &[LEFT_OUT]),
        // Without the wish for a check there is nothing to tell.
        (&[without], &[]),
        (&[shop, without, second], &[]),
        (&[shop, key_alone], &[NOT_READ]),
        (&[shop, key, without_key], &[]),
        (&[branch], &[BRANCH]),
        (&[shop, key_alone, circle], &[]),
        (&[shop, key_alone, circle_last], &[NOT_READ]),
    ];
    for (changes, expected) in table {
        assert_eq!(told(changes), expected, "{changes:?}");
    }
}
