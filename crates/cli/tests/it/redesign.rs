//! `onething redesign`.

use std::path::{Path, PathBuf};

use serde_json::Value;
use tempfile::tempdir;

use crate::tool::{project, run, write};

#[test]
fn a_shipped_service_is_redesigned_and_its_waterfall_adds_up() {
    let dir = project("workflows/enterprise-deregister")
        .display()
        .to_string();
    let answer = run(["redesign", &dir, "--format", "json"]).exits(0).json();
    let fall = &answer["waterfall"];
    let names = fall["figures"].as_array().unwrap();
    let at = names.iter().position(|name| name == "submissions").unwrap();
    let saves: f64 = fall["bars"]
        .as_array()
        .unwrap()
        .iter()
        .map(|bar| bar["saves"][at].as_f64().unwrap())
        .sum();
    let cut = fall["before"][at].as_f64().unwrap() - fall["after"][at].as_f64().unwrap();
    assert!((saves - cut).abs() < 1e-9, "{fall}");
    assert!(cut > 0.0, "{fall}");
    // Handing in the licence is a duty: it is not left out with the collections.
    let applied = answer["applied"].as_array().unwrap();
    assert!(applied.iter().all(|proof| proof["rule"] != "eliminate"));
    assert_eq!(answer["obstacles"].as_array().map(Vec::len), Some(0));
}

/// Every file below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// A copy of the shipped services.
fn copy(folder: &Path) -> PathBuf {
    let from = project("workflows");
    let to = folder.join("workflows");
    for path in files(&from) {
        let copied = to.join(path.strip_prefix(&from).unwrap());
        std::fs::create_dir_all(copied.parent().unwrap()).unwrap();
        std::fs::copy(&path, copied).unwrap();
    }
    to
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

#[test]
fn the_lab_decides_where_it_is_asked_to() {
    let dir = project("workflows/newborn").display().to_string();
    let small = ["--simulate", "--cases", "60", "--replications", "6"];
    let ask = |more: &[&str]| {
        let first = ["redesign", &dir];
        run(first.iter().chain(&small).chain(more).copied())
    };
    let json = ask(&["--format", "json", "--threads", "1"]).exits(0).json();
    let trial = &json["simulated"];
    assert_eq!(
        (trial["cases"].as_u64(), trial["replications"].as_u64()),
        (Some(60), Some(6))
    );
    assert_eq!(trial["workload"].as_str().unwrap().len(), 64);
    // Moving a system's check of a minute saves nothing that could be shown.
    let verdicts = trial["verdicts"].as_array().unwrap();
    let of = |rule: &str| verdicts.iter().find(|one| one["rule"] == rule).unwrap();
    assert_eq!(
        (&of("unbind")["kept"], &of("resequence")["kept"]),
        (&true.into(), &false.into())
    );
    let refused = json["refused"].as_array().unwrap();
    assert!(
        refused.iter().any(|one| one["rule"] == "resequence"),
        "{refused:?}"
    );
    let applied = json["applied"].as_array().unwrap();
    assert!(applied.iter().all(|proof| proof["rule"] != "resequence"));
    // Shares add up to the difference, and each has its interval.
    let fall = &trial["waterfall"];
    let time = 0;
    assert_eq!(fall["figures"][time], "processing_time");
    let bars = fall["bars"].as_array().unwrap();
    let saves: f64 = bars
        .iter()
        .map(|bar| bar["saves"][time].as_f64().unwrap())
        .sum();
    let cut = fall["before"][time].as_f64().unwrap() - fall["after"][time].as_f64().unwrap();
    assert!(cut > 1.0 && (saves - cut).abs() < 1e-9, "{fall}");
    assert!(
        bars.iter()
            .all(|bar| bar["intervals"][time].as_array().unwrap().len() == 2)
    );
    // Any number of threads, the same bytes.
    let again = ask(&["--format", "json", "--threads", "2"]).exits(0).json();
    assert_eq!(json, again);
    // For people: where the figures come from, in their language.
    let seed = ask(&["--lang", "zh", "--seed", "2"]).exits(0);
    seed.says("种子 2").says("未采用").says("R10").says("95%");
    let markdown = ask(&["--lang", "en", "--format", "markdown"]).exits(0);
    markdown
        .says("seed 1")
        .says("common random numbers")
        .says("| before | R1 |");
}

#[test]
fn a_simulation_is_asked_for_in_so_many_words() {
    let dir = project("workflows/newborn").display().to_string();
    run(["redesign", &dir, "--cases", "9"])
        .exits(2)
        .says("--simulate");
    for (option, value) in [
        ("--margin", "-1"),
        ("--replications", "1"),
        ("--cases", "0"),
    ] {
        let asked = format!("{option}={value}");
        run(["redesign", &dir, "--simulate", &asked])
            .exits(2)
            .says(option);
    }
    run(["redesign", &dir, "--lang", "en"])
        .exits(0)
        .says("R11 Pool")
        .says("--simulate");
}

#[test]
fn a_proposal_is_written_once_and_never_over_a_file() {
    let folder = tempdir().unwrap();
    let dir = shown(&folder.path().join("open-bookshop"));
    run(["new", &dir]).exits(0);
    let written = "open-bookshop-redesigned/service.yaml";
    run(["redesign", &dir, "--apply", "--save-work"])
        .exits(0)
        .says(written)
        .says("R1");
    run(["check", "--strict", &dir]).exits(0).says("2 services");
    let before = files(folder.path());
    run(["redesign", &format!("{dir}/open-bookshop"), "--apply"])
        .exits(1)
        .says("is there already");
    assert_eq!(files(folder.path()), before);
    // One file in the way is enough, and the others are not written.
    let other = folder.path().join("open-bookshop/other");
    write(&other, &[("workload.yaml", "mine: yes\n")]);
    let service = format!("{dir}/open-bookshop");
    run(["redesign", &service, "-o", &shown(&other)])
        .exits(1)
        .says("other/workload.yaml");
    assert_eq!(files(&other).len(), 1);
    let kept = std::fs::read_to_string(other.join("workload.yaml")).unwrap();
    assert_eq!(kept, "mine: yes\n");
}

/// What `compare` says of a service: before and after, by figure.
fn compared(dir: &Path) -> Vec<(String, Value, Value)> {
    let dir = shown(dir);
    let size = ["--cases", "20", "--replications", "2", "--format", "json"];
    let answer = run(["compare", &dir].into_iter().chain(size))
        .exits(0)
        .json();
    let figures = answer["figures"].as_array().unwrap();
    figures
        .iter()
        .map(|figure| {
            let name = format!("{} {}", figure["kind"], figure["name"]);
            (name, figure["before"].clone(), figure["after"].clone())
        })
        .collect()
}

#[test]
fn a_proposal_stands_on_its_own() {
    let folder = tempdir().unwrap();
    let root = copy(folder.path());
    for service in ["open-restaurant", "newborn", "enterprise-deregister"] {
        let dir = root.join(service);
        let own = root.join(format!("{service}-2"));
        let promised = run([
            "redesign",
            &shown(&dir),
            "-o",
            &shown(&own),
            "--format",
            "json",
        ])
        .exits(0)
        .json();
        run(["check", "--strict", &shown(&own)]).exits(0);
        let (was, is) = (compared(&dir), compared(&own));
        assert_eq!(was.len(), is.len());
        for ((name, before, _), (_, still, after)) in was.iter().zip(&is) {
            // Computed and simulated alike: the same old way.
            assert_eq!(before, still, "{service}: {name}");
            let names = promised["waterfall"]["figures"].as_array().unwrap();
            let at = names
                .iter()
                .position(|figure| *name == format!("\"computed\" {figure}"));
            if let Some(at) = at {
                let waterfall = &promised["waterfall"];
                assert_eq!(before, &waterfall["before"][at], "{service}: {name}");
                assert_eq!(after, &waterfall["after"][at], "{service}: {name}");
            }
        }
        // What the original says and the proposal does not is told, and of whom the figures of
        // before are the same.
        let page = std::fs::read_to_string(own.join("README.md")).unwrap();
        let before = std::fs::read_to_string(own.join("before.yaml")).unwrap();
        for text in [&page, &before] {
            assert!(
                text.contains("for whom both ways have something to do"),
                "{text}"
            );
        }
        assert!(before.contains("# 改革前的数字与"), "{before}");
        let page = page.replace('\\', "");
        for text in promised["left_out"].as_array().unwrap() {
            assert!(
                page.contains(text["en"].as_str().unwrap()),
                "{text}\n{page}"
            );
        }
    }
    // The whole tree still is a tree, with two folders for each service.
    run(["check", &shown(&root)]).exits(0).says("6 services");
}

#[test]
fn a_proposal_elsewhere_brings_its_contracts_or_is_refused() {
    let folder = tempdir().unwrap();
    let dir = shown(&project("workflows/newborn"));
    let elsewhere = folder.path().join("elsewhere");
    run(["redesign", &dir, "-o", &shown(&elsewhere)])
        .exits(2)
        .says("--with-contracts");
    assert!(!elsewhere.exists());
    let bad = shown(&project("workflows").join("Not A Name"));
    run(["redesign", &dir, "-o", &bad])
        .exits(2)
        .says("lowercase");
    run(["redesign", &dir, "-o", &bad, "--lang", "zh"])
        .exits(2)
        .says("文件夹名不能作一件事的名称：名称 `Not A Name` 必须以小写英文字母 a-z 开头");
    // The root of the tree is no service.
    let root = shown(&project("workflows"));
    run(["redesign", &dir, "-o", &root]).exits(2);
    run([
        "redesign",
        &dir,
        "-o",
        &shown(&elsewhere),
        "--with-contracts",
    ])
    .exits(0);
    // Warnings are of what only the other services use of the copied contracts.
    run(["check", &shown(&elsewhere)]).exits(0).says("0 errors");
    assert_eq!(
        compared(&elsewhere.join("newborn"))
            .into_iter()
            .map(|(name, before, _)| (name, before))
            .collect::<Vec<_>>(),
        compared(&project("workflows/newborn"))
            .into_iter()
            .map(|(name, before, _)| (name, before))
            .collect::<Vec<_>>(),
    );
}

/// Two windows that ask for nothing twice stay two, which is no service.
#[test]
fn why_there_is_nothing_to_write_is_said() {
    let made = "contract: made\nversion: 1.0.0\ntitle: Made\nfields: { number: { title: Number, type: text } }\n";
    let person = "contract: person\nversion: 1.0.0\ntitle: Person\nfields: { name: { title: Name, type: text }, town: { title: Town, type: text } }\n";
    let service = |second: &str| {
        format!(
            "onething: 1\nservice: svc\nversion: 1.0.0\ntitle: Svc\nowner: d\ncalendar: round-the-clock
roles: {{ who: person, r: made, s: made }}\napplicant: who
matters: {{ m: {{ title: M, department: d }}, n: {{ title: N, department: d }} }}
steps:
  one: {{ title: One, matter: m, by: officer, reads: {{ who: [name] }}, writes: {{ r: [number] }}, limit: 1wd }}
  two: {{ title: Two, matter: n, by: officer, reads: {{ who: [{second}] }}, writes: {{ s: [number] }}, limit: 1wd }}
delivers: [{{ what: r, by: [electronic] }}, {{ what: s, by: [electronic] }}]\n"
        )
    };
    let before = |steps: &str| {
        format!(
            "before: svc\nhandled: apart\nfetched: nothing\nwalk: [m, n]\nbecause: habit\n{steps}"
        )
    };
    let circle = "steps:
  one: { reads: { s: [\"number?\"] } }
  two: { after: [{ step: one, because: b, basis: law }] }\n";
    for (second, steps, why) in [
        (
            "town",
            "",
            [
                "the applications ask for nothing twice",
                "under `asks` in `before.yaml`",
            ],
        ),
        (
            "name",
            circle,
            [
                "steps wait for each other: one → two → one",
                "read by a step of that matter",
            ],
        ),
    ] {
        let folder = tempdir().unwrap();
        write(
            folder.path(),
            &[
                ("departments.yaml", "departments: { d: { title: D } }\n"),
                ("contracts/person.yaml", person),
                ("contracts/made.yaml", made),
                ("svc/service.yaml", &service(second)),
                ("svc/before.yaml", &before(steps)),
            ],
        );
        let dir = shown(&folder.path().join("svc"));
        let told = run(["redesign", &dir, "--apply", "--lang", "en"]).exits(1);
        told.says("R1 (Ask once) did not join them")
            .says(why[0])
            .says(why[1]);
        run(["redesign", &dir, "--apply", "--lang", "zh"])
            .exits(1)
            .says("R1“一次填报”没有把它们合并");
        assert!(!folder.path().join("svc-redesigned").exists());
        // Nor is it kept back from who does not ask to write it.
        run(["redesign", &dir, "--lang", "en"])
            .exits(0)
            .says("What keeps it from being written")
            .says(why[0]);
        let json = run(["redesign", &dir, "--format", "json"]).exits(0).json();
        let obstacles = json["obstacles"].as_array().unwrap();
        let told = obstacles[0]["en"].as_str().unwrap();
        assert!(told.contains(why[0]), "{json}");
    }
}

#[test]
fn what_cannot_be_simulated_is_told_in_the_reader_s_language() {
    let folder = tempdir().unwrap();
    let root = copy(folder.path());
    let dir = shown(&root.join("newborn"));
    let load = root.join("newborn/workload.yaml");
    let text = std::fs::read_to_string(&load).unwrap();
    let start = text.find("arrivals:").unwrap();
    let own = text[start..].lines().skip(1);
    let own = own.take_while(|line| line.starts_with(' '));
    let end = start + "arrivals:\n".len() + own.map(|line| line.len() + 1).sum::<usize>();
    std::fs::write(&load, format!("{}{}", &text[..start], &text[end..])).unwrap();
    let told = |zh: &str, en: &str| {
        for (lang, said) in [("zh", zh), ("en", en)] {
            run(["redesign", &dir, "--simulate", "--lang", lang])
                .exits(1)
                .says(said);
        }
    };
    told(
        "业务量没有写明有多少人申请",
        "does not state how many apply",
    );
    std::fs::remove_file(&load).unwrap();
    told("没有业务量，无从仿真", "there is no workload");
}

#[test]
fn a_broken_definition_is_not_redesigned() {
    let folder = tempdir().unwrap();
    write(
        folder.path(),
        &[
            ("departments.yaml", "departments: {}\n"),
            ("svc/service.yaml", "service: svc\n"),
        ],
    );
    let dir = folder.path().join("svc").display().to_string();
    run(["redesign", &dir]).exits(1);
}
