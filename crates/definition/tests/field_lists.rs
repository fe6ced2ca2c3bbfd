//! Lists of fields in contracts and steps: what each mistake in one is told as, and where.

use std::sync::Arc;

use onething_definition::diagnostic::{Diagnostics, Severity};
use onething_definition::{SourceSet, check, compile, new_service};
use onething_plan::Sensitivity;

const PROVIDER: &str = "    with: [credit_code]\n    gives: [name, address]\n";

/// What is said about the template with this in one of its files: code, what is
/// pointed at, and the field.
fn told(path: &str, from: &str, to: &str) -> Vec<String> {
    let mut files = new_service(&"shop".parse().unwrap());
    let text = &mut files.iter_mut().find(|(at, _)| **at == *path).unwrap().1;
    assert!(text.contains(from), "{from}");
    *text = text.replacen(from, to, 1);
    let sources = Arc::new(SourceSet::from_texts(files));
    let report = check(sources, &["shop".to_owned()], Diagnostics::new()).report;
    let of_file = report.diagnostics.iter().filter(|d| {
        let file = report.sources.file(d.primary.span.file);
        file.path() == path && d.severity() == Severity::Error
    });
    of_file
        .map(|d| {
            let text = report.sources.file(d.primary.span.file).text();
            let span = d.primary.span.start as usize..d.primary.span.end as usize;
            let field = &d.field;
            format!("{} {} {field}", d.code, &text[span])
        })
        .collect()
}

#[test]
fn a_list_of_fields_says_something_and_says_it_once() {
    let provider = |with: &str, gives: &str| format!("    with: {with}\n    gives: {gives}\n");
    let with = |list: &str| provider(list, "[name, address]");
    let gives = |list: &str| provider("[credit_code]", list);
    let identified = "identified_by: [credit_code]";
    let granted = "{ to: health, fields: all,";
    let table: [(&str, &str, String, &[&str]); 12] = [
        ("enterprise", PROVIDER, PROVIDER.to_owned(), &[]),
        (
            "enterprise",
            PROVIDER,
            with("[]"),
            &["D0113 [] providers.enterprise-register.with"],
        ),
        (
            "enterprise",
            PROVIDER,
            gives("[]"),
            &["D0113 [] providers.enterprise-register.gives"],
        ),
        (
            "enterprise",
            PROVIDER,
            with("[credit_code, credit_code]"),
            &["D0114 credit_code providers.enterprise-register.with"],
        ),
        (
            "enterprise",
            PROVIDER,
            gives("[name, address, name]"),
            &["D0114 name providers.enterprise-register.gives"],
        ),
        (
            "enterprise",
            PROVIDER,
            with("[sign_photo]"),
            &["D0216 sign_photo providers.enterprise-register.with"],
        ),
        // A registry may well give a document.
        (
            "enterprise",
            PROVIDER,
            gives("[name, address, floor_plan]"),
            &[],
        ),
        (
            "enterprise",
            identified,
            "identified_by: []".to_owned(),
            &["D0113 [] identified_by"],
        ),
        (
            "enterprise",
            identified,
            "identified_by: [credit_code, credit_code]".to_owned(),
            &["D0114 credit_code identified_by"],
        ),
        (
            "enterprise",
            identified,
            "identified_by: [floor_plan]".to_owned(),
            &["D0216 floor_plan identified_by"],
        ),
        (
            "person",
            granted,
            "{ to: health, fields: [],".to_owned(),
            &["D0113 [] grants.health"],
        ),
        (
            "person",
            granted,
            "{ to: health, fields: [name, phone, name],".to_owned(),
            &["D0114 name grants.health"],
        ),
    ];
    for (contract, from, to, expected) in table {
        let path = format!("contracts/{contract}.yaml");
        assert_eq!(told(&path, from, &to), expected, "{to}");
    }
}

/// Whoever names a role means some field of it: reading nothing of it is a mistake.
#[test]
fn a_role_that_is_named_has_fields() {
    let table = [
        (
            "operator: [name] }",
            "operator: [] }",
            "D0113 operator steps.health-review.reads.operator",
        ),
        (
            "{ sign_filing: [number] }",
            "{ sign_filing: [] }",
            "D0113 sign_filing steps.sign-review.writes.sign_filing",
        ),
        (
            "{ operator: [name, phone] }",
            "{ operator: [] }",
            "D0113 operator intake.asks.operator",
        ),
    ];
    for (from, to, expected) in table {
        let told = told("shop/service.yaml", from, to);
        assert!(told.contains(&expected.to_owned()), "{to}: {told:?}");
    }
}

/// A number that is one person's is personal, whatever the contract forgot to say: the
/// template's departments need their grants for it.
#[test]
fn identity_and_phone_numbers_are_personal_unless_it_is_said_that_they_are_not() {
    let mut files = new_service(&"shop".parse().unwrap());
    let mut sensitivity = |from: &str, to: &str| {
        let path = "contracts/person.yaml";
        let text = &mut files.iter_mut().find(|(at, _)| at == path).unwrap().1;
        assert!(text.contains(from), "{from} in {text}");
        *text = text.replacen(from, to, 1);
        let sources = SourceSet::from_texts(files.clone());
        let compilation = compile(&sources, "shop");
        let plan = compilation.service.expect("the template compiles").new;
        let phone = plan.find_field(&"operator.phone".parse().unwrap()).unwrap();
        plan.field(phone).sensitivity
    };
    let said = "type: phone, sensitivity: personal";
    assert_eq!(sensitivity(said, "type: phone"), Sensitivity::Personal);
    let public = "type: phone, sensitivity: public";
    assert_eq!(sensitivity("type: phone", public), Sensitivity::Public);
}
