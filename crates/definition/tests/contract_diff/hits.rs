//! Whom each kind of change hits, in the services of a tree.

use onething_definition::contract_diff::Affected;

use super::trial::{ENTERPRISE, SERVICE, chained, edited};
use super::*;

pub(crate) fn hit(found: &Diff, kind: Kind) -> Vec<String> {
    let changes = found.contracts.iter().flat_map(|one| &one.changes);
    changes
        .filter(|change| change.kind == kind)
        .flat_map(|change| &change.affected)
        .filter(|affected| affected.way == WayOf::New)
        .map(|affected| {
            let Affected {
                step, does, field, ..
            } = affected;
            format!("{step} {does:?} {field}")
        })
        .collect()
}

#[test]
fn what_breaks_names_the_steps_it_breaks() {
    let old = tree();
    let (before, usage) = (contracts_of(&old), usage(&old));
    // In which contract what is replaced by what; the kind; the steps that it hits.
    let table: [(&str, &str, &str, Kind, &[&str]); 12] = [
        // Who supplies the name: the registry, and on a miss the applicant; who accepts checks that.
        (
            "enterprise",
            "max_chars: 100",
            "max_chars: 50",
            Kind::Narrowed,
            &[
                "accept Sees shop.name",
                "apply Asks shop.name",
                "look-up-enterprise-register-shop Gives shop.name",
            ],
        ),
        (
            "enterprise",
            "max_chars: 100",
            "max_chars: 200",
            Kind::Widened,
            &[
                "accept Sees shop.name",
                "health-review Reads shop.name",
                "sign-review Reads shop.name",
            ],
        ),
        (
            "permit",
            "max_chars: 40",
            "max_chars: 20",
            Kind::Narrowed,
            &[
                "health-review Makes health_permit.number",
                "sign-review Makes sign_filing.number",
            ],
        ),
        // Only the new way looks up; only what was given is hit.
        (
            "enterprise",
            "gives: [name, address]",
            "gives: [name]",
            Kind::GivesLess,
            &[
                "health-review Reads shop.address",
                "look-up-enterprise-register-shop Gives shop.address",
                "sign-review Reads shop.address",
            ],
        ),
        (
            "enterprise",
            "fresh: 1d",
            "fresh: 1h",
            Kind::MustBeFresher,
            &[
                "look-up-enterprise-register-shop Gives shop.address",
                "look-up-enterprise-register-shop Gives shop.name",
            ],
        ),
        // Who supplies and who reads.
        (
            "enterprise",
            "fresh: 1d",
            "fresh: 1wd",
            Kind::FreshnessChanged,
            &[
                "health-review Reads shop.address",
                "health-review Reads shop.name",
                "look-up-enterprise-register-shop Gives shop.address",
                "look-up-enterprise-register-shop Gives shop.name",
                "sign-review Reads shop.address",
                "sign-review Reads shop.name",
            ],
        ),
        // Who is told the key from now on, and whom what it brings concerns.
        (
            "enterprise",
            "department: health",
            "department: urban",
            Kind::ResponsibilityChanged,
            &[
                "health-review Reads shop.address",
                "health-review Reads shop.name",
                "look-up-enterprise-register-shop Reads shop.credit_code",
                "look-up-enterprise-register-shop Gives shop.address",
                "look-up-enterprise-register-shop Gives shop.name",
                "sign-review Reads shop.address",
                "sign-review Reads shop.name",
            ],
        ),
        (
            "person",
            "{ to: health, fields: all",
            "{ to: health, fields: [phone]",
            Kind::GrantWithdrawn,
            // Who accepts sees what the intake asks on its own account.
            &[
                "accept Sees operator.name",
                "health-review Reads operator.name",
            ],
        ),
        // The other department reads neither.
        (
            "person",
            "{ to: urban, fields: all",
            "{ to: urban, fields: [phone]",
            Kind::GrantWithdrawn,
            &[],
        ),
        (
            "person",
            "purpose: licensing",
            "purpose: statistics",
            Kind::PurposeChanged,
            &[
                "accept Sees operator.name",
                "accept Sees operator.phone",
                "health-review Reads operator.name",
            ],
        ),
        (
            "person",
            "type: phone, sensitivity: personal",
            "type: phone, sensitivity: public",
            Kind::MadePublic,
            &["accept Sees operator.phone", "apply Asks operator.phone"],
        ),
        (
            "enterprise",
            "type: address",
            "type: address, sensitivity: personal",
            Kind::MadePersonal,
            // Nobody accepts an application on a grant to read what others read.
            &[
                "accept Sees shop.address",
                "health-review Reads shop.address",
                "sign-review Reads shop.address",
            ],
        ),
    ];
    for (contract, from, to, kind, expected) in table {
        let mut new = old.clone();
        let text = new.get_mut(&format!("contracts/{contract}.yaml")).unwrap();
        assert!(text.contains(from), "{from}");
        *text = text.replacen(from, to, 1);
        let found = diff(&before, &contracts_of(&new), Some(&usage));
        assert_eq!(hit(&found, kind), expected, "{from} -> {to}");
        assert_eq!(found.unchanged, 2);
        assert_eq!(found.looked_at.as_deref(), Some(&["shop".to_owned()][..]));
    }
}

/// What no answers bring is hit by nothing: what a registry gives and nobody reads.
#[test]
fn what_nobody_reads_is_given_and_asked_by_nobody() {
    let table: [(&str, &str, &[&str]); 2] = [
        (
            "",
            "",
            &[
                // Where the registry has nothing.
                "New accept Sees",
                "New apply Asks",
                "New look-up-enterprise-register-shop Gives",
                "Old accept-health-permit Sees",
                "Old accept-sign-filing Sees",
                "Old apply-health-permit Asks",
                "Old apply-sign-filing Asks",
            ],
        ),
        ("{ shop: [name, ", "{ shop: [", &[]),
    ];
    for (from, to, expected) in table {
        let mut old = tree();
        for (path, text) in &mut old {
            if path.starts_with("shop/") {
                *text = text.replace(from, to);
            }
        }
        let usage = usage(&old);
        let mut new = old.clone();
        let text = new.get_mut("contracts/enterprise.yaml").unwrap();
        assert!(text.contains("max_chars: 100"));
        *text = text.replacen("max_chars: 100", "max_chars: 50", 1);
        let found = diff(&contracts_of(&old), &contracts_of(&new), Some(&usage));
        let changes = found.contracts.iter().flat_map(|one| &one.changes);
        let narrowed = changes.filter(|change| change.kind == Kind::Narrowed);
        let told: Vec<String> = narrowed
            .flat_map(|change| &change.affected)
            .map(|one| format!("{:?} {} {:?}", one.way, one.step, one.does))
            .collect();
        assert_eq!(told, expected, "{from} {to}");
    }
}

/// Two registries give the same, and the first is asked: what becomes of the other concerns
/// nobody, unless it is asked for something else.
#[test]
fn a_registry_that_no_answers_bring_is_read_by_nobody() {
    const FIRST: &str = "  - registry: enterprise-register";
    let other = "  - { registry: other, department: urban, with: [credit_code], gives: [name], fresh: 1d, basis: 示例 }\n";
    for (registry, expected) in [
        ("other", &[][..]),
        (
            "enterprise-register",
            &[
                "health-review Reads shop.address",
                "health-review Reads shop.name",
                "look-up-enterprise-register-shop Gives shop.address",
                "look-up-enterprise-register-shop Gives shop.name",
                "sign-review Reads shop.address",
                "sign-review Reads shop.name",
            ][..],
        ),
    ] {
        let mut old = tree();
        *old.get_mut("contracts/enterprise.yaml").unwrap() += other;
        let mut new = old.clone();
        let text = new.get_mut("contracts/enterprise.yaml").unwrap();
        let at = text
            .find(FIRST)
            .or_else(|| text.find("  - { registry"))
            .unwrap();
        let end = text.find(other).unwrap();
        match registry {
            "other" => text.truncate(end),
            _ => text.replace_range(at..end, ""),
        }
        let usage = usage(&old);
        let found = diff(&contracts_of(&old), &contracts_of(&new), Some(&usage));
        assert_eq!(hit(&found, Kind::ProviderWithdrawn), expected, "{registry}");
    }
}

/// A second purpose takes their reading from steps that name none, here or wherever
/// the contract is used; a step that names one reads on.
#[test]
fn a_second_purpose_breaks_who_names_none() {
    const LICENSING: &str = "  - { to: health, fields: all, purpose: licensing, ";
    const SECOND: &str = "  - { to: health, fields: [name], purpose: statistics, basis: 示例 }\n";
    const THIRD: &str = "  - { to: health, fields: [name], purpose: research, basis: 示例 }\n";
    let with = |grants: &str, (purpose, intake): (&str, &str)| {
        let mut tree = tree();
        let person = tree.get_mut("contracts/person.yaml").unwrap();
        let at = person.find(LICENSING).unwrap();
        person.insert_str(at, grants);
        let service = tree.get_mut("shop/service.yaml").unwrap();
        let step = "  health-review:\n";
        assert!(service.contains(step));
        *service = service.replacen(step, &format!("{step}{purpose}"), 1);
        let asks = "  asks: { operator: [name, phone] }\n";
        for file in ["shop/service.yaml", "shop/before.yaml"] {
            let text = tree.get_mut(file).unwrap();
            assert!(text.contains(asks));
            // The old way's is for the window of the signboard as well.
            let intake = match file {
                "shop/before.yaml" if !intake.is_empty() => {
                    "  purpose: [licensing, signboard-filing]\n"
                }
                _ => intake,
            };
            *text = text.replacen(asks, &format!("{asks}{intake}"), 1);
        }
        tree
    };
    let named = "    purpose: licensing\n";
    let asks_for = "  purpose: licensing\n";
    let two = format!("{SECOND}{THIRD}");
    // Grants before and after; what the step and what the intakes name; whom it hits; how
    // often check would refuse the service of the tree: its step, or its intakes of both ways.
    type Named<'a> = (&'a str, &'a str);
    type Case<'a> = (&'a str, &'a str, Named<'a>, &'a [&'a str], usize);
    let hit_step: &[&str] = &["health-review Reads operator.name"];
    let accept = "accept Sees operator.name";
    let both: &[&str] = &[accept, "health-review Reads operator.name"];
    let table: [Case<'_>; 7] = [
        ("", SECOND, ("", ""), both, 3),
        ("", SECOND, (named, ""), &[accept], 2),
        ("", SECOND, ("", asks_for), hit_step, 1),
        // No service here is wrong, but one elsewhere may name nothing.
        ("", SECOND, (named, asks_for), &[], 0),
        ("", &two, ("", ""), both, 3),
        // Who had a choice has named one; who names several elsewhere may not have had to.
        (SECOND, &two, (named, asks_for), &[], 0),
        // Unless it names the new one as well.
        (
            SECOND,
            &two,
            ("    purpose: [licensing, research]\n", asks_for),
            hit_step,
            1,
        ),
    ];
    let kind = Kind::PurposeNeeded;
    for (before, after, purpose, expected, refused) in table {
        let (old, new) = (with(before, purpose), with(after, purpose));
        let (old_contracts, new_contracts) = (contracts_of(&old), contracts_of(&new));
        let found = diff(&old_contracts, &new_contracts, Some(&usage(&old)));
        let case = format!("{before:?} -> {after:?}, {purpose:?}");
        assert_eq!(kinds(&found), [kind.as_str()], "{case}");
        assert_eq!(hit(&found, kind), expected, "{case}");
        let tree = SourceSet::from_texts(old);
        let found = found.tried_on(&tree, &old_contracts, &new_contracts);
        let newly = found.newly.as_ref().unwrap();
        // That no service reads for the new purpose is said of the tree.
        let of_services = newly.iter().filter(|one| one.service.is_some());
        let told: Vec<&str> = of_services.map(|one| one.code.as_str()).collect();
        assert_eq!(told, vec!["D0207"; refused], "{case}");
        assert!(found.breaking, "{case}");
        assert_eq!(
            kinds(&found).contains(&"fails-check"),
            refused > 0,
            "{case}"
        );
    }
}

#[test]
fn a_withdrawn_grant_does_not_concern_the_look_ups_of_the_department() {
    let mut old = with_registry(&tree(), "1.0.0");
    let service = old.get_mut("shop/service.yaml").unwrap();
    *service = service.replace(
        "asks: { operator: [name, phone] }",
        "asks: { operator: [name] }",
    );
    *service = service.replace(
        "reads: { shop: [name, address, sign_photo] }",
        "reads: { shop: [name, address, sign_photo], operator: [phone] }",
    );
    let mut new = old.clone();
    let person = new.get_mut("contracts/person.yaml").unwrap();
    *person = person.replace("{ to: urban, fields: all", "{ to: urban, fields: [phone]");
    let found = diff(&contracts_of(&old), &contracts_of(&new), Some(&usage(&old)));
    assert_eq!(kinds(&found), ["grant-withdrawn"]);
    // The registry is asked with the name on the basis of its entry.
    assert_eq!(hit(&found, Kind::GrantWithdrawn), [""; 0]);
    // It is a reader all the same, where the whole contract goes.
    let none = Contracts::default();
    let found = diff(&contracts_of(&old), &none, Some(&usage(&old)));
    let gone = hit(&found, Kind::ContractRemoved);
    assert!(
        gone.contains(&"look-up-mobiles-operator Reads operator.name".to_owned()),
        "{gone:?}"
    );
}

/// Of several purposes one goes or gives way to another: it breaks who reads for it, and nobody
/// who reads for one that stays.
#[test]
fn a_purpose_that_goes_breaks_who_reads_for_it() {
    const SEES: &str = "accept Sees operator.name";
    const BOTH: &[&str] = &[SEES, "health-review Reads operator.name"];
    // Purposes before and after; what the step and the intakes name; whom the change hits.
    type Case<'a> = (&'a [&'a str], &'a [&'a str], &'a str, Kind, &'a [&'a str]);
    let table: [Case<'_>; 9] = [
        (&["a", "b"], &["a"], "[a]", Kind::PurposeChanged, &[]),
        (&["a", "b"], &["a"], "[b]", Kind::PurposeChanged, BOTH),
        (&["a", "b"], &["b", "c"], "[b]", Kind::PurposeChanged, &[]),
        (&["a", "b"], &["b", "c"], "[a]", Kind::PurposeChanged, BOTH),
        // It may read for two of those that it names now.
        (
            &["a", "b"],
            &["b", "c"],
            "[b, c]",
            Kind::PurposeChanged,
            BOTH,
        ),
        (&["a", "b"], &[], "[a]", Kind::GrantWithdrawn, BOTH),
        // With one grant nothing need be named.
        (&["a"], &["b"], "", Kind::PurposeChanged, BOTH),
        (&["a"], &["b"], "[a, b]", Kind::PurposeChanged, BOTH),
        (&["a"], &[], "[a]", Kind::GrantWithdrawn, BOTH),
    ];
    let with = |purposes: &[&str], named: &str| {
        let mut tree = tree();
        let person = tree.get_mut("contracts/person.yaml").unwrap();
        let line = person.lines().find(|line| line.contains("to: health"));
        let line = format!("{}\n", line.unwrap());
        let granted = |purpose: &&str| {
            format!("  - {{ to: health, fields: [name], purpose: {purpose}, basis: 示例 }}\n")
        };
        *person = person.replace(&line, &purposes.iter().map(granted).collect::<String>());
        if !named.is_empty() {
            let service = tree.get_mut("shop/service.yaml").unwrap();
            let step = "  health-review:\n";
            *service = service.replacen(step, &format!("{step}    purpose: {named}\n"), 1);
        }
        for file in ["shop/service.yaml", "shop/before.yaml"] {
            let text = tree.get_mut(file).unwrap();
            let purpose = match (named, file) {
                ("", _) => String::new(),
                // The old way's is for the window of the signboard as well.
                (named, "shop/before.yaml") => {
                    format!("  purpose: {}\n", named.replace(']', ", signboard-filing]"))
                }
                (named, _) => format!("  purpose: {named}\n"),
            };
            let asks = "asks: { operator: [name] }\n";
            *text = text.replace(
                "asks: { operator: [name, phone] }\n",
                &format!("{asks}{purpose}"),
            );
        }
        tree
    };
    for (before, after, named, kind, expected) in table {
        let (old, new) = (with(before, named), with(after, named));
        let usage = usage(&old);
        let found = diff(&contracts_of(&old), &contracts_of(&new), Some(&usage));
        let case = format!("{before:?} -> {after:?}, {named}");
        assert!(found.not_readable.is_empty(), "{case}");
        assert_eq!(kinds(&found), [kind.as_str()], "{case}");
        assert_eq!(hit(&found, kind), expected, "{case}");
    }
}

/// Fields that lose different purposes are told apart: of both together it would not be true.
#[test]
fn which_purposes_change_is_told_of_each_field() {
    let with = |name: &str, phone: &str| {
        let grant = |field: &str, purpose: &str| {
            format!("  - {{ to: market, fields: [{field}], purpose: {purpose}, basis: 办法 }}\n")
        };
        let grants = |(field, purposes): (&str, &str)| -> String {
            let purposes = purposes.split(' ');
            purposes.map(|purpose| grant(field, purpose)).collect()
        };
        let all: String = [("name", name), ("phone", phone)].map(grants).concat();
        let line = "  - { to: market, fields: [phone], purpose: licensing, basis: 办法 }\n";
        contracts(
            &replaced(line, &all)
                .replace("max_chars: 100", "max_chars: 100, sensitivity: personal"),
        )
    };
    let told = |found: &Diff| -> Vec<String> {
        let changes = found.contracts.iter().flat_map(|one| &one.changes);
        changes
            .map(|change| change.message.en().to_owned())
            .collect()
    };
    let found = diff(&with("a b", "a b"), &with("a", "b"), None);
    assert_eq!(
        told(&found),
        [
            "what `market` may read `name` for: a, b → a",
            "what `market` may read `phone` for: a, b → b",
        ]
    );
    let found = diff(&with("a b", "a b"), &with("a", "a"), None);
    assert_eq!(
        told(&found),
        ["what `market` may read `name`, `phone` for: a, b → a"]
    );
}

/// Where a registry that is asked after the application has nothing, a form of its own asks.
#[test]
fn a_registry_that_is_asked_later_has_a_form_of_its_own() {
    let old = edited(
        &chained(),
        &[
            (ENTERPRISE, "address, plot]", "address]"),
            (SERVICE, "writes: {", "writes: { shop: [plot], "),
            (
                SERVICE,
                "writes: { shop: [plot],  sign_filing",
                "writes: { sign_filing",
            ),
        ],
    );
    let new = edited(
        &old,
        &[(
            ENTERPRISE,
            "区域, type: text",
            "区域, type: text, max_chars: 9",
        )],
    );
    let found = diff(&contracts_of(&old), &contracts_of(&new), Some(&usage(&old)));
    assert!(found.not_readable.is_empty());
    assert_eq!(
        hit(&found, Kind::Narrowed),
        [
            "ask-plots-shop Asks shop.zone",
            "look-up-plots-shop Gives shop.zone",
        ]
    );
}

/// What a registry gives already, and a form asks only where that has nothing, is not asked in
/// place of one that is new; and what is gone is told as gone, not as given no more.
#[test]
fn what_follows_from_another_change_is_not_told_twice() {
    let old = tree();
    let other = "\n  - { registry: other, department: urban, with: [credit_code], gives: [name], fresh: 1d, basis: 示例 }\n";
    let mut new = old.clone();
    let text = new.get_mut(ENTERPRISE).unwrap();
    *text = format!("{}{other}", text.trim_end());
    let found = diff(&contracts_of(&old), &contracts_of(&new), Some(&usage(&old)));
    assert_eq!(kinds(&found), ["provider-added"]);
    assert_eq!(hit(&found, Kind::ProviderAdded), [""; 0]);
    let new = edited(
        &old,
        &[
            (ENTERPRISE, "  address: {", "  place: {"),
            (ENTERPRISE, "[name, address]", "[name, place]"),
        ],
    );
    let found = diff(&contracts_of(&old), &contracts_of(&new), Some(&usage(&old)));
    assert_eq!(
        kinds(&found),
        ["field-removed", "field-added", "gives-more"]
    );
}

/// A look-up reads its key, and loses it with the registry that gave it.
#[test]
fn a_look_up_that_loses_its_key_is_hit() {
    let old = chained();
    let new = edited(&old, &[(ENTERPRISE, "address, plot]", "address]")]);
    let found = diff(&contracts_of(&old), &contracts_of(&new), Some(&usage(&old)));
    assert_eq!(
        hit(&found, Kind::GivesLess),
        [
            "look-up-enterprise-register-shop Gives shop.plot",
            "look-up-plots-shop Reads shop.plot",
        ]
    );
}
