//! The proposal simulated with one thing changed, against the proposal as it is.
//!
//! R10 and R11 are suggested so, and never applied: no definition can say
//! whether people may sign at any time or do each other's work. And what the
//! proposal owes to changed assumptions is found out so.

use onething_lab::replicate::Replicate;
use onething_lab::setting::Setting;
use onething_lab::study;
use onething_measure::FigureName;
use onething_model::{DepartmentKey, StepKey, Text};
use onething_plan::workload::Workload;
use onething_plan::{Plan, StepIx};

use super::fit::{as_parts, merged};
use super::proof::Rule;
use super::quantity::Quantity;
use super::report_trial::short;
use super::score::{Made, Row, pairs};
use super::suggest::{Measured, Suggestion};
use super::trial::{Assumption, Lab, row};

const TIME: Quantity = Quantity::Figure(FigureName::ProcessingTime);

/// Merged steps that the workload states by their own name, each against the
/// same step doing the work of its parts.
pub(super) fn assumptions(
    lab: &Lab<'_>,
    made: &Made,
    block: u64,
) -> Result<Vec<Assumption>, study::Error> {
    let workload = lab.fitted(&made.design);
    let stated = merged(&made.design).filter(|(key, ..)| lab.workload.states(key));
    let mut as_it_is: Option<Vec<Row>> = None;
    let mut found = Vec::new();
    for (key, title, merges) in stated {
        let rows = |workload: &Workload| -> Result<Vec<Row>, study::Error> {
            let runs = lab.run(&made.plan, workload, None, block)?;
            Ok(runs.iter().flatten().map(row).collect())
        };
        let with = match as_it_is.take() {
            Some(known) => known,
            None => rows(&workload)?,
        };
        let without = rows(&as_parts(&workload, lab.from, key, merges))?;
        let effect = |quantity: Quantity| {
            let pairs = pairs(&without, &with, quantity)?;
            let level = lab.how.confidence;
            let interval = pairs.difference_interval(level)?;
            Some(Measured {
                quantity,
                without: pairs.before().mean(),
                with: pairs.after().mean(),
                interval: [interval.low, interval.high],
                level,
            })
        };
        found.push(Assumption {
            step: key.clone(),
            title: title.clone(),
            parts: merges.to_vec(),
            effects: [TIME, Quantity::StaffHours]
                .into_iter()
                .filter_map(effect)
                .collect(),
        });
        as_it_is = Some(with);
    }
    Ok(found)
}

/// One change to try, and how to say it.
struct Trying {
    rule: Rule,
    what: Text,
    needs: Text,
    rows: Vec<Row>,
}

/// The least saving that is worth a change of habits or duties, as a share of
/// the processing time: a line to draw attention, not a figure of any law.
const WORTH: f64 = 0.01;

/// What un-batching a step, and pooling two departments' officers, would save.
///
/// Only what is shown to be [worth](WORTH) it is suggested, the most first. There are
/// several questions, so each is asked at a level that makes all of the
/// intervals right together (Bonferroni).
pub(super) fn suggest(
    lab: &Lab<'_>,
    made: &Made,
    block: u64,
) -> Result<Vec<Suggestion>, study::Error> {
    let workload = lab.fitted(&made.design);
    let Some(runs) = lab.run(&made.plan, &workload, None, block)? else {
        return Ok(Vec::new());
    };
    let as_it_is: Vec<Row> = runs.iter().map(row).collect();
    let mut tried = un_batched(lab, made, &workload, block)?;
    tried.extend(pooled(lab, made, &workload, &runs, block)?);
    let level = 1.0 - (1.0 - lab.how.confidence) / tried.len().max(1) as f64;
    let mut found: Vec<Suggestion> = tried
        .into_iter()
        .filter_map(|trying| {
            let pairs = pairs(&as_it_is, &trying.rows, TIME)?;
            let interval = pairs.difference_interval(level)?;
            let (was, is) = (pairs.before().mean(), pairs.after().mean());
            let cut = super::report_trial::change(
                pairs.difference().mean(),
                Some([interval.low, interval.high]),
            );
            (interval.low > WORTH * was).then(|| Suggestion {
                rule: trying.rule,
                text: Text::new(
                    format!(
                        "{}：办理时间 {} → {} 个工作日（{cut}）",
                        trying.what.zh(),
                        short(was),
                        short(is)
                    ),
                    format!(
                        "{}: processing time {} → {} working days ({cut})",
                        trying.what.en(),
                        short(was),
                        short(is)
                    ),
                ),
                needs: Some(trying.needs),
                measured: Some(Measured {
                    quantity: TIME,
                    without: was,
                    with: is,
                    interval: [interval.low, interval.high],
                    level,
                }),
            })
        })
        .collect();
    let saves = |one: &Suggestion| one.measured.as_ref().map_or(0.0, |m| m.without - m.with);
    found.sort_by(|one, other| saves(other).total_cmp(&saves(one)));
    Ok(found)
}

/// R10: each step whose papers lie between desks, without their lying.
fn un_batched(
    lab: &Lab<'_>,
    made: &Made,
    workload: &Workload,
    block: u64,
) -> Result<Vec<Trying>, study::Error> {
    let plan = &made.plan;
    let lies = |key: &StepKey| workload.lying.iter().any(|(known, _)| known == key);
    let parts = |step: StepIx| -> Vec<StepKey> {
        let key = &plan.step(step).key;
        let keys = match workload.parts(key) {
            [] => vec![key.clone()],
            parts => parts.iter().map(|part| part.step.clone()).collect(),
        };
        keys.into_iter().filter(lies).collect()
    };
    let mut tried = Vec::new();
    for step in plan.step_numbers() {
        let of = parts(step);
        if of.is_empty() {
            continue;
        }
        let mut without = workload.clone();
        without.lying.retain(|(key, _)| !of.contains(key));
        let Some(runs) = lab.run(plan, &without, None, block)? else {
            continue;
        };
        let title = &plan.step(step).title;
        tried.push(Trying {
            rule: Rule::UnBatch,
            what: Text::new(
                format!("“{}”的文件随到随签，不再积压", title.zh()),
                format!("papers of “{}” signed as they come", title.en()),
            ),
            needs: Text::new(
                "审批人可随时线上签批",
                "those who sign can do so at any time",
            ),
            rows: runs.iter().map(row).collect(),
        });
    }
    Ok(tried)
}

/// R11: the department whose officers keep cases waiting longest, together
/// with each other one that keeps the same hours. A department's own officers
/// are one pool already, whatever they do.
fn pooled(
    lab: &Lab<'_>,
    made: &Made,
    workload: &Workload,
    runs: &[Replicate],
    block: u64,
) -> Result<Vec<Trying>, study::Error> {
    let plan = &made.plan;
    let setting = Setting::new(plan, workload)?;
    let staff: Vec<(DepartmentKey, f64, u128)> = setting
        .staff()
        .enumerate()
        .map(|(at, (key, ..))| {
            let pools = || runs.iter().filter_map(|run| run.run.pools.get(at));
            let load: f64 = pools().map(|pool| pool.load).sum();
            let waited = pools().map(|pool| pool.usage.contention).sum();
            (key.clone(), load / runs.len().max(1) as f64, waited)
        })
        .collect();
    let Some(busiest) = staff.iter().max_by_key(|(_, _, waited)| *waited) else {
        return Ok(Vec::new());
    };
    let mut tried = Vec::new();
    for other in &staff {
        let outside = |key: &DepartmentKey| is_outside(plan, key);
        if other.0 == busiest.0 || busiest.2 == 0 || outside(&other.0) || outside(&busiest.0) {
            continue;
        }
        let pair = Some((&busiest.0, &other.0));
        let Some(runs) = lab.run(plan, workload, pair, block)? else {
            continue;
        };
        let one = title(plan, &busiest.0);
        let two = title(plan, &other.0);
        let (load_one, load_two) = (rounded(busiest.1), rounded(other.1));
        tried.push(Trying {
            rule: Rule::Pool,
            what: Text::new(
                format!(
                    "{}（利用率 {load_one}）与{}（{load_two}）的人员共用",
                    one.zh(),
                    two.zh()
                ),
                format!(
                    "{} (utilisation {load_one}) and {} ({load_two}) share their officers",
                    one.en(),
                    two.en()
                ),
            ),
            needs: Text::new(
                "两部门人员有相应资格，并经委托或授权可办对方的事项",
                "officers of both are qualified for the other's matters and authorised to do them",
            ),
            rows: runs.iter().map(row).collect(),
        });
    }
    Ok(tried)
}

/// In whole per cent.
fn rounded(share: f64) -> String {
    format!("{}%", (share * 100.0).round())
}

fn is_outside(plan: &Plan, key: &DepartmentKey) -> bool {
    let found = plan.find_department(key.as_str());
    found.is_some_and(|at| plan.department(at).outside)
}

fn title(plan: &Plan, key: &DepartmentKey) -> Text {
    plan.find_department(key.as_str()).map_or_else(
        || Text::new(key.as_str(), key.as_str()),
        |at| plan.department(at).title.clone(),
    )
}
