//! What the applicant would be asked for although it belongs to what departments make:
//! told with the step that reads it, the step that makes the rest, and both cures.

use std::sync::Arc;

use onething_definition::diagnostic::{Diagnostic, Diagnostics};
use onething_definition::source::Span;
use onething_definition::{SourceSet, check, new_service};

const ROLE: &str = "health_permit: { contract: permit";
const PERMIT: &str = "fields:\n";
const NUMBER: &str = "  holder: { title: 统一社会信用代码, type: credit-code }
  unit: { title: 组织机构代码, type: code, derived: { from: holder, as: organisation-code } }
";

/// The template with a step that takes note of something about the permit: what is
/// made by the first step and read by the second, and how the role is described.
fn told(made: &str, read: &str, role: &str, intake: &str, by: &str) -> Vec<String> {
    let mut files = new_service(&"shop".parse().unwrap());
    for (path, text) in &mut files {
        if path == "contracts/permit.yaml" {
            let number = made.contains("holder") || read.contains("unit");
            let fields = if number { NUMBER } else { "" };
            *text = text.replacen(
                PERMIT,
                &format!("{PERMIT}  seen_on: {{ title: 核查日期, type: date }}\n  findings: {{ title: 核查意见, type: text }}\n{fields}"),
                1,
            );
        }
        if path == "shop/service.yaml" {
            assert!(text.contains("  health_permit: "), "{text}");
            let at = text.find("  health_permit: ").unwrap();
            let end = at + text[at..].find('\n').unwrap();
            text.replace_range(at..end, &format!("  {ROLE}{role} }}"));
            *text = text.replace(
                "asks: { operator: [name, phone] }",
                &format!("asks: {{ operator: [name, phone]{intake} }}"),
            );
            *text = text.replacen(
                "  health-review:\n",
                &format!(
                    "  visit:\n    title: 上门核查\n    matter: health-permit\n    by: {by}\n    writes: {{ health_permit: [{made}] }}\n    limit: 1wd\n  \
                     judge:\n    title: 核查结论\n    matter: health-permit\n    by: officer\n    reads: {{ health_permit: [{read}] }}\n    limit: 1wd\n  health-review:\n"
                ),
                1,
            );
        }
    }
    let sources = Arc::new(SourceSet::from_texts(files));
    let checked = check(sources, &["shop".to_owned()], Diagnostics::new());
    let report = &checked.report;
    let of = |d: &Diagnostic| {
        let quoted = |span: Span| {
            report.sources.file(span.file).text()[span.start as usize..span.end as usize].to_owned()
        };
        let related = d
            .related
            .iter()
            .map(|label| quoted(label.span))
            .collect::<Vec<_>>();
        format!(
            "{} {} {}",
            d.code,
            quoted(d.primary.span),
            related.join(" ")
        )
    };
    // Fields that a row does not use are no matter here.
    let told = report
        .diagnostics
        .iter()
        .filter(|d| d.code.as_str() != "D0911");
    told.map(of).collect()
}

#[test]
fn what_an_inspector_finds_is_not_asked_of_the_applicant() {
    let none: [&str; 0] = [];
    let forgotten = ["D0213 findings visit"];
    let table = [
        // made, read, of the role, asked at the intake, who makes it
        (
            "seen_on, findings",
            "seen_on, findings",
            "",
            "",
            "officer",
            &none[..],
        ),
        (
            "seen_on",
            "seen_on, findings",
            "",
            "",
            "officer",
            &forgotten[..],
        ),
        (
            "seen_on",
            "seen_on, \"findings?\"",
            "",
            "",
            "officer",
            &["D0213 \"findings?\" visit"][..],
        ),
        (
            "seen_on",
            "seen_on, findings",
            ", given: [findings]",
            "",
            "officer",
            &none[..],
        ),
        (
            "seen_on",
            "seen_on, findings",
            "",
            ", health_permit: [findings]",
            "officer",
            &none[..],
        ),
        // What applicants bring to a step of their own is no department's record.
        (
            "seen_on",
            "seen_on, findings",
            "",
            "",
            "applicant",
            &none[..],
        ),
        // Whoever makes a number makes what follows from it.
        ("holder", "holder, unit", "", "", "officer", &none[..]),
        (
            "holder, seen_on",
            "seen_on, unit",
            "",
            "",
            "officer",
            &none[..],
        ),
        (
            "holder",
            "unit, findings",
            "",
            "",
            "officer",
            &forgotten[..],
        ),
        (
            "seen_on",
            "seen_on, unit",
            "",
            "",
            "officer",
            &["D0213 unit visit"][..],
        ),
        (
            "seen_on",
            "seen_on, unit",
            ", given: [holder]",
            "",
            "officer",
            &none[..],
        ),
        (
            "seen_on",
            "seen_on, unit",
            ", given: [unit]",
            "",
            "officer",
            &none[..],
        ),
        (
            "holder",
            "holder, unit",
            ", given: [unit]",
            "",
            "officer",
            &["D0210 unit visit"][..],
        ),
        // Said to be given, and made all the same.
        (
            "seen_on, findings",
            "seen_on, findings",
            ", given: [findings]",
            "",
            "officer",
            &["D0210 findings visit"][..],
        ),
        (
            "seen_on",
            "seen_on, findings",
            ", given: [findings, findings]",
            "",
            "officer",
            &["D0114 findings findings"][..],
        ),
        (
            "seen_on",
            "seen_on",
            ", given: [finding]",
            "",
            "officer",
            &["D0403 finding "][..],
        ),
    ];
    for (made, read, role, intake, by, expected) in table {
        assert_eq!(
            told(made, read, role, intake, by),
            expected,
            "{made} | {read} | {role} | {intake} | {by}"
        );
    }
}

/// To add to somebody or something that a registry knows is usual: what else is known of
/// it is the applicant's to say.
#[test]
fn what_an_applicant_brings_may_be_added_to() {
    let mut files = new_service(&"shop".parse().unwrap());
    for (path, text) in &mut files {
        if path == "contracts/enterprise.yaml" {
            *text = text.replacen(
                "fields:\n",
                "fields:\n  seen_on: { title: 核查日期, type: date }\n",
                1,
            );
        }
        if path == "shop/service.yaml" {
            let read = "reads: { shop: [name, address, floor_plan]";
            assert!(text.contains(read));
            *text = text.replace(read, "reads: { shop: [seen_on, name, address, floor_plan]");
            *text = text.replacen(
                "  health-review:\n",
                "  visit:\n    title: 上门核查\n    matter: health-permit\n    by: officer\n    writes: { shop: [seen_on] }\n    limit: 1wd\n  health-review:\n",
                1,
            );
        }
    }
    let sources = Arc::new(SourceSet::from_texts(files));
    let checked = check(sources, &["shop".to_owned()], Diagnostics::new());
    let codes = checked.report.diagnostics.iter().map(|d| d.code.as_str());
    assert_eq!(codes.collect::<Vec<_>>(), [""; 0]);
}

/// What a step makes for some answers the applicant may have for the others: a number of an
/// earlier permit. Said so, it is asked for those; it is no excuse for what is always made.
#[test]
fn what_is_made_for_some_answers_the_applicant_may_give_for_the_others() {
    let never: [&str; 0] = [];
    let lacks = ["D0211 holder visit"];
    let known = ["D0210 holder visit"];
    for (by, visits_when, judges_when, given, expected) in [
        ("officer", "when: signboard", "", "", &lacks[..]),
        (
            "officer",
            "when: signboard",
            "",
            ", given: [holder]",
            &never,
        ),
        // Always made, or whenever it is read.
        ("officer", "", "", ", given: [holder]", &known),
        (
            "officer",
            "when: signboard",
            "when: signboard",
            ", given: [holder]",
            &known,
        ),
        // What applicants state they may be asked for before.
        ("applicant", "when: signboard", "", "", &never),
    ] {
        let by = format!("{by}\n    {visits_when}");
        // The rest of the line is a comment then.
        let read = match judges_when {
            "" => "holder".to_owned(),
            when => format!("holder] }}\n    {when} #"),
        };
        let said = told("holder", &read, given, "", &by);
        assert_eq!(said, expected, "{by} {judges_when} {given}");
    }
}

/// What a step makes is not there while it works: nobody is asked for what it finds out, unless
/// the definition says that the applicant gives it, or a registry does, and the step amends it.
#[test]
fn what_a_step_makes_itself_is_not_there_before() {
    let never: [&str; 0] = [];
    let lacks = ["D0211 seen_on seen_on"];
    for (reads, also_made, role, intake, expected) in [
        ("health_permit: [seen_on]", "", "", "", &lacks[..]),
        // For the other answers another step of the matter makes it.
        (
            "shop: [name] }\n    when: signboard\n    writes: { health_permit: [seen_on] }\n    limit: 1wd\n  \
             again:\n    title: 再次核查\n    matter: health-permit\n    by: officer\n    when: \"!signboard\"\n    \
             reads: { health_permit: [seen_on]",
            "",
            "",
            "",
            &lacks,
        ),
        (
            "health_permit: [seen_on]",
            "",
            ", given: [seen_on]",
            "",
            &never,
        ),
        (
            "health_permit: [seen_on]",
            "",
            "",
            ", health_permit: [seen_on]",
            &never,
        ),
        // What it can do without is never there, unless the form asks for it.
        (
            "health_permit: [\"seen_on?\"]",
            "",
            "",
            "",
            &["D0211 \"seen_on?\" seen_on"],
        ),
        (
            "health_permit: [\"seen_on?\"]",
            "",
            "",
            ", health_permit: [\"seen_on?\"]",
            &never,
        ),
        // A registry has it, and the step amends that.
        (
            "shop: [credit_code, address]",
            "], shop: [address",
            "",
            "",
            &never,
        ),
        // One that is asked with what the step makes comes too late.
        (
            "shop: [address]",
            "], shop: [credit_code, address",
            "",
            "",
            &["D0211 address address"],
        ),
    ] {
        let by = format!("officer\n    reads: {{ {reads} }}");
        let made = format!("seen_on{also_made}");
        let said = told(&made, "seen_on", role, intake, &by);
        assert_eq!(said, expected, "{reads} {also_made} {role} {intake}");
    }
}
