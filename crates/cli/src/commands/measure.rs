//! `onething measure`: the figures of the cases that really ran.

use std::collections::BTreeMap;
use std::sync::Arc;

use onething::measure::{Comparison, Kind, Measured, Report, from_durable, measured};
use onething::{Comparing, Definition};
use onething_engine::{Blueprint, CaseStatus};
use onething_model::{Digest, ServiceKey};

use crate::args::{Measure, ReportFormat};
use crate::commands::{compare, definitions};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Output;
use crate::report;
use crate::say::both;
use crate::session::{Handlers, Session};

/// The cases of one service.
struct Cases {
    measured: Measured,
    /// The definition of the newest case.
    definition: Option<Arc<Definition>>,
    /// Cases whose definition cannot be compiled any more.
    unreadable: u64,
}

/// Measures every service that has cases in the store.
pub(crate) fn run(args: &Measure, out: &mut Output) -> Result<Exit, Failure> {
    let asked = match &args.dir {
        Some(dir) => Some(definitions::one(dir, out)?),
        None => None,
    };
    let session = Session::open(&args.store.store, Handlers::None, out)?;
    let found = session.block_on(fold(&session));
    let closed = session.close();
    let mut services = found.and_then(|found| closed.map(|()| found))?;
    if let Some(definition) = &asked {
        services.retain(|service, _| *service == definition.plan().service);
    }
    if services.is_empty() {
        return Err(Failure::no(both!(
            "存储中没有可计量的办件",
            "the store holds no cases to measure",
        ))
        .help(both!(
            "先用 `onething run` 办理",
            "run some with `onething run`",
        )));
    }
    let mut comparisons = Vec::new();
    for (service, cases) in services {
        let definition = asked
            .clone()
            .map(Arc::new)
            .or_else(|| cases.definition.clone());
        comparisons.push(comparison(&service, &cases, definition.as_deref(), out)?);
    }
    show(&comparisons, args.format, out);
    Ok(Exit::Fine)
}

async fn fold(session: &Session) -> Result<BTreeMap<ServiceKey, Cases>, Failure> {
    let mut services: BTreeMap<ServiceKey, Cases> = BTreeMap::new();
    let mut blueprints: BTreeMap<Digest, Arc<Blueprint>> = BTreeMap::new();
    let mut after = None;
    loop {
        let page = session.engine.cases(after, 0).await?;
        for line in &page.cases {
            let cases = services
                .entry(line.service.clone())
                .or_insert_with(|| Cases {
                    measured: Measured::new(),
                    definition: None,
                    unreadable: 0,
                });
            if line.status == CaseStatus::NotAccepted {
                continue;
            }
            let Ok(Some(definition)) = session.definition(line.case).await else {
                cases.unreadable += 1;
                continue;
            };
            let plan = definition.plan().clone();
            let blueprint = blueprints
                .entry(plan.digest)
                .or_insert_with(|| Blueprint::new(plan));
            let history = session.engine.history(line.case).await?;
            let records = history.iter().map(|line| &line.record);
            match from_durable(blueprint, records) {
                Ok(measures) => cases.measured.push(&measures),
                Err(_) => cases.unreadable += 1,
            }
            cases.definition = Some(definition);
        }
        after = page.next;
        if after.is_none() {
            return Ok(services);
        }
    }
}

/// Measured figures, with the simulated and computed ones beside them where the
/// definition has an old way and a workload.
fn comparison(
    service: &ServiceKey,
    cases: &Cases,
    definition: Option<&Definition>,
    out: &mut Output,
) -> Result<Comparison, Failure> {
    let mut comparison = match definition {
        Some(definition) if definition.service().old.is_some() => {
            compare::simulate(definition, Comparing::default(), out)?
        }
        Some(definition) => {
            let plan = definition.plan();
            Comparison::new(plan.service.clone(), plan.title.clone())
        }
        None => {
            let name = service.to_string();
            Comparison::new(service.clone(), both!("{name}", "{name}"))
        }
    };
    let figures = measured(None, Some(&cases.measured));
    debug_assert!(figures.iter().all(|figure| figure.kind == Kind::Measured));
    comparison.figures.extend(figures);
    comparison.notes.push(cases.measured.note());
    if cases.unreadable > 0 {
        let count = cases.unreadable;
        comparison.warnings.push(both!(
            "{count} 个办件的定义已无法读取，未计入",
            "{count} case(s) whose definition cannot be read any more are left out",
        ));
    }
    comparison.sort();
    Ok(comparison)
}

fn show(comparisons: &[Comparison], format: ReportFormat, out: &mut Output) {
    match format {
        ReportFormat::Json => out.json(&serde_json::json!({ "services": comparisons })),
        ReportFormat::Text | ReportFormat::Markdown => {
            for (at, comparison) in comparisons.iter().enumerate() {
                if at > 0 {
                    out.line("");
                }
                let report = Report::new(comparison, out.lang);
                if format == ReportFormat::Markdown {
                    out.text(&report.to_markdown());
                } else {
                    report::show(&report, out);
                }
            }
        }
    }
}
