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
