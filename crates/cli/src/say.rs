//! Saying things in both languages.

/// A text in both languages from two format strings.
///
/// Both are required, so that no message can exist in one language only.
macro_rules! both {
    ($zh:literal, $en:literal $(,)?) => {
        ::onething_model::Text::new(::std::format!($zh), ::std::format!($en))
    };
}
pub(crate) use both;
