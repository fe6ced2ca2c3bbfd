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

/// Who has nothing to apply for is not served in no time: no figure is computed of them, as in a
/// comparison.
#[test]
fn a_reference_scenario_for_which_the_old_way_has_nothing_has_no_figures() {
    let made = HALF.made(&[WITHOUT, ("reference: { q: yes }", "reference: { q: no }")]);
    let fall = &made.waterfall;
    let all = fall.before.iter().chain(&fall.after);
    let all = all.chain(fall.bars.iter().flat_map(|bar| &bar.saves));
    assert!(all.clone().count() > 10 && all.clone().all(Option::is_none));
    let (zh, en) = (made.text(Lang::Zh), made.text(Lang::En));
    let squeezed = |text: &str| text.split_whitespace().collect::<String>();
    assert!(
        squeezed(&zh)
            .contains("基准情形没有推算数字：按此情形，前后两种方式没有事项可办，无从比较。"),
        "{zh}"
    );
    let told = "No figures are computed for the reference scenario: both ways have nothing to do for these answers";
    assert!(squeezed(&en).contains(&squeezed(told)), "{en}");
    // In the other scenario there are some.
    let made = HALF.made(&[WITHOUT]);
    assert!(made.waterfall.before.iter().any(Option::is_some));
    assert!(made.text(Lang::En).contains("These figures are computed"));
}
