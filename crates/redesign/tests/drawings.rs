//! Drawings of plans that resemble services, and of random ones.
//!
//! A drawing that changed on purpose is written anew by
//! `ONETHING_BLESS=1 cargo test -p onething-redesign`, and then looked at.

mod services;

use std::collections::BTreeSet;
use std::path::Path;

use onething_model::{Lang, Limit};
use onething_plan::builder::PlanBuilder;
use onething_plan::random::{self, Dice};
use onething_plan::{Actor, Answer, Answers, Cond, Plan, Way};
use onething_redesign::view::StepView;
use onething_redesign::{View, draw};

fn golden(name: &str, drawn: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(name);
    if std::env::var_os("ONETHING_BLESS").is_some() {
        std::fs::write(&path, drawn).unwrap();
    }
    let wanted = std::fs::read_to_string(&path).unwrap_or_default();
    let same = wanted.replace("\r\n", "\n") == drawn;
    assert!(same, "{name} is drawn differently now:\n{drawn}");
}

fn services() -> [(&'static str, Plan); 2] {
    [
        ("restaurant", services::restaurant()),
        ("restaurant-before", services::restaurant_before()),
    ]
}

#[test]
fn golden_drawings() {
    for (name, plan) in services() {
        let view = View::new(&plan, &plan.reference);
        golden(&format!("{name}.zh.txt"), &draw::text(&view, Lang::Zh));
        golden(&format!("{name}.en.txt"), &draw::text(&view, Lang::En));
        golden(
            &format!("{name}.zh.mmd"),
            &draw::mermaid(&[&view], Lang::Zh),
        );
        golden(&format!("{name}.en.dot"), &draw::dot(&view, Lang::En));
        golden(&format!("{name}.zh.svg"), &draw::svg(&[&view], Lang::Zh));
        let json = serde_json::to_string_pretty(&view).unwrap();
        golden(&format!("{name}.json"), &(json + "\n"));
    }
}

#[test]
fn golden_old_beside_new() {
    let plans = [services::restaurant_before(), services::restaurant()];
    let views = plans
        .each_ref()
        .map(|plan| View::new(plan, &plan.reference));
    let svg = draw::svg(&views.each_ref(), Lang::En);
    golden("restaurant-both.en.svg", &svg);
    let mermaid = draw::mermaid(&views.each_ref(), Lang::Zh);
    golden("restaurant-both.zh.mmd", &mermaid);
}

/// What Mermaid has to read: subgraphs that end, boxes of one name each, arrows between boxes of
/// one way, and styles by the number of the arrow.
#[test]
fn both_ways_in_one_mermaid_flowchart_do_not_mix() {
    for (seed, plan, old) in random_views(300) {
        let answers = random::answers(&plan, &mut Dice::new(seed));
        let mut new = View::new(&plan, &answers);
        let mut old = old;
        (old.way, new.way) = (Way::Old, Way::New);
        let mermaid = draw::mermaid(&[&old, &new], Lang::En);
        let place = || format!("seed {seed}: {mermaid}");
        let (mut names, mut arrows, mut open, mut styled) = (Vec::new(), Vec::new(), 0, None);
        for line in mermaid.lines().map(str::trim) {
            let name = line.split(['[', '(', ' ', ':']).next().unwrap();
            match name {
                "subgraph" => {
                    open += 1;
                    let name = line["subgraph ".len()..].split('[').next().unwrap();
                    names.push(name);
                }
                "end" => open -= 1,
                "linkStyle" => styled = line.split(' ').nth(1),
                _ if line.contains('|') => {
                    let to = line.rsplit(' ').next().unwrap();
                    assert!(names.contains(&name) && names.contains(&to), "{}", place());
                    assert_eq!(name[..3], to[..3], "{}", place());
                    arrows.push(line.contains("==>"));
                }
                _ if name.starts_with("old_") || name.starts_with("new_") => names.push(name),
                _ => {}
            }
            assert!(open >= 0, "{}", place());
        }
        assert_eq!(open, 0, "{}", place());
        let boxes = names.iter().filter(|name| name[3..].starts_with("_s"));
        let steps = old.steps.len() + new.steps.len();
        assert_eq!(boxes.count(), steps, "{}", place());
        assert_eq!(
            names.iter().collect::<BTreeSet<_>>().len(),
            names.len(),
            "{}",
            place()
        );
        let critical = arrows.iter().enumerate().filter(|(_, critical)| **critical);
        let critical: Vec<String> = critical.map(|(at, _)| at.to_string()).collect();
        assert_eq!(
            styled.unwrap_or_default(),
            critical.join(","),
            "{}",
            place()
        );
    }
}

/// Some random views, each with the plan it is of.
fn random_views(count: u64) -> impl Iterator<Item = (u64, Plan, View)> {
    (0..count).map(|seed| {
        let plan = random::plan(seed);
        let answers = random::answers(&plan, &mut Dice::new(!seed));
        let view = View::new(&plan, &answers);
        (seed, plan, view)
    })
}

#[test]
fn every_active_step_is_drawn_exactly_once() {
    for (seed, plan, view) in random_views(500) {
        let keys: BTreeSet<_> = view.steps.iter().map(|step| step.key.as_str()).collect();
        assert_eq!(keys.len(), view.steps.len(), "seed {seed}");
        let text = draw::text(&view, Lang::En);
        let mermaid = draw::mermaid(&[&view], Lang::En);
        let dot = draw::dot(&view, Lang::En);
        for (at, step) in plan.steps.iter().enumerate() {
            let active = usize::from(keys.contains(step.key.as_str()));
            let own = format!("[{}]", step.key);
            assert_eq!(
                text.matches(&own).count(),
                active,
                "seed {seed}: {at} in text"
            );
            let own = format!("    \"{}\" [", step.key);
            assert_eq!(
                dot.matches(&own).count(),
                active,
                "seed {seed}: {at} in dot"
            );
        }
        let boxes = |line: &&str| {
            let line = line.trim_start();
            line.starts_with('s')
                && line.contains(['[', '('])
                && !line.contains("|")
                && !line.starts_with("subgraph")
        };
        let drawn = mermaid.lines().filter(boxes).count();
        assert_eq!(drawn, view.steps.len(), "seed {seed}: {mermaid}");
    }
}

/// A sheet without a step says why it is empty, in every format and language.
#[test]
fn a_case_of_nothing_is_said_to_be_one() {
    let mut b = PlanBuilder::new("shop");
    let large = b.yes_no("large");
    b.step("inspect", Actor::Officer).when(Cond::yes(large));
    let mut plan = b.build();
    plan.steps[0].when = Cond::yes(large);
    for (yes, said) in [(false, true), (true, false)] {
        let mut answers = Answers::none(1);
        answers.set(large, Some(Answer::YesNo(yes)));
        let view = View::new(&plan, &answers);
        for (lang, words) in [
            (Lang::Zh, "没有需要办理的事项"),
            (Lang::En, "there is nothing to apply for"),
        ] {
            let drawn = [
                draw::text(&view, lang),
                draw::mermaid(&[&view], lang),
                draw::dot(&view, lang),
                draw::svg(&[&view], lang),
            ];
            for drawn in drawn {
                assert_eq!(drawn.contains(words), said, "{drawn}");
                // Each sentence has one stop, also where it is read aloud.
                assert!(!drawn.contains("。。") && !drawn.contains(".."), "{drawn}");
            }
            // Beside a way that has something to do it has neither a bar nor a time.
            assert_eq!(view.makespan_working_days.is_none(), said);
            let mut limited = plan.clone();
            limited.steps[1].limit.promised = Some(Limit::working_days(5));
            let mut all = answers.clone();
            all.set(large, Some(Answer::YesNo(true)));
            let other = View::new(&limited, &all);
            let view = View::new(&limited, &answers);
            let both = draw::svg(&[&view, &other], lang);
            let bars = both.matches("class=\"bar").count();
            assert!(bars > 0, "{both}");
            let times = both
                .matches(["0 个工作日", "0 working days"][lang as usize])
                .count();
            assert_eq!(times, 0, "{both}");
        }
    }
}

#[test]
fn arrows_have_reasons_and_go_forward_through_levels() {
    for (seed, _, view) in random_views(500) {
        let level = |key| view.steps.iter().find(|s| s.key == key).map(|s| s.level);
        for edge in &view.edges {
            assert!(!edge.reasons.is_empty(), "seed {seed}");
            let (from, to) = (level(edge.from.clone()), level(edge.to.clone()));
            assert!(from < to, "seed {seed}: {} → {}", edge.from, edge.to);
        }
        let listed: usize = view.levels.iter().map(Vec::len).sum();
        assert_eq!(listed, view.steps.len(), "seed {seed}");
        // The times on the critical path add up to the whole.
        let on_path = |step: &&StepView| view.critical_path.contains(&step.key);
        let path = view.steps.iter().filter(on_path);
        let sum: f64 = path.map(|step| step.takes_working_days).sum();
        assert!(
            (sum - view.makespan_working_days.unwrap_or(0.0)).abs() < 1e-9,
            "seed {seed}"
        );
        // What takes time is critical exactly where it has no slack.
        for step in view
            .steps
            .iter()
            .filter(|step| step.takes_working_days > 0.0)
        {
            let tight = step.slack_working_days == Some(0.0);
            assert_eq!(step.critical, tight, "seed {seed}: {}", step.key);
        }
    }
}

/// Titles come from designers, who may write anything.
#[test]
fn odd_titles_break_no_format() {
    let mut plan = services::restaurant();
    let odd = "a\"b<c>&d|`e`\\;#f\n---\nend]] --> x";
    for step in &mut plan.steps {
        step.title = onething_model::Text::new(odd, odd);
    }
    let view = View::new(&plan, &plan.reference);
    let mermaid = draw::mermaid(&[&view], Lang::Zh);
    assert!(!mermaid.contains("a\"b") && !mermaid.contains("]] --> x\n---"));
    let plain = View::new(&services::restaurant(), &plan.reference);
    let lines = |text: &str| text.lines().count();
    assert_eq!(lines(&mermaid), lines(&draw::mermaid(&[&plain], Lang::Zh)));
    let dot = draw::dot(&view, Lang::Zh);
    assert_eq!(lines(&dot), lines(&draw::dot(&plain, Lang::Zh)));
}
