//! A page in HTML: one file without scripts, fonts or links, for screens,
//! paper and screen readers.

use super::{Block, Page};
use crate::draw::escape;

const STYLE: &str = "
:root{color-scheme:light dark}
body{font:16px/1.7 \"Noto Sans CJK SC\",\"PingFang SC\",\"Microsoft YaHei\",sans-serif;max-width:62rem;margin:2rem auto;padding:0 1rem;color:#1f2937;background:#fff}
html:lang(en) body{font-family:system-ui,\"Segoe UI\",Roboto,\"Noto Sans\",\"Noto Sans CJK SC\",sans-serif}
h1{font-size:1.6rem;line-height:1.3}
h2{font-size:1.25rem;margin-top:2rem;border-bottom:2px solid #b91c1c;padding-bottom:.2rem}
h3{font-size:1.05rem}
table{border-collapse:collapse;width:100%;margin:1rem 0;font-size:.93rem}
caption{text-align:left;font-weight:bold;padding:.3rem 0}
th,td{border:1px solid #94a3b8;padding:.35rem .55rem;text-align:left;vertical-align:top}
thead th{background:#e2e8f0}
tbody th{font-weight:600;min-width:9em}
td{min-width:5em}
.wide{overflow-x:auto}
@media screen and (max-width:40rem){thead{position:absolute;left:-9999px}table,caption,tbody,tr,th,td{display:block}tbody tr{border:1px solid #94a3b8;margin:.6rem 0}tbody th,td{border:0}tbody th{background:#e2e8f0;color:#1f2937}td:not(:empty)::before{content:attr(data-head);display:block;font-size:.85em;opacity:.75}td:empty{display:none}}
@media (prefers-color-scheme:dark){body{color:#e5e7eb;background:#0f172a}thead th{background:#26344d}th,td{border-color:#475569}h2{border-color:#f87171}}
@media print{body{max-width:none;margin:0;color:#000;background:#fff;font-size:11pt}h2{break-after:avoid}tr{break-inside:avoid}}
";

impl Page {
    /// As a page of its own.
    pub(crate) fn to_html(&self) -> String {
        let title = escape(&self.title);
        let mut out = format!(
            "<!DOCTYPE html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n",
            self.tongue
        );
        for block in &self.blocks {
            match block {
                Block::Heading(level, text) => {
                    let level = (*level).min(6);
                    out += &format!("<h{level}>{}</h{level}>\n", escape(text));
                }
                Block::Paragraph(text) => out += &format!("<p>{}</p>\n", escape(text)),
                Block::List(items) => {
                    out += "<ul>\n";
                    for item in items {
                        out += &format!("<li>{}</li>\n", escape(item));
                    }
                    out += "</ul>\n";
                }
                Block::Table {
                    caption,
                    head,
                    rows,
                } => table(&mut out, caption, head, rows),
            }
        }
        out + "</main>\n</body>\n</html>\n"
    }
}

fn table(out: &mut String, caption: &str, head: &[String], rows: &[Vec<String>]) {
    *out += &format!(
        "<div class=\"wide\"><table>\n<caption>{}</caption>\n<thead><tr>",
        escape(caption)
    );
    for name in head {
        *out += &format!("<th scope=\"col\">{}</th>", escape(name));
    }
    *out += "</tr></thead>\n<tbody>\n";
    for row in rows {
        *out += "<tr>";
        for (at, (name, cell)) in head.iter().zip(row).enumerate() {
            let (name, cell) = (escape(name), escape(cell));
            *out += &if at == 0 {
                format!("<th scope=\"row\">{cell}</th>")
            } else {
                // On a narrow screen the head is out of sight and each cell names its own.
                format!("<td data-head=\"{name}\">{cell}</td>")
            };
        }
        *out += "</tr>\n";
    }
    *out += "</tbody>\n</table></div>\n";
}
