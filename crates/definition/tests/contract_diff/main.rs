//! Versions of contracts compared: tables of changes and what each comes to.

mod derivations;
mod hits;
mod orders;
mod origins;
mod table;
mod trial;
mod words;

use derivations::with_person;
use hits::hit;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use onething_definition::contract_diff::{
    AskedAnew, Bump, Contracts, Diff, Kind, Usage, WayOf, diff,
};
use onething_definition::diagnostic::Diagnostics;
use onething_definition::load::load_contracts;
use onething_definition::{SourceSet, check, new_service};
use onething_model::Lang;

const BASE: &str = r#"contract: premises
version: 1.2.3
title: { zh: 经营场所, en: Premises }
owner: urban
identified_by: [estate]
fields:
  estate: { title: 单元号, type: code, pattern: "[0-9]{4}", example: "0001" }
  name: { title: 名称, type: text, max_chars: 100 }
  area: { title: 面积, type: number, unit: m2, min: 1, max: 500 }
  kind: { title: 业态, type: choice, options: { bar: 酒吧, shop: 商店 } }
  plan: { title: 平面图, type: document, accepts: [pdf, jpg], up_to: 20MiB }
  phone: { title: 电话, type: phone, sensitivity: personal }
  holder: { title: 使用人, type: credit-code }
  division: { title: 登记机关区划, type: code, derived: { from: holder, as: registration-division } }
providers:
  - { registry: estates, department: urban, with: [estate], gives: [area, kind], fresh: 30d, basis: 条例 }
grants:
  - { to: market, fields: [phone], purpose: licensing, basis: 办法 }
"#;

fn contracts(text: &str) -> Contracts {
    let sources = SourceSet::from_texts([("premises.yaml", text)]);
    let (contracts, found) = Contracts::read(&sources);
    let said: Vec<String> = found
        .into_sorted()
        .iter()
        .map(|d| d.message.en().to_owned())
        .collect();
    assert!(said.is_empty(), "{said:?}\n{text}");
    contracts
}

fn replaced(from: &str, to: &str) -> String {
    assert!(BASE.contains(from), "{from:?} is not in the base");
    BASE.replacen(from, to, 1)
}

fn kinds(found: &Diff) -> Vec<&'static str> {
    let changes = found.contracts.iter().flat_map(|one| &one.changes);
    changes.map(|change| change.kind.as_str()).collect()
}

#[test]
fn a_grant_of_public_fields_may_be_withdrawn_at_once() {
    let old = replaced("fields: [phone], purpose", "fields: [phone, name], purpose");
    let found = diff(&contracts(&old), &contracts(BASE), None);
    assert_eq!(kinds(&found), ["grant-not-needed"]);
    assert_eq!(found.contracts[0].needed, Bump::Patch);
}

#[test]
fn contracts_that_come_and_go() {
    let (none, one) = (Contracts::default(), contracts(BASE));
    let found = diff(&none, &one, None);
    assert_eq!(kinds(&found), ["contract-added"]);
    assert!(found.holds() && !found.breaking);
    let found = diff(&one, &none, None);
    assert_eq!(kinds(&found), ["contract-removed"]);
    assert!(!found.holds() && found.breaking, "no version says that");
    let found = diff(&one, &one, None);
    assert_eq!((found.contracts.len(), found.unchanged), (0, 1));
}

#[test]
fn versions_are_held_to_what_changed() {
    // What changes besides the version; the old and the new version; the lowest; whether it holds.
    let narrower = ("max_chars: 100", "max_chars: 50");
    let more = (
        "fields:\n",
        "fields:\n  note: { title: 备注, type: text }\n",
    );
    let wording = ("title: 名称", "title: 字号");
    let same = ("owner: urban", "owner: urban");
    let table = [
        (narrower, "1.2.3", "1.3.0", "2.0.0", false),
        (narrower, "1.2.3", "2.0.0", "2.0.0", true),
        (narrower, "1.2.3", "3.1.4", "2.0.0", true),
        (narrower, "0.2.3", "0.3.0", "0.3.0", true),
        (narrower, "0.2.3", "0.2.4", "0.3.0", false),
        (more, "1.2.3", "1.2.4", "1.3.0", false),
        (more, "1.2.3", "1.3.0", "1.3.0", true),
        (more, "1.2.3", "2.0.0", "1.3.0", true),
        (wording, "1.2.3", "1.2.3", "1.2.4", false),
        (wording, "1.2.3", "1.2.4", "1.2.4", true),
        (same, "1.2.3", "1.2.2", "1.2.3", false),
        (same, "1.2.3", "9.0.0", "1.2.3", true),
    ];
    for ((from, to), old, new, lowest, holds) in table {
        let before = replaced("version: 1.2.3", &format!("version: {old}"));
        let after = replaced(from, to).replace("version: 1.2.3", &format!("version: {new}"));
        let found = diff(&contracts(&before), &contracts(&after), None);
        let one = &found.contracts[0];
        let said = one.lowest.map(|version| version.to_string());
        assert_eq!(said.as_deref(), Some(lowest), "{from} {old} {new}");
        assert_eq!(found.holds(), holds, "{from} {old} {new}");
    }
}

/// The tree that `onething new` writes.
fn tree() -> BTreeMap<String, String> {
    new_service(&"shop".parse().unwrap()).into_iter().collect()
}

/// The contracts of a tree, from a disk as the command line reads them.
fn contracts_of(tree: &BTreeMap<String, String>) -> Contracts {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in tree {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let (sources, found) = load_contracts(folder.path());
    assert!(found.is_empty());
    let (contracts, found) = Contracts::read(&sources);
    assert!(found.is_empty());
    contracts
}

fn usage(tree: &BTreeMap<String, String>) -> Usage {
    let sources = Arc::new(SourceSet::from_texts(tree.clone()));
    Usage::of(&check(sources, &["shop".to_owned()], Diagnostics::new()))
}

#[test]
fn what_becomes_personal_is_read_for_one_of_several_purposes() {
    let two = "purpose: licensing, basis: 办法 }\n  - { to: market, fields: [phone], purpose: statistics, basis: 办法 }";
    let new = replaced("purpose: licensing, basis: 办法 }", two);
    let old = new.replacen(
        "type: phone, sensitivity: personal",
        "type: phone, sensitivity: public",
        1,
    );
    let found = diff(&contracts(&old), &contracts(&new), None);
    assert_eq!(kinds(&found), ["made-personal", "purpose-needed"]);
}

#[test]
fn what_is_found_is_told_in_both_languages_and_to_programs() {
    let old = tree();
    let mut new = old.clone();
    let person = new.get_mut("contracts/person.yaml").unwrap();
    *person = person.replace(
        "fields: all, purpose: licensing",
        "fields: [phone], purpose: licensing",
    );
    let usage = usage(&old);
    let found = diff(&contracts_of(&old), &contracts_of(&new), Some(&usage));
    let text = found.text(Lang::En);
    let expected = "person (Person) 1.0.0 → 1.0.0: breaking
  [breaking] Health commission (`health`) may no longer read `name` (for licensing)
    Open a barber shop: the step “Acceptance” (`accept`, Health commission) is shown, on acceptance, `operator.name`
    Open a barber shop: the step “Health review” (`health-review`, Health commission) reads `operator.name`
    Open a barber shop (old way): the step “Acceptance: Health permit” (`accept-health-permit`, Health commission) is shown, on acceptance, `operator.name`
    Open a barber shop (old way): the step “Health review” (`health-review`, Health commission) reads `operator.name`
  departments to tell: Health commission; services: Open a barber shop (`shop`)
  the version 1.0.0 does not say so: it has to be 2.0.0 at least

1 contract(s) changed, 2 did not
the steps of 1 service(s) were looked at
";
    assert_eq!(text, expected);
    let text = found.text(Lang::Zh);
    assert!(
        text.contains("卫生健康委员会（`health`）不再有权读取 `name`（用途：licensing）"),
        "{text}"
    );
    assert!(
        text.contains("开理发店的环节“受理”（`accept`，卫生健康委员会）受理时查看 `operator.name`"),
        "{text}"
    );
    assert!(text.contains("至少应为 2.0.0"), "{text}");
    let json = serde_json::to_value(&found).unwrap();
    assert_eq!(json["breaking"], true);
    let one = &json["contracts"][0];
    assert_eq!(
        (one["lowest"].as_str(), one["holds"].as_bool()),
        (Some("2.0.0"), Some(false))
    );
    let change = &one["changes"][0];
    assert_eq!(
        (change["kind"].as_str(), change["bump"].as_str()),
        (Some("grant-withdrawn"), Some("major"))
    );
    assert_eq!(change["affected"][0]["step"], "accept");
    assert_eq!(change["affected"][0]["does"], "sees");
    assert_eq!(change["affected"][1]["step"], "health-review");
}

#[test]
fn what_cannot_be_read_is_told_with_its_place() {
    let sources = SourceSet::from_texts([
        ("a.yaml", "contract: a\nversion: 1\ntitle: A\nfields: {}\n"),
        ("b.yaml", BASE),
        ("c.yaml", BASE),
    ]);
    let (contracts, found) = Contracts::read(&sources);
    let codes: Vec<&str> = found
        .into_sorted()
        .iter()
        .map(|d| d.code.as_str())
        .collect();
    assert_eq!(contracts.names().collect::<Vec<_>>(), ["premises"]);
    assert!(
        codes.contains(&"D0007"),
        "the same contract in two files: {codes:?}"
    );
    assert!(codes.len() > 1, "{codes:?}");
    let (_, found) = load_contracts(Path::new("no/such/file.yaml"));
    assert!(found.has_errors());
    let broken = usage(&BTreeMap::from([(
        "departments.yaml".to_owned(),
        String::new(),
    )]));
    let found = diff(&contracts, &Contracts::default(), Some(&broken));
    assert_eq!(found.not_readable, ["shop"]);
}

/// The template's person with a registry that gives the phone.
fn with_registry(tree: &BTreeMap<String, String>, version: &str) -> BTreeMap<String, String> {
    let mut new = tree.clone();
    let person = new.get_mut("contracts/person.yaml").unwrap();
    let registry = "providers:\n  - { registry: mobiles, title: { zh: 号码库, en: Number register }, department: urban, with: [name], gives: [phone], basis: 条例 }\n";
    *person = person.replace("version: 1.0.0", &format!("version: {version}")) + registry;
    new
}
