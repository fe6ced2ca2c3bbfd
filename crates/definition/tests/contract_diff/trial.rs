//! What the services of a tree come to with the new contracts in place.

use super::*;

/// An addition on paper; but the form goes on asking for what the registry now gives.
#[test]
fn what_makes_a_service_fail_its_check_breaks_it() {
    let old = tree();
    let sources = SourceSet::from_texts(old.clone());
    let usage = usage(&old);
    let tried = |new: &BTreeMap<String, String>| {
        let (old, new) = (contracts_of(&old), contracts_of(new));
        diff(&old, &new, Some(&usage)).tried_on(&sources, &old, &new)
    };
    let found = tried(&with_registry(&old, "1.1.0"));
    assert_eq!(kinds(&found), ["fails-check", "provider-added"]);
    assert_eq!(
        hit(&found, Kind::ProviderAdded),
        ["apply Asks operator.phone"],
        "whose forms ask for it"
    );
    assert!(found.breaking && !found.holds());
    assert_eq!(
        found.contracts[0].lowest.map(|version| version.to_string()),
        Some("2.0.0".to_owned())
    );
    let newly = found.newly.as_ref().unwrap();
    let told: Vec<_> = newly
        .iter()
        .map(|p| {
            (
                p.service.as_deref(),
                p.code.as_str(),
                &p.contracts[..],
                &*p.file,
            )
        })
        .collect();
    let by = ["person".to_owned()];
    assert_eq!(
        told,
        [(Some("shop"), "D0210", &by[..], "shop/service.yaml")]
    );
    for lang in [Lang::Zh, Lang::En] {
        let text = found.text(lang);
        assert!(
            text.contains("D0210") && text.contains("shop/service.yaml:"),
            "{text}"
        );
    }
    // A version that says so holds.
    assert!(tried(&with_registry(&old, "2.0.0")).holds());
    // What changes nothing makes nothing fail.
    let found = tried(&old);
    assert!(found.holds() && found.newly.as_ref().unwrap().is_empty());
}

/// A grant of all fields is one of a new field, which no service needs: that is said of the tree.
#[test]
fn a_new_field_under_a_grant_of_all_fields_is_told_with_who_may_read_it() {
    let old = tree();
    let person = "contracts/person.yaml";
    let faith = "fields:\n  faith: { title: 信仰, type: text, sensitivity: sensitive }\n";
    let edits = [
        (person, "fields:\n", faith),
        (person, "version: 1.0.0", "version: 1.1.0"),
    ];
    let new = edited(&old, &edits);
    let sources = SourceSet::from_texts(old.clone());
    let (before, after) = (contracts_of(&old), contracts_of(&new));
    let found = diff(&before, &after, Some(&usage(&old))).tried_on(&sources, &before, &after);
    assert_eq!(kinds(&found), ["field-added", "grant-added", "grant-added"]);
    let text = found.text(Lang::En);
    for line in [
        "Health commission (`health`) may read `faith` (for licensing)",
        "Urban management (`urban`) may read `faith` (for signboard-filing)",
        "the tree: warning[",
    ] {
        assert!(text.contains(line), "{line}: {text}");
    }
    assert!(found.holds() && !found.breaking, "{text}");
    let newly = found.newly.as_ref().unwrap();
    let of_tree = newly.iter().filter(|one| one.service.is_none());
    let of_tree: Vec<_> = of_tree.map(|one| (one.code.as_str(), &*one.file)).collect();
    assert!(of_tree.contains(&("D0911", person)), "{newly:?}");
}

/// What forms ask anew, with the contracts that bring it about.
fn asked_anew(old: &BTreeMap<String, String>, new: &BTreeMap<String, String>) -> Vec<String> {
    let (before, after) = (contracts_of(old), contracts_of(new));
    let tree = SourceSet::from_texts(old.clone());
    let found = diff(&before, &after, Some(&usage(old))).tried_on(&tree, &before, &after);
    assert!(found.not_readable.is_empty());
    let told = |one: &AskedAnew| {
        let AskedAnew {
            way,
            step,
            field,
            asking,
            contracts,
            ..
        } = one;
        let by = contracts.join(" ");
        format!("{way:?} {step} {field} {asking:?} by [{by}]")
    };
    found.asked_anew.unwrap().iter().map(told).collect()
}

/// A tree in which some texts stand in place of others.
pub(crate) fn edited(
    tree: &BTreeMap<String, String>,
    edits: &[(&str, &str, &str)],
) -> BTreeMap<String, String> {
    let mut tree = tree.clone();
    for (file, from, to) in edits {
        let text = tree.get_mut(*file).unwrap();
        assert!(text.contains(from), "{from:?} is not in {file}:\n{text}");
        *text = text.replace(from, to);
    }
    tree
}

pub(crate) const ENTERPRISE: &str = "contracts/enterprise.yaml";
pub(crate) const SERVICE: &str = "shop/service.yaml";
const BEFORE: &str = "shop/before.yaml";

/// A registry of enterprises that gives the key of another one.
pub(crate) fn chained() -> BTreeMap<String, String> {
    let mut tree = edited(
        &tree(),
        &[
            (
                ENTERPRISE,
                "fields:\n",
                "fields:\n  file: { title: 档案号, type: text }\n  plot: { title: 地块号, type: text }\n  zone: { title: 区域, type: text }\n",
            ),
            (ENTERPRISE, "[name, address]", "[name, address, plot]"),
            (
                SERVICE,
                "address, sign_photo]",
                "address, sign_photo, zone]",
            ),
        ],
    );
    *tree.get_mut(ENTERPRISE).unwrap() += "  - { registry: plots, department: urban, with: [plot], gives: [zone], fresh: 1d, basis: 示例 }\n";
    tree
}

/// The form that grows is named, whatever makes it grow. Where it asks for certain what it asked
/// where a registry had nothing, that is told.
#[test]
fn forms_that_grow_are_named() {
    const OF_NUMBER: &str = ", derived: { from: number, as: date-of-birth }";
    const PERSON: &str = "contracts/person.yaml";
    let (plain, chained) = (tree(), chained());
    let old_way_fetches = edited(
        &plain,
        &[(BEFORE, "fetched: nothing", "fetched: everything")],
    );
    let can_do_without = edited(
        &plain,
        &[
            (SERVICE, "[name, address, ", "[name, \"address?\", "),
            (ENTERPRISE, "with: [credit_code]", "with: [name]"),
            (ENTERPRISE, "gives: [name, address]", "gives: [address]"),
        ],
    );
    let born = with_person(OF_NUMBER, "", "number, born", "");
    let less = (ENTERPRISE, "gives: [name, address", "gives: [name");
    type Edits<'a> = &'a [(&'a str, &'a str, &'a str)];
    type Case<'a> = (&'a BTreeMap<String, String>, Edits<'a>, &'a [&'a str]);
    const ADDRESS: &str = "New apply shop.address Required by [enterprise]";
    const NAME: &str = "New apply shop.name Required by [enterprise]";
    const ZONE: &str = "New apply shop.zone Required by [enterprise]";
    const BORN: &str = "New apply operator.born Required by [person]";
    let table: [Case<'_>; 10] = [
        // The name alone is not worth asking for the key of the registry.
        (&plain, &[less], &[ADDRESS, NAME]),
        (
            &old_way_fetches,
            &[less],
            &[
                ADDRESS,
                NAME,
                "Old apply-health-permit shop.address Required by [enterprise]",
                "Old apply-health-permit shop.name Required by [enterprise]",
                "Old apply-sign-filing shop.address Required by [enterprise]",
                "Old apply-sign-filing shop.name Required by [enterprise]",
            ],
        ),
        (
            &can_do_without,
            &[(ENTERPRISE, "gives: [address]", "gives: [floor_plan]")],
            &["New apply shop.address Optional by [enterprise]"],
        ),
        // The key of another registry: nobody gives it, and one field is asked rather than it.
        (
            &chained,
            &[(ENTERPRISE, "address, plot]", "address]")],
            &[ZONE],
        ),
        (
            &chained,
            &[(ENTERPRISE, "with: [plot]", "with: [plot, file]")],
            &[ZONE],
        ),
        // Another key, which is asked anyway.
        (
            &chained,
            &[(ENTERPRISE, "with: [plot]", "with: [credit_code]")],
            &[],
        ),
        (
            &chained,
            &[(ENTERPRISE, "gives: [zone]", "gives: [file]")],
            &[ZONE],
        ),
        (
            &chained,
            &[(ENTERPRISE, "gives: [zone]", "gives: [zone, file]")],
            &[],
        ),
        (&born, &[(PERSON, OF_NUMBER, "")], &[BORN]),
        // Each contract's own.
        (
            &born,
            &[(PERSON, OF_NUMBER, ""), less],
            &[BORN, ADDRESS, NAME],
        ),
    ];
    let mut wrong = String::new();
    for (old, edits, expected) in table {
        let told = asked_anew(old, &edited(old, edits));
        if told != expected {
            let _ = writeln!(wrong, "{edits:?}: {told:#?}");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn what_forms_ask_anew_is_told_in_both_languages_and_to_programs() {
    let old = tree();
    let new = edited(&old, &[(ENTERPRISE, "[name, address]", "[name]")]);
    let (before, after) = (contracts_of(&old), contracts_of(&new));
    let tree = SourceSet::from_texts(old);
    let found = diff(&before, &after, None).tried_on(&tree, &before, &after);
    for (lang, expected) in [
        (
            Lang::Zh,
            "按新的数据约定，申请人还要填写：\n  开理发店的环节“申请”（`apply`）的表单，由环节“受理”（`accept`，卫生健康委员会）受理：`shop.address`\n",
        ),
        (
            Lang::En,
            "with the new contracts the applicant is asked for more:\n  Open a barber shop: the form of the step “Application” (`apply`), accepted in the step “Acceptance” (`accept`, Health commission): `shop.address`\n",
        ),
    ] {
        let text = found.text(lang);
        assert!(text.contains(expected), "{text}");
    }
    let json = serde_json::to_value(&found).unwrap();
    let first = serde_json::json!({
        "service": "shop", "contracts": ["enterprise"], "way": "new", "step": "apply",
        "field": "shop.address", "accepted_by": "accept", "department": "health",
        "asking": "required",
    });
    assert_eq!(json["asked_anew"][0], first, "{json}");
}

/// Who did not pass with the old contracts is not broken by the new ones.
#[test]
fn a_service_that_failed_before_is_not_said_to_fail_by_the_change() {
    let passes = tree();
    let failed = edited(&passes, &[(SERVICE, "owner: health", "owner: nobody")]);
    for (old, expected) in [
        (&passes, &["fails-check", "provider-added"][..]),
        (&failed, &["provider-added"]),
    ] {
        let new = with_registry(old, "1.1.0");
        let (before, after) = (contracts_of(old), contracts_of(&new));
        let tree = SourceSet::from_texts(old.clone());
        let found = diff(&before, &after, None).tried_on(&tree, &before, &after);
        assert_eq!(kinds(&found), expected);
        assert_eq!(found.holds(), expected.len() == 1);
    }
}

/// Who is asked for the first time, with a further key, or in place of another department is told:
/// from now on they are told something of the applicant.
#[test]
fn departments_whose_registries_are_told_more_are_to_be_told() {
    let plain = edited(
        &tree(),
        &[
            (
                ENTERPRISE,
                "fields:\n",
                "fields:\n  file: { title: 档案号, type: text }\n",
            ),
            (
                SERVICE,
                "address, sign_photo]",
                "address, sign_photo, file]",
            ),
            (
                "departments.yaml",
                "\nwindows:",
                "\n  files: { title: 档案局 }\nwindows:",
            ),
        ],
    );
    let added = |department: &str| {
        let mut tree = plain.clone();
        let registry = format!(
            "  - {{ registry: files, department: {department}, with: [credit_code], gives: [file], basis: 示例 }}\n"
        );
        *tree.get_mut(ENTERPRISE).unwrap() += &registry;
        tree
    };
    let one = added("files");
    let more = edited(
        &one,
        &[(
            ENTERPRISE,
            "with: [credit_code], gives: [file]",
            "with: [credit_code, name], gives: [file]",
        )],
    );
    let fresher = edited(&one, &[(ENTERPRISE, "fresh: 1d", "fresh: 2d")]);
    type Tree = BTreeMap<String, String>;
    let table: [(&Tree, &Tree, bool); 6] = [
        (&plain, &one, true),
        (&one, &more, true),
        (&added("urban"), &one, true),
        (&more, &one, false),
        (&one, &fresher, false),
        (&one, &plain, false),
    ];
    for (at, (old, new, expected)) in table.into_iter().enumerate() {
        let (before, after) = (contracts_of(old), contracts_of(new));
        let tree = SourceSet::from_texts(old.clone());
        let found = diff(&before, &after, None).tried_on(&tree, &before, &after);
        let concerned = &found.contracts[0].concerned;
        let told = concerned
            .departments
            .iter()
            .any(|one| one.as_str() == "files");
        assert_eq!(told, expected, "{at}: {concerned:?}");
        assert!(!told || concerned.services.contains("shop"), "{at}");
    }
}

/// Whoever owns a service has to mend it when it fails its check, though no step is broken.
#[test]
fn who_owns_what_fails_its_check_is_to_be_told() {
    for (owner, title) in [("health", "卫生健康委员会"), ("urban", "城市管理局")] {
        let old = edited(
            &tree(),
            &[(SERVICE, "owner: health", &format!("owner: {owner}"))],
        );
        let new = with_registry(&old, "2.0.0");
        let (before, after) = (contracts_of(&old), contracts_of(&new));
        let tree = SourceSet::from_texts(old.clone());
        let found = diff(&before, &after, Some(&usage(&old))).tried_on(&tree, &before, &after);
        assert_eq!(kinds(&found), ["fails-check", "provider-added"]);
        let concerned = &found.contracts[0].concerned;
        let departments: Vec<_> = concerned
            .departments
            .iter()
            .map(|one| one.as_str())
            .collect();
        assert_eq!(departments, [owner]);
        let text = found.text(Lang::Zh);
        let told = format!("须告知的部门：{title}；涉及的一件事：开理发店（`shop`）");
        assert!(text.contains(&told), "{text}");
    }
}
