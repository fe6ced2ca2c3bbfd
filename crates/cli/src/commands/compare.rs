//! `onething compare`: the old way against the new.

use onething::measure::{Comparison, Report};
use onething::{Comparing, Definition, compare_with_progress};
use onething_lab::{setting, study};

use crate::args::{Compare, ReportFormat};
use crate::commands::definitions;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::numbers::{self, Study};
use crate::output::Output;
use crate::report;
use crate::say::both;

/// Compares and reports.
pub(crate) fn run(args: &Compare, out: &mut Output) -> Result<Exit, Failure> {
    let how = numbers::study(&Study {
        cases: &args.cases,
        replications: &args.replications,
        seed: &args.seed,
        confidence: &args.confidence,
        threads: args.threads.as_deref(),
    })?;
    let mut definition = definitions::one(&args.dir, out)?;
    if !args.answers.is_empty() {
        let answers = definitions::given(definition.plan(), &args.answers)?;
        definition = definition.with_answers(&answers);
    }
    let comparison = simulate(&definition, how, out)?;
    match args.format {
        ReportFormat::Json => out.json(&comparison),
        ReportFormat::Markdown => {
            let text = Report::new(&comparison, out.lang).to_markdown();
            out.text(&text);
        }
        ReportFormat::Text => report::show(&Report::new(&comparison, out.lang), out),
    }
    Ok(Exit::Fine)
}

/// Compares with a progress bar.
///
/// # Errors
/// The service cannot be compared.
pub(crate) fn simulate(
    definition: &Definition,
    how: Comparing,
    out: &Output,
) -> Result<Comparison, Failure> {
    let bar = out.progress(how.replications, &both!("仿真", "simulating"));
    let comparison = compare_with_progress(definition, how, &|done| bar.set_position(done));
    bar.finish_and_clear();
    let mut comparison = comparison.map_err(|error| failure(&error))?;
    // Tables tell departments by what people call them.
    let service = definition.service();
    for plan in [Some(&service.new), service.old.as_ref()]
        .into_iter()
        .flatten()
    {
        let departments = plan.departments.iter();
        let titles = departments.map(|item| (item.key.clone(), item.title.clone()));
        comparison.departments.extend(titles);
    }
    Ok(comparison)
}

/// Why a service could not be simulated, with what to do.
pub(crate) fn failure(error: &study::Error) -> Failure {
    match error {
        study::Error::NoOldWay => Failure::no(both!(
            "没有改革前的办法，无从比较",
            "there is no old way to compare with",
        ))
        .help(both!(
            "写在 `before.yaml` 中",
            "describe it in `before.yaml`"
        )),
        study::Error::NoWorkload => Failure::no(both!(
            "没有业务量，无从仿真",
            "there is no workload, and so nothing to simulate",
        ))
        .help(both!(
            "写在 `workload.yaml` 中：每年有多少人申请、各环节用时多久",
            "describe it in `workload.yaml`: how many apply in a year, and how long steps take",
        )),
        study::Error::Setting(setting::Error::NoArrivals) => Failure::no(both!(
            "业务量没有写明有多少人申请，无从仿真",
            "the workload does not state how many apply, and so there is nothing to simulate",
        ))
        .help(both!(
            "在 `workload.yaml` 中写 `arrivals: {{ per_year: … }}`",
            "write `arrivals: {{ per_year: … }}` in `workload.yaml`",
        )),
        _ => {
            let why = error.text();
            Failure::no(both!("无法仿真：{why}", "cannot be simulated: {why}"; why))
                .help(both!("核对 `workload.yaml`", "look at `workload.yaml`"))
        }
    }
}
