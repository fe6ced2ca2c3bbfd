//! What plans say, in words: limits, conditions, answers, reasons.
//!
//! Everything is a [`Text`] in both languages, so that a drawing or a notice
//! is put together once and read in either.

use onething_model::{Lang, Limit, Micros, Text};
use onething_plan::{DeliveryChannel, FieldIx, Limits, Plan, Way};

use crate::view::StepKind;

/// A text made in both languages by the same code.
pub(crate) fn both(mut text: impl FnMut(Lang) -> String) -> Text {
    Text::new(text(Lang::Zh), text(Lang::En))
}

/// What people call a choice, with its key, which is what an application has to say.
pub(crate) fn keyed(title: &Text, key: &str) -> Text {
    Text::new(
        format!("{}（{key}）", title.zh()),
        format!("{} ({key})", title.en()),
    )
}

/// A list in each language: `甲、乙` and `a, b`.
pub(crate) fn list<'a>(items: impl IntoIterator<Item = &'a Text> + Clone) -> Text {
    both(|lang| join(items.clone().into_iter().map(|item| item.get(lang)), lang))
}

/// A list in one language.
pub(crate) fn join<'a>(items: impl IntoIterator<Item = &'a str>, lang: Lang) -> String {
    let items: Vec<&str> = items.into_iter().collect();
    items.join(match lang {
        Lang::Zh => "、",
        Lang::En => ", ",
    })
}

/// A title in quotation marks; those inside it become single ones.
pub(crate) fn quoted(title: &Text) -> Text {
    let inner = |text: &str| text.replace('“', "‘").replace('”', "’");
    both(|lang| format!("“{}”", inner(title.get(lang))))
}

/// The Chinese title of a service as one thing; a title that says `一件事` does not say it twice.
pub(crate) fn one_thing(title: &str) -> String {
    let bare = title.trim_end_matches(['”', '"', '』', '」']);
    if bare.ends_with("一件事") {
        title.to_owned()
    } else {
        format!("{title}“一件事”")
    }
}

/// A number of things in English, with what is said of them: `1 order is`, `2 orders are`.
pub(crate) fn many(count: impl std::fmt::Display, one: &str, more: &str) -> String {
    let count = count.to_string();
    let words = if count == "1" { one } else { more };
    format!("{count} {words}")
}

/// The language as HTML and SVG name it.
pub(crate) fn tongue(lang: Lang) -> &'static str {
    match lang {
        Lang::Zh => "zh-CN",
        Lang::En => "en",
    }
}

/// Thousandths as a decimal number without trailing zeros: `0.5`, `13`.
pub(crate) fn thousandths(count: u64) -> String {
    let rest = count % 1_000;
    if rest == 0 {
        return (count / 1_000).to_string();
    }
    let digits = format!("{rest:03}");
    format!("{}.{}", count / 1_000, digits.trim_end_matches('0'))
}

/// Working days from thousandths: `13 个工作日`, `13 working days`.
pub(crate) fn working_days(count: u64) -> Text {
    let number = thousandths(count);
    let plural = if count == 1_000 { "" } else { "s" };
    Text::new(
        format!("{number} 个工作日"),
        format!("{number} working day{plural}"),
    )
}

/// Of a step that no result waits for.
pub(crate) fn after_results() -> Text {
    Text::new("全部结果出具后", "after the last result")
}

/// A limit with its unit, spelled out.
pub(crate) fn limit(limit: Limit) -> Text {
    let counted = |thousandths_of: u64, zh: &str, en: &str| {
        let number = thousandths(thousandths_of);
        let plural = if thousandths_of == 1_000 { "" } else { "s" };
        Text::new(format!("{number} {zh}"), format!("{number} {en}{plural}"))
    };
    match limit {
        Limit::WorkingDays { thousandths } => working_days(thousandths),
        Limit::CalendarDays { thousandths } => counted(thousandths, "个自然日", "calendar day"),
        Limit::Clock(span) => {
            let units = [
                (Micros::HOUR, "小时", "hour"),
                (Micros::MINUTE, "分钟", "minute"),
                (Micros::SECOND, "秒", "second"),
            ];
            let (unit, zh, en) = units
                .into_iter()
                .find(|(unit, ..)| span.0 % unit.0 == 0)
                .unwrap_or(units[2]);
            let of_unit = i128::from(span.0) * 1_000 / i128::from(unit.0);
            counted(u64::try_from(of_unit).unwrap_or(0), zh, en)
        }
    }
}

/// A unit as people write it; one that nobody has a name for stays as it is.
pub(crate) fn unit(unit: &str) -> Text {
    let (zh, en) = match unit {
        "m2" => ("平方米", "m²"),
        "m3" => ("立方米", "m³"),
        "m" => ("米", "m"),
        "cm" => ("厘米", "cm"),
        "mm" => ("毫米", "mm"),
        "km" => ("公里", "km"),
        "g" => ("克", "g"),
        "kg" => ("千克", "kg"),
        "t" => ("吨", "t"),
        "kW" => ("千瓦", "kW"),
        "kWh" => ("千瓦时", "kWh"),
        other => (other, other),
    };
    Text::new(zh, en)
}

/// The form of a code in words, where it is one kind of characters a number of times:
/// `[0-9A-Z]{28}`. Other patterns say nothing to who cannot read them, but are exact.
pub(crate) fn form(pattern: &str) -> Option<Text> {
    let (kinds, times) = pattern.strip_suffix('}')?.split_once('{')?;
    let (zh, en) = match kinds {
        "[0-9]" | r"\d" => ("数字", "digits"),
        "[A-Z]" => ("大写字母", "capital letters"),
        "[0-9A-Z]" | "[A-Z0-9]" => ("数字或大写字母", "digits or capital letters"),
        "[0-9A-Za-z]" | "[A-Za-z0-9]" => ("数字或字母", "digits or letters"),
        _ => return None,
    };
    let number = |text: &str| text.parse::<u32>().ok();
    Some(match times.split_once(',') {
        None => {
            let count = number(times)?;
            Text::new(format!("{count} 位{zh}"), format!("{count} {en}"))
        }
        Some((least, "")) => {
            let least = number(least)?;
            Text::new(
                format!("至少 {least} 位{zh}"),
                format!("at least {least} {en}"),
            )
        }
        Some((least, most)) => {
            let (least, most) = (number(least)?, number(most)?);
            Text::new(
                format!("{least} 至 {most} 位{zh}"),
                format!("{least} to {most} {en}"),
            )
        }
    })
}

/// Both limits of a step or matter; `None` where neither is stated.
pub(crate) fn limits(limits: &Limits) -> Option<Text> {
    let promised = limits.promised.map(limit);
    let statutory = limits.statutory.map(limit);
    let text = match (promised, statutory) {
        (Some(promised), Some(statutory)) => Text::new(
            format!("承诺 {}（法定 {}）", promised.zh(), statutory.zh()),
            format!("promised {} (statutory {})", promised.en(), statutory.en()),
        ),
        (Some(promised), None) => Text::new(
            format!("承诺 {}", promised.zh()),
            format!("promised {}", promised.en()),
        ),
        (None, Some(statutory)) => Text::new(
            format!("法定 {}", statutory.zh()),
            format!("statutory {}", statutory.en()),
        ),
        (None, None) => return None,
    };
    Some(text)
}

/// The name of a way.
pub(crate) fn way(way: Way) -> Text {
    match way {
        Way::Old => Text::new("旧方式", "Old way"),
        Way::New => Text::new("新方式", "New way"),
    }
}

/// Who or what does a step.
pub(crate) fn kind(kind: StepKind) -> Text {
    match kind {
        StepKind::Submission => Text::new("申请人提交", "handed in by the applicant"),
        StepKind::Fallback => Text::new(
            "数据共享未查到时才须补交",
            "handed in only if the registry has nothing",
        ),
        StepKind::LookUp => Text::new("数据共享查询", "looked up, not asked"),
        StepKind::System => Text::new("系统自动办理", "done by a system"),
        StepKind::Officer => Text::new("工作人员办理", "done by an officer"),
        StepKind::Applicant => Text::new("申请人办理", "done by the applicant"),
        StepKind::Outside => Text::new("外部单位办理", "done by an outside body"),
    }
}

/// Said in place of figures, of a case without a step.
pub(crate) fn nothing_to_apply_for() -> Text {
    Text::new(
        "按这样回答，没有需要办理的事项，不用提交申请。",
        "With these answers there is nothing to apply for.",
    )
}

/// How a result reaches the applicant.
pub(crate) fn channel(channel: DeliveryChannel) -> Text {
    match channel {
        DeliveryChannel::Electronic => Text::new("电子证照", "electronically"),
        DeliveryChannel::Post => Text::new("邮寄送达", "by post"),
        DeliveryChannel::Window => Text::new("窗口领取", "at the window"),
    }
}

/// A field with its subject: `经营场所·地址`, `Premises: address`.
pub(crate) fn field(plan: &Plan, field: FieldIx) -> Text {
    let item = plan.field(field);
    let role = &plan.role(item.role).title;
    Text::new(
        format!("{}·{}", role.zh(), item.title.zh()),
        format!("{}: {}", role.en(), item.title.en()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_say_their_form_where_words_can() {
        let said =
            |pattern: &str| form(pattern).map(|form| (form.zh().to_owned(), form.en().to_owned()));
        let both = |zh: &str, en: &str| Some((zh.to_owned(), en.to_owned()));
        assert_eq!(
            said("[0-9A-Z]{28}"),
            both("28 位数字或大写字母", "28 digits or capital letters")
        );
        assert_eq!(
            said("[0-9]{16,19}"),
            both("16 至 19 位数字", "16 to 19 digits")
        );
        assert_eq!(
            said("[0-9]{3,}"),
            both("至少 3 位数字", "at least 3 digits")
        );
        for pattern in [
            "[0-9]+",
            "a{3}",
            "[0-9]{3}[A-Z]{2}",
            "[0-9]{a}",
            "{3}",
            "[0-9]{3}|[0-9]{5}",
        ] {
            assert_eq!(said(pattern), None, "{pattern}");
        }
    }

    #[test]
    fn limits_keep_their_unit() {
        let say = |text: &str| limit(text.parse().unwrap());
        assert_eq!(say("1wd"), Text::new("1 个工作日", "1 working day"));
        assert_eq!(say("0.5wd"), Text::new("0.5 个工作日", "0.5 working days"));
        assert_eq!(say("56d"), Text::new("56 个自然日", "56 calendar days"));
        assert_eq!(say("90min"), Text::new("90 分钟", "90 minutes"));
        assert_eq!(say("4h"), Text::new("4 小时", "4 hours"));
    }
}
