//! What the compiler derives: which nodes, in which order, who asks for what.

mod overlay;
mod table;

use std::sync::Arc;

use onething_definition::diagnostic::{Rendering, Report};
use onething_definition::{SourceSet, compile};
use onething_model::Lang;
use onething_plan::{Actor, Plan, Scenario, StepIx, SubmissionKind};
use overlay::{blocks, shop};

/// One line a node: key, who, what it waits for, what it asks or gives.
fn story(plan: &Plan) -> String {
    let scenario = Scenario::resolve(plan, &plan.reference);
    let name = |step: &StepIx| plan.step(*step).key.as_str().to_owned();
    let mut text = String::new();
    for step in scenario.steps() {
        let item = plan.step(*step);
        let who = match &item.actor {
            Actor::Submission(submission) => match submission.kind {
                SubmissionKind::Application => "application",
                SubmissionKind::Fallback(_) => "fallback",
            },
            Actor::LookUp(look_up) if look_up.fallback.is_some() => "late look-up",
            Actor::LookUp(_) => "look-up",
            Actor::System => "system",
            Actor::Officer => "officer",
            Actor::Applicant => "applicant",
            Actor::Outside => "outside",
        };
        let by = item.department.map(|at| plan.department(at).key.as_str());
        text += &format!(
            "{} ({who}{})",
            item.key,
            by.map_or(String::new(), |by| format!(" of {by}"))
        );
        if let Some(limit) = item.limit.binding() {
            text += &format!(" {limit}");
        }
        if item.visits > 0 {
            text += &format!(", visits {}", item.visits);
        }
        let needs: Vec<String> = scenario.needs(*step).iter().map(name).collect();
        if !needs.is_empty() {
            text += &format!(" < {}", needs.join(", "));
        }
        let form: Vec<String> = scenario
            .form(*step)
            .iter()
            .map(|asked| {
                let path = &plan.field(asked.field).path;
                let optional = if asked.optional { "?" } else { "" };
                format!("{path}{optional}")
            })
            .collect();
        if !form.is_empty() {
            text += &format!("; {}", form.join(" "));
        }
        text.push('\n');
    }
    text
}

#[test]
fn plans() {
    table::check("tests/golden/plans.txt", |input, ways| {
        let blocks = blocks(input);
        assert!(
            blocks.iter().all(|block| !block.cured),
            "only pages have cures"
        );
        let sources = SourceSet::from_texts(shop(&blocks.iter().collect::<Vec<_>>()));
        let compilation = compile(&sources, "shop");
        let report = Report::new(Arc::new(sources), compilation.diagnostics);
        let rendering = Rendering {
            lang: Lang::En,
            colour: false,
        };
        let Some(service) = compilation.service else {
            return report.render(rendering);
        };
        let mut text = String::new();
        for way in ways.split(' ') {
            let plan = match way {
                "new" => &service.new,
                _ => service.old.as_ref().expect("the template has one"),
            };
            text += &format!("{way}:\n{}", story(plan));
        }
        text + &report.render(rendering)
    });
}
