//! A page of headings, paragraphs, lists and tables, in one language, and how
//! it is written: as text, Markdown or HTML.

mod html;
mod markdown;
mod text;

/// A page.
pub(crate) struct Page {
    /// The language as HTML names it.
    pub(crate) tongue: &'static str,
    pub(crate) title: String,
    pub(crate) blocks: Vec<Block>,
}

/// A block of a page.
pub(crate) enum Block {
    /// A heading; level 2 is below the title.
    Heading(u8, String),
    Paragraph(String),
    List(Vec<String>),
    Table {
        caption: String,
        head: Vec<String>,
        /// As many cells as the head has; the first names the row.
        rows: Vec<Vec<String>>,
    },
}

impl Page {
    pub(crate) fn heading(&mut self, level: u8, text: impl Into<String>) {
        self.blocks.push(Block::Heading(level, text.into()));
    }

    pub(crate) fn paragraph(&mut self, text: impl Into<String>) {
        self.blocks.push(Block::Paragraph(text.into()));
    }

    /// A list; an empty one is left out.
    pub(crate) fn list(&mut self, items: Vec<String>) {
        if !items.is_empty() {
            self.blocks.push(Block::List(items));
        }
    }

    /// A table; an empty one is left out, and so are empty columns.
    pub(crate) fn table(&mut self, caption: String, head: Vec<String>, rows: Vec<Vec<String>>) {
        let filled: Vec<bool> = (0..head.len())
            .map(|at| {
                rows.iter()
                    .any(|row| row.get(at).is_some_and(|cell| !cell.is_empty()))
            })
            .collect();
        let keep = |cells: Vec<String>| -> Vec<String> {
            let cells = cells.into_iter().zip(&filled);
            cells
                .filter(|(_, filled)| **filled)
                .map(|(cell, _)| cell)
                .collect()
        };
        let head = keep(head);
        let rows: Vec<Vec<String>> = rows.into_iter().map(keep).collect();
        if !rows.is_empty() {
            self.blocks.push(Block::Table {
                caption,
                head,
                rows,
            });
        }
    }
}
