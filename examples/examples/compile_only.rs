//! Compiles a definition and looks at it: no store, no engine.

use onething::measure::computed;
use onething::prelude::*;

fn main() -> Result<(), Problems> {
    let services = concat!(env!("CARGO_MANIFEST_DIR"), "/../workflows");
    let path = std::env::args()
        .nth(1)
        .unwrap_or(format!("{services}/newborn"));
    let definition = Definition::load(path)?;
    let plan = definition.plan();
    println!("{}, version {}", plan.title.en(), plan.version);
    let timing = onething::plan::critical::by_limits(
        plan,
        &onething::plan::Scenario::resolve(plan, &plan.reference),
    );
    println!(
        "at most {} working days by the limits:",
        timing.working_days()
    );
    for step in &timing.path {
        println!("  {}", plan.step(*step).title.en());
    }
    for figure in computed(definition.service()) {
        println!("{}: {:?} -> {:?}", figure.name, figure.before, figure.after);
    }
    Ok(())
}
