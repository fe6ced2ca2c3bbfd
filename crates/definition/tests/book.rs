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

/// What a service names as its files is all it needs: kept elsewhere, they compile to
/// the same plan under the same digest.
#[test]
fn the_files_of_a_service_are_all_it_needs() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../workflows");
    let loaded = load(&root);
    for folder in &loaded.services {
        let first = compile(&loaded.sources, folder);
        let kept = first.files.iter().map(|file| {
            let file = loaded.sources.file(*file);
            (file.path().to_owned(), file.text().to_owned())
        });
        let second = compile(&SourceSet::from_texts(kept), folder);
        assert_eq!(first.digest, second.digest, "{folder}");
        assert_eq!(second.files.len(), first.files.len());
        let plans = |service: &Option<onething_plan::Service>| format!("{service:?}");
        assert!(plans(&first.service) == plans(&second.service), "{folder}");
        let service = first.service.expect("clean");
        assert_eq!(service.new.digest, first.digest);
        assert_eq!(service.old.expect("shipped with it").digest, first.digest);
    }
}
