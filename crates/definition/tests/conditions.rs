//! Conditions: what they mean, and what is said about those that mean nothing.

mod table;

use std::sync::Arc;

use onething_definition::condition::{self, Known};
use onething_definition::diagnostic::{Diagnostics, Rendering, Report};
use onething_definition::source::SourceSet;
use onething_definition::syntax::Read as _;
use onething_definition::syntax::values::Condition;
use onething_definition::yaml;
use onething_definition::yaml::read::{Reader, Spanned};
use onething_model::{Lang, Text};
use onething_plan::{Cond, QuestionType};

fn compile(text: &str) -> (Option<Cond>, Report) {
    let choice = QuestionType::Choice(vec![
        ("tea".into(), Text::new("茶饮", "tea")),
        ("snack".into(), Text::new("小吃", "snacks")),
        ("茶饮".into(), Text::new("茶饮", "tea")),
    ]);
    let number = QuestionType::Number {
        min: Some(0.0),
        max: None,
    };
    let known = |name, kind| Known {
        name,
        kind: Some(kind),
    };
    let questions = [
        known("signboard", &QuestionType::YesNo),
        known("cold", &QuestionType::YesNo),
        known("seats", &number),
        known("kind", &choice),
    ];
    let sources = SourceSet::from_texts([("a.yaml", text)]);
    let file = sources.find("a.yaml").unwrap();
    let mut found = Diagnostics::new();
    let mut cond = None;
    if let Some(root) = yaml::parse(&sources, file, &mut found) {
        let mut reader = Reader::new(&mut found, Lang::Zh);
        let mut fields = reader.fields(&root, &["when"]).unwrap();
        let written = fields.required("when", &mut reader, |node, reader| {
            Some(Spanned {
                value: Condition::read(node, reader)?,
                span: node.span,
            })
        });
        fields.finish(&mut reader);
        if let Some(written) = written {
            match condition::compile(&written, &questions, &sources) {
                Ok(made) => cond = Some(made),
                Err(faults) => {
                    assert!(!faults.is_empty());
                    faults.into_iter().for_each(|fault| found.push(fault));
                }
            }
        }
    }
    (cond, Report::new(Arc::new(sources), found))
}

#[test]
fn conditions() {
    table::check("tests/golden/conditions.txt", |input, lang| {
        let (cond, report) = compile(input);
        let lang = if lang == "zh" { Lang::Zh } else { Lang::En };
        let shown = cond.map(|cond| format!("{cond:?}")).unwrap_or_default();
        let rendering = Rendering {
            lang,
            colour: false,
        };
        shown + &report.render(rendering)
    });
}

#[test]
fn the_longest_conditions_do_not_overflow_the_stack() {
    let longest = |part: &str, end: &str| {
        let text = part.repeat(4_000 / part.len()) + end;
        let _ = compile(&format!("when: '{text}'"));
    };
    longest("!", "signboard");
    longest("-", "3 < seats");
    longest("cold||", "cold");
    longest("cold&&cold||", "cold");
    longest("seats<", "3");
    longest("seats.", "x");
    longest("cold==", "cold");
    longest("1+", "1");
    longest("[", "]");
    longest("seats in ", "seats");
    longest("\"a\"", "");
    longest("((cold)||", "");
    longest("cold<(cold||cold)<", "3");
    longest("cold<(cold)<", "3");
    longest("cold in [cold] in ", "3");
    longest("cold ? cold : ", "3");
    let nested = format!("when: {}cold{}", "(".repeat(64), ")".repeat(64));
    assert_eq!(
        compile(&nested).0,
        Some(Cond::yes(onething_plan::QuestionIx(1)))
    );
    let long = format!("when: {}", ["signboard"; 600].join(" || "));
    assert!(compile(&long).0.is_none(), "longer than the bound");
}
