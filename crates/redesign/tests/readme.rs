//! What the README files of the shipped services say the machine found is what
//! it finds.
//!
//! `ONETHING_BLESS=1 cargo test -p onething-redesign --test readme` writes the
//! tables again, to be read before they are committed. Only what is computed
//! stands in them; simulated figures stand in the text, with their command and seed.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use onething_definition::design::{By, Design, Drafting, Folder};
use onething_definition::load;
use onething_measure::computed::computed;
use onething_model::StepKey;
use onething_redesign::rewrite::{Options, Redesign, redesign};

const BEGIN: &str = "<!-- machine:begin -->\n";
const END: &str = "<!-- machine:end -->";

fn workflows() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../workflows")
}

/// At most two decimals, as people write them.
fn number(value: Option<f64>) -> String {
    value.map_or_else(
        || "–".to_owned(),
        |value| {
            let rounded = (value * 100.0).round() / 100.0;
            // No minus before a zero.
            (rounded + 0.0).to_string()
        },
    )
}

fn names<'a>(keys: impl IntoIterator<Item = &'a StepKey>) -> String {
    let keys: Vec<String> = keys.into_iter().map(|key| format!("`{key}`")).collect();
    if keys.is_empty() {
        "–".to_owned()
    } else {
        keys.join(", ")
    }
}

/// The steps of one design that do the work of none of another's.
fn only<'a>(of: &'a Design, beside: &Design) -> Vec<&'a StepKey> {
    let known = |key: &StepKey| {
        let mut steps = beside.steps.iter();
        steps.any(|step| step.key == *key || step.merges.contains(key))
    };
    let new = of.steps.iter().filter(|step| match &step.merges[..] {
        [] => !known(&step.key),
        merges => !merges.iter().all(known),
    });
    new.map(|step| &step.key).collect()
}

fn accepted(drafting: &Drafting<'_>, design: &Design) -> String {
    let accepts = design.intakes.iter().filter_map(|intake| {
        let accept = intake.acceptance.as_ref()?;
        let by = match accept.by {
            By::System => "system 系统",
            By::Officer => "officer 人员",
            By::Applicant | By::Outside => "?",
        };
        let department = accept.department.as_ref()?;
        let title = drafting.setting().department_title(department);
        Some(format!("{by}, {} {}", title.en(), title.zh()))
    });
    let mut accepts: Vec<String> = accepts.collect();
    accepts.dedup();
    if accepts.is_empty() {
        return "–".to_owned();
    }
    accepts.join("; ")
}

fn trips(design: &Design) -> u32 {
    design.intakes.iter().map(|intake| intake.visits).sum()
}

/// Both tables: figures by rule, and what machine and people made of the steps.
fn tables(drafting: &Drafting<'_>, made: &Redesign) -> String {
    let fall = &made.waterfall;
    let shipped = computed(drafting.service());
    let mut text = String::from("| figure 指标 | before 改革前 |");
    let mut rule = String::from("|---|---|");
    for bar in &fall.bars {
        let title = bar.rule.title();
        write!(
            text,
            " {} {} {} |",
            bar.rule.number(),
            title.en(),
            title.zh()
        )
        .unwrap();
        rule.push_str("---|");
    }
    text.push_str(" machine 机器 | shipped 采用 |\n");
    writeln!(text, "{rule}---|---|").unwrap();
    for (at, figure) in fall.figures.iter().enumerate() {
        let Some(after) = fall.after[at] else {
            continue;
        };
        write!(
            text,
            "| {} | {} |",
            figure.as_str(),
            number(fall.before[at])
        )
        .unwrap();
        for bar in &fall.bars {
            write!(text, " {} |", number(bar.saves[at].map(|saves| -saves))).unwrap();
        }
        let mut figures = shipped.iter();
        let people = figures.find(|found| found.name.as_str() == figure.as_str());
        let people = people.and_then(|found| found.after);
        writeln!(text, " {} | {} |", number(Some(after)), number(people)).unwrap();
    }
    let old = drafting.old().unwrap();
    let (machine, people) = (&made.design, drafting.new_way());
    let merged: Vec<String> = machine
        .steps
        .iter()
        .filter(|step| !step.merges.is_empty())
        .map(|step| {
            let parts: Vec<String> = step.merges.iter().map(|key| format!("`{key}`")).collect();
            parts.join(" + ")
        })
        .collect();
    let merged = if merged.is_empty() {
        "–".to_owned()
    } else {
        merged.join(", ")
    };
    text.push_str("\n| | machine 机器 | shipped 采用 |\n|---|---|---|\n");
    for (what, machine, people) in [
        (
            "steps of the old way left out 取消的环节",
            names(only(old, machine)),
            names(only(old, people)),
        ),
        (
            "new steps 新增的环节",
            names(only(machine, old)),
            names(only(people, old)),
        ),
        ("merged steps 合并的环节", merged, "–".to_owned()),
        (
            "accepted by 受理",
            accepted(drafting, machine),
            accepted(drafting, people),
        ),
        (
            "trips to hand in 递交申请跑动次数",
            trips(machine).to_string(),
            trips(people).to_string(),
        ),
    ] {
        writeln!(text, "| {what} | {machine} | {people} |").unwrap();
    }
    text
}

#[test]
fn the_readmes_say_what_the_machine_finds() {
    let sources = load(&workflows()).sources;
    let mut stale = Vec::new();
    for service in ["open-restaurant", "newborn", "enterprise-deregister"] {
        let folder = Folder::read(Arc::clone(&sources), service);
        let drafting = folder.open().unwrap();
        let made = redesign(&drafting, drafting.old().unwrap(), Options::default()).unwrap();
        assert!(made.refused.is_empty(), "{service}: {:?}", made.refused);
        let path = workflows().join(service).join("README.md");
        let readme = std::fs::read_to_string(&path).unwrap();
        let (head, rest) = readme.split_once(BEGIN).expect("begin");
        let (said, tail) = rest.split_once(END).expect("end");
        let found = tables(&drafting, &made);
        if said == found {
            continue;
        }
        if std::env::var_os("ONETHING_BLESS").is_some() {
            std::fs::write(&path, format!("{head}{BEGIN}{found}{END}{tail}")).unwrap();
        } else {
            stale.push(format!("{service}:\n{found}"));
        }
    }
    assert!(
        stale.is_empty(),
        "run with ONETHING_BLESS=1 and read what changes\n{}",
        stale.join("\n")
    );
}
