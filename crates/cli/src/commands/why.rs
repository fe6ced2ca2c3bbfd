//! `onething why`: who reads a field, where it comes from, and why it is asked.

use onething_model::FieldPath;
use onething_plan::Scenario;
use onething_redesign::Why;

use crate::args::{self, ReportFormat, Way};
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
        Way::New => &service.new,
        Way::Old => definitions::old(service)?,
        Way::Both => {
            return Err(Failure::usage(both!(
                "一次只能问一种方式：`--way new` 或 `--way old`",
                "ask for one way at a time: `--way new` or `--way old`",
            )));
        }
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
        let mut list = fields[..fields.len().min(LISTED)].join(", ");
        if fields.len() > LISTED {
            list.push_str(", …");
        }
        return Err(Failure::no(both!(
            "这件事没有字段 `{path}`",
            "the service has no field `{path}`",
        ))
        .help(both!("已有的字段：{list}", "there are: {list}")));
    };
    let why = Why::new(plan, &Scenario::resolve(plan, &answers), field);
    match args.format {
        ReportFormat::Text => out.text(&why.text(out.lang)),
        ReportFormat::Markdown => out.text(&why.markdown(out.lang)),
        ReportFormat::Json => out.json(&why),
    }
    Ok(Exit::Fine)
}
