//! For whom no step follows there is no application: nothing to hand in, nothing to accept.

use onething_definition::{SourceSet, compile};
use onething_model::Lang;
use onething_plan::{Answer, QuestionIx, Scenario};

#[test]
fn nothing_is_accepted_where_no_step_follows() {
    // What the intake says, for which answer, what is part of the case.
    let table = [
        ("by: officer", true, "apply accept file"),
        ("by: officer", false, ""),
        ("by: system", false, ""),
        ("visits: 1", true, "apply file"),
        ("visits: 1", false, ""),
    ];
    for (intake, answer, expected) in table {
        let service = format!(
            "onething: 1
service: s
version: 1.0.0
language: en
title: S
owner: d
calendar: round-the-clock
roles: {{ me: person, r: made }}
applicant: me
questions: {{ wanted: {{ ask: Wanted?, type: yes-no }} }}
reference: {{ wanted: yes }}
intake: {{ department: d, {intake}, asks: {{ me: [name] }} }}
matters: {{ m: {{ title: M, department: d, when: wanted }} }}
steps:
  file: {{ title: File, matter: m, by: officer, reads: {{ me: [name] }}, writes: {{ r: [number] }} }}
delivers: [{{ what: r, by: [electronic] }}]
"
        );
        let files = [
            ("departments.yaml", "departments:\n  d: { title: D }\n"),
            (
                "contracts/person.yaml",
                "contract: person\nversion: 1.0.0\ntitle: P\nfields: { name: { title: N, type: text } }\n",
            ),
            (
                "contracts/made.yaml",
                "contract: made\nversion: 1.0.0\ntitle: M\nfields: { number: { title: N, type: text } }\n",
            ),
            ("s/service.yaml", &service),
        ];
        let compiled = compile(&SourceSet::from_texts(files), "s");
        let errors = compiled.diagnostics.into_sorted();
        let first = errors.first().map(|one| one.message.get(Lang::En));
        let plan = compiled.service.unwrap_or_else(|| panic!("{first:?}")).new;
        let mut answers = plan.reference.clone();
        answers.set(QuestionIx(0), Some(Answer::YesNo(answer)));
        let scenario = Scenario::resolve(&plan, &answers);
        let steps = scenario.steps().iter();
        let steps: Vec<&str> = steps.map(|step| plan.step(*step).key.as_str()).collect();
        assert_eq!(steps.join(" "), expected, "{intake}, {answer}");
    }
}
