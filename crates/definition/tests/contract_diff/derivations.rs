//! Whom a derivation that comes or goes hits.

use super::*;

/// A person whose date of birth follows from a number, or does not.
pub(crate) fn with_person(
    born: &str,
    providers: &str,
    reads: &str,
    writes: &str,
) -> BTreeMap<String, String> {
    let mut tree = tree();
    let person = tree.get_mut("contracts/person.yaml").unwrap();
    let fields = format!(
        "fields:\n  number: {{ title: 身份证号, type: identity-number, sensitivity: personal }}\n  \
         guardian: {{ title: 监护人身份证号, type: identity-number, sensitivity: personal }}\n  \
         school: {{ title: 学校, type: text, sensitivity: personal }}\n  \
         born: {{ title: 出生日期, type: date, sensitivity: personal{born} }}\n"
    );
    *person = person.replacen("fields:\n", &fields, 1) + providers;
    let service = tree.get_mut("shop/service.yaml").unwrap();
    *service = service
        .replacen("operator: [name] }", &format!("operator: [{reads}] }}"), 1)
        .replacen("writes: {", &format!("writes: {{ {writes}"), 1);
    tree
}

/// Who supplied what is derived now has to stop, and who read what was derived gets it of
/// somebody else. Where nothing is fetched forms ask for both, before as after.
#[test]
fn derivations_that_come_and_go_name_whom_they_break() {
    const OF_NUMBER: &str = ", derived: { from: number, as: date-of-birth }";
    const OF_GUARDIAN: &str = ", derived: { from: guardian, as: date-of-birth }";
    const GIVES: &str = "providers:\n  - { registry: births, title: 出生登记库, department: urban, with: [number], gives: [born], basis: 条例 }\n";
    const ASKED: &str = "providers:\n  - { registry: pupils, title: 学籍库, department: urban, with: [born], gives: [school], basis: 条例 }\n";
    type Case<'a> = (
        &'a str,
        &'a str,
        &'a str,
        &'a str,
        &'a str,
        Kind,
        &'a [&'a str],
    );
    let table: [Case<'_>; 7] = [
        // The form asks for it.
        (
            "",
            OF_NUMBER,
            "",
            "number, born",
            "",
            Kind::DerivationAdded,
            &["accept Sees operator.born", "apply Asks operator.born"],
        ),
        // A registry gives it, and the form asks for it where that has nothing.
        (
            "",
            OF_NUMBER,
            GIVES,
            "number, born",
            "",
            Kind::DerivationAdded,
            &[
                "accept Sees operator.born",
                "apply Asks operator.born",
                "look-up-births-operator Gives operator.born",
            ],
        ),
        // A step makes it.
        (
            "",
            OF_NUMBER,
            "",
            "number",
            "operator: [born], ",
            Kind::DerivationAdded,
            &["health-review Makes operator.born"],
        ),
        // Who reads it, and the registry that is asked with it.
        (
            OF_NUMBER,
            "",
            "",
            "number, born",
            "",
            Kind::DerivationWithdrawn,
            &["health-review Reads operator.born"],
        ),
        (
            OF_NUMBER,
            "",
            ASKED,
            "number, school",
            "",
            Kind::DerivationWithdrawn,
            &["look-up-pupils-operator Reads operator.born"],
        ),
        // Another value for all of them.
        (
            OF_NUMBER,
            OF_GUARDIAN,
            "",
            "number, born",
            "",
            Kind::DerivationChanged,
            &[
                "apply Asks operator.born",
                "health-review Reads operator.born",
            ],
        ),
        // Who reads the number alone is none of them.
        (
            OF_NUMBER,
            "",
            "",
            "number",
            "",
            Kind::DerivationWithdrawn,
            &[],
        ),
    ];
    for (before, after, providers, reads, writes, kind, expected) in table {
        let old = with_person(before, providers, reads, writes);
        let new = with_person(after, providers, reads, writes);
        let usage = usage(&old);
        let (old_contracts, new_contracts) = (contracts_of(&old), contracts_of(&new));
        let found = diff(&old_contracts, &new_contracts, Some(&usage));
        let case = format!("{before:?} -> {after:?}, reads {reads}, makes {writes}");
        assert!(found.not_readable.is_empty(), "{case}");
        assert_eq!(kinds(&found), [kind.as_str()], "{case}");
        assert_eq!(hit(&found, kind), expected, "{case}");
        let changes = found.contracts.iter().flat_map(|one| &one.changes);
        let mut affected = changes.flat_map(|change| &change.affected);
        assert!(affected.all(|one| one.way == WayOf::New), "{case}");
    }
    // An old way that does fetch derives as well.
    let with = |born: &str| {
        let mut tree = with_person(born, "", "number, born", "");
        let before = tree.get_mut("shop/before.yaml").unwrap();
        *before = before.replace("fetched: nothing\n", "fetched: everything\n");
        tree
    };
    let old = with(OF_NUMBER);
    let usage = usage(&old);
    let found = diff(&contracts_of(&old), &contracts_of(&with("")), Some(&usage));
    assert!(found.not_readable.is_empty());
    let affected = &found.contracts[0].changes[0].affected;
    assert!(affected.iter().any(|one| one.way == WayOf::Old));
}
