//! `merged` of a workload: whose work a step does.

mod overlay;

use std::sync::Arc;

use onething_definition::diagnostic::{Code, Diagnostics};
use onething_definition::{SourceSet, check, compile};
use overlay::{blocks, shop};

fn sources(workload: &str) -> SourceSet {
    let input = format!("```yaml shop/workload.yaml\n{workload}\n```\n");
    let blocks = blocks(&input);
    assert!(
        blocks.iter().all(|block| !block.cured),
        "only pages have cures"
    );
    SourceSet::from_texts(shop(&blocks.iter().collect::<Vec<_>>()))
}

fn codes(workload: &str) -> Vec<Code> {
    let checked = check(
        Arc::new(sources(workload)),
        &["shop".to_owned()],
        Diagnostics::new(),
    );
    let found = checked.report.diagnostics.iter();
    found.map(|diagnostic| diagnostic.code).collect()
}

#[test]
fn a_part_knows_the_matter_of_its_step() {
    let text = "work: { assumed: 示例, health-review: 1h }\nmerged: { accept: [accept-sign-filing, accept-health-permit] }";
    assert_eq!(codes(text), []);
    let service = compile(&sources(text), "shop").service.unwrap();
    let merged = &service.workload.as_ref().unwrap().merged;
    let [(step, parts)] = &merged[..] else {
        panic!("{merged:?}")
    };
    assert_eq!(step.as_str(), "accept");
    let parts: Vec<(&str, Option<&str>)> = parts
        .iter()
        .map(|part| {
            let matter = part.matter.as_ref();
            (part.step.as_str(), matter.map(|matter| matter.as_str()))
        })
        .collect();
    let expected = [
        ("accept-sign-filing", Some("sign-filing")),
        ("accept-health-permit", Some("health-permit")),
    ];
    assert_eq!(parts, expected, "in the order in which they are written");
}

#[test]
fn what_cannot_be_is_said() {
    let rows = [
        ("merged: { accep: [health-review] }", Code::UnknownStep),
        ("merged: { accept: [health-revue] }", Code::UnknownStep),
        (
            "merged: { accept: [health-review, health-review] }",
            Code::Repeated,
        ),
        ("merged: { accept: [accept] }", Code::BadForm),
        (
            "merged: { accept: [health-review], sign-review: [accept] }",
            Code::BadForm,
        ),
        (
            "work: { assumed: 示例, accept: 1h }\nmerged: { accept: [health-review] }",
            Code::NotNeeded,
        ),
        (
            "refusals: { assumed: 示例, sign-review: 5% }\nmerged: { sign-review: [health-review] }",
            Code::NotNeeded,
        ),
    ];
    for (text, code) in rows {
        // The template's own figures are of `accept`, unless a row says otherwise.
        let text = match text.contains("work:") {
            true => text.to_owned(),
            false => format!("work: {{ assumed: 示例, health-review: 1h }}\n{text}"),
        };
        assert_eq!(codes(&text), [code], "{text}");
    }
}
