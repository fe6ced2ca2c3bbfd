//! What every drawing must satisfy, by its own measures. That fonts agree
//! with these measures is checked in a browser.

use onething_model::{Lang, Text};
use onething_plan::builder::PlanBuilder;
use onething_plan::random::{self, Dice};
use onething_plan::{Actor, Plan};

use super::graph::Graph;
use super::sheet::{Frame, Label, Line, Rect, Sheet, line_height};
use crate::type_size::width;
use crate::view::View;

fn label_rect(label: &Label) -> Rect {
    let w = width(&label.text, label.size as usize) as i32;
    Rect {
        x: if label.centred {
            label.x - w / 2
        } else {
            label.x
        },
        y: label.y - label.size - label.size / 5,
        w,
        h: line_height(label.size),
    }
}

fn overlap(a: &Rect, b: &Rect) -> bool {
    a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h
}

fn inside(a: &Rect, b: &Rect) -> bool {
    a.x >= b.x && a.y >= b.y && a.x + a.w <= b.x + b.w && a.y + a.h <= b.y + b.h
}

fn is_step(frame: &Frame) -> bool {
    let kind = frame.class.split(' ').next();
    !frame.tip.is_empty() && matches!(kind, Some("own" | "shared" | "work"))
}

fn crosses(line: &Line, rect: &Rect) -> bool {
    line.points.windows(2).any(|two| {
        let ((ax, ay), (bx, by)) = (two[0], two[1]);
        assert!(
            ax == bx || ay == by,
            "lines run straight: {:?}",
            line.points
        );
        let (left, right) = (ax.min(bx), ax.max(bx));
        let (top, bottom) = (ay.min(by), ay.max(by));
        left < rect.x + rect.w && rect.x < right && top < rect.y + rect.h && rect.y < bottom
            || (ay == by
                && rect.y < ay
                && ay < rect.y + rect.h
                && left < rect.x + rect.w
                && rect.x < right)
            || (ax == bx
                && rect.x < ax
                && ax < rect.x + rect.w
                && top < rect.y + rect.h
                && rect.y < bottom)
    })
}

fn check(sheet: &Sheet, views: &[&View], lang: Lang, name: &str) {
    let paper = Rect {
        x: 0,
        y: 0,
        w: sheet.width,
        h: sheet.height,
    };
    let boxes: Vec<&Frame> = sheet.frames.iter().filter(|f| is_step(f)).collect();
    let mut drawn = 0;
    for view in views {
        for step in &view.steps {
            // A box's tip begins with its title; look-ups that share a box
            // are all told there.
            let title = step.title.get(lang);
            let own = |f: &&&Frame| f.tip.split(" · ").any(|part| part == title);
            assert!(boxes.iter().any(|f| own(&f)), "{name}: {title}");
        }
        drawn += Graph::new(view).boxes.len();
        let mut steps: Vec<usize> = Graph::new(view)
            .boxes
            .iter()
            .flat_map(|item| item.steps.clone())
            .collect();
        steps.sort_unstable();
        assert!(
            steps.iter().copied().eq(0..view.steps.len()),
            "{name}: each step once"
        );
    }
    assert_eq!(boxes.len(), drawn, "{name}: each box once");
    for (at, frame) in sheet.frames.iter().enumerate() {
        assert!(
            inside(&frame.rect, &paper),
            "{name}: {:?} off the paper",
            frame.rect
        );
        for other in &sheet.frames[at + 1..] {
            assert!(
                !overlap(&frame.rect, &other.rect),
                "{name}: {:?} on {:?}",
                frame.rect,
                other.rect
            );
        }
        let labels: Vec<Rect> = frame.labels.iter().map(label_rect).collect();
        for (n, label) in labels.iter().enumerate() {
            assert!(
                inside(label, &frame.rect),
                "{name}: `{}` {label:?} runs out of {:?}",
                frame.labels[n].text,
                frame.rect
            );
            assert!(
                labels[n + 1..].iter().all(|other| !overlap(label, other)),
                "{name}"
            );
        }
    }
    let arrows: usize = views.iter().map(|view| view.arrows().count()).sum();
    assert!(sheet.lines.len() >= arrows.min(1), "{name}");
    for line in &sheet.lines {
        for (x, y) in &line.points {
            assert!(
                (0..=sheet.width).contains(x) && (0..=sheet.height).contains(y),
                "{name}"
            );
        }
        for frame in sheet.frames.iter().filter(|frame| !frame.class.is_empty()) {
            assert!(
                !crosses(line, &frame.rect),
                "{name}: {:?} runs through {:?}",
                line.points,
                frame.rect
            );
        }
    }
}

/// Lines of different origin may cross and may meet at a common target, but a
/// line never lies on one that goes elsewhere.
fn check_apart(sheet: &Sheet, name: &str) {
    for (at, one) in sheet.lines.iter().enumerate() {
        for other in &sheet.lines[at + 1..] {
            let (from, to) = (
                one.points.first() == other.points.first(),
                ends_alike(one, other),
            );
            if from || to {
                continue;
            }
            for a in one.points.windows(2) {
                for b in other.points.windows(2) {
                    assert!(
                        !lie_on_each_other(a, b),
                        "{name}: {:?} on {:?}",
                        one.points,
                        other.points
                    );
                }
            }
        }
    }
}

/// Into the same box: at the same point, or shifted above or below it.
fn ends_alike(one: &Line, other: &Line) -> bool {
    match (one.points.last(), other.points.last()) {
        (Some((ax, ay)), Some((bx, by))) => ax == bx && (ay - by).abs() <= 16,
        _ => false,
    }
}

fn lie_on_each_other(a: &[(i32, i32)], b: &[(i32, i32)]) -> bool {
    let share =
        |a0: i32, a1: i32, b0: i32, b1: i32| a0.min(a1) < b0.max(b1) && b0.min(b1) < a0.max(a1);
    let flat = |s: &[(i32, i32)]| s[0].1 == s[1].1;
    if flat(a) && flat(b) {
        a[0].1 == b[0].1 && share(a[0].0, a[1].0, b[0].0, b[1].0)
    } else if !flat(a) && !flat(b) {
        a[0].0 == b[0].0 && share(a[0].1, a[1].1, b[0].1, b[1].1)
    } else {
        false
    }
}

/// A large, dense plan with long titles in both languages.
fn dense(seed: u64) -> Plan {
    let mut dice = Dice::new(seed);
    let mut b = PlanBuilder::new("dense");
    let departments: Vec<_> = (0..1 + dice.below(6))
        .map(|at| b.department(&format!("d{at}")))
        .collect();
    let zh = "公众聚集场所投入使用、营业前消防安全检查（含“告知承诺”）与现场核查";
    let en = "Public gathering place: fire-safety check before opening, WITH COMMITMENT";
    let mut steps = Vec::new();
    for at in 0..5 + dice.below(40) {
        let actor = match dice.below(8) {
            0 => Actor::Applicant,
            1 => Actor::System,
            _ => Actor::Officer,
        };
        let own = actor == Actor::Applicant;
        let mut step = b.step(&format!("s{at}"), actor);
        if !own {
            step = step.department(departments[dice.below(departments.len())]);
        }
        for _ in 0..dice.below(4) {
            if !steps.is_empty() {
                let reach = 1 + dice.below(20);
                let near = steps.len() - 1 - dice.below(steps.len().min(reach));
                step = step.after(steps[near]);
            }
        }
        let days = dice.below(20) as u64;
        let cut = 1 + dice.below(34);
        let (visits, attended) = (dice.below(2) as u32, dice.chance(20));
        let title = Text::new(
            format!("{}{at}", zh.chars().take(cut).collect::<String>()),
            format!("{}{at}", en.chars().take(2 * cut).collect::<String>()),
        );
        let step = step.with(|step| {
            step.title = title;
            step.visits = visits;
            step.attended = attended;
            step.limit.promised = (days > 0).then(|| onething_model::Limit::working_days(days));
        });
        steps.push(step.number());
    }
    b.build()
}

fn all(plans: &[&Plan], name: &str) {
    let views: Vec<View> = plans
        .iter()
        .map(|plan| View::new(plan, &plan.reference))
        .collect();
    let views: Vec<&View> = views.iter().collect();
    for lang in [Lang::Zh, Lang::En] {
        let sheet = super::sheet(&views, lang);
        check(&sheet, &views, lang, &format!("{name} {lang:?}"));
        check_apart(&sheet, name);
    }
}

#[test]
fn random_plans_are_drawn_without_collisions() {
    for seed in 0..300 {
        let (one, other) = (random::plan(seed), random::plan(seed + 1_000));
        all(&[&one, &other], &format!("random {seed}"));
    }
}

#[test]
fn dense_plans_with_long_titles_are_drawn_without_collisions() {
    for seed in 0..120 {
        all(&[&dense(seed)], &format!("dense {seed}"));
    }
}

#[test]
fn nothing_to_draw_is_no_trouble() {
    all(&[], "no way");
    let mut plan = random::plan(1);
    plan.steps.clear();
    all(&[&plan], "no steps");
}
