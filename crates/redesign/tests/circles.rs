//! Registries that give each other's keys: the name is found by the number, and the
//! number by the name. One of the two is the applicant's to give; the other is
//! looked up, nothing is fetched that was given, and it is told why.

use onething_definition::{SourceSet, compile, new_service};
use onething_plan::{Actor, Plan, Scenario};
use onething_redesign::Why;

const BY_NUMBER: &str = "  - { registry: by-number, title: { zh: 按代码查询, en: register by number }, department: health, with: [credit_code], gives: [name], basis: 示例 }\n";
const BY_NAME: &str = "  - { registry: by-name, title: { zh: 按名称查询, en: register by name }, department: urban, with: [name], gives: [credit_code, address], basis: 示例 }\n";
const BY_ADDRESS: &str = "  - { registry: by-address, title: { zh: 按地址查询, en: register by address }, department: urban, with: [address], gives: [credit_code], basis: 示例 }\n";

/// The template's plan with these registries; its step reads the fields.
fn plan(providers: &str, reads: &str) -> Plan {
    let mut files = new_service(&"shop".parse().unwrap());
    files.retain(|(path, _)| path != "shop/workload.yaml");
    for (path, text) in &mut files {
        if path == "contracts/enterprise.yaml" {
            let at = text.find("providers:\n").unwrap();
            text.truncate(at);
            *text += &format!("providers:\n{providers}");
        }
        if path == "shop/service.yaml" {
            *text = text
                .replace("[name, address, floor_plan]", reads)
                .replace("[name, address, sign_photo]", "[sign_photo]");
        }
    }
    let sources = SourceSet::from_texts(files);
    let compilation = compile(&sources, "shop");
    let service = compilation.service.expect("it has no errors");
    std::sync::Arc::unwrap_or_clone(service.new)
}

/// Which registries are asked, and what of the shop the form asks.
fn story(plan: &Plan) -> (Vec<String>, Vec<String>) {
    let scenario = Scenario::resolve(plan, &plan.reference);
    let mut asked: Vec<String> = Vec::new();
    let mut form: Vec<String> = Vec::new();
    for step in scenario.steps() {
        match &plan.step(*step).actor {
            Actor::LookUp(item) => asked.push(item.registry.to_string()),
            Actor::Submission(_) => form.extend(
                scenario
                    .form(*step)
                    .iter()
                    .map(|item| &plan.field(item.field).path)
                    .filter(|path| path.role.as_str() == "shop")
                    .map(|path| path.field.to_string()),
            ),
            _ => {}
        }
    }
    form.sort();
    (asked, form)
}

/// Registries in the order of the contract; reads; who is asked; what the form asks.
type Row<'a> = (&'a [&'a str], &'a str, &'a [&'a str], &'a [&'a str]);

#[test]
fn one_key_of_a_circle_is_asked_and_nothing_is_fetched_that_was_given() {
    let both = "[name, credit_code]";
    let three = "[name, credit_code, address]";
    let table: [Row<'_>; 9] = [
        (
            &[BY_NUMBER, BY_NAME],
            both,
            &["by-number"],
            &["credit_code", "sign_photo"],
        ),
        (
            &[BY_NAME, BY_NUMBER],
            both,
            &["by-name"],
            &["name", "sign_photo"],
        ),
        // The second has something else to give, and gives no more than that.
        (
            &[BY_NUMBER, BY_NAME],
            three,
            &["by-number", "by-name"],
            &["credit_code", "sign_photo"],
        ),
        // Where one alone is read it is asked: a number for a name saves nothing.
        (
            &[BY_NUMBER, BY_NAME],
            "[name]",
            &[],
            &["name", "sign_photo"],
        ),
        // Whichever is listed first: the key that is read finds what is read.
        (
            &[BY_NUMBER, BY_NAME],
            "[name, address]",
            &["by-name"],
            &["name", "sign_photo"],
        ),
        (
            &[BY_NUMBER, BY_NAME, BY_ADDRESS],
            "[name, address]",
            &["by-name"],
            &["name", "sign_photo"],
        ),
        (
            &[BY_NAME, BY_NUMBER],
            "[credit_code, name]",
            &["by-name"],
            &["name", "sign_photo"],
        ),
        // A circle of three, and one that another registry opens.
        (
            &[BY_NUMBER, BY_NAME, BY_ADDRESS],
            three,
            &["by-number", "by-name"],
            &["credit_code", "sign_photo"],
        ),
        (
            &[BY_NAME, BY_NUMBER, BY_ADDRESS],
            both,
            &["by-name"],
            &["name", "sign_photo"],
        ),
    ];
    for (providers, reads, asked, form) in table {
        let plan = plan(&providers.concat(), reads);
        let (were_asked, was_on_form) = story(&plan);
        assert_eq!(were_asked, asked, "{providers:?} {reads}");
        assert_eq!(was_on_form, form, "{providers:?} {reads}");
        for (at, field) in plan.fields.iter().enumerate() {
            let is_key = plan.steps.iter().any(|step| {
                let keys = match &step.actor {
                    Actor::LookUp(item) => &item.keys[..],
                    _ => &[],
                };
                keys.iter().any(|key| key.index() == at)
            });
            let both =
                is_key && !field.lookups.is_empty() && form.contains(&field.path.field.as_str());
            assert!(!both, "{} is given and fetched", field.path);
        }
    }
}

#[test]
fn it_is_told_why_this_key_is_asked() {
    let plan = plan(&[BY_NUMBER, BY_NAME].concat(), "[name, credit_code]");
    let scenario = Scenario::resolve(&plan, &plan.reference);
    let field = |name: &str| plan.find_field(&name.parse().unwrap()).unwrap();
    let why = Why::new(&plan, &scenario, field("shop.credit_code"));
    let reasons: Vec<&str> = why.why_asked.iter().map(|reason| reason.en()).collect();
    let told = reasons.iter().any(|reason| {
        reason.contains("“register by name” could give it")
            && reason.contains("“Name”, which is looked up by it")
            && reason
                .contains("more is looked up by this one; where it is as much, the contract lists")
    });
    assert!(told, "{reasons:#?}");
    assert!(!reasons.contains(&"no registry can provide it"));
    let zh: Vec<&str> = why.why_asked.iter().map(|reason| reason.zh()).collect();
    assert!(
        zh.iter()
            .any(|reason| reason.contains("按名称查询") && reason.contains("企业名称")),
        "{zh:#?}"
    );
    let name = Why::new(&plan, &scenario, field("shop.name"));
    assert!(name.why_asked.is_empty(), "{:?}", name.why_asked);
}

/// The name is read and finds the address: the registry by number, which the contract
/// lists first, would ask for a number that nobody reads.
#[test]
fn it_is_told_that_this_key_is_needed_anyway() {
    let plan = plan(&[BY_NUMBER, BY_NAME].concat(), "[name, address]");
    let scenario = Scenario::resolve(&plan, &plan.reference);
    let name = plan.find_field(&"shop.name".parse().unwrap()).unwrap();
    let why = Why::new(&plan, &scenario, name);
    let told = |text: fn(&onething_model::Text) -> &str, words: &str| {
        let mut reasons = why.why_asked.iter().map(text);
        reasons.any(|reason| reason.contains(words))
    };
    assert!(told(
        onething_model::Text::en,
        "and this one is needed anyway"
    ));
    assert!(told(onething_model::Text::zh, "它本来就要用到"));
}
