//! Numbers a simulator must reproduce: textbook queues with known answers, run
//! over the lab's own draws, distributions, event list and pools.
//!
//! An estimate passes when it is within four standard errors of the exact value
//! *and* its 95 % interval is narrower than 1 % to each side, so that neither a
//! wrong answer nor an uncertain one gets through. Seeds are fixed.

// Shown with `--nocapture`: expected, estimate and how far apart they are.
#![allow(clippy::print_stdout)]

mod core;
mod network;

use network::{Activity, Network, Outcome, activity, replicate};
use onething_lab::distribution::Distribution;
use onething_measure::stats::{Moments, Pairs, mean_interval};

fn exp(mean: f64) -> Distribution {
    Distribution::exponential(mean).unwrap()
}

/// Replications of a network, each reduced to the figures asked for.
fn study<const N: usize>(
    network: &Network,
    replications: u64,
    cases: u64,
    figures: impl Fn(&Outcome) -> [f64; N],
) -> [Moments; N] {
    let mut moments = [Moments::new(); N];
    for number in 0..replications {
        let outcome = replicate(network, 20_240_927, number, cases, cases / 50);
        for (m, figure) in moments.iter_mut().zip(figures(&outcome)) {
            m.push(figure);
        }
    }
    moments
}

fn accept(name: &str, estimate: &Moments, exact: f64) {
    accept_within(0.01, name, estimate, exact);
}

fn accept_within(width: f64, name: &str, estimate: &Moments, exact: f64) {
    let error = estimate.standard_error().unwrap();
    let half = mean_interval(estimate, 0.95).unwrap().half_width();
    let (mean, off) = (estimate.mean(), estimate.mean() - exact);
    println!(
        "{name}: {mean:.6} ± {half:.6}, exact {exact:.6}, {:+.2} se",
        off / error
    );
    assert!(
        off.abs() < 4.0 * error,
        "{name}: {mean} is {} se from {exact}",
        off / error
    );
    assert!(half < width * exact, "{name}: {mean} ± {half} is too wide");
}

fn one_queue(arrivals_mean: f64, servers: u32, work: Distribution) -> Network {
    Network::new(
        exp(arrivals_mean),
        &[servers],
        vec![activity("serve", 0, work, &[])],
    )
}

#[test]
fn o1_m_m_1() {
    let network = one_queue(1.0 / 0.8, 1, exp(1.0));
    let [wait, sojourn, queue, present, p95] = study(&network, 20, 300_000, |o| {
        let queue = o.usage[0].mean_queue().unwrap();
        [
            o.wait(),
            o.sojourn(),
            queue,
            o.present,
            o.sojourn_quantile(0.95),
        ]
    });
    accept("O1 Wq", &wait, 4.0);
    accept("O1 W", &sojourn, 5.0);
    accept("O1 Lq", &queue, 3.2);
    accept("O1 L", &present, 4.0);
    accept("O1 P95(W)", &p95, libm::log(20.0) / 0.2);
}

#[test]
fn o2_m_m_c() {
    let [wait, p95, waited] = study(&one_queue(1.0, 5, exp(4.0)), 60, 220_000, |o| {
        let waited = o.waits.iter().filter(|w| **w > 0.0).count() as f64;
        [
            o.wait(),
            o.wait_quantile(0.95),
            waited / o.waits.len() as f64,
        ]
    });
    accept("O2 Wq", &wait, 2.216_450);
    accept("O2 P95(Wq)", &p95, 9.6214);
    accept("O2 C", &waited, 0.554_113);
    let [wait] = study(&one_queue(0.5, 7, exp(2.5)), 60, 180_000, |o| [o.wait()]);
    accept("O2b M/M/7 Wq", &wait, 0.405_187);
    let [wait] = study(&one_queue(1.0, 8, exp(6.0)), 60, 240_000, |o| [o.wait()]);
    accept("O2b M/M/8 Wq", &wait, 1.070_943);
}

#[test]
fn o3_pollaczek_khinchine() {
    // O1 is the exponential. The lognormal varies so much that 1 % would take
    // 40 million cases, hence the wider interval here.
    let cases = [
        ("constant", Distribution::constant(1.0), 2.0, 250_000, 0.01),
        ("Erlang-4", Distribution::erlang(4, 1.0), 2.5, 250_000, 0.01),
        (
            "lognormal, SCV 4",
            Distribution::lognormal(1.0, 2.0),
            10.0,
            750_000,
            0.02,
        ),
    ];
    for (name, work, exact, cases, half_width) in cases {
        let network = one_queue(1.0 / 0.8, 1, work.unwrap());
        let [wait] = study(&network, 20, cases, |o| [o.wait()]);
        accept_within(half_width, &format!("O3 {name}"), &wait, exact);
    }
}

#[test]
fn o4_six_activities_in_a_row() {
    // Pools: windows, tellers, processing, review.
    let (w, t, p, r) = (0, 1, 2, 3);
    let row = [
        ("intake", w, 2.5),
        ("fee", t, 4.0),
        ("check", p, 2.5),
        ("enter", p, 2.5),
        ("review", r, 6.0),
        ("issue", w, 2.5),
    ];
    let activities: Vec<Activity> = row
        .iter()
        .enumerate()
        .map(|(i, (name, pool, mean))| {
            let after: Vec<usize> = i.checked_sub(1).into_iter().collect();
            activity(name, *pool, exp(*mean), &after)
        })
        .collect();
    let network = Network::new(exp(1.0), &[7, 5, 7, 8], activities);
    let [sojourn, wait] = study(&network, 20, 300_000, |o| [o.sojourn(), o.wait()]);
    accept("O4 sojourn", &sojourn, 24.908_143);
    accept("O4 wait", &wait, 4.908_143);
}

#[test]
fn o5_rework_to_the_start() {
    let mut network = Network::new(
        exp(1.0 / 0.6),
        &[1, 1],
        vec![
            activity("first", 0, exp(1.0), &[]),
            activity("second", 1, exp(1.0), &[0]),
        ],
    );
    network.again = 0.25;
    let [sojourn, rho, visits] = study(&network, 20, 300_000, |o| {
        [
            o.sojourn(),
            o.usage[1].utilisation().unwrap(),
            o.visits.mean(),
        ]
    });
    accept("O5 W", &sojourn, 13.333_333);
    accept("O5 rho", &rho, 0.8);
    accept("O5 visits", &visits, 4.0 / 3.0);
}

#[test]
fn o6_priorities_without_preemption() {
    let mut network = one_queue(1.0 / 0.8, 1, exp(1.0));
    network.urgent = 0.3 / 0.8;
    let [urgent, normal] = study(&network, 20, 400_000, |o| {
        [o.waits_urgent.mean(), o.waits_normal.mean()]
    });
    accept("O6 urgent", &urgent, 1.142_857);
    accept("O6 normal", &normal, 5.714_286);
}

#[test]
fn o7_fork_and_join() {
    for (rho, exact, cases) in [(0.5, 2.875, 50_000), (0.8, 7.0, 300_000)] {
        let network = Network::new(
            exp(1.0 / rho),
            &[1, 1],
            vec![
                activity("left", 0, exp(1.0), &[]),
                activity("right", 1, exp(1.0), &[]),
            ],
        );
        let [sojourn] = study(&network, 20, cases, |o| [o.sojourn()]);
        accept(&format!("O7 rho {rho}"), &sojourn, exact);
    }
}

fn delays(means: &[(&'static str, f64, &[usize])]) -> Network {
    let activities = means
        .iter()
        .map(|(name, mean, after)| activity(name, None, exp(*mean), after))
        .collect();
    Network::new(exp(1.0), &[], activities)
}

#[test]
fn o8_the_slowest_of_four() {
    let network = delays(&[
        ("a", 4.0, &[]),
        ("b", 2.5, &[]),
        ("c", 2.5, &[]),
        ("d", 6.0, &[]),
    ]);
    let [mean, p95] = study(&network, 20, 10_000, |o| {
        [o.sojourn(), o.sojourn_quantile(0.95)]
    });
    accept("O8 mean", &mean, 8.357_591);
    accept("O8 P95", &p95, 19.1489);
}

#[test]
fn o9_a_dag_that_is_not_series_parallel() {
    let network = delays(&[
        ("a", 1.0, &[]),
        ("b", 1.0, &[]),
        ("c", 1.0, &[0]),
        ("d", 1.0, &[0]),
        ("e", 1.0, &[1, 2]),
    ]);
    let [mean] = study(&network, 20, 10_000, |o| [o.sojourn()]);
    accept("O9", &mean, 83.0 / 24.0);
}

#[test]
fn o10_the_critical_path_of_constants() {
    let fixed = |name, work, after: &[usize]| {
        activity(name, None, Distribution::constant(work).unwrap(), after)
    };
    let activities = vec![
        fixed("a", 3.0, &[]),
        fixed("b", 2.0, &[0]),
        fixed("c", 6.0, &[0]),
        fixed("e", 4.0, &[0]),
        fixed("d", 1.0, &[1, 2, 3]),
    ];
    let outcome = replicate(&Network::new(exp(1.0), &[], activities), 1, 0, 1_000, 0);
    assert!(outcome.sojourns.iter().all(|s| *s == 10.0));
}

#[test]
fn o12_pooling_two_queues() {
    let [sojourn] = study(&one_queue(1.0 / 1.6, 2, exp(1.0)), 20, 400_000, |o| {
        [o.sojourn()]
    });
    accept("O12 M/M/2", &sojourn, 2.777_778);
}

#[test]
fn o14_errands_that_never_queue() {
    // Poisson(6) present, whatever the shape of an errand.
    for work in [
        exp(3.0),
        Distribution::constant(3.0).unwrap(),
        Distribution::lognormal(3.0, 4.0).unwrap(),
    ] {
        let network = Network::new(exp(0.5), &[], vec![activity("errand", None, work, &[])]);
        let [present] = study(&network, 20, 30_000, |o| [o.present]);
        accept("O14", &present, 6.0);
    }
}

#[test]
fn o15_checks_that_refuse() {
    let check = |name, minutes, refused, after: &[usize]| {
        let mut a = activity(name, None, Distribution::constant(minutes).unwrap(), after);
        a.refused = refused;
        a
    };
    let identity = ("identity", 5.0, 0.10);
    let debt = ("debt", 2.0, 0.20);
    let site = ("site", 40.0, 0.30);
    let police = ("police", 15.0, 0.05);
    let orders = [
        ([debt, identity, site, police], 42.36),
        ([police, site, identity, debt], 57.522),
    ];
    for (order, exact) in orders {
        let activities = order
            .iter()
            .enumerate()
            .map(|(i, (name, minutes, refused))| {
                let after: Vec<usize> = i.checked_sub(1).into_iter().collect();
                check(*name, *minutes, *refused, &after)
            })
            .collect();
        let [mean] = study(&Network::new(exp(1.0), &[], activities), 20, 20_000, |o| {
            [o.sojourn()]
        });
        accept("O15", &mean, exact);
    }
}

/// The exact mean wait of the first `customers` of an M/M/1 queue that starts
/// empty: the chain of the number found at each arrival. Between two arrivals
/// each departure comes before the next arrival with probability
/// `mu / (lambda + mu)`.
fn transient_mean_wait(lambda: f64, mu: f64, customers: usize) -> f64 {
    let departs = mu / (lambda + mu);
    let mut found = vec![0.0; customers + 1];
    found[0] = 1.0;
    let mut total = 0.0;
    for _ in 0..customers {
        total += found
            .iter()
            .enumerate()
            .map(|(n, p)| n as f64 * p)
            .sum::<f64>()
            / mu;
        let mut next = vec![0.0; customers + 1];
        for (n, p) in found.iter().enumerate().take(customers) {
            // n + 1 are present after the arrival; k of them depart in time.
            let mut chance = *p;
            for k in 0..=n {
                next[n + 1 - k] += chance * (1.0 - departs);
                chance *= departs;
            }
            next[0] += chance;
        }
        found = next;
    }
    total / customers as f64
}

/// O16: a thousand small studies of a queue that starts empty, each with its
/// own seed, before and after on the same customers. Nominal 95 % intervals
/// must cover the truth in 93.5 to 96.5 % of them.
///
/// A replication must be long enough for its mean to be nearly normal: with 60
/// customers at a load of 0.8 instead of 400 at 0.4 the means are so skewed
/// that only 89 % are covered. Real studies have thousands of cases.
#[test]
fn o16_intervals_cover_at_their_level() {
    const CUSTOMERS: u64 = 400;
    let truth = [1.0, 1.5].map(|mu| transient_mean_wait(0.4, mu, CUSTOMERS as usize));
    let ways = [1.0, 1.5].map(|mu| one_queue(1.0 / 0.4, 1, exp(1.0 / mu)));
    let (mut cuts, mut differences, mut pairing) = (0, 0, Moments::new());
    for seed in 0..1_000 {
        let mut pairs = Pairs::new();
        for number in 0..20 {
            let [before, after] =
                [0, 1].map(|way| replicate(&ways[way], seed, number, CUSTOMERS, 0).wait());
            pairs.push(before, after);
        }
        let difference = pairs.difference_interval(0.95).unwrap();
        differences += u32::from(difference.contains(truth[0] - truth[1]));
        let cut = pairs.cut_interval(0.95).unwrap();
        cuts += u32::from(cut.contains((truth[0] - truth[1]) / truth[0]));
        pairing.push(pairs.variance_ratio().unwrap());
    }
    println!("O16: {cuts} cuts and {differences} differences of 1000 covered");
    assert!((935..=965).contains(&cuts), "{cuts}");
    assert!((935..=965).contains(&differences), "{differences}");
    // Common draws pay: the same interval would take more replications unpaired.
    assert!(pairing.mean() < 0.7, "{}", pairing.mean());
}

#[test]
fn o17_same_seed_same_outcome_and_other_steps_do_not_matter() {
    let steps = |names: &[&'static str]| {
        let activities = names
            .iter()
            .map(|name| activity(name, None, exp(2.0), &[]))
            .collect();
        Network::new(exp(1.0), &[], activities)
    };
    let longest = |names| replicate(&steps(names), 7, 3, 500, 0).sojourns;
    assert_eq!(longest(&["review"]), longest(&["review"]));
    // A second step next to it can only add to the longest of the two, case by
    // case; in order of arrival, as the ends come in another order.
    let by_case = |names: &[&'static str]| -> Vec<f64> {
        let network = steps(names);
        (0..200)
            .map(|number| replicate(&network, 7, number, 1, 0).sojourns[0])
            .collect()
    };
    let alone = by_case(&["review"]);
    for names in [&["review", "survey"][..], &["survey", "review"]] {
        let both = by_case(names);
        let survey = by_case(&["survey"]);
        for i in 0..alone.len() {
            assert_eq!(both[i], alone[i].max(survey[i]));
        }
    }
}
