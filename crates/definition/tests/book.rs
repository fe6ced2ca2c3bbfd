//! The documentation is true: what it shows compiles.

use std::sync::Arc;

use onething_definition::diagnostic::{Rendering, Report};
use onething_definition::{SourceSet, check, compile, load};
use onething_model::Lang;

/// The blocks of a page that name a file: ```` ```yaml path ````.
fn files_of(page: &str) -> Vec<(String, String)> {
    let mut files = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        let Some(path) = line.strip_prefix("```yaml ") else {
            continue;
        };
        let text: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        files.push((path.to_owned(), text.join("\n") + "\n"));
    }
    files
}

fn page(path: &str) -> String {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn the_example_of_the_language_compiles() {
    let sources = SourceSet::from_texts(files_of(&page("docs/language.md")));
    let compilation = compile(&sources, "open-restaurant");
    let report = Report::new(Arc::new(sources), compilation.diagnostics);
    let rendering = Rendering {
        lang: Lang::En,
        colour: false,
    };
    assert!(
        report.diagnostics.is_empty(),
        "{}",
        report.render(rendering)
    );
    let service = compilation.service.expect("no errors");
    let keys: Vec<&str> = service
        .new
        .steps
        .iter()
        .map(|step| step.key.as_str())
        .collect();
    assert_eq!(
        keys,
        [
            "look-up-estate-register-premises",
            "apply",
            "accept",
            "verify-licence",
            "site-review",
            "food-review",
            "signboard-review"
        ]
    );
}

/// Every shipped definition is free of errors and warnings.
#[test]
fn the_shipped_definitions_are_clean() {
    let root = std::env::var_os("ONETHING_WORKFLOWS").map_or_else(
        || std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../workflows"),
        Into::into,
    );
    let loaded = load(&root);
    let checked = check(loaded.sources, &loaded.services, loaded.diagnostics);
    let rendering = Rendering {
        lang: Lang::Zh,
        colour: false,
    };
    let report = &checked.report;
    assert!(
        report.diagnostics.is_empty(),
        "{}",
        report.render(rendering)
    );
    assert!(
        checked
            .services
            .iter()
            .all(|service| service.service.is_some())
    );
}
