//! Compiles a definition and looks at it: no store, no engine.

use onething::measure::computed;
use onething::plan::{Scenario, scale};
use onething::prelude::*;

fn main() -> Result<(), Problems> {
    let services = concat!(env!("CARGO_MANIFEST_DIR"), "/../workflows");
    let path = std::env::args()
        .nth(1)
        .unwrap_or(format!("{services}/newborn"));
    let definition = Definition::load(path)?;
    let plan = definition.plan();
    println!("{}, version {}", plan.title.en(), plan.version);
    let scenario = Scenario::resolve(plan, &plan.reference);
    let limits = scale::by_limits(plan, &scenario, scale::Basis::Binding);
    let timing = limits.timing(plan, &scenario);
    println!(
        "at most {} working days by the limits:",
        limits.scale.working_days(timing.makespan)
    );
    for step in &timing.path {
        println!("  {}", plan.step(*step).title.en());
    }
    for figure in computed(definition.service()) {
        println!("{}: {:?} -> {:?}", figure.name, figure.before, figure.after);
    }
    Ok(())
}
