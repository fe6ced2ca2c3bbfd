//! Characters that no text of a person needs and that deceive who reads it.

use onething_model::Text;

/// Whether a character steers a terminal or reorders what is read instead of being
/// read: control characters (C0, delete, C1) and the bidirectional embeddings,
/// overrides and isolates of Unicode (UAX #9). A line break and a tab are among them.
#[must_use]
pub fn is_control(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}')
}

/// Refuses control characters in a text; a text of several lines may have line
/// breaks (`\n`, `\r\n`) and tabs.
///
/// ```
/// use onething_plan::check::no_control;
/// assert!(no_control("光明路 1 号\n二楼", true).is_ok());
/// let wrong = no_control("光明路\u{1b}[2J", false).unwrap_err();
/// assert!(wrong.en().contains("U+001B at character 4"));
/// ```
///
/// # Errors
/// Which character stands where, in both languages.
pub fn no_control(text: &str, lines: bool) -> Result<(), Text> {
    let mut rest = text.chars().enumerate().peekable();
    while let Some((at, c)) = rest.next() {
        let is_break = match c {
            '\n' | '\t' => true,
            '\r' => rest.peek().is_some_and(|(_, next)| *next == '\n'),
            _ => false,
        };
        if !is_control(c) || (lines && is_break) {
            continue;
        }
        let (code, place) = (u32::from(c), at + 1);
        return Err(match c {
            '\n' | '\r' | '\t' => Text::new(
                format!("第 {place} 个字符是换行或制表符（U+{code:04X}），此处只能填一行"),
                format!(
                    "has a line break or tab, U+{code:04X} at character {place}; it is one line"
                ),
            ),
            _ => Text::new(
                format!("第 {place} 个字符 U+{code:04X} 是不可见的控制字符，请删去后重填"),
                format!("has the control character U+{code:04X} at character {place}; remove it"),
            ),
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::no_control;

    #[test]
    fn what_steers_a_terminal_is_refused_with_its_place() {
        for (text, lines, place) in [
            ("张三", false, None),
            ("a\u{1b}[2J", true, Some(2)),
            ("a\0", true, Some(2)),
            ("\u{9b}2J", true, Some(1)),
            ("\u{7f}", true, Some(1)),
            ("ab\u{202E}cd", true, Some(3)),
            ("ab\u{2069}", true, Some(3)),
            ("a\u{2028}b", true, Some(2)),
            ("a\nb\tc\r\nd", true, None),
            ("a\rb", true, Some(2)),
            ("a\nb", false, Some(2)),
            // Joiners, marks and full-width blanks are ordinary writing.
            ("\u{200D}\u{3000}é", false, None),
        ] {
            match (no_control(text, lines), place) {
                (Ok(()), None) => {}
                (Err(why), Some(place)) => {
                    let told = format!("character {place}");
                    assert!(why.en().contains(&told), "{text:?}: {why:?}");
                    assert!(why.zh().contains(&format!("第 {place} 个")), "{why:?}");
                }
                (told, _) => panic!("{text:?}: {told:?}"),
            }
        }
    }
}
