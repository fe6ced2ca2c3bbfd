//! Old ways whose forms ask by hand for what follows from a number, and for what a registry
//! gives only together with it: what is proposed passes the checks, and asks for no more.

use std::sync::Arc;

use onething_definition::design::Folder;
use onething_definition::diagnostic::{Diagnostics, Rendering, Report};
use onething_definition::{SourceSet, check};
use onething_model::Lang;
use onething_plan::{Outline, Scenario};
use onething_redesign::rewrite::{Options, redesign};
use onething_redesign::{Guide, Why};

const DEPARTMENTS: &str = "departments:\n  d: { title: D }\n";
const FIRM: &str = "contract: firm
version: 1.0.0
title: Firm
fields:
  code: { title: Code, type: text }
  address: { title: Address, type: text }
  capital: { title: Capital, type: text }
providers:
  - { registry: firms, department: d, with: [code], gives: [address, capital], basis: law }
";
const PERSON: &str = "contract: person
version: 1.0.0
title: Person
fields:
  card: { title: Card, type: text }
  number: { title: Number, type: identity-number }
  born: { title: Born, type: date, sensitivity: personal, derived: { from: number, as: date-of-birth } }
  sex: { title: Sex, type: choice, options: { female: Female, male: Male }, sensitivity: personal, derived: { from: number, as: sex } }
PROVIDERS
grants:
  - { to: d, fields: all, purpose: licensing, basis: law }
";
const CARDS: &str =
    "providers:\n  - { registry: cards, department: d, with: [card], gives: [number], basis: law }";
const MADE: &str = "contract: made
version: 1.0.0
title: Made
fields:
  number: { title: Number, type: text }
";

/// The sources; `asks` is what the window asks, `reads` what the step does, `extra` what is
/// read by a step without effect.
fn sources(providers: &str, asks: &str, reads: &str, extra: &str) -> Arc<SourceSet> {
    let service = format!(
        "onething: 1
service: svc
version: 1.0.0
title: Service
owner: d
calendar: round-the-clock
roles: {{ who: firm, firm: firm, he: person, r: made }}
applicant: who
matters:
  m: {{ title: M, department: d }}
steps:
  review:
    title: Review
    matter: m
    by: officer
    reads: {{ {reads} }}
    writes: {{ r: [number] }}
    limit: 5wd
delivers:
  - {{ what: r, by: [electronic] }}
"
    );
    let extra = match extra {
        "" => String::new(),
        extra => format!(
            "steps:
  extra: {{ title: Extra, matter: m, by: officer, reads: {{ {extra} }}, limit: 1wd, legal_effect: no }}
"
        ),
    };
    let before = format!(
        "before: svc
handled: apart
fetched: nothing
walk: [m]
because: habit
intake: {{ asks: {{ {asks} }} }}
{extra}"
    );
    Arc::new(SourceSet::from_texts([
        ("departments.yaml", DEPARTMENTS.to_owned()),
        ("contracts/firm.yaml", FIRM.to_owned()),
        (
            "contracts/person.yaml",
            PERSON.replace("PROVIDERS\n", &format!("{providers}\n")),
        ),
        ("contracts/made.yaml", MADE.to_owned()),
        ("svc/service.yaml", service),
        ("svc/before.yaml", before),
    ]))
}

/// What the one form of the proposal asks, or why it is none.
fn asked(sources: &Arc<SourceSet>) -> Result<String, String> {
    let rendered = |report: Report| {
        report.render(Rendering {
            lang: Lang::En,
            colour: false,
        })
    };
    let folder = Folder::read(Arc::clone(sources), "svc");
    let opened = folder.open();
    let drafting =
        opened.map_err(|found| rendered(Report::new(Arc::clone(sources), found.diagnostics)))?;
    let old = drafting.old().unwrap();
    let made = redesign(&drafting, old, Options::default()).unwrap();
    let name = "proposed".parse().unwrap();
    let files = drafting.folder(&name, &made.design, old, None).unwrap();
    let files = files.ok_or("it is no service")?;
    let others = sources.iter();
    let others = others.map(|(_, file)| (file.path().to_owned(), file.text().to_owned()));
    let own = [
        ("proposed/service.yaml".to_owned(), files.service),
        ("proposed/before.yaml".to_owned(), files.before),
    ];
    let all = Arc::new(SourceSet::from_texts(others.chain(own)));
    let checked = check(all, &["proposed".to_owned()], Diagnostics::new());
    if checked.report.errors() > 0 {
        return Err(rendered(checked.report));
    }
    let plan = &made.plan;
    let outline = Outline::resolve(plan, &plan.reference);
    let forms = plan.applications().flat_map(|at| outline.form(at).to_vec());
    let mut fields: Vec<String> = forms
        .map(|asked| plan.field(asked.field).path.to_string())
        .collect();
    fields.sort();
    Ok(fields.join(" "))
}

#[test]
fn what_is_proposed_passes_the_checks() {
    let mut wrong = String::new();
    for (what, providers, asks, reads, extra, expected) in [
        (
            "a look-up that only dead data was worth",
            "",
            "firm: [capital]",
            "firm: [address]",
            "",
            "firm.address",
        ),
        (
            "what follows is not asked beside what it follows from, though no registry is asked",
            "",
            "",
            "he: [number, born]",
            "",
            "he.number",
        ),
        (
            "nor where one could be, with no less",
            CARDS,
            "",
            "he: [number, born]",
            "",
            "he.card",
        ),
        (
            "a registry that gives what something follows from is asked as any other",
            CARDS,
            "",
            "firm: [address, capital], he: [born]",
            "",
            "firm.code he.card",
        ),
        (
            "what was asked at first may be asked instead of the number that spared it",
            "",
            "",
            "firm: [address, capital], he: [sex]",
            "he: [born]",
            "firm.code he.sex",
        ),
    ] {
        let found = asked(&sources(providers, asks, reads, extra));
        if found.as_deref() != Ok(expected) {
            wrong += &format!("{what}: {found:?}, not `{expected}`\n");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// What the forms newly ask, and what every applicant was asked and nobody knows any more, is
/// for somebody to confirm, whichever rules did it together.
#[test]
fn what_is_asked_anew_and_what_is_asked_no_more_is_told() {
    let asks = "firm: [address, capital], he: [sex]";
    let told = |extra: &str| {
        let folder = Folder::read(sources("", "", asks, extra), "svc");
        let drafting = folder.open().map_err(|_| "it does not open").unwrap();
        let old = drafting.old().unwrap();
        let made = redesign(&drafting, old, Options::default()).unwrap();
        let confirm = made.applied.iter().flat_map(|proof| &proof.confirm);
        let texts = confirm.chain(&made.left_out).map(|text| text.en());
        let about = |text: &&str| text.contains("asked before") || text.contains("any more");
        let texts: Vec<String> = texts.filter(about).map(str::to_owned).collect();
        texts.join("\n")
    };
    let anew = "applicants may be asked for what they were not asked before: Firm: Code \
                (registries are asked with it, or something else follows from it)";
    assert_eq!(told(""), anew);
    let no_more = "every applicant was asked for it, and for some answers nobody asks for it or \
                   knows it any more: Person: Born. No step needs it then; where who takes the \
                   application in does, write it under `asks` of `intake`, or, where a registry \
                   has it, let a step read it";
    assert_eq!(told("he: [born]"), format!("{anew}\n{no_more}"));
}

/// Whoever reads only what follows from a number reads that on a grant of its own: the notice
/// and the reasons name it, as they do for whoever reads the number.
#[test]
fn who_reads_only_what_follows_is_told_with_purpose_and_basis() {
    for (reads, only) in [("he: [born, sex]", 2), ("he: [number, born]", 0)] {
        let sources = sources("", "he: [number]", reads, "");
        let compiled = onething_definition::compile(&sources, "svc");
        let errors = compiled.diagnostics.into_sorted();
        let service = compiled.service.ok_or(errors);
        let plan = service.unwrap().new;
        let number = plan.find_field(&"he.number".parse().unwrap()).unwrap();
        let scenario = Scenario::resolve(&plan, &plan.reference);
        let why = Why::new(&plan, &scenario, number);
        let review = why.readers.iter().find(|one| one.step.as_str() == "review");
        let review = review.unwrap();
        assert_eq!(review.only.len(), only, "{reads}");
        let grants: Vec<_> = review.grants.iter().collect();
        let told = grants.iter().map(|grant| (&*grant.purpose, &*grant.basis));
        let told: Vec<_> = told.collect();
        assert_eq!(told, [("licensing", "law")], "{reads}");
        let text = Guide::new(&plan, &plan.reference).markdown(Lang::En);
        let said = text.contains("which follows from it, for: licensing");
        assert_eq!(said, only > 0, "{text}");
    }
}
