//! Tables of inputs and what the author is told about them.
//!
//! Each file of `tests/golden/` holds cases:
//!
//! ```text
//! === name of the case
//! the file
//! --- en
//! what is said
//! ```
//!
//! With `BLESS=1` in the environment the answers are written instead of compared:
//! read the difference before committing it.

mod table;

use std::sync::Arc;

use onething_definition::diagnostic::{Diagnostics, Rendering, Report};
use onething_definition::source::SourceSet;
use onething_definition::yaml;
use onething_definition::yaml::read::Reader;
use onething_model::{Lang, StepKey};

fn rendering(lang: &str) -> Rendering {
    Rendering {
        lang: match lang {
            "zh" => Lang::Zh,
            _ => Lang::En,
        },
        colour: false,
    }
}

fn report(text: &str, read: impl FnOnce(&yaml::Node, &mut Reader<'_>)) -> Report {
    let sources = SourceSet::from_texts([("shop/service.yaml", text)]);
    let file = sources.find("shop/service.yaml").expect("just put there");
    let mut found = Diagnostics::new();
    if let Some(root) = yaml::parse(&sources, file, &mut found) {
        read(&root, &mut Reader::new(&mut found, Lang::Zh));
    }
    Report::new(Arc::new(sources), found)
}

#[test]
fn yaml_is_refused_with_a_place_and_a_cure() {
    table::check("tests/golden/yaml.txt", |input, lang| {
        report(input, |_, _| {}).render(rendering(lang))
    });
}

/// Reads every kind of value there is.
fn read_everything(node: &yaml::Node, reader: &mut Reader<'_>) {
    let keys = [
        "title",
        "string",
        "yes_no",
        "integer",
        "number",
        "duration",
        "probability",
        "money",
        "size",
        "version",
        "name",
        "field",
        "by",
        "list",
        "steps",
    ];
    let Some(mut fields) = reader.fields(node, &keys) else {
        return;
    };
    fields.required("title", reader, |n, r| r.text(n));
    fields.optional("string", reader, |n, r| r.string(n));
    fields.optional("yes_no", reader, |n, r| r.yes_no(n));
    fields.optional("integer", reader, |n, r| r.integer(n, 0, 100));
    fields.optional("number", reader, |n, r| r.number(n, 0.0, 1.5));
    fields.optional("duration", reader, |n, r| r.duration(n));
    fields.optional("probability", reader, |n, r| r.probability(n));
    fields.optional("money", reader, |n, r| r.money(n));
    fields.optional("size", reader, |n, r| r.byte_size(n));
    fields.optional("version", reader, |n, r| r.version(n));
    fields.optional("name", reader, |n, r| r.name::<StepKey>(n));
    fields.optional("field", reader, |n, r| r.field_path(n));
    fields.optional("by", reader, |n, r| {
        r.word(n, &[("system", 0), ("officer", 1), ("applicant", 2)])
    });
    fields.optional("list", reader, |n, r| {
        r.list(n, |n, r| r.name::<StepKey>(n))
    });
    fields.optional("steps", reader, |n, r| {
        r.named::<StepKey, _>(n, |n, r| {
            let mut fields = r.fields(n, &["limit"])?;
            let limit = fields.required("limit", r, |n, r| r.duration(n));
            fields.finish(r);
            limit
        })
    });
    fields.finish(reader);
}

#[test]
fn every_problem_of_a_file_is_reported_in_one_run() {
    table::check("tests/golden/values.txt", |input, lang| {
        report(input, read_everything).render(rendering(lang))
    });
}

#[test]
fn the_json_form_holds_both_languages() {
    table::check("tests/golden/json.txt", |input, _| {
        let wire = report(input, read_everything).wire();
        serde_json::to_string_pretty(&wire).expect("plain data")
    });
}
