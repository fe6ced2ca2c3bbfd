//! `docs/measures.md` says what the code does. Run with `UPDATE_DOCS=1` to
//! rewrite the table of figures.

use std::fs;

use onething_measure::stats::Pairs;
use onething_measure::{FigureName, Source};
use onething_model::{Digest, Lang};

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/measures.md");

fn page() -> String {
    fs::read_to_string(PAGE).expect("docs/measures.md is there")
}

fn between<'a>(page: &'a str, mark: &str) -> &'a str {
    let begin = format!("<!-- {mark} -->\n");
    let start = page.find(&begin).expect("the page has the mark") + begin.len();
    let end = page[start..].find(&format!("<!-- /{mark} -->"));
    &page[start..start + end.expect("the page has the closing mark")]
}

fn figures() -> String {
    let mut text = String::from("| name | unit | counts | 中文 | 含义 |\n|---|---|---|---|---|\n");
    for name in FigureName::ALL {
        text += &format!(
            "| `{name}` | `{}` | {} | {} | {} |\n",
            name.unit().as_str(),
            name.definition(Lang::En),
            name.title(Lang::Zh),
            name.definition(Lang::Zh),
        );
    }
    text
}

#[test]
fn the_page_shows_the_figures() {
    let page = page();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        let begin = "<!-- figures -->\n";
        let old = format!("{begin}{}", between(&page, "figures"));
        let new = page.replacen(&old, &format!("{begin}{}", figures()), 1);
        fs::write(PAGE, new).expect("the page can be written");
        return;
    }
    assert_eq!(
        between(&page, "figures"),
        figures(),
        "run with UPDATE_DOCS=1"
    );
}

#[test]
fn the_example_comes_out() {
    let page = page();
    let example = between(&page, "example");
    let number = |cell: &str| cell.trim().parse::<f64>().ok();
    let pairs: Pairs = example
        .lines()
        .filter_map(|line| {
            let mut cells = line.trim_matches('|').split('|');
            Some((number(cells.next()?)?, number(cells.next()?)?))
        })
        .collect();
    assert_eq!(pairs.count(), 3);
    let (cut, interval) = (pairs.cut().unwrap(), pairs.cut_interval(0.95).unwrap());
    let says = format!(
        "cut {cut:.4}, interval [{:.4}, {:.4}]",
        interval.low, interval.high
    );
    assert!(example.contains(&says), "expected `{says}`");
}

#[test]
fn the_source_of_the_json_example_is_how_sources_read() {
    let source = Source::Definition {
        service: "stamp".parse().unwrap(),
        version: "1.0.0".into(),
        digest: Digest::of(b"stamp"),
        reference: true,
    };
    let digest: String = Digest::of(b"stamp").to_string().chars().take(12).collect();
    let text = source.text(Lang::En).replace(&digest, "…");
    assert!(page().contains(&format!(r#""source":"{text}""#)), "{text}");
}
