//! `onething redesign`: a new way proposed from the old one and the data contracts.

use std::sync::Arc;

use onething_definition::design::Folder;
use onething_definition::diagnostic::{Diagnostics, Report};
use onething_definition::load::load;
use onething_redesign::rewrite::{self, Options, Prefer, Simulation};

use crate::args::{self, ReportFormat};
use crate::commands::{compare, definitions, proposal};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::numbers::{self, Study};
use crate::output::Output;
use crate::say::both;

/// What the folder of a proposal is called, after the service's.
const PROPOSED: &str = "-redesigned";

/// Proposes, and writes the proposal where that is asked for.
pub(crate) fn run(args: &args::Redesign, out: &mut Output) -> Result<Exit, Failure> {
    let how = numbers::study(&Study {
        cases: &args.cases,
        replications: &args.replications,
        seed: &args.seed,
        confidence: &args.confidence,
        threads: args.threads.as_deref(),
    })?;
    let margin = numbers::margin(&args.margin)?;
    let loaded = load(&args.dir);
    definitions::not_several(&args.dir, &loaded.services)?;
    if loaded.services.is_empty() && !loaded.diagnostics.has_errors() {
        return Err(definitions::no_service(&args.dir));
    }
    let broken = |mut found: Diagnostics| {
        found.extend(loaded.diagnostics.clone());
        let sources = Arc::clone(&loaded.sources);
        Failure::definition(Report::new(sources, found).into())
    };
    let (Some(root), [service]) = (&loaded.root, &loaded.services[..]) else {
        return Err(broken(Diagnostics::new()));
    };
    let folder = Folder::read(Arc::clone(&loaded.sources), service);
    let drafting = folder
        .open()
        .map_err(|compilation| broken(compilation.diagnostics))?;
    if loaded.diagnostics.has_errors() {
        return Err(broken(Diagnostics::new()));
    }
    definitions::warn(&args.dir, drafting.warnings(), out);
    definitions::old(drafting.service())?;
    let Some(old) = drafting.old() else {
        return Err(Failure::ours(both!(
            "读不出原办法",
            "the old way cannot be taken apart",
        )));
    };
    let place = match (&args.output, args.apply, args.with_contracts) {
        (Some(folder), _, true) => {
            Some(proposal::Place::apart(folder, &drafting.setting().service))
        }
        (Some(folder), _, false) => Some(proposal::Place::beside(root, folder)?),
        (None, true, _) => {
            let folder = root.join(format!("{service}{PROPOSED}"));
            Some(proposal::Place::beside(root, &folder)?)
        }
        (None, false, _) => None,
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
            cases: how.cases,
            replications: how.replications,
            seed: how.seed,
            confidence: how.confidence,
            margin,
            threads: how.threads,
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
    let mut made = made.map_err(|error| match error {
        rewrite::Error::Definition(found) => broken(found),
        rewrite::Error::Study(error) => compare::failure(&error),
        rewrite::Error::Margin(margin) => Failure::ours(both!(
            "余量 {margin} 未经检查",
            "a margin of {margin} was not checked",
        )),
    })?;
    // Nobody asked to write it: held to the checks it is, in place of the service.
    let (name, below) = match &place {
        Some(place) => (&place.name, place.below()),
        None => (&drafting.setting().service, (service.as_str(), false)),
    };
    let files = drafting
        .folder(name, &made.design, old, made.workload.as_ref())
        .map_err(broken)?;
    let unneeded = files.iter().flat_map(|files| &files.left_out);
    made.left_out.extend(unneeded.cloned());
    let held = files.map(|files| proposal::held(below, &files, &folder));
    made.obstacles = match &held {
        Some(Ok(_)) => Vec::new(),
        Some(Err(report)) => proposal::failings(report),
        None => made
            .not_one()
            .map_or_else(Vec::new, |(why, help)| vec![why, help]),
    };
    match args.format {
        ReportFormat::Text => out.text(&made.text(out.lang)),
        ReportFormat::Markdown => out.text(&made.markdown(out.lang)),
        ReportFormat::Json => out.json(&made.json()),
    }
    if let Some(place) = place {
        let held = match held {
            Some(Ok(held)) => held,
            Some(Err(report)) => {
                return Err(Failure::definition(report.into()).with_message(both!(
                    "推出的新办法没有通过检查，未写入任何文件：请连同定义报告给开发者",
                    "the proposal does not pass the checks, and nothing was written: report this with the definition",
                )));
            }
            None => {
                return Err(match made.not_one() {
                    Some((why, help)) => Failure::no(why).help(help),
                    None => Failure::ours(both!(
                        "提案写不成服务",
                        "the proposal cannot be written as a service",
                    )),
                });
            }
        };
        let page = made.markdown(out.lang);
        proposal::write(&place, held, &page, out)?;
    }
    Ok(Exit::Fine)
}
