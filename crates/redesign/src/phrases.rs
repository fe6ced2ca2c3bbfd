//! Conditions over answers as sentences.

use onething_model::{Lang, Text};
use onething_plan::{Answer, Compare, Cond, Plan, QuestionIx, QuestionType};

use crate::words::{both, list};

/// A condition over answers as a sentence; `None` where there is none.
pub(crate) fn condition(plan: &Plan, cond: &Cond) -> Option<Text> {
    (*cond != Cond::Always).then(|| phrase(plan, cond, false))
}

fn phrase(plan: &Plan, cond: &Cond, inner: bool) -> Text {
    match cond {
        Cond::Always => Text::new("任何情形", "always"),
        Cond::Never => Text::new("任何情形均不适用", "never"),
        Cond::Compare(question, compare, value) => compared(plan, *question, *compare, value),
        Cond::In(question, values) => {
            let kind = &plan.question(*question).kind;
            let values: Vec<Text> = values.iter().map(|value| kind.say(value)).collect();
            let ask = &plan.question(*question).ask;
            let all = list(&values);
            Text::new(
                format!("“{}”回答为其中之一：{}", ask.zh(), all.zh()),
                format!("the answer to “{}” is one of {}", ask.en(), all.en()),
            )
        }
        Cond::Not(cond) if opposite(plan, cond).is_some() => {
            phrase(plan, &opposite(plan, cond).unwrap_or_default(), inner)
        }
        Cond::Not(cond) => {
            // English puts everything in brackets, and so needs none of its own.
            let (inner, outer) = (phrase(plan, cond, true), phrase(plan, cond, false));
            Text::new(
                format!("并非{}", inner.zh()),
                format!("not ({})", outer.en()),
            )
        }
        Cond::All(conds) => joined(plan, conds, inner, ("，且", " and "), &Cond::Always),
        Cond::Any(conds) => joined(plan, conds, inner, ("，或", " or "), &Cond::Never),
    }
}

/// The comparison that says the opposite, where the question is always answered.
fn opposite(plan: &Plan, cond: &Cond) -> Option<Cond> {
    let Cond::Compare(question, compare, value) = cond else {
        return None;
    };
    if plan.question(*question).when != Cond::Always {
        return None;
    }
    let (compare, value) = match (compare, value) {
        (Compare::Equal, Answer::YesNo(yes)) => (Compare::Equal, Answer::YesNo(!yes)),
        (Compare::Equal, value) => (Compare::NotEqual, value.clone()),
        (Compare::NotEqual, value) => (Compare::Equal, value.clone()),
        (Compare::Less, value) => (Compare::AtLeast, value.clone()),
        (Compare::AtMost, value) => (Compare::Greater, value.clone()),
        (Compare::Greater, value) => (Compare::AtMost, value.clone()),
        (Compare::AtLeast, value) => (Compare::Less, value.clone()),
    };
    Some(Cond::Compare(*question, compare, value))
}

fn joined(plan: &Plan, conds: &[Cond], inner: bool, by: (&str, &str), none: &Cond) -> Text {
    if conds.is_empty() {
        return phrase(plan, none, inner);
    }
    let parts: Vec<Text> = conds.iter().map(|cond| phrase(plan, cond, true)).collect();
    let bracket = inner && parts.len() > 1;
    both(|lang| {
        let parts: Vec<&str> = parts.iter().map(|part| part.get(lang)).collect();
        let (by, open, close) = match lang {
            Lang::Zh => (by.0, "（", "）"),
            Lang::En => (by.1, "(", ")"),
        };
        let text = parts.join(by);
        if bracket {
            format!("{open}{text}{close}")
        } else {
            text
        }
    })
}

fn compared(plan: &Plan, question: QuestionIx, compare: Compare, value: &Answer) -> Text {
    let item = plan.question(question);
    let value = item.kind.say(value);
    let (zh, en) = match (compare, &item.kind) {
        (Compare::Equal, QuestionType::Number { .. }) => ("等于 ", "is "),
        (Compare::Equal, QuestionType::YesNo | QuestionType::Choice(_)) => ("回答", "is "),
        (Compare::NotEqual, QuestionType::Number { .. }) => ("不等于 ", "is not "),
        (Compare::NotEqual, QuestionType::YesNo | QuestionType::Choice(_)) => ("未回答", "is not "),
        (Compare::Less, _) => ("小于 ", "is less than "),
        (Compare::AtMost, _) => ("不超过 ", "is at most "),
        (Compare::Greater, _) => ("大于 ", "is more than "),
        (Compare::AtLeast, _) => ("不小于 ", "is at least "),
    };
    let quoted = match item.kind {
        QuestionType::Number { .. } => value.zh().to_owned(),
        QuestionType::YesNo | QuestionType::Choice(_) => format!("“{}”", value.zh()),
    };
    Text::new(
        format!("“{}”{zh}{quoted}", item.ask.zh()),
        format!("the answer to “{}” {en}{}", item.ask.en(), value.en()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use onething_plan::builder::PlanBuilder;

    #[test]
    fn conditions_read_as_sentences() {
        let mut b = PlanBuilder::new("words");
        let sign = b.yes_no("sign");
        let seats = b.yes_no("seats");
        b.plan_mut().questions[seats.index()].kind = QuestionType::Number {
            min: None,
            max: None,
        };
        let plan = b.build();
        let many = Cond::Compare(seats, Compare::Greater, Answer::Number(75.0));
        let not = |cond: &Cond| Cond::Not(Box::new(cond.clone()));
        let either = Cond::Any(vec![many.clone(), not(&not(&many))]);
        let text = condition(&plan, &Cond::yes(sign).and(either)).unwrap();
        assert_eq!(
            text.zh(),
            "“sign”回答“是”，且（“seats”大于 75，或并非“seats”不超过 75）"
        );
        assert_eq!(
            text.en(),
            "the answer to “sign” is yes and (the answer to “seats” is more than 75 or not (the answer to “seats” is at most 75))"
        );
        let both = Cond::yes(sign).and(many.clone());
        let text = condition(&plan, &not(&both)).unwrap();
        assert_eq!(text.zh(), "并非（“sign”回答“是”，且“seats”大于 75）");
        assert_eq!(
            text.en(),
            "not (the answer to “sign” is yes and the answer to “seats” is more than 75)"
        );
        let text = condition(&plan, &not(&Cond::yes(sign))).unwrap();
        assert_eq!(
            (text.zh(), text.en()),
            ("“sign”回答“否”", "the answer to “sign” is no")
        );
        assert_eq!(condition(&plan, &Cond::Always), None);
    }
}
