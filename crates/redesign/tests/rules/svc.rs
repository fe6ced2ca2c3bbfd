//! A service of two matters by text, and what the rules make of it.

use std::sync::Arc;

use onething_definition::SourceSet;
use onething_definition::design::{Drafting, Folder};
use onething_definition::diagnostic::{Rendering, Report};
use onething_model::Lang;
use onething_redesign::rewrite::{Options, Prefer, Redesign, Rule, redesign};

/// A line of a table: what it is about, which texts are replaced by which, and
/// what is expected.
pub(crate) type Row<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a str);

/// The parts of a service that tests vary; all YAML.
#[derive(Clone, Copy, Default)]
pub(crate) struct Svc {
    /// The steps.
    pub(crate) steps: &'static str,
    /// What the forms of the old way ask, whoever reads it.
    pub(crate) asks: &'static str,
    /// Steps of the old way.
    pub(crate) before: &'static str,
    /// The workload; none where empty.
    pub(crate) workload: &'static str,
    pub(crate) prefer: Prefer,
}

const DEPARTMENTS: &str = "departments:\n  d: { title: D }\n  e: { title: E }\n";
const PERSON: &str = "contract: person
version: 1.0.0
title: Person
identified_by: [id]
fields:
  id: { title: Id, type: text }
  name: { title: Name, type: text }
  town: { title: Town, type: text }
  doc: { title: Document, type: document }
providers:
  - { registry: people, department: d, with: [id], gives: [name], basis: law }
  - { registry: towns, department: d, with: [id], gives: [town] }
";
const FIRM: &str = "contract: firm
version: 1.0.0
title: Firm
identified_by: [code]
fields:
  code: { title: Code, type: text }
  name: { title: Name, type: text }
  note: { title: Note, type: text }
providers:
  - { registry: firms, department: d, with: [code], gives: [name], basis: law }
";
const MADE: &str = "contract: made
version: 1.0.0
title: Made
fields:
  number: { title: Number, type: text }
  note: { title: Note, type: text }
";

impl Svc {
    /// With each `old` replaced by its `new`, wherever it is.
    pub(crate) fn sources(&self, change: &[(&str, &str)]) -> Arc<SourceSet> {
        let service = format!(
            "onething: 1
service: svc
version: 1.0.0
title: Service
owner: d
calendar: round-the-clock
roles: {{ who: person, firm: firm, r: made, s: made, t: made }}
applicant: who
questions:
  q: {{ ask: q, type: yes-no }}
reference: {{ q: yes }}
matters:
  m: {{ title: M, department: d }}
  n: {{ title: N, department: e, refused: ends matter }}
steps:
{}delivers:
  - {{ what: r, by: [electronic] }}
",
            self.steps
        );
        let before = format!(
            "before: svc
handled: apart
fetched: nothing
walk: [m, n]
because: habit
intake: {{ visits: 1, asks: {{ who: [id, doc{}] }} }}
{}",
            self.asks,
            if self.before.is_empty() {
                String::new()
            } else {
                format!("steps:\n{}", self.before)
            }
        );
        let mut files = vec![
            ("departments.yaml", DEPARTMENTS.to_owned()),
            ("contracts/person.yaml", PERSON.to_owned()),
            ("contracts/firm.yaml", FIRM.to_owned()),
            ("contracts/made.yaml", MADE.to_owned()),
            ("svc/service.yaml", service),
            ("svc/before.yaml", before),
        ];
        if !self.workload.is_empty() {
            files.push(("svc/workload.yaml", self.workload.to_owned()));
        }
        for (old, new) in change {
            let mut found = false;
            for (_, text) in &mut files {
                found |= text.contains(old);
                *text = text.replace(old, new);
            }
            assert!(found, "no `{old}` to be changed");
        }
        Arc::new(SourceSet::from_texts(files))
    }

    /// The service opened, with each `old` replaced by its `new`.
    pub(crate) fn open<T>(
        &self,
        change: &[(&str, &str)],
        look: impl FnOnce(&Drafting<'_>) -> T,
    ) -> T {
        let sources = self.sources(change);
        let folder = Folder::read(Arc::clone(&sources), "svc");
        let drafting = folder.open().unwrap_or_else(|found| {
            let report = Report::new(sources, found.diagnostics);
            let rendering = Rendering {
                lang: Lang::En,
                colour: false,
            };
            panic!("{change:?}\n{}", report.render(rendering))
        });
        look(&drafting)
    }

    pub(crate) fn made(&self, change: &[(&str, &str)]) -> Redesign {
        let options = Options {
            prefer: self.prefer,
            ..Options::default()
        };
        self.open(change, |drafting| {
            redesign(drafting, drafting.old().unwrap(), options).unwrap()
        })
    }

    /// Asserts, for each line of a table, what the rule changes: its English
    /// lines, one below the other; empty where the rule finds nothing to do.
    pub(crate) fn table(&self, rule: Rule, lines: &[Row<'_>]) {
        let mut wrong = String::new();
        for (what, change, expected) in lines {
            let made = self.made(change);
            let found = changed(&made, rule);
            let refused = made.refused.iter().map(|refusal| refusal.why.en());
            let refused = refused.collect::<Vec<_>>().join("; ");
            if found != *expected || !refused.is_empty() {
                wrong += &format!("{what}: `{found}`, not `{expected}`; refused: `{refused}`\n");
            }
        }
        assert!(wrong.is_empty(), "{rule:?}\n{wrong}");
    }
}

/// What a rule changed.
pub(crate) fn changed(made: &Redesign, rule: Rule) -> String {
    lines(made, rule, |proof| {
        proof
            .changed
            .iter()
            .map(|line| line.text.en().to_owned())
            .collect()
    })
}

/// What a rule checked.
pub(crate) fn checked(made: &Redesign, rule: Rule) -> String {
    lines(made, rule, |proof| {
        proof
            .checked
            .iter()
            .map(|line| line.text.en().to_owned())
            .collect()
    })
}

/// What a rule asks to confirm.
pub(crate) fn confirm(made: &Redesign, rule: Rule) -> String {
    lines(made, rule, |proof| {
        proof
            .confirm
            .iter()
            .map(|text| text.en().to_owned())
            .collect()
    })
}

fn lines(
    made: &Redesign,
    rule: Rule,
    of: impl Fn(&onething_redesign::rewrite::Proof) -> Vec<String>,
) -> String {
    let proof = made.applied.iter().find(|proof| proof.rule == rule);
    proof.map(of).unwrap_or_default().join("\n")
}
