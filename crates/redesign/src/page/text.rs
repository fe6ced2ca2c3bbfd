//! A page for a terminal or a plain letter.

use super::{Block, Page};
use crate::type_size::{columns, wrap_columns};

const WIDTH: usize = 96;

impl Page {
    /// As plain text, lines of at most 96 columns. A table of sentences
    /// becomes a list: its columns would be too narrow to read.
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
                    if !grid(&mut out, head, rows) {
                        let colon = if self.tongue == "en" { ": " } else { "：" };
                        list(&mut out, head, rows, colon);
                    }
                }
            }
        }
        out
    }
}

/// Figures in columns; `false` where a cell is not a number or lines would be too wide.
fn grid(out: &mut String, head: &[String], rows: &[Vec<String>]) -> bool {
    let number = |cell: &String| cell == "–" || cell.parse::<f64>().is_ok();
    let figures = rows.iter().all(|row| row.iter().skip(1).all(number));
    let table = || std::iter::once(head).chain(rows.iter().map(Vec::as_slice));
    let width = |at: usize| {
        let cells = table().filter_map(|row| row.get(at));
        cells.map(|cell| columns(cell)).max().unwrap_or_default()
    };
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    if !figures || widths.iter().map(|width| 2 + width).sum::<usize>() > WIDTH {
        return false;
    }
    for row in table() {
        let mut line = String::new();
        for (at, (cell, width)) in row.iter().zip(&widths).enumerate() {
            let room = " ".repeat(width.saturating_sub(columns(cell)));
            line += "  ";
            line += &if at == 0 {
                format!("{cell}{room}")
            } else {
                room + cell
            };
        }
        *out += line.trim_end();
        out.push('\n');
    }
    true
}

/// One entry for each row, its cells named by the head.
fn list(out: &mut String, head: &[String], rows: &[Vec<String>], colon: &str) {
    for row in rows {
        for (at, (name, cell)) in head.iter().zip(row).enumerate() {
            if at == 0 {
                lines(out, "  - ", "    ", cell);
            } else if !cell.is_empty() {
                lines(out, "      ", "        ", &format!("{name}{colon}{cell}"));
            }
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn written(head: &[&str], rows: &[&[&str]]) -> String {
        let cells = |cells: &[&str]| cells.iter().map(|&cell| cell.to_owned()).collect();
        let mut page = Page {
            tongue: "zh",
            title: "表".to_owned(),
            blocks: Vec::new(),
        };
        let rows = rows.iter().map(|row| cells(row)).collect();
        page.table("说明".to_owned(), cells(head), rows);
        page.to_text()
    }

    #[test]
    fn figures_stand_in_columns_and_sentences_in_a_list() {
        assert_eq!(
            written(
                &["指标", "前", "R1"],
                &[&["跑动次数", "6", "-2"], &["材料", "24", "–"]]
            ),
            "表\n==\n说明\n  指标      前  R1\n  跑动次数   6  -2\n  材料      24   –\n"
        );
        assert_eq!(
            written(&["事项", "时限"], &[&["招牌", "5 个工作日"]]),
            "表\n==\n说明\n  - 招牌\n      时限：5 个工作日\n"
        );
    }

    #[test]
    fn what_is_too_wide_for_columns_is_a_list() {
        let wide = "9".repeat(WIDTH);
        let text = written(&["指标", "前"], &[&["跑动次数", &wide]]);
        assert!(text.contains("  - 跑动次数\n      前："), "{text}");
    }
}
