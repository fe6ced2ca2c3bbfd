//! Compares the old way of a service with the new one, and tells the headline.

use onething::measure::Report;
use onething::prelude::*;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let services = concat!(env!("CARGO_MANIFEST_DIR"), "/../workflows");
    let path = std::env::args()
        .nth(1)
        .unwrap_or(format!("{services}/open-restaurant"));
    let definition = Definition::load(path)?;
    let how = Comparing {
        cases: 200,
        replications: 10,
        ..Comparing::default()
    };
    let comparison = compare(&definition, how)?;
    println!("{}", Report::new(&comparison, Lang::En).headline);
    for figure in &comparison.figures {
        if figure.kind == Kind::Simulated {
            let (before, after) = (figure.before, figure.after);
            println!(
                "{}: {before:?} -> {after:?} {:?}",
                figure.name, figure.interval
            );
        }
    }
    Ok(())
}
