//! Characters that deceive whoever reads a definition, or what is made of it.

use onething_plan::check::is_control;

use super::{Node, Value};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, both};
use crate::source::{SourceSet, Span};

/// Refuses, in what was read of a file, texts that steer a terminal or reorder what is read: titles
/// and reasons are shown to people wherever they are. Line breaks and tabs are no such thing.
///
/// [`parse`](super::parse) leaves them, for it reads applications as well: there each value is
/// checked as its field wants it, and refused with the name of the field.
pub(crate) fn refuse(sources: &SourceSet, node: &mut Node, found: &mut Diagnostics) {
    match &mut node.value {
        Value::Scalar(scalar) => {
            if refused(sources, &scalar.text, node.span, found) {
                // The rest is read, so that nobody complains that something is missing.
                let rest: String = scalar.text.chars().filter(|c| !is_control(*c)).collect();
                scalar.text = rest.into();
            }
        }
        Value::List(items) => {
            for item in items {
                refuse(sources, item, found);
            }
        }
        Value::Map(map) => {
            let count = map.entries.len();
            map.entries
                .retain(|entry| !refused(sources, &entry.key.text, entry.key.span, found));
            map.partial |= map.entries.len() < count;
            for entry in &mut map.entries {
                refuse(sources, &mut entry.value, found);
            }
        }
        Value::Refused => {}
    }
}

fn refused(sources: &SourceSet, text: &str, span: Span, found: &mut Diagnostics) -> bool {
    let deceives = |(at, c): (usize, char)| {
        let is_break = matches!(c, '\n' | '\t') || text[at..].starts_with("\r\n");
        is_control(c) && !is_break
    };
    let mut places = text.char_indices().enumerate();
    let Some((at, (_, c))) = places.find(|(_, place)| deceives(*place)) else {
        return false;
    };
    // It stands there itself, or as an escape in quotes.
    let (start, end) = (span.start as usize, span.end as usize);
    let written = sources.file(span.file).text().get(start..end);
    let itself = written.unwrap_or_default().find(c).map(|at| start + at);
    let place = itself.map_or(span, |at| Span::new(span.file, at, at + c.len_utf8()));
    let (code, at) = (u32::from(c), at + 1);
    found.push(
        Diagnostic::new(
            Code::ControlCharacter,
            place,
            both!(
                "文本的第 {at} 个字符是不可见的控制字符 U+{code:04X}",
                "the text has the control character U+{code:04X} at character {at}",
            ),
        )
        .why(both!(
            "这样的字符能操纵终端，或者打乱文字的显示顺序，使人看到的与所写的不同",
            "such characters steer terminals or reorder what is shown: people would read something else than what is written",
        ))
        .help(both!(
            "删去它；写成转义的（如 `\"\\e\"`）也要删去",
            "remove it, also where it is written as an escape (such as `\"\\e\"`)",
        )),
    );
    true
}
