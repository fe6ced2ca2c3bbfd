//! `onething why`: who reads a field, where it comes from, and why it is asked.

use std::sync::Arc;

use onething::Definition;
use onething_definition::diagnostic::Diagnostics;
use onething_definition::source::SourceSet;
use onething_definition::yaml;
use onething_model::{ContractKey, FieldPath, Text};
use onething_plan::{Plan, Scenario};
use onething_redesign::Why;
use onething_runtime::Source;

use crate::args::{self, OneWay, ReportFormat};
use crate::commands::definitions;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Output;
use crate::say::both;

/// Most fields that are listed where the one asked for does not exist.
const LISTED: usize = 40;

/// Explains a field.
pub(crate) fn run(args: &args::Why, out: &mut Output) -> Result<Exit, Failure> {
    let definition = definitions::one(&args.dir, out)?;
    let service = definition.service();
    let plan = match args.way {
        OneWay::New => &service.new,
        OneWay::Old => definitions::old(service)?,
    };
    let answers = definitions::answers(plan, &args.answers)?;
    let name = &args.field;
    let path: FieldPath = name.parse().map_err(|error| {
        Failure::usage(both!(
            "`{name}` 不是字段：{error}",
            "`{name}` is no field: {error}"
        ))
    })?;
    let Some(field) = plan.find_field(&path) else {
        let named = |same_role: bool| -> Vec<String> {
            let fields = plan.fields.iter().map(|field| &field.path);
            let fields = fields.filter(|known| !same_role || known.role == path.role);
            fields.map(ToString::to_string).collect()
        };
        // Most often the role is right and the field misspelt.
        let mut fields = named(true);
        if fields.is_empty() {
            fields = named(false);
        }
        if fields.len() > LISTED {
            fields.truncate(LISTED);
            fields.push("…".to_owned());
        }
        let list = Text::list(fields);
        let message = match contract_with(&definition, plan, &path) {
            Some(contract) => both!(
                "数据约定 `{contract}` 有 `{path}` 这一项，但这件事没有用到：没有环节读取，也不向申请人收取",
                "the contract `{contract}` has `{path}`, but the service does not use it: no step reads it and nobody is asked for it",
            ),
            None => both!(
                "这件事没有字段 `{path}`",
                "the service has no field `{path}`",
            ),
        };
        return Err(
            Failure::no(message).help(both!("已有的字段：{list}", "there are: {list}"; list))
        );
    };
    let why = Why::new(plan, &Scenario::resolve(plan, &answers), field);
    match args.format {
        ReportFormat::Text => out.text(&why.text(out.lang)),
        ReportFormat::Markdown => out.text(&why.markdown(out.lang)),
        ReportFormat::Json => out.json(&why),
    }
    Ok(Exit::Fine)
}

/// The contract of a role, where it has the field although the service does not use it.
fn contract_with(definition: &Definition, plan: &Plan, path: &FieldPath) -> Option<ContractKey> {
    let fields = plan.fields.iter();
    let of_role = |field: &&onething_plan::Field| field.path.role == path.role;
    let contract = fields.clone().find(of_role)?.contract.clone();
    // Another role may use it; else the contract's own file says.
    let used = fields
        .filter(|field| field.contract == contract)
        .any(|field| field.path.field == path.field);
    let has = used
        || definition
            .sources()
            .iter()
            .any(|source| declares(source, &contract, path));
    has.then_some(contract)
}

/// Whether a source is the file of this contract and lists the field.
fn declares(source: &Source, contract: &ContractKey, path: &FieldPath) -> bool {
    let Ok(text) = std::str::from_utf8(&source.content) else {
        return false;
    };
    let sources = Arc::new(SourceSet::from_texts([(source.path.as_str(), text)]));
    let mut ignored = Diagnostics::new();
    let file = sources.find(&source.path);
    let Some(node) = file.and_then(|file| yaml::parse(&sources, file, &mut ignored)) else {
        return false;
    };
    let at = |node: &yaml::Node, key: &str| -> Option<yaml::Node> {
        let entries = &node.as_map()?.entries;
        let found = entries.iter().find(|entry| &*entry.key.text == key)?;
        Some(found.value.clone())
    };
    let named = at(&node, "contract").and_then(|name| Some(name.as_scalar()?.text.to_string()));
    named.as_deref() == Some(contract.as_str())
        && at(&node, "fields").is_some_and(|fields| at(&fields, path.field.as_str()).is_some())
}
