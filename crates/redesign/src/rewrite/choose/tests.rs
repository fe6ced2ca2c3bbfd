use super::*;
use onething_measure::FigureName;

const TIME: Quantity = Quantity::Figure(FigureName::ProcessingTime);
const SUBMISSIONS: Quantity = Quantity::Figure(FigureName::Submissions);

const DECIDING: Deciding = Deciding {
    prefer: Prefer::Time,
    confidence: 0.95,
    margin: 0.05,
};

/// Twelve replications. `value` gives time, submissions and staff's work of a
/// set of rules; the noise is the same for all sets but for `own`.
fn rows(set: Set, block: u64, own: f64, value: impl Fn(Set) -> [f64; 3]) -> Vec<Row> {
    let [time, submissions, work] = value(set);
    (0..12_u64)
        .map(|number| {
            let noise = |salt: u64| {
                // A golden-ratio sequence: spread evenly, the same everywhere.
                let at = (block * 12 + number) * 31 + salt;
                (at as f64 * 0.618_033_988_749_895).fract() - 0.5
            };
            let mut row = [None; Quantity::COUNT];
            row[TIME.index()] = Some(time + noise(1) + own * noise(u64::from(set) + 7));
            row[SUBMISSIONS.index()] = Some(submissions);
            row[Quantity::StaffHours.index()] = Some(work);
            row
        })
        .collect()
}

fn chosen(
    rules: &[Rule],
    own: f64,
    value: impl Fn(Set) -> [f64; 3] + Copy,
) -> (Vec<Rule>, Vec<Verdict>) {
    let rows = |set, block| Ok::<_, ()>(rows(set, block, own, value));
    let (set, verdicts) = choose(rules, DECIDING, rows).unwrap();
    let kept = rules.iter().enumerate();
    let kept = kept.filter(|(at, _)| set >> at & 1 == 1);
    (kept.map(|(_, rule)| *rule).collect(), verdicts)
}

#[test]
fn what_improves_its_target_is_kept_and_what_does_nothing_is_not() {
    let rules = [Rule::AskOnce, Rule::Unbind, Rule::Compose];
    let (kept, verdicts) = chosen(&rules, 0.2, |set| {
        let asks = 6.0 - 5.0 * f64::from(set & 1);
        [20.0 - 3.0 * f64::from(set >> 1 & 1), asks, 2.0]
    });
    assert_eq!(kept, [Rule::AskOnce, Rule::Unbind]);
    assert_eq!(
        (verdicts[2].rule, verdicts[2].kept, verdicts[2].round),
        (Rule::Compose, false, 1)
    );
    assert!(
        verdicts[2]
            .why()
            .unwrap()
            .en()
            .contains("no improvement of processing time")
    );
    assert_eq!(verdicts[0].why(), None);
    // Six questions at most, together at 95 %.
    let level = verdicts[1].effects[0].level;
    assert!((level - (1.0 - 0.05 / 6.0)).abs() < 1e-12, "{level}");
    assert_eq!(
        verdicts[0].round, 2,
        "asked again without what was left out"
    );
}

/// Either of the two saves the time, both save no more: one has to stay.
#[test]
fn one_of_two_that_do_the_same_stays() {
    let rules = [Rule::Unbind, Rule::Compose];
    let (kept, _) = chosen(&rules, 0.2, |set| {
        [if set == 0 { 20.0 } else { 15.0 }, 1.0, 2.0]
    });
    assert_eq!(kept.len(), 1);
}

/// Neither saves anything alone, as it is with gloves.
#[test]
fn what_only_helps_together_is_kept() {
    let rules = [Rule::Unbind, Rule::Compose];
    let (kept, _) = chosen(&rules, 0.2, |set| {
        [if set == 3 { 15.0 } else { 20.0 }, 1.0, 2.0]
    });
    assert_eq!(kept, rules);
}

#[test]
fn what_harms_something_guarded_is_left_out_first() {
    let rules = [Rule::Unbind, Rule::Compose];
    let value = |harm: f64| {
        move |set: Set| {
            let saved = 5.0 * f64::from(set & 1) + 3.0 * f64::from(set >> 1);
            [20.0 - saved, 1.0, 10.0 + harm * f64::from(set & 1)]
        }
    };
    // Half an hour of ten is within the margin of five per cent, one is not.
    assert_eq!(chosen(&rules, 0.2, value(0.5)).0, rules);
    let (kept, verdicts) = chosen(&rules, 0.2, value(1.0));
    assert_eq!(kept, [Rule::Compose]);
    let why = verdicts[0].why().unwrap();
    assert!(why.en().contains("worsens staff's work"), "{}", why.en());
    let work = verdicts[0]
        .effects
        .iter()
        .find(|e| e.quantity == Quantity::StaffHours);
    let work = work.unwrap();
    assert_eq!(
        (work.without, work.with, work.margin, work.holds),
        (10.0, 11.0, 0.5, false)
    );
}

/// A saving within the noise is not shown, and so not kept.
#[test]
fn a_saving_that_may_be_luck_is_not_kept() {
    let rules = [Rule::Unbind];
    let saves = |little: f64| move |set: Set| [20.0 - little * f64::from(set), 1.0, 2.0];
    assert!(chosen(&rules, 4.0, saves(0.5)).0.is_empty());
    assert_eq!(chosen(&rules, 4.0, saves(6.0)).0, rules);
}

/// One replication has no interval, and shows nothing.
#[test]
fn nothing_is_shown_by_one_replication() {
    let one = |set, block| {
        let all = rows(set, block, 0.0, |set| {
            [20.0 - 9.0 * f64::from(set), 1.0, 2.0]
        });
        Ok::<_, ()>(all[..1].to_vec())
    };
    let (set, verdicts) = choose(&[Rule::Unbind], DECIDING, one).unwrap();
    assert_eq!((set, verdicts[0].kept), (0, false));
}

/// Under the null hypothesis, decisions at 95 % together keep something in at
/// most about one study of twenty: rules that do nothing, noise of their own.
#[test]
fn nothing_is_kept_by_luck_more_often_than_stated() {
    let rules = [Rule::Unbind, Rule::Compose, Rule::Resequence];
    let mut dice = onething_plan::random::Dice::new(11);
    let studies = 1_000;
    let mut wrong = 0;
    for _ in 0..studies {
        let rows = |_: Set, _: u64| {
            let normal = |dice: &mut onething_plan::random::Dice| {
                (0..12)
                    .map(|_| dice.below(1_000_000) as f64 / 1e6)
                    .sum::<f64>()
                    - 6.0
            };
            let rows = (0..10).map(|_| {
                let mut row = [None; Quantity::COUNT];
                row[TIME.index()] = Some(20.0 + normal(&mut dice));
                row
            });
            Ok::<_, ()>(rows.collect())
        };
        let (set, _) = choose(
            &rules,
            Deciding {
                margin: 1.0,
                ..DECIDING
            },
            rows,
        )
        .unwrap();
        wrong += u32::from(set != 0);
    }
    // One-sided, so half of 5 %: 25 at most, and 4 standard errors above.
    assert!(wrong <= 45, "{wrong} of {studies}");
    assert!(wrong > 0, "a test that never errs tests nothing");
}
