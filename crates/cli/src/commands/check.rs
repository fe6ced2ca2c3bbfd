//! `onething check`: tells every problem of definitions.

use onething_definition::diagnostic::{Rendering, Wire};
use serde::Serialize;

use crate::args::Check;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Output;
use crate::say::both;

/// The answer for programs.
#[derive(Serialize)]
struct Answer {
    ok: bool,
    errors: usize,
    warnings: usize,
    trees: Vec<Tree>,
}

/// What was found at one path.
#[derive(Serialize)]
struct Tree {
    /// The root folder; null where none was found.
    root: Option<String>,
    services: Vec<String>,
    /// Departments, calendars and contracts at or below the path.
    shared: Vec<String>,
    diagnostics: Vec<Wire>,
}

/// Checks each path.
pub(crate) fn run(args: &Check, out: &mut Output) -> Result<Exit, Failure> {
    let (mut errors, mut warnings) = (0, 0);
    let mut trees = Vec::new();
    let (mut services, mut shared) = (0, 0);
    for path in &args.paths {
        let checked = onething::check(path);
        errors += checked.report.errors();
        warnings += checked.report.warnings();
        services += checked.services.len();
        shared += checked.shared.len();
        if out.json {
            trees.push(Tree {
                root: checked.root.map(|root| root.display().to_string()),
                services: checked.services,
                shared: checked.shared,
                diagnostics: checked.report.wire(),
            });
        } else {
            let rendering = Rendering {
                lang: out.lang,
                colour: out.colour(),
            };
            let text = checked.report.render(rendering);
            out.coloured(&text);
        }
    }
    let ok = errors == 0 && (warnings == 0 || !args.strict);
    if out.json {
        out.json(&Answer {
            ok,
            errors,
            warnings,
            trees,
        });
    } else if services == 0 && shared > 0 {
        out.say(&both!(
            "检查了 {shared} 个共享文件：{errors} 个错误，{warnings} 个警告",
            "{shared} shared file(s) checked: {errors} error(s), {warnings} warning(s)",
        ));
    } else {
        out.say(&both!(
            "检查了 {services} 件事：{errors} 个错误，{warnings} 个警告",
            "{services} service(s) checked: {errors} error(s), {warnings} warning(s)",
        ));
    }
    Ok(if ok { Exit::Fine } else { Exit::No })
}
