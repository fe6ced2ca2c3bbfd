//! A drawing as SVG: departments as lanes, the critical path marked, the old
//! way and the new way on one sheet.

#[cfg(test)]
mod checks;
mod graph;
mod paint;
mod panel;
mod place;
mod route;
mod sheet;
mod strip;
mod system;

pub(crate) use self::paint::escape;

use onething_model::Lang;

use self::sheet::{BODY, Frame, Paragraph, Rect, Sheet, height_of, set};
use super::{cautions, facts, scenario};
use crate::view::View;
use crate::words;

const MARGIN: i32 = 20;
/// Narrowest sheet, so that headings have room.
const NARROWEST: i32 = 820;

/// The ways of a service as one SVG image, in the order given: usually the old
/// way above the new one. Below them bars compare the times by the limits, on
/// one scale.
///
/// The image stands on its own: no scripts, no fonts, no links. It follows
/// the reader's light or dark mode and prints in black on white. Resting the
/// pointer on a box or an arrow tells its details.
///
/// Boxes are wide enough for common fonts in both languages, without a need
/// for a particular one; titles that are too long for their box are wrapped,
/// and beyond six lines cut off with `…`.
///
/// ```
/// use onething_model::Lang;
/// use onething_plan::{Actor, builder::PlanBuilder};
/// use onething_redesign::{View, draw};
/// let mut b = PlanBuilder::new("shop");
/// b.step("review", Actor::Officer);
/// let plan = b.build();
/// let view = View::new(&plan, &plan.reference);
/// let svg = draw::svg(&[&view], Lang::Zh);
/// assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>\n"));
/// ```
#[must_use]
pub fn svg(ways: &[&View], lang: Lang) -> String {
    paint::paint(&sheet(ways, lang), &names(ways, lang), lang)
}

/// What the image is called, for those who do not see it.
struct Names {
    /// Distinguishes the ids of images that share a page.
    id: String,
    title: String,
    description: String,
}

fn names(ways: &[&View], lang: Lang) -> Names {
    let told = |view: &&View| {
        let facts: Vec<String> = facts(view).iter().map(|f| f.get(lang).to_owned()).collect();
        let way = words::way(view.way);
        // Where there is nothing to apply for, that is a sentence with its stop.
        match lang {
            Lang::Zh => {
                let facts = facts.join("，");
                format!("{}：{}。", way.zh(), facts.trim_end_matches('。'))
            }
            Lang::En => {
                let facts = facts.join(", ");
                format!("{}: {}.", way.en(), facts.trim_end_matches('.'))
            }
        }
    };
    let way = |view: &&View| format!("-{}", words::way(view.way).en().replace(' ', "-"));
    Names {
        id: ways.first().map_or_else(String::new, |view| {
            let ways: String = ways.iter().map(way).collect();
            format!("{}{}", view.service, ways.to_lowercase())
        }),
        title: ways
            .first()
            .map_or("", |view| view.title.get(lang))
            .to_owned(),
        description: ways.iter().map(told).collect::<Vec<_>>().join(" "),
    }
}

fn sheet(ways: &[&View], lang: Lang) -> Sheet {
    let panels: Vec<Sheet> = ways.iter().map(|view| panel::panel(view, lang)).collect();
    let widest = panels.iter().map(|panel| panel.width).max().unwrap_or(0);
    let inner = widest.max(NARROWEST);
    // The lanes of all ways and their parts are equally wide.
    let panels = panels.into_iter().map(|mut panel| {
        for lane in &mut panel.ground {
            lane.rect.w = inner - lane.rect.x;
        }
        panel
    });
    let panels: Vec<Sheet> = panels.collect();
    let mut sheet = Sheet::default();
    let mut y = MARGIN;
    let write = |sheet: &mut Sheet, y: &mut i32, paragraphs: &[Paragraph]| {
        let lines = set(paragraphs, inner - 2 * sheet::PAD);
        let rect = Rect {
            x: MARGIN,
            y: *y,
            w: inner,
            h: height_of(&lines),
        };
        *y += rect.h;
        sheet.frames.push(Frame::with(rect, "", lines, false));
    };
    if let Some(view) = ways.first() {
        let mut top = vec![Paragraph::new(view.title.get(lang), 20, "title")];
        top.extend(scenario(view, lang).map(|text| Paragraph::new(text, SMALL_TEXT, "small")));
        write(&mut sheet, &mut y, &top);
    }
    let connector = |frame: &Frame| frame.class == "connector";
    let broken = panels.iter().any(|p| p.frames.iter().any(connector));
    for (view, panel) in ways.iter().zip(panels) {
        let facts: Vec<String> = facts(view).iter().map(|f| f.get(lang).to_owned()).collect();
        let heading = format!("{} · {}", words::way(view.way).get(lang), facts.join(" · "));
        let mut paragraphs = vec![Paragraph::new(heading, 14, "heading")];
        let cautions = cautions(view).into_iter();
        paragraphs.extend(cautions.map(|text| Paragraph::new(text.get(lang), SMALL_TEXT, "small")));
        write(&mut sheet, &mut y, &paragraphs);
        let height = panel.height;
        sheet.put(panel, MARGIN, y);
        y += height + MARGIN / 2;
    }
    let strip = strip::strip(ways, inner, lang);
    let height = strip.height;
    sheet.put(strip, MARGIN, y);
    y += height;
    let legend = strip::legend(ways, broken, inner, lang);
    sheet.put(legend, MARGIN, y);
    sheet.width = inner + 2 * MARGIN;
    sheet.height += MARGIN;
    sheet
}

const SMALL_TEXT: i32 = BODY;
