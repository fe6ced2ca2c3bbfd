//! What contracts allow or describe and no service of the tree needs: told when all
//! services were looked at, with place and cure; never of one service among others.

use std::path::Path;
use std::sync::Arc;

use onething_definition::diagnostic::{Diagnostic, Diagnostics};
use onething_definition::load::load;
use onething_definition::{Checked, SourceSet, check, new_service};

/// The template, with texts put in place of others.
fn files(changes: &[(&str, &str, &str)]) -> Vec<(String, String)> {
    let mut files = new_service(&"shop".parse().unwrap());
    for (path, old, new) in changes {
        let file = files.iter_mut().find(|(name, _)| name == path);
        let (_, text) = file.unwrap_or_else(|| panic!("there is no {path}"));
        assert!(text.contains(old), "{path} has no\n{old}");
        *text = text.replacen(old, new, 1);
    }
    files
}

fn of_all(changes: &[(&str, &str, &str)]) -> Checked {
    let sources = Arc::new(SourceSet::from_texts(files(changes)));
    check(sources, &["shop".to_owned()], Diagnostics::new())
}

/// Code, what is quoted at the place, and the cure.
fn told(checked: &Checked) -> Vec<String> {
    let text = |d: &Diagnostic| {
        let span = d.primary.span;
        let file = checked.report.sources.file(span.file);
        let quoted = &file.text()[span.start as usize..span.end as usize];
        format!("{} {quoted} | {}", d.code, d.help.as_ref().unwrap().en())
    };
    checked.report.diagnostics.iter().map(text).collect()
}

/// What the template is changed to, and what is told of it.
type Row<'a> = (&'a [(&'a str, &'a str, &'a str)], &'a [&'a str]);

const URBAN: &str = "  - { to: urban, fields: all, purpose: signboard-filing, basis: 城市市容和环境卫生管理条例（示例） }\n";
const ENTERPRISE: &str = "contracts/enterprise.yaml";
const PERSON: &str = "contracts/person.yaml";
const SERVICE: &str = "shop/service.yaml";
const BEFORE: &str = "shop/before.yaml";
const ASKS: &str = "asks: { operator: [name, phone] }";

#[test]
fn a_grant_goes_no_further_than_what_is_read() {
    let list = |fields: &str| URBAN.replace("all", fields);
    let table: [Row<'_>; 9] = [
        (&[], &[]),
        // The old way's window asked for both; without it nobody does.
        (
            &[(BEFORE, ASKS, "asks: { operator: [name] }")],
            &["D0910 all | write `fields: [name]`"],
        ),
        (
            &[
                (BEFORE, ASKS, "asks: { operator: [name] }"),
                (PERSON, URBAN, &list("[name, phone]")),
            ],
            &["D0910 phone | remove `phone` from its `fields`"],
        ),
        (
            &[(BEFORE, ASKS, "asks: {}")],
            &["D0910 urban | remove the grant"],
        ),
        // A step that reads on it uses it, and so does one of the old way alone.
        (
            &[
                (BEFORE, ASKS, "asks: {}"),
                (
                    SERVICE,
                    "sign_photo] }",
                    "sign_photo], operator: [name, phone] }",
                ),
            ],
            &[],
        ),
        (
            &[
                (BEFORE, ASKS, "asks: {}"),
                (
                    BEFORE,
                    "steps:\n",
                    "steps:\n  sign-review: { reads: { operator: [name, phone] } }\n",
                ),
            ],
            &[],
        ),
        // A grant to whoever makes a field serves nobody.
        (
            &[(
                "contracts/permit.yaml",
                "valid_until: { title: { zh: 有效期至, en: Valid until }, type: date }",
                "valid_until: { title: 有效期至, type: date, sensitivity: personal }\ngrants: [{ to: health, fields: all, purpose: licensing, basis: 示例 }]",
            )],
            &["D0910 health | remove the grant"],
        ),
        // Where a step reads for one purpose, the grant for another is not used.
        (
            &[
                (
                    PERSON,
                    URBAN,
                    &format!(
                        "{URBAN}{}",
                        "  - { to: health, fields: [name], purpose: statistics, basis: 示例 }\n"
                    ),
                ),
                (
                    SERVICE,
                    "operator: [name] }\n",
                    "operator: [name] }\n    purpose: licensing\n",
                ),
                (SERVICE, ASKS, "asks: { operator: [phone] }"),
                (
                    BEFORE,
                    ASKS,
                    &format!("{ASKS}\n  purpose: [licensing, signboard-filing]"),
                ),
            ],
            &["D0910 health | remove the grant"],
        ),
        // Where an intake asks for one purpose, the grant for another is not used.
        (
            &[
                (
                    PERSON,
                    URBAN,
                    &format!(
                        "{URBAN}{}",
                        "  - { to: health, fields: [phone], purpose: statistics, basis: 示例 }\n"
                    ),
                ),
                (SERVICE, ASKS, &format!("{ASKS}\n  purpose: licensing")),
                (
                    BEFORE,
                    ASKS,
                    &format!("{ASKS}\n  purpose: [licensing, signboard-filing]"),
                ),
            ],
            &["D0910 health | remove the grant"],
        ),
    ];
    for (changes, expected) in table {
        let checked = of_all(changes);
        assert_eq!(told(&checked), expected, "{changes:?}");
    }
}

#[test]
fn what_is_agreed_on_is_used() {
    let photo = "  sign_photo:";
    let extra = "  founded_on: { title: 成立日期, type: date }\n  sign_photo:";
    let gives = "gives: [name, address]";
    let other = "    basis: 国务院关于加快推进政务服务“一网通办”的要求（示例）\n";
    let archive = &format!(
        "{other}  - {{ registry: archive, department: urban, with: [credit_code], gives: [address] }}\n"
    );
    let by_address = &format!(
        "{other}  - {{ registry: archive, department: urban, with: [address], gives: [name] }}\n"
    );
    // What it is found by nobody reads, and to be asked for it spares nothing.
    let insured = "  sign_photo:";
    let number = &format!(
        "  insured_as: {{ title: 参保编号, type: text }}\n  level: {{ title: 等级, type: text }}\n{insured}"
    );
    let by_number = &format!(
        "{other}  - {{ registry: insurance, department: urban, with: [insured_as], gives: [level] }}\n"
    );
    let can_do_without = (SERVICE, "sign_photo] }", "sign_photo, \"level?\"] }");
    let table: [Row<'_>; 10] = [
        (
            &[
                (ENTERPRISE, insured, number),
                (ENTERPRISE, other, by_number),
                can_do_without,
            ],
            &[
                "D0912 insurance | remove it, or let a step read `insured_as` or another registry \
                 give it",
            ],
        ),
        // Where a step reads the key, or another registry gives it, it is asked.
        (
            &[
                (ENTERPRISE, insured, number),
                (ENTERPRISE, other, by_number),
                (
                    SERVICE,
                    "sign_photo] }",
                    "sign_photo, insured_as, \"level?\"] }",
                ),
            ],
            &[],
        ),
        (
            &[
                (ENTERPRISE, insured, number),
                (ENTERPRISE, gives, "gives: [name, address, insured_as]"),
                (ENTERPRISE, other, by_number),
                can_do_without,
            ],
            &[],
        ),
        (
            &[(ENTERPRISE, photo, extra)],
            &["D0911 founded_on | remove it from the contract, or let a step read or make it"],
        ),
        // It is told once, with the registry that would give it.
        (
            &[
                (ENTERPRISE, photo, extra),
                (ENTERPRISE, gives, "gives: [name, address, founded_on]"),
            ],
            &["D0911 founded_on | remove it from the contract, or let a step read or make it"],
        ),
        // A registry that is left out with a reason is meant to be asked.
        (
            &[(
                SERVICE,
                "applicant: operator\n",
                "applicant: operator\nfetched: { without: { enterprise-register: 尚未开通 } }\n",
            )],
            &[],
        ),
        // A second registry is never asked for what the first one gives by the same key.
        (
            &[(ENTERPRISE, other, archive)],
            &[
                "D0912 archive | where `enterprise-register` has nothing the applicant is asked, not \
                 `archive`: list the more complete one first and remove `address` from the `gives` of \
                 the other",
            ],
        ),
        // In the old way it was asked alone.
        (
            &[
                (ENTERPRISE, other, archive),
                ("shop/before.yaml", "fetched: nothing", "fetched: [archive]"),
                (SERVICE, "floor_plan]", "floor_plan, credit_code]"),
            ],
            &[],
        ),
        // The address, which is asked, opens the archive: to ask for a code instead spares nothing.
        (
            &[(ENTERPRISE, other, by_address)],
            &[
                "D0912 enterprise-register | remove it, or let a step read `credit_code` or another registry give it",
            ],
        ),
        // What a step makes and nobody reads is not fetched either.
        (
            &[
                (
                    ENTERPRISE,
                    photo,
                    "  rating: { title: 信用等级, type: text }\n  sign_photo:",
                ),
                (ENTERPRISE, gives, "gives: [name, address, rating]"),
                (
                    SERVICE,
                    "writes: { sign_filing: [number] }",
                    "writes: { sign_filing: [number], shop: [rating] }",
                ),
                (
                    SERVICE,
                    "  - { what: sign_filing,",
                    "  - { what: shop, by: [electronic] }\n  - { what: sign_filing,",
                ),
            ],
            &["D0912 enterprise-register | remove `rating` from its `gives`"],
        ),
    ];
    for (changes, expected) in table {
        let checked = of_all(changes);
        assert_eq!(told(&checked), expected, "{changes:?}");
    }
}

#[test]
fn personal_data_is_not_asked_for_nobody() {
    let granted = "fields: all, purpose: licensing";
    let table: [Row<'_>; 3] = [
        // Whoever takes the application in has a grant for the phone.
        (&[], &[]),
        // The same window of the old way asks for it too.
        (
            &[(PERSON, granted, "fields: [name], purpose: licensing")],
            &["D0913 phone", "D0913 phone"],
        ),
        // For some answers a step reads it, for others nobody.
        (
            &[
                (PERSON, granted, "fields: [name], purpose: licensing"),
                (SERVICE, "sign_photo] }", "sign_photo], operator: [phone] }"),
            ],
            &["D0913 phone", "D0913 phone"],
        ),
    ];
    for (changes, expected) in table {
        let checked = of_all(changes);
        let told: Vec<String> = told(&checked)
            .iter()
            .map(|line| line.split(" | ").next().unwrap().to_owned())
            .collect();
        assert_eq!(told, expected, "{changes:?}");
    }
    // The answers for which nobody reads it are told.
    let checked = of_all(table[2].0);
    let places = checked.report.diagnostics.iter();
    let places: Vec<&str> = places.map(|found| &*found.field).collect();
    assert_eq!(places, ["matters.health-permit.intake.asks", "intake.asks"]);
    let message = |changes| {
        let checked = of_all(changes);
        let message = checked.report.diagnostics.last().unwrap().message.clone();
        (message.zh().to_owned(), message.en().to_owned())
    };
    let (zh, en) = message(table[2].0);
    let (of_some_zh, of_some_en) = (
        "在有的回答下没有环节读取它（例如 signboard = no 时）",
        "for some answers no step reads it (with signboard = no, for instance)",
    );
    assert!(
        zh.contains(of_some_zh) && en.contains(of_some_en),
        "{zh} {en}"
    );
    let (zh, en) = message(table[1].0);
    let (of_none_zh, of_none_en) = ("但没有环节读取它，", "but no step reads it, and");
    assert!(
        zh.contains(of_none_zh) && en.contains(of_none_en),
        "{zh} {en}"
    );
}

/// Of one service among others nobody could tell what is needed.
#[test]
fn only_who_looked_at_all_services_says_what_none_needs() {
    let mut two = files(&[(BEFORE, ASKS, "asks: {}")]);
    let again: Vec<(String, String)> = two
        .iter()
        .filter_map(|(path, text)| {
            let name = path.strip_prefix("shop/")?;
            let text = text.replace("service: shop", "service: stall");
            let text = text.replace("before: shop", "before: stall");
            let text = text.replace("sign_photo] }", "sign_photo], operator: [name] }");
            Some((format!("stall/{name}"), text))
        })
        .collect();
    two.extend(again);
    let sources = Arc::new(SourceSet::from_texts(two));
    let warned = |folders: &[&str]| {
        let folders: Vec<String> = folders.iter().map(ToString::to_string).collect();
        let checked = check(sources.clone(), &folders, Diagnostics::new());
        assert_eq!(checked.report.errors(), 0);
        let why = |d: &Diagnostic| d.why.as_ref().unwrap().en().to_owned();
        let all = checked.report.diagnostics.iter();
        (told(&checked), all.map(why).collect::<Vec<_>>())
    };
    assert_eq!(warned(&["shop"]).0, [""; 0]);
    assert_eq!(warned(&["stall"]).0, [""; 0]);
    let (told, why) = warned(&["shop", "stall"]);
    assert_eq!(told, ["D0910 all | write `fields: [name]`"]);
    assert!(
        why[0].contains("2 service(s) of the tree: `shop`, `stall`"),
        "{why:?}"
    );
}

/// Nothing is told while something is broken: what is missing cannot be told from
/// what nobody needs.
#[test]
fn nothing_is_told_of_a_tree_with_errors() {
    let checked = of_all(&[
        (BEFORE, ASKS, "asks: {}"),
        (SERVICE, "floor_plan]", "floor_plan, no_such_field]"),
    ]);
    assert!(checked.report.errors() > 0);
    assert_eq!(checked.report.warnings(), 0);
}

#[test]
fn the_shipped_tree_says_nothing_that_nobody_needs() {
    let workflows = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../workflows");
    let loaded = load(&workflows);
    let checked = check(loaded.sources, &loaded.services, loaded.diagnostics);
    let all = &checked.report.diagnostics;
    assert!(all.is_empty(), "{all:#?}");
    assert!(checked.services.len() >= 3);
}
