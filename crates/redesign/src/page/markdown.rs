//! A page in Markdown (CommonMark with tables).

use super::{Block, Page};

impl Page {
    /// As Markdown. What people wrote stays text, whatever characters it has.
    pub(crate) fn to_markdown(&self) -> String {
        let mut out = format!("# {}\n", escape(&self.title));
        for block in &self.blocks {
            out.push('\n');
            match block {
                Block::Heading(level, text) => {
                    out.extend(std::iter::repeat_n('#', usize::from(*level).min(6)));
                    out += &format!(" {}\n", escape(text));
                }
                Block::Paragraph(text) => out += &format!("{}\n", escape(text)),
                Block::List(items) => {
                    for item in items {
                        out += &format!("- {}\n", escape(item));
                    }
                }
                Block::Table {
                    caption,
                    head,
                    rows,
                } => {
                    let row = |cells: &[String]| {
                        let cells: Vec<String> = cells.iter().map(|cell| escape(cell)).collect();
                        format!("| {} |\n", cells.join(" | "))
                    };
                    out += &format!("{}\n\n", escape(caption));
                    out += &row(head);
                    out += &format!("|{}\n", "---|".repeat(head.len()));
                    rows.iter().for_each(|cells| out += &row(cells));
                }
            }
        }
        out
    }
}

fn escape(text: &str) -> String {
    let mut out = String::new();
    for (at, c) in text.chars().enumerate() {
        match c {
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '#' | '~' | '&' => {
                out.push('\\');
                out.push(c);
            }
            // Only at the beginning would these make a list.
            '-' | '+' if at == 0 => {
                out.push('\\');
                out.push(c);
            }
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    // `1.` at the beginning would make a numbered list.
    let digits = out.chars().take_while(char::is_ascii_digit).count();
    if digits > 0 && out[digits..].starts_with(['.', ')']) {
        out.insert(digits, '\\');
    }
    out
}
