//! `onething plan`: what a service comes to for one set of answers.

use onething_redesign::{View, draw};

use crate::args::{Plan, PlanFormat, Way};
use crate::commands::definitions;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Output;
use crate::say::both;

/// Draws the plan, to standard output or to a file.
pub(crate) fn run(args: &Plan, out: &mut Output) -> Result<Exit, Failure> {
    let definition = definitions::one(&args.dir, out)?;
    let service = definition.service();
    let plans = match args.way {
        Way::New => vec![&service.new],
        Way::Old => vec![definitions::old(service)?],
        Way::Both if matches!(args.format, PlanFormat::Svg | PlanFormat::Mermaid) => {
            vec![definitions::old(service)?, &service.new]
        }
        Way::Both => {
            return Err(Failure::usage(both!(
                "两种方式并列只有 SVG 图和 Mermaid 图",
                "only drawings in SVG and Mermaid show both ways",
            ))
            .help(both!(
                "加上 `--format svg` 或 `--format mermaid`，或分别用 `--way old` 和 `--way new`",
                "add `--format svg` or `--format mermaid`, or ask for `--way old` and `--way new`",
            )));
        }
    };
    let views = plans
        .into_iter()
        .map(|plan| {
            let answers = definitions::answers(plan, &args.answers)?;
            Ok(View::new(plan, &answers))
        })
        .collect::<Result<Vec<_>, Failure>>()?;
    let all: Vec<&View> = views.iter().collect();
    let one = &views[0];
    let mut text = match args.format {
        PlanFormat::Text => draw::text(one, out.lang),
        PlanFormat::Mermaid => draw::mermaid(&all, out.lang),
        PlanFormat::Dot => draw::dot(one, out.lang),
        PlanFormat::Svg => draw::svg(&all, out.lang),
        PlanFormat::Json => serde_json::to_string_pretty(one)
            .map_err(|error| Failure::ours(both!("无法写成 JSON：{error}", "no JSON: {error}")))?,
    };
    if !text.ends_with('\n') {
        text.push('\n');
    }
    definitions::write(&text, args.output.as_deref(), out)?;
    Ok(Exit::Fine)
}
