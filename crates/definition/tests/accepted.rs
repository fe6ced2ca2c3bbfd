//! What the workload says of `accept`, said of every acceptance of a way handled apart.

mod overlay;

use onething_definition::{SourceSet, compile};
use onething_plan::workload::{Distribution, Duration, Figure};
use overlay::{blocks, shop};

/// The acceptances that a table says something of, with their hours, by name.
fn accepted(workload: &str) -> [String; 2] {
    let input = format!("```yaml shop/workload.yaml\n{workload}\n```\n");
    let blocks = blocks(&input);
    assert!(
        blocks.iter().all(|block| !block.cured),
        "only pages have cures"
    );
    let sources = SourceSet::from_texts(shop(&blocks.iter().collect::<Vec<_>>()));
    let compilation = compile(&sources, "shop");
    let service = compilation
        .service
        .unwrap_or_else(|| panic!("{:?}", compilation.diagnostics));
    let workload = service.workload.unwrap();
    let told = |table: &[(onething_model::StepKey, Figure<Duration>)]| {
        let accepted = table
            .iter()
            .filter(|(key, _)| key.as_str().starts_with("accept"));
        let mut told: Vec<String> = accepted
            .map(|(key, figure)| match figure.value.distribution {
                Distribution::Constant(hours) => format!("{key} {hours}"),
                _ => panic!("{figure:?}"),
            })
            .collect();
        told.sort();
        told.join(", ")
    };
    [told(&workload.work), told(&workload.lying)]
}

#[test]
fn what_accept_takes_each_acceptance_apart_takes_unless_it_says_otherwise() {
    for (workload, work, lying) in [
        (
            "work: { accept: 2h }",
            "accept 2, accept-health-permit 2, accept-sign-filing 2",
            "",
        ),
        (
            "work: { accept: 2h, accept-sign-filing: 3h }\nlying: { accept: 5h }",
            "accept 2, accept-health-permit 2, accept-sign-filing 3",
            "accept 5, accept-health-permit 5, accept-sign-filing 5",
        ),
        // Nothing is taken from one window to another.
        (
            "work: { accept-sign-filing: 3h }",
            "accept-sign-filing 3",
            "",
        ),
        ("work: { health-review: 1h }", "", ""),
    ] {
        let found = accepted(&format!("assumed: 示例\n{workload}"));
        assert_eq!(found, [work, lying], "{workload}");
    }
}
