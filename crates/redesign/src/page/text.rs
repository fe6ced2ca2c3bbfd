//! A page for a terminal or a plain letter.

use super::{Block, Page};
use crate::type_size::{columns, wrap_columns};

const WIDTH: usize = 96;

impl Page {
    /// As plain text, lines of at most 96 columns. A table becomes a list:
    /// columns of sentences would be too narrow to read.
    pub(crate) fn to_text(&self) -> String {
        let mut out = String::new();
        heading(&mut out, &self.title, '=');
        for block in &self.blocks {
            match block {
                Block::Heading(2, text) => {
                    out.push('\n');
                    heading(&mut out, text, '-');
                }
                Block::Heading(_, text) => {
                    out.push('\n');
                    lines(&mut out, "", "", text);
                }
                Block::Paragraph(text) => lines(&mut out, "", "", text),
                Block::List(items) => {
                    for item in items {
                        lines(&mut out, "  - ", "    ", item);
                    }
                }
                Block::Table {
                    caption,
                    head,
                    rows,
                } => {
                    lines(&mut out, "", "", caption);
                    for row in rows {
                        for (at, (name, cell)) in head.iter().zip(row).enumerate() {
                            if cell.is_empty() {
                                continue;
                            }
                            if at == 0 {
                                lines(&mut out, "  - ", "    ", cell);
                            } else {
                                let colon = if self.tongue == "en" { ": " } else { "：" };
                                lines(
                                    &mut out,
                                    "      ",
                                    "        ",
                                    &format!("{name}{colon}{cell}"),
                                );
                            }
                        }
                    }
                }
            }
        }
        out
    }
}

fn heading(out: &mut String, text: &str, line: char) {
    lines(out, "", "", text);
    let width = columns(text).min(WIDTH);
    out.extend(std::iter::repeat_n(line, width));
    out.push('\n');
}

fn lines(out: &mut String, first: &str, next: &str, text: &str) {
    for (at, line) in wrap_columns(text, WIDTH - next.len()).iter().enumerate() {
        *out += if at == 0 { first } else { next };
        *out += line;
        out.push('\n');
    }
}
