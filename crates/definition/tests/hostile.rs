//! Input made to break the reader: nothing panics, and nothing takes long.

use onething_definition::diagnostic::{Code, Diagnostics, Rendering, Report};
use onething_definition::source::SourceSet;
use onething_definition::yaml;
use onething_definition::yaml::read::Reader;
use onething_model::Lang;
use proptest::prelude::*;

fn codes(text: &str) -> Vec<Code> {
    let sources = SourceSet::from_texts([("a.yaml", text)]);
    let file = sources.find("a.yaml").unwrap();
    let mut found = Diagnostics::new();
    if let Some(root) = yaml::parse(&sources, file, &mut found) {
        let mut reader = Reader::new(&mut found, Lang::Zh);
        if let Some(mut fields) = reader.fields(&root, &["a", "b", "c"]) {
            fields.required("a", &mut reader, |n, r| r.text(n));
            fields.optional("b", &mut reader, |n, r| r.duration(n));
            fields.optional("c", &mut reader, |n, r| {
                r.list(n, |n, r| r.number(n, 0.0, 9.0))
            });
            fields.finish(&mut reader);
        }
    }
    let report = Report::new(std::sync::Arc::new(sources), found);
    for lang in [Lang::Zh, Lang::En] {
        assert!(
            !report
                .render(Rendering {
                    lang,
                    colour: false
                })
                .contains('\u{1}')
        );
    }
    let wire = report.wire();
    for problem in &wire {
        assert!(problem.place.line >= 1 && problem.place.column >= 1);
        assert!(problem.place.line <= problem.place.end_line);
    }
    report.diagnostics.iter().map(|d| d.code).collect()
}

#[test]
fn deep_nesting_is_cut_off() {
    for text in [
        "[".repeat(1_000_000),
        "{a: ".repeat(300_000),
        "- ".repeat(500_000),
        "? ".repeat(500_000),
        (0..1_500)
            .map(|n| format!("{}a:\n", " ".repeat(n)))
            .collect(),
    ] {
        let codes = codes(&text);
        assert_eq!(codes, [Code::TooDeep], "{:?}", &text[..20]);
    }
    let fits = format!("a: {}1{}", "[".repeat(63), "]".repeat(63));
    assert_eq!(codes(&fits), [Code::WrongType]);
}

#[test]
fn a_bomb_of_aliases_does_not_go_off() {
    let mut text = String::from("l0: &l0 [x, x, x, x, x, x, x, x]\n");
    for n in 1..30 {
        let name = format!("*l{}", n - 1);
        let list = vec![name; 8].join(", ");
        text.push_str(&format!("l{n}: &l{n} [{list}]\n"));
    }
    assert!(codes(&text).contains(&Code::Anchor));
}

#[test]
fn very_many_values_are_refused() {
    let text = format!("a: [{}]", "x,".repeat(600_000));
    assert_eq!(codes(&text), [Code::TooManyValues]);
}

#[test]
fn very_many_problems_are_cut_off() {
    let text: String = (0..100_000).map(|n| format!("k{n}: 1\n")).collect();
    let codes = codes(&text);
    assert!(codes.len() <= 201);
    assert!(codes.contains(&Code::TooManyProblems));
}

#[test]
fn one_line_of_megabytes() {
    let text = format!(
        "a: {{ {} }}",
        (0..100_000)
            .map(|n| format!("k{n}: 1, "))
            .collect::<String>()
    );
    assert!(codes(&text).contains(&Code::UnknownKey));
}

/// A line that stands askew is shown from its first character on, however many bytes that takes.
#[test]
fn lines_askew_begin_with_any_character() {
    for first in ["名称", "—", "😀", "\u{fffd}", "x"] {
        for text in [
            format!("a:\n  b: 1\n {first}: 2\n"),
            format!("a: 1\n   {first}: 2\n"),
            format!("{first}: 1\n  b: 2\n"),
            format!("a:\n  b: {{ c: 1 }}\n{first}  d: 2\n  e: 3\n"),
        ] {
            assert_eq!(codes(&text), [Code::Syntax], "{text}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,200}") {
        codes(&text);
    }

    #[test]
    fn texts_close_to_yaml_are_read_or_refused(
        parts in prop::collection::vec(
            prop::sample::select(vec![
                "a", "b", "c", ": ", ":", "- ", "\n", "  ", "\t", "[", "]", "{", "}", ", ", "\"",
                "'", "|\n", ">-\n", "#", " # ", "&x ", "*x", "!!str ", "<<", "? ", "---\n", "...\n",
                "%YAML", "20wd", "食品", "\r\n", "\u{feff}", "\u{2028}", "\u{1}", "~", "12", "😀",
            ]),
            0..40,
        )
    ) {
        codes(&parts.concat());
    }
}
