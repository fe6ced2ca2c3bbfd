//! `onething compare` and `onething plan` over the shipped services.

use tempfile::tempdir;

use crate::tool::{project, run};

const SERVICES: [&str; 3] = ["open-restaurant", "newborn", "enterprise-deregister"];

fn service(name: &str) -> String {
    project("workflows").join(name).display().to_string()
}

fn compare(name: &str, more: &[&str]) -> crate::tool::Ran {
    let dir = service(name);
    let fixed = ["compare", &dir, "--cases", "60", "--replications", "5"];
    run(fixed.iter().chain(more))
}

#[test]
fn the_json_of_a_comparison_is_what_programs_were_promised() {
    let names = [
        ("processing_time", "working_days"),
        ("elapsed_time", "days"),
        ("submissions", "count"),
        ("materials", "count"),
        ("fields", "count"),
        ("forms", "count"),
        ("visits", "count"),
        ("steps", "count"),
        ("internal_steps", "count"),
        ("departments", "count"),
    ];
    let schema = serde_json::json!({
        "type": "object",
        "required": ["service", "seed", "cases", "replications", "figures"],
        "properties": {
            "service": { "type": "string" },
            "seed": { "const": 7 },
            "cases": { "const": 60 },
            "replications": { "const": 5 },
            "figures": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["name", "unit", "kind", "before", "after", "cut", "interval", "source"],
                    "properties": {
                        "name": { "enum": names.map(|(name, _)| name) },
                        "unit": { "enum": ["working_days", "days", "count"] },
                        "kind": { "enum": ["declared", "computed", "simulated", "measured"] },
                        "before": { "type": ["number", "null"] },
                        "after": { "type": ["number", "null"] },
                        "cut": { "type": ["number", "null"] },
                        "interval": {
                            "anyOf": [
                                { "type": "null" },
                                { "type": "array", "items": { "type": "number" }, "minItems": 2, "maxItems": 2 }
                            ]
                        },
                        "source": { "type": "string", "minLength": 1 }
                    }
                }
            }
        }
    });
    let validator = jsonschema::validator_for(&schema).unwrap();
    for name in SERVICES {
        let answer = compare(name, &["--seed", "7", "--format", "json"])
            .exits(0)
            .json();
        let errors: Vec<_> = validator
            .iter_errors(&answer)
            .map(|e| e.to_string())
            .collect();
        assert!(errors.is_empty(), "{name}: {errors:?}");
        assert_eq!(answer["service"], name);
        let figures = answer["figures"].as_array().unwrap();
        for (figure, unit) in names {
            for kind in ["simulated", "computed"] {
                let found = figures
                    .iter()
                    .find(|f| f["name"] == figure && f["kind"] == kind);
                let found = found.unwrap_or_else(|| panic!("{name}: no {kind} {figure}"));
                assert_eq!(found["unit"], unit);
                if let (Some(before), Some(after), Some(cut)) = (
                    found["before"].as_f64(),
                    found["after"].as_f64(),
                    found["cut"].as_f64(),
                ) && kind == "computed"
                {
                    assert!((cut - (before - after) / before).abs() < 1e-12);
                }
            }
        }
    }
}

#[test]
fn the_same_seed_gives_the_same_bytes_on_any_number_of_threads() {
    let one = compare("newborn", &["--format", "json", "--threads", "1"]).exits(0);
    let three = compare("newborn", &["--format", "json", "--threads", "3"]).exits(0);
    assert_eq!(one.out, three.out);
    let other = compare("newborn", &["--format", "json", "--seed", "2"]).exits(0);
    assert_ne!(one.out, other.out);
}

#[test]
fn a_comparison_reads_in_both_languages_and_as_markdown() {
    compare("newborn", &["--lang", "zh"])
        .exits(0)
        .says("办理时间")
        .says("跑动次数")
        .says("公布");
    compare("newborn", &[])
        .exits(0)
        .says("processing time")
        .says("Declared");
    compare("newborn", &["--format", "markdown"])
        .exits(0)
        .says("| ---");
}

#[test]
fn fixed_answers_replace_the_mix() {
    let of = |answer: &str| {
        let args = ["--answer", answer, "--format", "json"];
        let ran = compare("open-restaurant", &args).exits(0).json();
        let figures = ran["figures"].as_array().unwrap().clone();
        let found = figures
            .iter()
            .find(|f| f["name"] == "internal_steps" && f["kind"] == "computed");
        found.unwrap()["after"].as_f64().unwrap()
    };
    assert!(of("signboard=yes") > of("signboard=no"));
    compare("open-restaurant", &["--answer", "signboard=maybe"])
        .exits(1)
        .says("yes or no");
    run(["compare", &service("newborn"), "--replications", "1"])
        .exits(2)
        .says("from 2 to");
    compare("open-restaurant", &["--threads", "0"]).exits(2);
}

#[test]
fn plans_are_drawn_in_every_format_and_both_ways() {
    let dir = service("open-restaurant");
    run(["plan", &dir])
        .exits(0)
        .says("Level 1")
        .says("[food-review]");
    run(["plan", &dir, "--way", "old", "--lang", "zh"])
        .exits(0)
        .says("第 1 层");
    run(["plan", &dir, "--format", "mermaid"])
        .exits(0)
        .says("flowchart");
    run([
        "plan", &dir, "--way", "both", "--format", "mermaid", "--lang", "zh",
    ])
    .exits(0)
    .says("subgraph old[\"旧方式 · ")
    .says("subgraph new[\"新方式 · ");
    run(["plan", &dir, "--way", "both", "--format", "dot"])
        .exits(2)
        .says("--format mermaid");
    run(["plan", &dir, "--format", "dot"])
        .exits(0)
        .says("digraph");
    let json = run(["plan", &dir, "--format", "json"]).exits(0).json();
    assert!(json["steps"].as_array().unwrap().len() > 10);
    let folder = tempdir().unwrap();
    let file = folder.path().join("plan.dot").display().to_string();
    let ran = run(["plan", &dir, "--format", "dot", "-o", &file]).exits(0);
    assert_eq!(ran.out, "");
    assert!(
        std::fs::read_to_string(file)
            .unwrap()
            .starts_with("digraph")
    );
    let tree = project("workflows").display().to_string();
    run(["plan", &tree]).exits(2).says("newborn");
    run(["plan", &dir, "-o", "/nowhere/at/all"])
        .exits(1)
        .says("/nowhere/at/all");
}

#[test]
fn the_shipped_services_have_neither_errors_nor_warnings() {
    let tree = project("workflows").display().to_string();
    let answer = run(["check", &tree, "--strict", "--format", "json"])
        .exits(0)
        .json();
    let services = answer["trees"][0]["services"].as_array().unwrap();
    assert_eq!(services.len(), SERVICES.len());
}

/// Contracts alone are no service, and nothing is wrong with them.
#[test]
fn a_folder_without_a_service_is_told() {
    let contracts = project("workflows/contracts");
    let dir = contracts.to_str().unwrap();
    for args in [
        &["guide", dir][..],
        &["plan", dir],
        &["compare", dir],
        &["redesign", dir],
        &["why", dir, "who.name"],
    ] {
        run(args.iter().copied())
            .exits(2)
            .says("there is no service at or below")
            .says("service.yaml");
    }
}

/// Each number is held to its range, wherever it is asked for, with an example.
#[test]
fn numbers_outside_their_range_are_refused_with_it_and_an_example() {
    let rows = [
        (
            "cases",
            "0 -1 10000001 1e3 abc 99999999999999999999",
            "1000",
        ),
        ("replications", "1 0 -5 100001 2.5 ten", "20"),
        ("seed", "-1 1.5 x 18446744073709551616", "1"),
        (
            "confidence",
            "0 1 -0.5 1.5 nan inf x 1e-300 0.499 0.99999",
            "0.95",
        ),
        ("threads", "0 -1 1025 two", "2"),
    ];
    let refused = |command: &[&str], option: &str, text: &str, example: &str| {
        let asked = [format!("--{option}"), text.to_owned()];
        let words = command.iter().map(|word| (*word).to_owned());
        let run = |lang: &str| {
            let lang = ["--lang", lang].map(str::to_owned);
            run(words.clone().chain(asked.clone()).chain(lang)).exits(2)
        };
        let (zh, en) = (run("zh"), run("en"));
        assert_eq!((&zh.out, &en.out), (&String::new(), &String::new()));
        let said = |text: &str, words: &str| assert!(text.contains(words), "{words:?}: {text}");
        said(&zh.err, &format!("`--{option}` 应为"));
        said(&zh.err, &format!("例如 {example}；所写的 `{text}` 不是"));
        said(&en.err, &format!("`--{option}` is a"));
        said(&en.err, &format!(", as {example}; `{text}` is none"));
    };
    let dir = service("newborn");
    for (option, wrong, example) in rows {
        for text in wrong.split(' ') {
            refused(&["compare", &dir], option, text, example);
            refused(&["redesign", &dir, "--simulate"], option, text, example);
        }
    }
    for text in "2 1.01 -0.1 -1 nan inf x".split(' ') {
        refused(&["redesign", &dir, "--simulate"], "margin", text, "0.05");
    }
    // The ends of what may be said.
    for margin in ["0", "1", "0.3"] {
        let size = [
            "--cases",
            "3",
            "--replications",
            "2",
            "--seed",
            "18446744073709551615",
        ];
        let args = ["redesign", &dir, "--simulate", "--margin", margin];
        run(args.into_iter().chain(size)).exits(0);
    }
    for confidence in ["0.5", "0.9999"] {
        let args = ["compare", &dir, "--cases", "3", "--replications", "2"];
        run(args.into_iter().chain(["--confidence", confidence])).exits(0);
    }
    // Who writes percent is told the fraction.
    for text in ["95", "95%", "95 ％"] {
        let args = ["compare", &dir, "--confidence", text, "--lang", "zh"];
        run(args)
            .exits(2)
            .says("百分数写成小数：`--confidence 0.95`");
    }
    let args = ["redesign", &dir, "--simulate", "--margin", "5%"];
    run(args).exits(2).says("`--margin 0.05`");
}

/// A workload that nothing can be simulated with is told in the language that is spoken, and so
/// are the steps that it forgot.
#[test]
fn what_is_wrong_with_a_workload_is_told_in_both_languages() {
    let folder = tempdir().unwrap();
    let shop = folder.path().join("shop").display().to_string();
    run(["new", &shop]).exits(0);
    let (dir, file) = (format!("{shop}/shop"), format!("{shop}/shop/workload.yaml"));
    let whole = std::fs::read_to_string(&file).unwrap();
    let han = |text: &str| text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
    let said = |from: &str, to: &str, lang: &str| {
        assert!(whole.contains(from), "{from}");
        std::fs::write(&file, whole.replace(from, to)).unwrap();
        let size = ["--cases", "20", "--replications", "2", "--lang", lang];
        run(["compare", &dir].into_iter().chain(size))
    };
    for (from, to, zh, en) in [
        (
            "mean: 90min, sd: 45min",
            "mean: 90min, sd: 0.001min",
            "无法仿真：业务量的 `work: health-review`：sd 与均值之比是 1.11e-5：应在",
            "cannot be simulated: `work: health-review` of the workload: sd / mean is 1.11e-5: expected",
        ),
        (
            "{ health-review: 2% }",
            "{ collect-permit: 2% }",
            "只有部门和外部机构能作出不予许可",
            "only departments and outside bodies refuse",
        ),
    ] {
        said(from, to, "zh").exits(1).says(zh);
        let english = said(from, to, "en").exits(1).says(en);
        assert!(!han(&english.err), "{}", english.err);
    }
    let review = "  sign-review: { lognormal: { mean: 40min, sd: 20min } }\n";
    let steps = said(review, "", "en").exits(0).out;
    let line = steps.lines().find(|line| line.contains("stated time"));
    let line = line.unwrap_or_else(|| panic!("{steps}"));
    assert!(line.contains("(sign-review)") && !han(line), "{line}");
    said(review, "", "zh").exits(0).says("按零计算：「");
}
