//! Every code has a page, and what the page shows is true: its example makes
//! the compiler say exactly this code, its cure makes it say nothing.

mod overlay;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use onething_definition::diagnostic::{Code, Diagnostics, Rendering, Severity};
use onething_definition::{SourceSet, check};
use onething_model::Lang;
use overlay::{Block, blocks, overlay, shop};

/// Codes that no text of a file can trigger, or none short enough to be shown, and
/// the test that does.
const ELSEWHERE: &[(Code, &str)] = &[
    (Code::Unreadable, "load.rs"),
    (Code::TooLarge, "load.rs"),
    (Code::NotUtf8, "load.rs"),
    (Code::FolderLoop, "load.rs"),
    (Code::NoTree, "load.rs"),
    (Code::NoService, "load.rs"),
    (Code::NotRead, "load.rs"),
    (Code::TooManyValues, "hostile.rs"),
    (Code::TooManyProblems, "hostile.rs"),
    (Code::BadMoney, "golden/values.txt"),
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/errors")
}

/// What the compiler says about the template with these blocks in it.
fn said(blocks: &[&Block]) -> (Vec<Code>, String) {
    let files = shop(blocks);
    let sources = Arc::new(SourceSet::from_texts(files));
    let checked = check(sources, &["shop".to_owned()], Diagnostics::new());
    let rendering = Rendering {
        lang: Lang::En,
        colour: false,
    };
    let codes = checked.report.diagnostics.iter().map(|d| d.code).collect();
    (codes, checked.report.render(rendering))
}

#[test]
fn every_code_has_a_page_that_is_true() {
    let mut wrong = String::new();
    for code in Code::ALL {
        let path = folder().join(format!("{code}.md"));
        let Ok(page) = std::fs::read_to_string(&path) else {
            wrong += &format!("{code}: there is no page\n");
            continue;
        };
        let title = code.title();
        let word = match code.severity() {
            Severity::Error => "（错误，error）",
            Severity::Warning => "（警告，warning）",
        };
        let head = format!("# {code}: {}\n\n{}{word}\n", title.en(), title.zh());
        if !page.starts_with(&head) {
            wrong += &format!("{code}: the page does not begin with\n{head}\n");
        }
        let blocks = blocks(&page);
        let example: Vec<&Block> = blocks.iter().filter(|block| !block.cured).collect();
        if example.is_empty() {
            if !ELSEWHERE.iter().any(|(other, _)| other == code) {
                wrong += &format!("{code}: the page has no example\n");
            }
            continue;
        }
        let (mut codes, rendered) = said(&example);
        codes.dedup();
        if codes != [*code] {
            wrong += &format!("{code}: the example says {codes:?}\n{rendered}\n");
        }
        let cure: Vec<&Block> = blocks.iter().filter(|block| block.cured).collect();
        if !cure.is_empty() {
            let (codes, rendered) = said(&cure);
            if !codes.is_empty() {
                wrong += &format!("{code}: the cure says\n{rendered}\n");
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn the_index_lists_every_code() {
    let index = std::fs::read_to_string(folder().join("README.md")).unwrap();
    let listed: Vec<&str> = index
        .lines()
        .filter_map(|line| line.strip_prefix("| [D").and(line.get(3..8)))
        .collect();
    let all: Vec<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    assert_eq!(listed, all);
    let pages = std::fs::read_dir(folder())
        .unwrap()
        .filter_map(|entry| entry.unwrap().file_name().into_string().ok())
        .filter(|name| name.starts_with('D'))
        .count();
    assert_eq!(pages, all.len(), "no page without a code");
}

#[test]
fn the_overlay_puts_keys_in_place() {
    let base = "a: 1\nb:\n  x: 1\n  y:\n    z: 2\n# note\nc: 3\n";
    assert_eq!(overlay(base, "a: 2\n"), base.replace("a: 1", "a: 2"));
    assert_eq!(
        overlay(base, "b:\n  y: 3\n  w: 4\nd: 5\n"),
        "a: 1\nb:\n  x: 1\n  y: 3\n  w: 4\nc: 3\nd: 5\n"
    );
}
