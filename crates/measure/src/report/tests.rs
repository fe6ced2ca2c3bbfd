use onething_plan::builder::PlanBuilder;
use onething_plan::{Answer, Answers, Cond};

use super::*;
use crate::comparison::{Apart, Results};
use crate::source::Source;
use crate::stats::Pairs;

fn comparison() -> Comparison {
    let mut comparison = Comparison::new(
        "open-shop".parse().unwrap(),
        Text::new("开店", "Open a shop"),
    );
    (comparison.seed, comparison.cases, comparison.replications) = (7, 100_000, 3);
    let source = Source::Lab {
        seed: 7,
        cases: 100_000,
        replications: 3,
        confidence: 0.95,
    };
    let times: Pairs = [(48.2, 28.3), (47.9, 28.0), (48.3, 28.4)]
        .into_iter()
        .collect();
    let submissions: Pairs = [(11.0, 3.0); 3].into_iter().collect();
    comparison.figures = vec![
        Figure::simulated(FigureName::ProcessingTime, &times, 0.95, source.clone()),
        Figure::simulated(FigureName::Submissions, &submissions, 0.95, source),
        Figure::new(
            FigureName::Visits,
            Kind::Declared,
            None,
            Some(1.0),
            Source::Publication {
                by: "某|日报".into(),
                place: Text::new("四川省", "Sichuan"),
                year: Some(2025),
            },
        ),
        Figure::new(
            FigureName::Visits,
            Kind::Declared,
            Some(4.0),
            Some(1.0),
            Source::Other(Text::new("别处", "elsewhere")),
        )
        .note(Text::new("含邮寄", "by post too")),
    ];
    let load = |key: &str, officers, utilisation| Load {
        department: key.parse().unwrap(),
        officers,
        utilisation,
        pieces: 10.0,
        wait_open_hours: 1.256,
        queue: 0.5,
    };
    comparison.study = Some(StudyFacts {
        confidence: 0.95,
        begins: "2026-01-05".into(),
        before: Outcomes {
            closed: 290_000,
            refused: 9_000,
            unfinished: 1_000,
            ..Outcomes::default()
        },
        after: Outcomes {
            closed: 300_000,
            ..Outcomes::default()
        },
        results_before: Results {
            due: 1_000,
            delivered: 970,
        },
        results_after: Results {
            due: 500,
            delivered: 500,
        },
        apart: Apart::default(),
        worse: Some(0.0312),
        correlation: Some(0.9),
        variance_ratio: Some(0.2),
        loads_before: vec![
            load("market", Some(6), Some(0.731)),
            load("gas", None, None),
        ],
        loads_after: vec![load("market", Some(4), Some(0.5))],
    });
    comparison.departments.insert(
        "market".parse().unwrap(),
        Text::new("市场监管", "Market supervision"),
    );
    comparison.warnings = vec![Text::new(
        "燃气公司没有人员数",
        "no staff is stated for gas",
    )];
    comparison
}

#[test]
fn the_headline_says_both_numbers_and_their_kind() {
    let report = Report::new(&comparison(), Lang::En);
    assert!(
        report.headline.starts_with("processing time 48.13 → 28.23 working days (-41.3 %, 95 % interval [-41.8, -40.9]), submissions 11 → 3 (simulated)"),
        "{}",
        report.headline
    );
    let report = Report::new(&comparison(), Lang::Zh);
    assert_eq!(
        report.headline,
        "办理时间 48.13 → 28.23 个工作日（-41.3 %，95 % 置信区间 [-41.8, -40.9]），提交次数 11 → 3（仿真）"
    );
    assert_eq!(
        report.study,
        "前后两种方式办理同样的 100,000 件，3 次成对重复，自 2026-01-05 起，种子 7。其中新方式用时更长的办件占 3.1 %。"
    );
}

#[test]
fn who_is_left_out_stands_beside_the_headline() {
    let mut comparison = comparison();
    comparison.study.as_mut().unwrap().apart.before_only = 100_000;
    assert_eq!(
        Report::new(&comparison, Lang::Zh).study,
        "前后两种方式办理同样的 100,000 件，3 次成对重复，自 2026-01-05 起，种子 7。\
         各项数据只计两种方式都有事项可办的申请人，占全部申请人的 75.0 %。其中新方式用时更长的办件占 3.1 %。"
    );
    let study = comparison.study.as_mut().unwrap();
    (study.before, study.after) = (Outcomes::default(), Outcomes::default());
    let nobody = Report::new(&comparison, Lang::Zh).study;
    assert!(
        nobody.ends_with("种子 7。没有一名申请人在两种方式下都有事项可办，无从比较。"),
        "{nobody}"
    );
}

#[test]
fn who_is_left_out_is_said_in_english() {
    let mut comparison = comparison();
    comparison.study.as_mut().unwrap().apart.before_only = 100_000;
    let english = Report::new(&comparison, Lang::En).study;
    assert!(
        english.contains("of the 75.0 % of the applicants for whom both ways have something to do"),
        "{english}"
    );
}

#[test]
fn given_answers_are_named_and_are_no_reference_scenario() {
    let mut b = PlanBuilder::new("shop");
    let large = b.yes_no("large");
    let plan = b.build();
    let mut answers = Answers::none(1);
    answers.set(large, Some(Answer::YesNo(false)));
    let mut comparison = comparison();
    comparison.figures.push(Figure::new(
        FigureName::Forms,
        Kind::Computed,
        Some(4.0),
        Some(1.0),
        Source::Definition {
            service: plan.service.clone(),
            version: plan.version.clone(),
            digest: plan.digest,
            reference: true,
        },
    ));
    let shown = |comparison: &Comparison| Report::new(comparison, Lang::En).to_markdown();
    let without = shown(&comparison);
    assert!(without.contains("reference scenario"), "{without}");
    assert_eq!(Report::new(&comparison, Lang::En).scenario, "");
    comparison.set_answers(&plan, &answers);
    let with = shown(&comparison);
    assert!(!with.contains("alone, reference scenario"), "{with}");
    assert!(!with.contains("), reference scenario"), "{with}");
    let ask = plan.question(large).ask.en();
    assert!(
        with.contains(&format!(
            "The simulated and computed figures are of people who all answer: {ask} — no."
        )),
        "{with}"
    );
    assert!(with.contains("for the given answers"), "{with}");
    let json = serde_json::to_value(&comparison).unwrap();
    assert_eq!(json["answers"][0]["question"], "large");
    assert_eq!(json["answers"][0]["answer"], false);
    assert_eq!(json["answers"][0]["asked_of_all"], true);
}

/// Who is not asked a question is in the figures, and has not answered it.
#[test]
fn an_answer_to_a_question_that_not_all_are_asked_is_not_said_of_all() {
    let mut b = PlanBuilder::new("shop");
    let [food, helper, trained] = ["food", "helper", "trained"].map(|name| b.yes_no(name));
    let plan = b.plan_mut();
    plan.questions[helper.index()].when = Cond::yes(food);
    plan.questions[trained.index()].when = Cond::yes(helper);
    let plan = b.build();
    // What is answered, who is not asked what they answer, what is said in both languages.
    let all_zh = "仿真和推算的数字均为这样回答的申请人：food——是";
    let all_en = "figures are of people who all answer: food — yes";
    let some_en = "Not everybody is asked the following; whoever is asked answers: helper — yes";
    for (given, of_all, zh, en) in [
        (
            vec![helper],
            vec![false],
            "需要回答的都这样回答：helper——是；不需要回答的申请人也计入仿真数字",
            some_en,
        ),
        (vec![food, helper], vec![true, true], all_zh, all_en),
        (vec![food, trained], vec![true, false], all_zh, all_en),
        (
            vec![helper, trained],
            vec![false, false],
            "helper——是；trained——是",
            some_en,
        ),
    ] {
        let mut answers = Answers::none(3);
        for question in &given {
            answers.set(*question, Some(Answer::YesNo(true)));
        }
        let mut comparison = comparison();
        comparison.set_answers(&plan, &answers);
        let found = comparison.answers.iter().map(|given| given.asked_of_all);
        assert_eq!(found.collect::<Vec<_>>(), of_all);
        for (lang, told) in [(Lang::Zh, zh), (Lang::En, en)] {
            let scenario = Report::new(&comparison, lang).scenario;
            assert!(scenario.contains(told), "{scenario}");
            let everybody = ["均为这样回答的申请人：", "people who all answer"];
            let says_all = everybody.iter().any(|words| scenario.contains(words));
            assert_eq!(says_all, of_all.contains(&true), "{scenario}");
        }
    }
}

#[test]
fn kinds_stay_apart_and_every_row_is_whole() {
    for lang in [Lang::Zh, Lang::En] {
        let report = Report::new(&comparison(), lang);
        assert_eq!(
            report.tables.len(),
            4,
            "simulated, declared, outcomes, loads"
        );
        for table in report.tables.iter().chain([&report.definitions]) {
            for row in &table.rows {
                assert_eq!(row.len(), table.columns.len(), "{}", table.title);
            }
        }
        let declared = &report.tables[1];
        assert_eq!(
            declared.source, None,
            "sources differ, so each row has its own"
        );
        assert!(declared.rows[1][0].ends_with(" [1]"));
        assert_eq!(declared.notes.len(), 1);
    }
}

#[test]
fn loads_of_both_ways_share_a_row() {
    let report = Report::new(&comparison(), Lang::En);
    let loads = &report.tables[3].rows;
    assert_eq!(
        loads[0],
        [
            "Market supervision",
            "6 → 4",
            "73.1 %",
            "50.0 %",
            "1.26",
            "1.26",
            "0.5",
            "0.5"
        ]
    );
    assert_eq!(loads[1], ["gas", "—", "—", "—", "1.26", "—", "0.5", "—"]);
}

#[test]
fn markdown_holds_everything() {
    let markdown = Report::new(&comparison(), Lang::Zh).to_markdown();
    for part in [
        "# 「开店」一件事：改革前后对比\n",
        "| 指标 | 改革前 | 改革后 | 单位 | 变化 | 变化的区间（%） |\n|---|---:|---:|---|---:|---:|",
        "| 办理时间 | 48.13 | 28.23 | 工作日 | -41.3 % | [-41.8, -40.9] |",
        "来源：仿真：种子 7，3 次重复，每次 100000 件，95 % 置信区间",
        "某\\|日报",
        "1. 含邮寄",
        "- 燃气公司没有人员数",
        "| 未办结（不计入均值） | 1,000 | 0 |",
        "| 应发而未发的结果 | 3.0 % | 0.0 % |",
        "## 指标的含义",
    ] {
        let part = part.replace(
            "|---|---:|---:|---|---:|---:|",
            "| --- | ---: | ---: | --- | ---: | ---: |",
        );
        assert!(markdown.contains(&part), "{part}\n{markdown}");
    }
    let english = Report::new(&comparison(), Lang::En).to_markdown();
    let chinese = english
        .chars()
        .filter(|c| ('一'..='鿿').contains(c))
        .count();
    assert_eq!(
        chinese,
        "某日报".chars().count(),
        "only a publisher's name is as it is"
    );
}

#[test]
fn nothing_to_compare_is_said() {
    let empty = Comparison::new("a".parse().unwrap(), Text::default());
    assert_eq!(
        Report::new(&empty, Lang::En).headline,
        "no figures to compare"
    );
    assert!(Report::new(&empty, Lang::Zh).tables.is_empty());
}
