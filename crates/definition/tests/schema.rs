//! The schemas, the reference tables and the reader agree, and the template is clean.

use std::path::{Path, PathBuf};

use onething_definition::diagnostic::{Diagnostics, Rendering};
use onething_definition::schema::{kinds, reference};
use onething_definition::yaml::{self, Node, Style, Value, scalar};
use onething_definition::{SourceSet, check, load, new_service, schema};
use onething_model::Lang;
use serde_json::{Value as Json, json};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A tree as an editor's reader of YAML 1.2 sees it.
fn as_json(node: &Node) -> Json {
    match &node.value {
        Value::Map(map) => map
            .entries
            .iter()
            .map(|entry| (entry.key.text.to_string(), as_json(&entry.value)))
            .collect::<serde_json::Map<String, Json>>()
            .into(),
        Value::List(items) => items.iter().map(as_json).collect(),
        Value::Refused => Json::Null,
        Value::Scalar(written) if written.style == Style::Plain => match &*written.text {
            "" | "~" | "null" => Json::Null,
            "true" => json!(true),
            "false" => json!(false),
            text => match (text.parse::<i64>(), scalar::number(text)) {
                (Ok(number), _) => json!(number),
                (_, Ok(number)) => json!(number),
                _ => json!(text),
            },
        },
        Value::Scalar(written) => json!(&*written.text),
    }
}

fn kind_of(path: &str) -> Option<&'static str> {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    match (folder, name) {
        ("", "departments.yaml") => Some("departments"),
        ("calendars", _) => Some("calendar"),
        ("contracts", _) => Some("contract"),
        (_, "service.yaml") => Some("service"),
        (_, "before.yaml") => Some("before"),
        (_, "workload.yaml") => Some("workload"),
        _ => None,
    }
}

fn validate(sources: &SourceSet) -> usize {
    let mut count = 0;
    for (id, file) in sources.iter() {
        let Some(kind) = kind_of(file.path()) else {
            continue;
        };
        let validator = jsonschema::validator_for(&schema(kind).unwrap()).unwrap();
        let mut found = Diagnostics::new();
        let root = yaml::parse(sources, id, &mut found).expect("shipped files parse");
        let faults: Vec<String> = validator
            .iter_errors(&as_json(&root))
            .map(|fault| format!("{}: {fault}", fault.instance_path()))
            .collect();
        assert!(faults.is_empty(), "{}: {faults:#?}", file.path());
        count += 1;
    }
    count
}

#[test]
fn the_shipped_definitions_fit_the_schemas() {
    let loaded = load(&root().join("workflows"));
    assert!(validate(&loaded.sources) > 10);
}

#[test]
fn a_schema_refuses_what_the_reader_refuses() {
    let refused = |kind: &str, value: Json| {
        let validator = jsonschema::validator_for(&schema(kind).unwrap()).unwrap();
        assert!(!validator.is_valid(&value), "{kind}: {value}");
    };
    refused("departments", json!({}));
    refused(
        "departments",
        json!({ "departments": { "A": { "title": "x" } } }),
    );
    refused(
        "departments",
        json!({ "departments": { "a": { "titel": "x" } } }),
    );
    refused(
        "contract",
        json!({ "contract": "a", "version": 1.0, "title": "x", "fields": {} }),
    );
    let step = |key: &str, value: Json| json!({ "steps": { "a": { key: value } } });
    refused("before", step("limit", json!("20")));
    refused("before", step("by", json!("oficer")));
    refused(
        "workload",
        json!({ "work": { "a": { "lognormal": { "mean": "2h" } } } }),
    );
}

#[test]
fn every_kind_has_a_schema() {
    for (kind, _) in kinds() {
        let schema = schema(kind).unwrap();
        assert!(jsonschema::meta::is_valid(&schema), "{kind}");
        assert_eq!(schema["additionalProperties"], false, "{kind}");
    }
    assert!(schema("nothing").is_none());
}

#[test]
fn the_reference_is_in_the_documentation() {
    const BEGIN: &str = "<!-- the reference below is generated: BLESS=1 cargo test -p onething-definition --test schema -->\n";
    let path = root().join("docs/language.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let (before, written) = page.split_once(BEGIN).expect("the marker is there");
    let expected = reference();
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, format!("{before}{BEGIN}{expected}")).unwrap();
    } else {
        assert!(
            written == expected,
            "run with BLESS=1 to write the reference again"
        );
    }
}

#[test]
fn the_template_is_clean() {
    let files = new_service(&"my-shop".parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in &files {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let loaded = load(folder.path());
    assert_eq!(validate(&loaded.sources), 8);
    let checked = check(loaded.sources, &loaded.services, loaded.diagnostics);
    let rendering = Rendering {
        lang: Lang::En,
        colour: false,
    };
    assert!(
        checked.report.diagnostics.is_empty(),
        "{}",
        checked.report.render(rendering)
    );
    let service = checked.services[0].service.as_ref().expect("no errors");
    assert!(service.old.is_some() && service.workload.is_some());
}
