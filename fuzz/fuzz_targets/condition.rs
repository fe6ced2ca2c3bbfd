//! Any text as a `when:`.
//!
//! It is refused with a message that can be shown, or has a meaning that can be
//! evaluated whatever is answered.
#![no_main]

use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use onething_definition::condition::{self, Known};
use onething_definition::diagnostic::{Diagnostics, Rendering, Report};
use onething_definition::source::{SourceSet, Span};
use onething_definition::syntax::values::Condition;
use onething_definition::yaml::Style;
use onething_definition::yaml::read::Spanned;
use onething_model::{Lang, Text};
use onething_plan::{Answer, Answers, QuestionIx, QuestionType};

fuzz_target!(|input: &[u8]| {
    let text = String::from_utf8_lossy(input);
    let choice = QuestionType::Choice(vec![
        ("tea".into(), Text::new("茶饮", "tea")),
        ("snack".into(), Text::new("小吃", "snacks")),
        ("茶饮".into(), Text::new("茶饮", "tea")),
    ]);
    let number = QuestionType::Number {
        min: Some(0.0),
        max: None,
    };
    let known = |name, kind| Known { name, kind };
    let questions = [
        known("signboard", Some(&QuestionType::YesNo)),
        known("seats", Some(&number)),
        known("kind", Some(&choice)),
        known("broken", None),
    ];
    let sources = SourceSet::from_texts([("a.yaml", &*text)]);
    let Some(file) = sources.find("a.yaml") else {
        return;
    };
    let compiled = |style| {
        let written = Spanned {
            value: Condition {
                text: text.clone().into_owned(),
                style,
            },
            span: Span::new(file, 0, text.len()),
        };
        condition::compile(&written, &questions, &sources)
    };
    let cond = compiled(Style::Plain);
    match (&cond, &compiled(Style::Block)) {
        (Ok(one), Ok(other)) => assert_eq!(one, other, "how it is written matters"),
        (Err(_), Err(_)) => {}
        (one, other) => panic!("how it is written matters: {one:?}, {other:?}"),
    }
    match cond {
        Ok(cond) => {
            let numbers = [0.0, -0.0, 50.0, 1e300].map(Answer::Number);
            let words = ["tea", "茶饮", ""].map(|word| Answer::Choice(word.into()));
            let mut answers = Answers::none(questions.len());
            let none = cond.holds(&answers);
            assert_eq!(none, cond.holds(&answers));
            for (number, word) in numbers.iter().zip(words.iter().cycle()) {
                for yes in [false, true] {
                    answers.set(QuestionIx::at(0), Some(Answer::YesNo(yes)));
                    answers.set(QuestionIx::at(1), Some(number.clone()));
                    answers.set(QuestionIx::at(2), Some(word.clone()));
                    let _ = cond.holds(&answers);
                }
            }
            cond.each_atom(&mut |question, _| assert!(question.index() < questions.len()));
        }
        Err(faults) => {
            let mut found = Diagnostics::new();
            faults.into_iter().for_each(|fault| found.push(fault));
            let report = Report::new(Arc::new(sources), found);
            for lang in [Lang::Zh, Lang::En] {
                let _ = report.render(Rendering {
                    lang,
                    colour: false,
                });
            }
            let _ = report.wire();
        }
    }
});
