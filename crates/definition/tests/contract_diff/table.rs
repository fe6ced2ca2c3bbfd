//! Each kind of change, and which number of the version has to rise for it.

use super::orders::ORDERS;
use super::*;

/// What is replaced by what; the kinds of changes; which number has to rise.
type Row = (&'static str, &'static str, &'static [&'static str], Bump);

const TABLE: &[Row] = &[
    (", basis: 条例 }", " }", &["basis-withdrawn"], Bump::Major),
    (
        ", basis: 条例 }",
        ", basis: 办法 }",
        &["wording-changed"],
        Bump::Patch,
    ),
    ("", "", &[], Bump::None),
    (
        ", derived: { from: holder, as: registration-division }",
        "",
        &["derivation-withdrawn"],
        Bump::Major,
    ),
    (
        "as: registration-division",
        "as: organisation-code",
        &["derivation-changed"],
        Bump::Major,
    ),
    (
        "max_chars: 100",
        "max_chars: 100, derived: { from: holder, as: organisation-code }",
        &["derivation-added"],
        Bump::Major,
    ),
    ("version: 1.2.3", "version: 1.2.4", &[], Bump::None),
    (
        "  name: { title: 名称, type: text, max_chars: 100 }\n",
        "",
        &["field-removed"],
        Bump::Major,
    ),
    (
        "fields:\n",
        "fields:\n  note: { title: 备注, type: text }\n",
        &["field-added"],
        Bump::Minor,
    ),
    (
        "type: text, max_chars: 100",
        "type: address",
        &["type-changed"],
        Bump::Major,
    ),
    (
        "max_chars: 100",
        "max_chars: 50",
        &["narrowed"],
        Bump::Major,
    ),
    (
        "max_chars: 100",
        "max_chars: 200",
        &["widened"],
        Bump::Major,
    ),
    ("unit: m2", "unit: mu", &["unit-changed"], Bump::Major),
    ("min: 1,", "min: 2,", &["narrowed"], Bump::Major),
    ("min: 1,", "", &["widened"], Bump::Major),
    ("max: 500", "max: 400", &["narrowed"], Bump::Major),
    (
        "max: 500",
        "max: 400, whole: yes",
        &["narrowed", "narrowed"],
        Bump::Major,
    ),
    (
        "min: 1, max: 500",
        "min: 0, max: 400",
        &["narrowed", "widened"],
        Bump::Major,
    ),
    (
        "\"[0-9]{4}\"",
        "\"[0-9]{4,5}\"",
        &["form-changed"],
        Bump::Major,
    ),
    ("pattern: \"[0-9]{4}\", ", "", &["widened"], Bump::Major),
    (
        "shop: 商店",
        "shop: 店铺",
        &["wording-changed"],
        Bump::Patch,
    ),
    (", shop: 商店", "", &["narrowed"], Bump::Major),
    (
        "shop: 商店",
        "shop: 商店, inn: 旅馆",
        &["widened"],
        Bump::Major,
    ),
    (
        "bar: 酒吧, shop",
        "pub: 酒吧, shop",
        &["narrowed", "widened"],
        Bump::Major,
    ),
    ("[pdf, jpg]", "[pdf]", &["narrowed"], Bump::Major),
    ("accepts: [pdf, jpg], ", "", &["widened"], Bump::Major),
    // The same type by another name, alone or beside the first.
    ("[pdf, jpg]", "[pdf, jpeg]", &[], Bump::None),
    ("[pdf, jpg]", "[jpeg, pdf, jpg]", &[], Bump::None),
    ("[pdf, jpg]", "[jpeg]", &["narrowed"], Bump::Major),
    ("[pdf, jpg]", "[pdf, jpeg, tif]", &["widened"], Bump::Major),
    ("20MiB", "10MiB", &["narrowed"], Bump::Major),
    (
        "title: 名称",
        "title: 字号",
        &["wording-changed"],
        Bump::Patch,
    ),
    (
        "max_chars: 100",
        "max_chars: 100, sensitivity: personal",
        &["made-personal"],
        Bump::Major,
    ),
    (
        "type: phone, sensitivity: personal",
        "type: phone, sensitivity: sensitive",
        &["sensitivity-changed"],
        Bump::Minor,
    ),
    (
        "type: phone, sensitivity: personal",
        "type: phone, sensitivity: public",
        &["made-public"],
        Bump::Major,
    ),
    (
        "fields: [phone], purpose",
        "fields: [name], purpose",
        &["grant-withdrawn", "grant-added"],
        Bump::Major,
    ),
    (
        "purpose: licensing",
        "purpose: statistics",
        &["purpose-changed"],
        Bump::Major,
    ),
    (
        "purpose: licensing, basis: 办法 }",
        "purpose: licensing, basis: 办法 }\n  - { to: market, fields: [phone], purpose: statistics, basis: 办法 }",
        &["purpose-needed"],
        Bump::Major,
    ),
    // The same for two departments is no choice, and public fields need none.
    (
        "purpose: licensing, basis: 办法 }",
        "purpose: licensing, basis: 办法 }\n  - { to: urban, fields: [phone], purpose: statistics, basis: 办法 }",
        &["grant-added"],
        Bump::Minor,
    ),
    (
        "purpose: licensing, basis: 办法 }",
        "purpose: licensing, basis: 办法 }\n  - { to: market, fields: [name], purpose: a, basis: 办法 }\n  - { to: market, fields: [name], purpose: b, basis: 办法 }",
        &["grant-added"],
        Bump::Minor,
    ),
    // Nobody could read it before.
    (
        "purpose: licensing, basis: 办法 }",
        "purpose: licensing, basis: 办法 }\n  - { to: urban, fields: [phone], purpose: a, basis: 办法 }\n  - { to: urban, fields: [phone], purpose: b, basis: 办法 }",
        &["grant-added"],
        Bump::Minor,
    ),
    (
        "purpose: licensing, basis: 办法",
        "purpose: licensing, basis: 新办法",
        &["wording-changed"],
        Bump::Patch,
    ),
    (
        "to: market",
        "to: urban",
        &["grant-withdrawn", "grant-added"],
        Bump::Major,
    ),
    (
        "registry: estates",
        "registry: estate-register",
        &["provider-withdrawn", "provider-added"],
        Bump::Major,
    ),
    (
        "gives: [area, kind]",
        "gives: [area]",
        &["gives-less"],
        Bump::Major,
    ),
    (
        "gives: [area, kind]",
        "gives: [area, kind, name]",
        &["gives-more"],
        Bump::Minor,
    ),
    (
        "with: [estate]",
        "with: [estate, name]",
        &["needs-more"],
        Bump::Major,
    ),
    (
        "with: [estate]",
        "with: [name]",
        &["needs-more", "needs-less"],
        Bump::Major,
    ),
    ("fresh: 30d", "fresh: 1d", &["must-be-fresher"], Bump::Major),
    ("fresh: 30d", "fresh: 60d", &["may-be-older"], Bump::Major),
    ("fresh: 30d, ", "", &["may-be-older"], Bump::Major),
    // What does not compare is one change, not two.
    (
        "fresh: 30d",
        "fresh: 5wd",
        &["freshness-changed"],
        Bump::Major,
    ),
    (
        "department: urban, with",
        "department: market, with",
        &["responsibility-changed"],
        Bump::Minor,
    ),
    (
        "basis: 条例",
        "basis: 新条例",
        &["wording-changed"],
        Bump::Patch,
    ),
    (
        "owner: urban",
        "owner: market",
        &["responsibility-changed"],
        Bump::Minor,
    ),
    (
        "identified_by: [estate]",
        "identified_by: [estate, name]",
        &["identity-changed"],
        Bump::Major,
    ),
    (
        "title: { zh: 经营场所, en: Premises }",
        "title: { zh: 场所, en: Premises }",
        &["wording-changed"],
        Bump::Patch,
    ),
];

#[test]
fn each_change_has_its_kind_and_its_number() {
    let old = contracts(BASE);
    let mut wrong = String::new();
    for (from, to, expected, bump) in TABLE {
        let new = match from.is_empty() {
            true => BASE.to_owned(),
            false => replaced(from, to),
        };
        let found = diff(&old, &contracts(&new), None);
        let needed = found.contracts.first().map_or(Bump::None, |one| one.needed);
        if kinds(&found) != *expected || needed != *bump {
            let said = kinds(&found);
            let _ = writeln!(wrong, "{from:?} -> {to:?}: {said:?}, {needed:?}");
        }
        assert_eq!(found.breaking, *bump == Bump::Major, "{from:?}");
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn every_kind_is_in_a_table_and_on_the_page() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/contracts.md");
    let page = std::fs::read_to_string(page).unwrap();
    for kind in Kind::ALL {
        let title = kind.title();
        let bump = match kind.bump() {
            Bump::Major => "major",
            Bump::Minor => "minor",
            Bump::Patch => "patch",
            Bump::None => "none",
        };
        let (word, zh, en) = (kind.as_str(), title.zh(), title.en());
        let row = format!("| `{word}` | {bump} | {en} | {zh} |");
        assert!(page.contains(&row), "docs/contracts.md lacks\n{row}");
        let elsewhere = [
            Kind::ContractAdded,
            Kind::ContractRemoved,
            Kind::FailsCheck,
            Kind::SourceChanged,
            Kind::GrantNotNeeded,
        ];
        let tried = TABLE.iter().any(|(_, _, kinds, _)| kinds.contains(&word))
            || *kind == Kind::ProvidersReordered && ORDERS.iter().any(|(.., decides)| *decides);
        assert!(tried || elsewhere.contains(kind), "{word} is in no table");
    }
}
