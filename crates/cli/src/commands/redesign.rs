//! `onething redesign`: a new way proposed from the old one and the data contracts.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use onething_definition::design::Folder;
use onething_definition::diagnostic::Report;
use onething_definition::load::load;
use onething_redesign::rewrite::{self, Options, Prefer, Simulation};

use crate::args::{self, ReportFormat};
use crate::commands::{compare, definitions};
use crate::exit::Exit;
use crate::failure::{Failure, FileAct};
use crate::output::Output;
use crate::say::both;

/// The file that `--apply` writes beside `service.yaml`.
const PROPOSAL: &str = "service.redesigned.yaml";

/// Proposes, and with `--apply` writes the proposal.
pub(crate) fn run(args: &args::Redesign, out: &mut Output) -> Result<Exit, Failure> {
    let definition = definitions::one(&args.dir, out)?;
    definitions::old(definition.service())?;
    let loaded = load(&args.dir);
    let (Some(root), [service]) = (&loaded.root, &loaded.services[..]) else {
        return Err(Failure::definition(
            Report::new(loaded.sources, loaded.diagnostics).into(),
        ));
    };
    let folder = Folder::read(Arc::clone(&loaded.sources), service);
    let drafting = folder.open().map_err(|compilation| {
        let sources = Arc::clone(&loaded.sources);
        Failure::definition(Report::new(sources, compilation.diagnostics).into())
    })?;
    let Some(old) = drafting.old() else {
        return Ok(Exit::No);
    };
    let bar = args
        .simulate
        .then(|| out.progress(0, &both!("仿真", "simulating")));
    let progress = || {
        if let Some(bar) = &bar {
            bar.inc_length(1);
            bar.inc(1);
        }
    };
    let simulate = if args.simulate {
        Some(Simulation {
            cases: args.cases,
            replications: args.replications,
            seed: args.seed,
            confidence: args.confidence,
            margin: args.margin,
            threads: compare::threads(args.threads)?,
            progress: Some(&progress),
        })
    } else {
        None
    };
    let prefer = if args.save_work {
        Prefer::Work
    } else {
        Prefer::Time
    };
    let made = rewrite::redesign(&drafting, old, Options { prefer, simulate });
    if let Some(bar) = &bar {
        bar.finish_and_clear();
    }
    let made = made.map_err(|error| match error {
        rewrite::Error::Definition(found) => {
            Failure::definition(Report::new(Arc::clone(&loaded.sources), found).into())
        }
        rewrite::Error::Study(error) => compare::failure(&error),
        rewrite::Error::Margin(_) => Failure::usage(both!(
            "`--margin` 不能小于 0，例如 0.05",
            "`--margin` is a fraction from 0 on, as 0.05",
        )),
    })?;
    match args.format {
        ReportFormat::Text => out.text(&made.text(out.lang)),
        ReportFormat::Markdown => out.text(&made.markdown(out.lang)),
        ReportFormat::Json => out.json(&made.json()),
    }
    if args.apply {
        let Some(text) = drafting.service_yaml(&made.design) else {
            return Err(Failure::no(both!(
                "没有得到一次申请的新办法，无可写入",
                "the proposal has more than one application; there is nothing to write",
            )));
        };
        write(&root.join(service).join(PROPOSAL), &text, out)?;
    }
    Ok(Exit::Fine)
}

/// Never over a file that is there.
fn write(path: &PathBuf, text: &str, out: &mut Output) -> Result<(), Failure> {
    let shown = path.display();
    if Path::new(path).exists() {
        return Err(Failure::no(both!(
            "`{shown}` 已存在，未作任何改动",
            "`{shown}` is there already; nothing was changed",
        ))
        .help(both!("先移走或删除它", "move or remove it first")));
    }
    std::fs::write(path, text).map_err(|error| Failure::file(FileAct::Write, path, &error))?;
    out.note(&both!("已写入 `{shown}`", "written to `{shown}`"));
    Ok(())
}
