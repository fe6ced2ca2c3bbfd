//! `onething schema`: what editors complete and check definitions with, and front ends
//! the form description that `guide` writes.

use onething_definition::schema as definition;
use onething_model::Text;
use onething_redesign::guide;
use serde_json::Value;

use crate::args;
use crate::exit::Exit;
use crate::failure::{Failure, FileAct};
use crate::output::Output;
use crate::say::both;

/// What `guide --format json` writes, among the kinds of files.
const GUIDE: &str = "guide";

/// The kinds there are, each with where such a file stands or what writes it.
fn kinds() -> Vec<(&'static str, &'static str)> {
    let mut kinds = definition::kinds();
    kinds.push((GUIDE, "onething guide DIR --format json"));
    kinds
}

fn schema(kind: &str) -> Option<Value> {
    if kind == GUIDE {
        return Some(guide::schema());
    }
    definition::schema(kind)
}

/// Writes one schema, all of them into a folder, or tells which there are.
pub(crate) fn run(args: &args::Schema, out: &mut Output) -> Result<Exit, Failure> {
    if let Some(folder) = &args.all {
        std::fs::create_dir_all(folder)
            .map_err(|error| Failure::file(FileAct::Write, folder, &error))?;
        for (kind, _) in kinds() {
            let path = folder.join(format!("{kind}.schema.json"));
            let text = schema(kind).map_or_else(String::new, |schema| format!("{schema:#}\n"));
            std::fs::write(&path, text)
                .map_err(|error| Failure::file(FileAct::Write, &path, &error))?;
            out.line(&path.display().to_string());
        }
        return Ok(Exit::Fine);
    }
    if args.list {
        for (kind, pattern) in kinds() {
            out.line(&format!("{kind:<12} {pattern}"));
        }
        return Ok(Exit::Fine);
    }
    let kind = &args.kind;
    let Some(schema) = schema(kind) else {
        let list = Text::list(kinds().into_iter().map(|(kind, _)| kind));
        return Err(Failure::usage(both!(
            "没有 `{kind}` 这类文件；有：{list}",
            "there is no kind of file `{kind}`; there are: {list}"; list
        )));
    };
    out.json(&schema);
    Ok(Exit::Fine)
}
