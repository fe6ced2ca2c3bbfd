//! Whatever is done to a definition, a redesign of what is left is a proposal
//! or a list of problems: never a panic.

use std::path::Path;
use std::sync::Arc;

use onething_definition::design::Folder;
use onething_definition::diagnostic::{Rendering, Report};
use onething_definition::{SourceSet, load};
use onething_model::Lang;
use onething_plan::random::Dice;
use onething_redesign::rewrite::{Options, Prefer, redesign};

const SERVICES: [&str; 3] = ["open-restaurant", "newborn", "enterprise-deregister"];

/// Files by path.
type Files = Vec<(String, String)>;

fn shipped() -> Files {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../workflows");
    let sources = load(&root).sources;
    sources
        .iter()
        .map(|(_, file)| (file.path().to_owned(), file.text().to_owned()))
        .collect()
}

/// Redesigns what is there and writes it; true where there was a proposal.
fn tried(files: Files, service: &str, what: &str) -> bool {
    let sources = Arc::new(SourceSet::from_texts(files));
    let folder = Folder::read(Arc::clone(&sources), service);
    let drafting = match folder.open() {
        Ok(drafting) => drafting,
        Err(compilation) => {
            let report = Report::new(sources, compilation.diagnostics);
            assert!(report.errors() > 0, "{what}: nothing, and no reason");
            let rendering = Rendering {
                lang: Lang::Zh,
                colour: false,
            };
            assert!(!report.render(rendering).is_empty());
            return false;
        }
    };
    let Some(old) = drafting.old() else {
        return false;
    };
    let options = Options {
        prefer: [Prefer::Time, Prefer::Work][what.len() % 2],
        ..Options::default()
    };
    let made = redesign(&drafting, old, options).expect("what compiles can be redesigned");
    assert!(!made.text(Lang::Zh).is_empty());
    let name = "proposed".parse().unwrap();
    let written = drafting.folder(&name, &made.design, old, made.workload.as_ref());
    if let Some(files) = written.expect("a proposal compiles") {
        let own = [
            ("service", Some(files.service)),
            ("before", Some(files.before)),
            ("workload", files.workload),
        ];
        let own = own
            .into_iter()
            .filter_map(|(name, text)| Some((format!("proposed/{name}.yaml"), text?)));
        let others = sources
            .iter()
            .map(|(_, file)| (file.path().to_owned(), file.text().to_owned()));
        let all = Arc::new(SourceSet::from_texts(others.chain(own)));
        let proposed = Folder::read(Arc::clone(&all), "proposed");
        let opened = proposed.open();
        if let Err(compilation) = opened {
            let report = Report::new(all, compilation.diagnostics);
            let rendering = Rendering {
                lang: Lang::En,
                colour: false,
            };
            panic!("{what}\n{}", report.render(rendering));
        }
    }
    true
}

/// Does something to some lines of one of the service's files, or of what all share.
fn garble(files: &mut Files, service: &str, dice: &mut Dice) {
    let own = format!("{service}/");
    let mut at: Vec<usize> = (0..files.len())
        .filter(|at| {
            let path = &files[*at].0;
            path.starts_with(&own) || (path.starts_with("contracts/") && dice.chance(5))
        })
        .collect();
    let at = at.swap_remove(dice.below(at.len()));
    let mut lines: Vec<String> = files[at].1.lines().map(str::to_owned).collect();
    for _ in 0..=dice.below(3) {
        if lines.is_empty() {
            break;
        }
        let line = dice.below(lines.len());
        match dice.below(7) {
            0 | 1 => {
                lines.remove(line);
            }
            2 => {
                // A whole entry: the line and what is written deeper below it.
                let depth = |line: &str| line.len() - line.trim_start().len();
                let own = depth(&lines[line]);
                lines.remove(line);
                while line < lines.len() && depth(&lines[line]) > own {
                    lines.remove(line);
                }
            }
            3 => {
                let other = dice.below(lines.len());
                lines.swap(line, other);
            }
            4 => {
                let copy = lines[line].clone();
                lines.insert(line, copy);
            }
            5 => {
                let chars: Vec<char> = lines[line].chars().collect();
                if !chars.is_empty() {
                    let from = dice.below(chars.len());
                    let to = (from + 1 + dice.below(4)).min(chars.len());
                    lines[line] = chars[..from].iter().chain(&chars[to..]).collect();
                }
            }
            _ => {
                let other = lines[dice.below(lines.len())].trim().to_owned();
                lines[line] = format!("{} {other}", lines[line]);
            }
        }
    }
    files[at].1 = lines.join("\n");
}

#[test]
fn garbled_definitions_are_redesigned_or_told() {
    let files = shipped();
    let (mut made, mut told) = (0, 0);
    for seed in 0..100 {
        let mut dice = Dice::new(seed);
        let service = SERVICES[dice.below(SERVICES.len())];
        let mut files = files.clone();
        garble(&mut files, service, &mut dice);
        if tried(files, service, &format!("seed {seed}")) {
            made += 1;
        } else {
            told += 1;
        }
    }
    assert!(made >= 10, "{made} proposals, {told} told");
    assert!(told >= 10, "{made} proposals, {told} told");
}

/// Each kind of what may be wrong, on purpose.
#[test]
fn broken_definitions_are_told() {
    let change = |path: &str, from: &str, to: &str| {
        let mut files = shipped();
        let file = files.iter_mut().find(|(known, _)| known == path).unwrap();
        assert!(file.1.contains(from), "{path} has no {from:?}");
        file.1 = file.1.replacen(from, to, 1);
        files
    };
    let service = "open-restaurant";
    let own = |name: &str| format!("{service}/{name}.yaml");
    for (what, files) in [
        ("no YAML", change(&own("service"), "steps:", "steps: [")),
        (
            "a cycle",
            change(
                &own("service"),
                "    writes: { health_certificate: [examined_on, result] }",
                "    after: [{ step: health-issue, because: 法 }]\n    writes: { health_certificate: [examined_on, result] }",
            ),
        ),
        (
            "a contract that is missing",
            change(
                &own("service"),
                "contract: signboard,",
                "contract: signbord,",
            ),
        ),
        (
            "an unknown step in the old way",
            change(&own("before"), "  - verify-licence", "  - verify-licenze"),
        ),
        (
            "an unknown step in the workload",
            change(
                &own("workload"),
                "  health-issue: 10min",
                "  health-isue: 10min",
            ),
        ),
        (
            "the old way of another service",
            change(&own("before"), "before: open-restaurant", "before: newborn"),
        ),
    ] {
        assert!(!tried(files, service, what), "{what}");
    }
    // Without a workload there is a proposal all the same; without an old way nothing to begin with.
    let without = |name: &str| {
        let gone = own(name);
        shipped()
            .into_iter()
            .filter(|(path, _)| *path != gone)
            .collect::<Files>()
    };
    assert!(tried(without("workload"), service, "no workload"));
    assert!(!tried(without("before"), service, "no old way"));
    let sources = Arc::new(SourceSet::from_texts(without("service")));
    assert!(Folder::read(sources, service).open().is_err());
}
