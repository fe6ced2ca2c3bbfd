//! Where steps get what they read, with the old contracts and with the new.

use super::trial::{ENTERPRISE, SERVICE, chained, edited};
use super::*;

/// Which contracts are told to move what, and how.
fn told(old: &BTreeMap<String, String>, new: &BTreeMap<String, String>) -> (Diff, Vec<String>) {
    let (before, after) = (contracts_of(old), contracts_of(new));
    let tree = SourceSet::from_texts(old.clone());
    let found = diff(&before, &after, Some(&usage(old))).tried_on(&tree, &before, &after);
    assert!(found.not_readable.is_empty());
    let text = found.text(Lang::En);
    let lines = text.lines().filter(|line| line.contains("; source: "));
    let lines = lines.map(|line| {
        line.trim()
            .replace("Open a barber shop: the step ", "")
            .replace('`', "")
    });
    let lines = lines.collect();
    (found, lines)
}

/// Whoever gets a field from elsewhere is named, down the whole chain of look-ups, and from
/// where to where it moves.
#[test]
fn who_gets_a_field_from_elsewhere_is_named() {
    const PERSON: &str = "contracts/person.yaml";
    const OF_NUMBER: &str = ", derived: { from: number, as: date-of-birth }";
    let chained = chained();
    // A third registry, which is asked with what the second gives.
    let longer = {
        let mut tree = edited(
            &chained,
            &[
                (
                    ENTERPRISE,
                    "fields:\n",
                    "fields:\n  rule: { title: 规定, type: text }\n",
                ),
                (SERVICE, "sign_photo, zone]", "sign_photo, zone, rule]"),
            ],
        );
        *tree.get_mut(ENTERPRISE).unwrap() += "  - { registry: rules, department: urban, with: [zone], gives: [rule], fresh: 1d, basis: 示例 }\n";
        tree
    };
    // The applicant states the key of the second, since a step reads it.
    let keyless = edited(
        &chained,
        &[
            (ENTERPRISE, "address, plot]", "address, file]"),
            (SERVICE, "sign_photo, zone]", "sign_photo, zone, plot]"),
        ],
    );
    let plain = tree();
    let follows = with_person(
        OF_NUMBER,
        "providers:\n  - { registry: people, title: 人口库, department: urban, with: [school], gives: [number, guardian], basis: 条例 }\n",
        "school, number, guardian, born",
        "",
    );
    let other = "providers:\n  - { registry: other, title: 另一个库, department: urban, with: [credit_code], gives: [name, address], fresh: 1d, basis: 示例 }\n";
    type Edits<'a> = &'a [(&'a str, &'a str, &'a str)];
    type Case<'a> = (
        &'a BTreeMap<String, String>,
        Edits<'a>,
        &'a [&'a str],
        &'a [&'a str],
    );
    let table: [Case<'_>; 7] = [
        // The key of the second goes: what it gave is asked of the applicant.
        (
            &chained,
            &[(ENTERPRISE, "address, plot]", "address]")],
            &["gives-less", "source-changed"],
            &[
                "“Signboard review” (sign-review, Urban management) reads shop.zone; source: the registry plots → the applicant (“Application”)",
            ],
        ),
        // And so does the key of the third; who reads the last is named as well.
        (
            &longer,
            &[(ENTERPRISE, "address, plot]", "address]")],
            &["gives-less", "source-changed"],
            &[
                "“Look up Enterprise in the rules of Urban management” (look-up-rules-shop, Urban management) reads shop.zone; source: the registry plots → the applicant (“Application”)",
                "“Signboard review” (sign-review, Urban management) reads shop.rule; source: the key zone of the registry rules: the registry plots → the applicant (“Application”)",
                "“Signboard review” (sign-review, Urban management) reads shop.zone; source: the registry plots → the applicant (“Application”)",
            ],
        ),
        // Another one comes first.
        (
            &plain,
            &[(ENTERPRISE, "providers:\n", other)],
            &["providers-reordered", "provider-added"],
            &[
                "“Health review” (health-review, Health commission) reads shop.address, shop.name; source: the registry “Enterprise register” → the registry “另一个库”",
                "“Signboard review” (sign-review, Urban management) reads shop.address, shop.name; source: the registry “Enterprise register” → the registry “另一个库”",
            ],
        ),
        // What follows from what the registry gave.
        (
            &follows,
            &[(PERSON, "gives: [number, guardian]", "gives: [guardian]")],
            &["gives-less"],
            &[
                "“Health review” (health-review, Health commission) reads operator.born, which follows from operator.number; source: operator.number: the registry “人口库” → the applicant (“Application”)",
                "“Health review” (health-review, Health commission) reads operator.number; source: the registry “人口库” → the applicant (“Application”)",
            ],
        ),
        // A registry brings the key that the applicant stated.
        (
            &keyless,
            &[(ENTERPRISE, "address, file]", "address, file, plot]")],
            &["gives-more"],
            &[],
        ),
        // A registry of which nothing is lost: what the applicant stated.
        (
            &plain,
            &[(
                ENTERPRISE,
                "gives: [name, address]",
                "gives: [name, address, floor_plan]",
            )],
            &["gives-more"],
            &[],
        ),
        (
            &plain,
            &[(ENTERPRISE, "fresh: 1d", "fresh: 2d")],
            &["may-be-older"],
            &[],
        ),
    ];
    let mut wrong = String::new();
    for (old, edits, expected, lines) in table {
        let (found, told) = told(old, &edited(old, edits));
        if kinds(&found) != expected || told != lines {
            let _ = writeln!(
                wrong,
                "{edits:?}\n{:?} {told:#?}\n{}",
                kinds(&found),
                found.text(Lang::En)
            );
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// A registry is asked with what the applicant states, or with what a step makes: whichever it is,
/// who reads what it gives gets that from the same place from now on.
#[test]
fn what_moves_alike_for_several_answers_is_told_once() {
    let old = edited(
        &tree(),
        &[
            (
                SERVICE,
                "questions: ",
                "questions:\n  new: { ask: { zh: 是否新设, en: Is it new }, type: yes-no }\n#",
            ),
            (SERVICE, "reference: { ", "reference: { new: no, "),
            (
                SERVICE,
                "\nmatters: ",
                "\nmatters:\n  registration: { title: 登记, department: health, when: new }\n#",
            ),
            (
                SERVICE,
                "\nsteps: ",
                "\nsteps:\n  register: { title: 设立登记, matter: registration, by: officer, reads: { shop: [floor_plan] }, writes: { shop: [credit_code] } }\n#",
            ),
            (
                "shop/workload.yaml",
                "  signboard: 80%",
                "  signboard: 80%\n  new: 50%",
            ),
            (
                "shop/before.yaml",
                "[health-permit, sign-filing]",
                "[registration, health-permit, sign-filing]",
            ),
        ],
    );
    let other = "providers:\n  - { registry: other, title: 另一个库, department: urban, with: [credit_code], gives: [name], fresh: 1d, basis: 示例 }\n";
    let (found, told) = told(&old, &edited(&old, &[(ENTERPRISE, "providers:\n", other)]));
    let moved = found.moved.iter().flatten();
    let of_review = moved.filter(|one| one.affected.step.as_str() == "health-review");
    assert_eq!(of_review.count(), 2, "{}", found.text(Lang::En));
    assert_eq!(
        told,
        [
            "“Health review” (health-review, Health commission) reads shop.name; source: the registry “Enterprise register” → the registry “另一个库”",
            "“Signboard review” (sign-review, Urban management) reads shop.name; source: the registry “Enterprise register” → the registry “另一个库”",
        ],
    );
}

/// Whom to call is told in one line, however many steps there are, and to programs.
#[test]
fn whom_to_tell_is_told_of_each_contract() {
    let old = chained();
    let new = edited(&old, &[(ENTERPRISE, "address, plot]", "address]")]);
    let (found, _) = told(&old, &new);
    let zh = found.text(Lang::Zh);
    assert!(
        zh.contains("须告知的部门：卫生健康委员会、城市管理局；涉及的一件事：开理发店（`shop`）"),
        "{zh}"
    );
    assert!(
        zh.contains(
            "开理发店的环节“招牌审查”（`sign-review`，城市管理局）读取 `shop.zone`；来源：数据库 `plots` → 申请人填写（“申请”）"
        ),
        "{zh}"
    );
    let en = found.text(Lang::En);
    assert!(
        en.contains("departments to tell: Health commission, Urban management; services: Open a barber shop (`shop`)"),
        "{en}"
    );
    let json = serde_json::to_value(&found).unwrap();
    assert_eq!(
        json["contracts"][0]["concerned"],
        serde_json::json!({ "departments": ["health", "urban"], "services": ["shop"] })
    );
    let moved = serde_json::json!({
        "service": "shop", "way": "new", "step": "sign-review", "department": "urban",
        "does": "reads", "field": "shop.zone",
        "was": {
            "from": "registry", "registry": "plots",
            "with": { "plot": {
                "from": "registry", "registry": "enterprise-register",
                "with": { "credit_code": { "from": "applicant", "form": "apply" } },
            } },
        },
        "is": { "from": "applicant", "form": "apply" },
        "contracts": ["enterprise"],
    });
    assert_eq!(json["moved"], serde_json::json!([moved]), "{json}");
}
