//! Definitions made to take long, to take much memory or to be misread: each is
//! refused with a message of its own, or compiled in moderate time.

use std::time::{Duration, Instant};

use onething_definition::diagnostic::{Code, Rendering, Report};
use onething_definition::{SourceSet, compile, new_service};
use onething_model::Lang;

/// A guard against hanging, not a measure of speed: far more than any of these takes
/// without optimisation on a busy machine, and far less than work that grows with
/// the square of the size.
const LONG: Duration = Duration::from_secs(60);

/// The small service with some of its files changed or replaced.
fn files(change: impl Fn(&str, &str) -> Option<String>) -> Vec<(String, String)> {
    let mut files = new_service(&"shop".parse().unwrap());
    for (path, text) in &mut files {
        if let Some(changed) = change(path, text) {
            *text = changed;
        }
    }
    files
}

/// The codes found, each once, in order; the problems are shown in both languages.
fn codes(files: Vec<(String, String)>) -> Vec<Code> {
    let start = Instant::now();
    let sources = SourceSet::from_texts(files);
    let compiled = compile(&sources, "shop");
    assert_eq!(
        compiled.service.is_none(),
        compiled.diagnostics.has_errors()
    );
    let report = Report::new(std::sync::Arc::new(sources), compiled.diagnostics);
    for lang in [Lang::Zh, Lang::En] {
        let colour = false;
        let shown = report.render(Rendering { lang, colour });
        assert!(shown.len() < 4 << 20, "{} bytes are shown", shown.len());
    }
    let mut codes: Vec<Code> = report.diagnostics.iter().map(|d| d.code).collect();
    codes.sort();
    codes.dedup();
    let took = start.elapsed();
    assert!(took < LONG, "took {took:?}");
    codes
}

/// The codes of the small service with a line of one file changed.
fn changed(file: &str, from: &str, to: &str) -> Vec<Code> {
    codes(files(|path, text| {
        (path == file).then(|| {
            assert!(text.contains(from), "{file} has no `{from}`");
            text.replacen(from, to, 1)
        })
    }))
}

/// A service of many steps, each a line of what it is to say.
fn steps(count: usize, questions: usize, step: impl Fn(usize) -> String) -> Vec<(String, String)> {
    let mut contract = String::from("contract: chain\nversion: 1.0.0\ntitle: 链\nfields:\n");
    let mut service = String::from(
        "onething: 1\nservice: shop\nversion: 1.0.0\ntitle: 大\nowner: health\n\
         calendar: office\nroles: { chain: chain, operator: person }\napplicant: operator\n",
    );
    if questions > 0 {
        service += "questions:\n";
        let mut answers = Vec::new();
        for at in 0..questions {
            service += &format!("  q{at}: {{ ask: 问{at}, type: yes-no }}\n");
            answers.push(format!("q{at}: yes"));
        }
        service += &format!("reference: {{ {} }}\n", answers.join(", "));
    }
    service += "matters: { all: { title: 全部, department: health, limit: 9wd } }\nsteps:\n";
    for at in 0..count {
        contract += &format!("  f{at}: {{ title: 字段{at}, type: text }}\n");
        service += &format!(
            "  s{at}: {{ title: 环节{at}, matter: all, by: officer, limit: 1wd, {} }}\n",
            step(at)
        );
    }
    service += "delivers: [{ what: chain, by: [electronic] }]\n";
    let mut files = new_service(&"shop".parse().unwrap());
    files.retain(|(path, _)| !path.starts_with("shop/"));
    files.push(("contracts/chain.yaml".into(), contract));
    files.push(("shop/service.yaml".into(), service));
    files
}

fn writes(at: usize) -> String {
    format!("writes: {{ chain: [f{at}] }}")
}

/// Text that is shown is refused wherever it stands, and nothing else is said of it; line breaks and
/// tabs are no such thing.
#[test]
fn what_deceives_who_reads_is_refused() {
    let table = [
        ("departments.yaml", "zh: 综合窗口", "zh: \"综合\\e[2J窗口\""),
        ("calendars/office.yaml", "en: usual", "en: usual\u{202e}"),
        (
            "contracts/permit.yaml",
            "{ zh: 编号, en: Number }",
            "'编\u{2066}号'",
        ),
        (
            "shop/service.yaml",
            "{ zh: 开理发店, en: Open a barber shop }",
            "|\n  开\n  \u{2028}店",
        ),
        ("shop/before.yaml", "zh: 先办许可", "zh: \"先\\r办\" #"),
        (
            "shop/before.yaml",
            "handled:",
            "\"\\u202Ehandled\": apart\nhandled:",
        ),
        (
            "shop/workload.yaml",
            "assumed: 示例",
            "assumed: \u{2069}示例",
        ),
    ];
    for (file, from, to) in table {
        // What stands in a line after a comment is gone.
        let to = match to.strip_suffix(" #") {
            Some(to) => to.to_owned() + " }\n#",
            None => to.to_owned(),
        };
        let found = changed(file, from, &to);
        assert_eq!(found, [Code::ControlCharacter], "{file}: {to:?}");
    }
    for title in ["|\n  开\n  \t店", "|\r\n  开\r\n  店", "\"开\\r\\n\\t店\""] {
        let found = changed(
            "shop/service.yaml",
            "{ zh: 开理发店, en: Open a barber shop }",
            title,
        );
        assert_eq!(found, [], "{title:?}");
    }
}

/// It is shown where it stands, and an escape with the text that has it.
#[test]
fn what_deceives_is_told_with_its_place() {
    for (title, place) in [
        ("'开\u{202e}店'", "\u{202e}"),
        ("\"开\\u202e店\"", "\"开\\u202e店\""),
    ] {
        let from = "{ zh: 开理发店, en: Open a barber shop }";
        let sources = SourceSet::from_texts(files(|_, text| Some(text.replacen(from, title, 1))));
        let found = compile(&sources, "shop").diagnostics.into_sorted();
        let span = found[0].primary.span;
        let text = sources.file(span.file).text();
        assert_eq!(&text[span.start as usize..span.end as usize], place);
        assert!(found[0].message.en().contains("U+202E at character 2"));
        assert!(found[0].message.zh().contains("第 2 个字符"));
    }
}

#[test]
fn three_hundred_questions_are_sampled_and_it_is_said() {
    let found = codes(steps(300, 300, |at| format!("{}, when: q{at}", writes(at))));
    assert!(found.contains(&Code::Sampled), "{found:?}");
}

/// A service of many questions, each told how; nothing else hangs on them.
fn questions(count: usize, question: impl Fn(usize) -> String, rules: &str) -> Vec<Code> {
    let mut text = String::from("questions:\n");
    let mut reference = Vec::new();
    for at in 0..count {
        text += &format!("  q{at}: {{ ask: 问{at}, type: yes-no{} }}\n", question(at));
        reference.push(format!("q{at}: yes"));
    }
    text += rules;
    text += &format!("reference: {{ {} }}\n", reference.join(", "));
    codes(
        steps(3, 0, |at| format!("{}, when: q{at}", writes(at)))
            .into_iter()
            .map(|(path, file)| match &*path {
                "shop/service.yaml" => (
                    path,
                    file.replacen("matters:", &(text.clone() + "matters:"), 1),
                ),
                _ => (path, file),
            })
            .collect(),
    )
}

#[test]
fn questions_that_hang_on_one_another_in_a_long_chain() {
    // The last asked decides about nothing; each class is a prefix of yes.
    let found = questions(
        3_000,
        |at| match at {
            0 => String::new(),
            _ => format!(", when: q{}", at - 1),
        },
        "",
    );
    assert!(found.contains(&Code::Sampled), "{found:?}");
    let found = questions(
        40,
        |at| match at {
            0 => String::new(),
            _ => format!(", when: q{}", at - 1),
        },
        "",
    );
    assert!(
        !found.contains(&Code::Sampled),
        "forty-one classes, not two to the fortieth: {found:?}"
    );
}

#[test]
fn very_many_rules_about_very_many_answers() {
    // Each rule about its own pair: beyond counting together, few for each of the three questions
    // that a step hangs on.
    let mut pairs = String::from("impossible:\n");
    for at in 0..1_000 {
        pairs += &format!(
            "  - {{ when: '!q{} && !q{}', because: 不可能 }}\n",
            2 * at,
            2 * at + 1
        );
    }
    let found = questions(2_000, |_| String::new(), &pairs);
    assert!(!found.contains(&Code::Sampled), "{found:?}");
    // All rules about the same answers, and one that ties all questions together.
    let mut same = String::from("impossible:\n");
    for _ in 0..3_000 {
        same += "  - { when: '!q0 && !q1', because: 不可能 }\n";
    }
    let names: Vec<String> = (0..300).map(|at| format!("!q{at}")).collect();
    same += &format!(
        "  - {{ when: '{}', because: 不可能 }}\n",
        names.join(" && ")
    );
    let found = questions(300, |_| String::new(), &same);
    assert!(found.contains(&Code::Sampled), "{found:?}");
}

#[test]
fn rules_that_nobody_sees_through_are_told_of() {
    // Each of twelve has one of eleven places to itself if the first question is answered with no:
    // that they cannot shows after all ways to place them.
    let (all, places) = (12, 11);
    let at = |one: usize, place: usize| 1 + one * places + place;
    let mut rules = String::from("impossible:\n");
    let mut rule = |when: String| {
        rules += &format!("  - {{ when: '!q0 && {when}', because: 不可能 }}\n");
    };
    for one in 0..all {
        let none: Vec<String> = (0..places).map(|p| format!("!q{}", at(one, p))).collect();
        rule(none.join(" && "));
        for (other, place) in (0..one).flat_map(|one| (0..places).map(move |p| (one, p))) {
            rule(format!("q{} && q{}", at(one, place), at(other, place)));
        }
    }
    let found = questions(1 + all * places, |_| String::new(), &rules);
    assert!(found.contains(&Code::Sampled), "{found:?}");
}

#[test]
fn ten_thousand_steps_in_a_row() {
    let found = codes(steps(10_000, 0, |at| match at {
        0 => writes(0),
        _ => format!(
            "reads: {{ chain: [f{}] }}, writes: {{ chain: [f{at}] }}",
            at - 1
        ),
    }));
    assert!(
        found.iter().all(|code| code.as_str() >= "D0900"),
        "{found:?}"
    );
}

#[test]
fn four_thousand_steps_in_a_circle() {
    let found = codes(steps(4_000, 0, |at| {
        let before = (at + 3_999) % 4_000;
        format!("reads: {{ chain: [f{before}] }}, writes: {{ chain: [f{at}] }}")
    }));
    assert!(found.contains(&Code::Cycle), "{found:?}");
}

#[test]
fn thousands_of_wrong_names_among_thousands_of_right_ones() {
    let reads = codes(steps(4_000, 0, |at| {
        format!("reads: {{ chain: [g{at}] }}, writes: {{ chain: [f{at}] }}")
    }));
    assert!(reads.contains(&Code::UnknownField), "{reads:?}");
    assert!(reads.contains(&Code::TooManyProblems), "{reads:?}");
    let after = codes(steps(4_000, 0, |at| {
        format!("{}, after: [{{ step: t{at}, because: 法 }}]", writes(at))
    }));
    assert!(after.contains(&Code::UnknownStep), "{after:?}");
    let when = codes(steps(4_000, 300, |at| {
        format!("{}, when: p{at}", writes(at))
    }));
    assert!(when.contains(&Code::UnknownQuestion), "{when:?}");
}

#[test]
fn two_thousand_steps_make_one_field() {
    let found = codes(steps(2_000, 12, |at| {
        let writes = "writes: { chain: [f0] }";
        format!("{writes}, when: q{}", at % 12)
    }));
    assert!(found.contains(&Code::TwoProducers), "{found:?}");
}

#[test]
fn numbers_beyond_reason() {
    let workload = |to: &str| changed("shop/workload.yaml", "officers: 2", to);
    for number in [
        "1e999", "-0", "-1", ".nan", ".inf", "0x10", "1_0", "1.5", "２",
    ] {
        let found = workload(&format!("officers: {number}"));
        assert!(found.contains(&Code::BadNumber), "{number}: {found:?}");
    }
    let digits = format!("officers: {}", "1".repeat(1_000_000));
    assert!(workload(&digits).contains(&Code::BadNumber));
}

#[test]
fn durations_beyond_reason() {
    for duration in [
        "-3wd",
        "1e9d",
        "999999999999h",
        "36501d",
        "0.0001d",
        "wd",
        "3 weeks",
        "NaNd",
        "٣wd",
    ] {
        let found = changed(
            "shop/service.yaml",
            "limit: 8wd",
            &format!("limit: {duration}"),
        );
        assert!(found.contains(&Code::BadDuration), "{duration}: {found:?}");
    }
}

#[test]
fn conditions_beyond_reason() {
    let when = |text: &str| {
        let quoted = format!("when: \"{text}\"\n    limit: {{ promised: 3wd }}");
        changed(
            "shop/service.yaml",
            "when: signboard\n    limit: { promised: 3wd }",
            &quoted,
        )
    };
    let brackets = "(".repeat(20_000) + "signboard" + &")".repeat(20_000);
    for text in [
        brackets.as_str(),
        &brackets[19_900..20_109],
        &("!".repeat(4_000) + "signboard"),
        &("-".repeat(4_000) + "1 == 1"),
        &"signboard || ".repeat(1_000_000),
        &("signboard".to_owned() + &".a".repeat(1_000)),
        &("1 + ".repeat(1_000) + "1 > 1"),
    ] {
        let found = when(text);
        let shown = &text[..text.len().min(20)];
        assert!(
            found.contains(&Code::ConditionTooLarge),
            "{shown}: {found:?}"
        );
    }
    let many = vec!["unknown"; 300].join(" || ");
    assert!(when(&many).contains(&Code::UnknownQuestion));
}

#[test]
fn patterns_beyond_reason() {
    for pattern in [
        "a)|(b",
        "((a{1000}){1000}){1000}",
        "(?:){999999999}",
        &("(".repeat(20_000) + &")".repeat(20_000)),
    ] {
        let found = changed(
            "contracts/enterprise.yaml",
            "type: text, max_chars: 100",
            &format!("type: code, example: \"a\", pattern: \"{pattern}\""),
        );
        let shown = &pattern[..pattern.len().min(30)];
        assert!(found.contains(&Code::BadForm), "{shown}: {found:?}");
    }
}

#[test]
fn lists_beyond_reason() {
    let values = |count| {
        let list = vec!["5min"; count].join(", ");
        let list = format!("health-review: {{ empirical: [{list}] }}");
        let from = "health-review: { lognormal: { mean: 90min, sd: 45min } }";
        changed("shop/workload.yaml", from, &list)
    };
    assert_eq!(values(100_000), [], "a long list of observations is fine");
    let found = values(1_000_000);
    assert!(found.contains(&Code::TooManyValues), "{found:?}");
}

#[test]
fn odd_bytes_in_a_text() {
    let service = |change: &dyn Fn(&str) -> String| {
        codes(files(|path, text| {
            (path == "shop/service.yaml").then(|| change(text))
        }))
    };
    assert_eq!(service(&|text| format!("\u{feff}{text}")), [], "a BOM");
    assert_eq!(service(&|text| text.replace('\n', "\r\n")), [], "CRLF");
    let nul = service(&|text| text.replacen("开理发店", "开\0店", 1));
    assert!(!nul.is_empty(), "a NUL is not taken for text");
    assert!(service(&|_| String::new()).contains(&Code::EmptyFile));
    assert!(service(&|_| "\0".repeat(1_000)).contains(&Code::Syntax));
}
