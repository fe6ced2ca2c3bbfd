//! `onething guide`: the one-time notice for a set of answers.

use onething_redesign::Guide;
use onething_redesign::guide::GuideData;

use crate::args::{self, PageFormat};
use crate::commands::definitions;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Output;
use crate::say::both;

/// Writes the notice, to standard output or to a file.
pub(crate) fn run(args: &args::Guide, out: &mut Output) -> Result<Exit, Failure> {
    let definition = definitions::one(&args.dir, out)?;
    let plan = &definition.service().new;
    let given = definitions::given(plan, &args.answers)?;
    let guide = || Guide::new(plan, &given);
    let mut text = match args.format {
        PageFormat::Text => guide().text(out.lang),
        PageFormat::Markdown => guide().markdown(out.lang),
        PageFormat::Html => guide().html(out.lang),
        PageFormat::Json => {
            let data = GuideData::new(plan, &given)
                .map_err(|many| Failure::no(many.text()).help(many.help()))?;
            serde_json::to_string_pretty(&data).map_err(|error| {
                Failure::ours(both!("无法写成 JSON：{error}", "no JSON: {error}"))
            })?
        }
    };
    if !text.ends_with('\n') {
        text.push('\n');
    }
    definitions::write(&text, args.output.as_deref(), out)?;
    Ok(Exit::Fine)
}
