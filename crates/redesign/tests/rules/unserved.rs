//! For whom the old way, and so the proposal, has nothing to do: told, and counted.

use onething_model::Lang;
use onething_redesign::rewrite::{Options, Prefer, Redesign, Simulation, redesign};

use crate::svc::Svc;

/// A matter for each answer; the old way did not have the second.
const HALF: Svc = Svc {
    steps: "  x: { title: X, matter: m, by: officer, when: q, reads: { who: [id, doc] }, writes: { r: [number] }, limit: 5wd }
  y: { title: Y, matter: n, by: officer, when: \"!q\", reads: { who: [id] }, writes: { r: [note] }, limit: 5wd }
",
    asks: "",
    before: "",
    workload: "assumed: x
arrivals: { per_year: 100 }
staff: { d: { officers: 1 }, e: { officers: 1 } }
work: { x: 1h, y: 1h }
answers: { q: 75% }
",
    prefer: Prefer::Time,
};

type Change = (&'static str, &'static str);

const WITHOUT: Change = ("because: habit\n", "because: habit\nwithout: [y]\n");

fn simulated(change: &[Change]) -> Redesign {
    let how = Simulation {
        cases: 40,
        replications: 5,
        ..Simulation::default()
    };
    HALF.open(change, |drafting| {
        let options = Options {
            prefer: Prefer::Time,
            simulate: Some(how),
        };
        redesign(drafting, drafting.old().unwrap(), options).unwrap()
    })
}

#[test]
fn for_whom_the_old_way_has_nothing_is_told() {
    let told = |change: &[Change]| {
        let made = HALF.made(change);
        let left = made.left_out.iter().map(|text| text.en().to_owned());
        let mut left = left.filter(|text| text.starts_with("for some answers"));
        left.next().unwrap_or_default()
    };
    let found = told(&[WITHOUT]);
    let line = "the old way has nothing to do, and so the proposal has nothing, though `service.yaml` has: q = no. Where";
    assert!(found.contains(line), "{found}");
    assert_eq!(told(&[]), "", "both serve all");
    let all = [WITHOUT, ("when: q,", "")];
    assert_eq!(told(&all), "", "the old way serves all");
    // Whom nobody serves, the proposal leaves out no more than the service does.
    let nobody = [("when: \"!q\"", "when: q")];
    assert_eq!(told(&nobody), "", "nobody serves them");
}

#[test]
fn simulated_applicants_who_are_in_no_figure_are_counted() {
    let told = |made: &Redesign| {
        let notes = &made.trial.as_ref().unwrap().notes;
        let mut notes = notes.iter().map(|note| note.en());
        let note = notes.find(|note| note.starts_with("of the"));
        note.map(str::to_owned).unwrap_or_default()
    };
    assert_eq!(told(&simulated(&[])), "");
    let made = simulated(&[WITHOUT]);
    let note = told(&made);
    let rest = note
        .strip_prefix("of the 200 simulated applicants, over all replications: ")
        .unwrap();
    let count: u64 = rest.split(' ').next().unwrap().parse().unwrap();
    assert!((30..=70).contains(&count), "a quarter of 200: {note}");
    let share = count as f64 / 2.0;
    let line = format!(
        "{count} ({share}%), for whom neither the old way nor the proposal has anything to do, are in no figure, though for {count} of them the new way of `service.yaml` has"
    );
    assert_eq!(rest, line);
    assert!(made.text(Lang::En).contains("are in no figure"));
}
