//! The report as Markdown: for a paper, a pull request, a page.

use std::fmt::Write as _;

use onething_model::Lang;

use super::{Report, Table};

impl Report {
    /// The whole report, definitions of the figures included.
    #[must_use]
    pub fn to_markdown(&self) -> String {
        let mut text = String::new();
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "# {}\n\n**{}**",
            cell(&self.title),
            cell(&self.headline)
        );
        for said in [&self.scenario, &self.study] {
            if !said.is_empty() {
                let _ = writeln!(text, "\n{}", cell(said));
            }
        }
        let (warnings, notes, rounding) = match self.lang {
            Lang::Zh => ("提示", "说明", "指标的含义"),
            Lang::En => ("Warnings", "Notes", "What the figures count"),
        };
        list(&mut text, warnings, &self.warnings);
        for table in &self.tables {
            self.table(&mut text, table);
        }
        list(&mut text, notes, &self.notes);
        let _ = writeln!(text, "\n## {rounding}\n");
        grid(&mut text, &self.definitions);
        text
    }

    fn table(&self, text: &mut String, table: &Table) {
        let _ = writeln!(text, "\n## {}\n", cell(&table.title));
        grid(text, table);
        let source = match self.lang {
            Lang::Zh => "来源：",
            Lang::En => "Source: ",
        };
        if let Some(from) = &table.source {
            let _ = writeln!(text, "\n{source}{}", cell(from));
        }
        if !table.notes.is_empty() {
            text.push('\n');
        }
        for (at, note) in table.notes.iter().enumerate() {
            let _ = writeln!(text, "{}. {}", at + 1, cell(note));
        }
    }
}

fn list(text: &mut String, title: &str, items: &[String]) {
    if items.is_empty() {
        return;
    }
    let _ = writeln!(text, "\n## {title}\n");
    for item in items {
        let _ = writeln!(text, "- {}", cell(item));
    }
}

fn grid(text: &mut String, table: &Table) {
    let row = |text: &mut String, cells: &mut dyn Iterator<Item = String>| {
        text.push('|');
        for cell in cells {
            let _ = write!(text, " {cell} |");
        }
        text.push('\n');
    };
    row(text, &mut table.columns.iter().map(|c| cell(&c.title)));
    let rule = |right: bool| if right { "---:" } else { "---" };
    row(
        text,
        &mut table.columns.iter().map(|c| rule(c.right).into()),
    );
    for cells in &table.rows {
        row(text, &mut cells.iter().map(|c| cell(c)));
    }
}

/// A text that stays in its cell and on its line, and starts no HTML.
fn cell(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '|' => safe.push_str("\\|"),
            '<' => safe.push_str("&lt;"),
            '\n' | '\r' => safe.push(' '),
            letter => safe.push(letter),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_cannot_break_out_of_its_cell() {
        assert_eq!(cell("a|b\n# c<script>"), "a\\|b # c&lt;script>");
    }
}
