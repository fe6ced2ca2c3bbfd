//! `onething check`: tells every problem of definitions.

use onething_definition::diagnostic::{Rendering, Wire};
use serde::Serialize;

use crate::args::Check;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Output;
use crate::say::{both, many};

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
        return Ok(if ok { Exit::Fine } else { Exit::No });
    }
    let [of_errors, of_warnings] =
        [(errors, "error"), (warnings, "warning")].map(|(count, one)| many(count, one));
    if services == 0 && shared > 0 {
        let files = many(shared, "shared file");
        out.say(&both!(
            "检查了 {shared} 个共享文件：{errors} 个错误，{warnings} 个警告",
            "{files} checked: {of_errors}, {of_warnings}",
        ));
    } else {
        let of_services = many(services, "service");
        out.say(&both!(
            "检查了 {services} 件事：{errors} 个错误，{warnings} 个警告",
            "{of_services} checked: {of_errors}, {of_warnings}",
        ));
    }
    Ok(if ok { Exit::Fine } else { Exit::No })
}
