//! Saying things in both languages.

/// A text in both languages from two format strings.
///
/// Both are required, so that no message can exist in one language only. Values are captured
/// by name; texts that are named after a semicolon, such as lists, each in the language of the
/// format string.
macro_rules! both {
    ($zh:literal, $en:literal; $($text:ident),+ $(,)?) => {
        ::onething_model::Text::new(
            { $(let $text = $text.zh();)+ ::std::format!($zh) },
            { $(let $text = $text.en();)+ ::std::format!($en) },
        )
    };
    ($zh:literal, $en:literal $(,)?) => {
        ::onething_model::Text::new(::std::format!($zh), ::std::format!($en))
    };
}
pub(crate) use both;

/// A number of things in English: 1 case, 2 cases.
pub(crate) fn many(count: impl std::fmt::Display, one: &str) -> String {
    let count = count.to_string();
    let more = if count == "1" { "" } else { "s" };
    format!("{count} {one}{more}")
}

#[cfg(test)]
mod tests {
    use super::many;

    #[test]
    fn one_is_one_and_none_is_many() {
        let said = [0, 1, 2].map(|count| many(count, "case"));
        assert_eq!(said, ["0 cases", "1 case", "2 cases"]);
    }
}
