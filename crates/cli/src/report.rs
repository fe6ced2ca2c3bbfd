//! Draws reports of figures on a terminal.

use comfy_table::{CellAlignment, Table};
use onething::measure::{Report, report};
use onething_model::Lang;

use crate::output::Output;

/// Headline first, then the tables, then what makes them doubtful.
pub(crate) fn show(report: &Report, out: &mut Output) {
    out.line(&report.title);
    out.line("");
    out.line(&report.headline);
    for said in [&report.scenario, &report.study] {
        if !said.is_empty() {
            out.line(said);
        }
    }
    for table in &report.tables {
        out.line("");
        show_table(table, out);
    }
    let (warnings, notes) = match out.lang {
        Lang::Zh => ("注意", "说明"),
        Lang::En => ("Warnings", "Notes"),
    };
    list(warnings, &report.warnings, out);
    list(notes, &report.notes, out);
}

fn list(title: &str, lines: &[String], out: &mut Output) {
    if lines.is_empty() {
        return;
    }
    out.line("");
    out.line(title);
    for line in lines {
        out.line(&format!("  - {line}"));
    }
}

fn show_table(table: &report::Table, out: &mut Output) {
    out.line(&table.title);
    let titles = table.columns.iter().map(|column| column.title.clone());
    let mut drawn = out.table(titles);
    for row in &table.rows {
        drawn.add_row(row);
    }
    align(&mut drawn, table);
    out.line(&drawn.trim_fmt());
    if let Some(source) = &table.source {
        let word = match out.lang {
            Lang::Zh => "来源：",
            Lang::En => "source: ",
        };
        out.line(&format!("  {word}{source}"));
    }
    for (at, note) in table.notes.iter().enumerate() {
        out.line(&format!("  [{}] {note}", at + 1));
    }
}

fn align(drawn: &mut Table, table: &report::Table) {
    for (at, column) in table.columns.iter().enumerate() {
        if column.right
            && let Some(drawn) = drawn.column_mut(at)
        {
            drawn.set_cell_alignment(CellAlignment::Right);
        }
    }
}
