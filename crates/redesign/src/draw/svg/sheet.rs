//! What is on the paper: frames with labels in them, and lines. All
//! coordinates are whole pixels, so that the bytes are the same everywhere.

use crate::type_size::{width, wrap_px};

/// Font size of titles in boxes and of running text.
pub(super) const BODY: i32 = 12;
/// Font size of what stands below a title.
pub(super) const SMALL: i32 = 11;
/// Space between a frame and its labels.
pub(super) const PAD: i32 = 7;

/// A sheet to be written as SVG.
#[derive(Default)]
pub(super) struct Sheet {
    pub(super) width: i32,
    pub(super) height: i32,
    /// Painted first: the lanes.
    pub(super) ground: Vec<Frame>,
    pub(super) lines: Vec<Line>,
    pub(super) frames: Vec<Frame>,
}

/// A rectangle in whole pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rect {
    pub(super) x: i32,
    pub(super) y: i32,
    pub(super) w: i32,
    pub(super) h: i32,
}

/// A rectangle with labels that stay inside it.
pub(super) struct Frame {
    pub(super) rect: Rect,
    /// Class of the style sheet; empty: not painted.
    pub(super) class: String,
    /// Radius of the corners.
    pub(super) radius: i32,
    /// What a pointer resting on it is told.
    pub(super) tip: String,
    pub(super) labels: Vec<Label>,
}

/// One line of text.
pub(super) struct Label {
    pub(super) text: String,
    pub(super) size: i32,
    pub(super) class: &'static str,
    /// The anchor: the middle of the text when `centred`, else its left end.
    pub(super) x: i32,
    /// The base line.
    pub(super) y: i32,
    pub(super) centred: bool,
}

/// An arrow along these corners, each straight right, left, up or down of the last.
pub(super) struct Line {
    pub(super) points: Vec<(i32, i32)>,
    pub(super) critical: bool,
    pub(super) tip: String,
}

/// Text to be put into a frame.
pub(super) struct Paragraph {
    pub(super) text: String,
    pub(super) size: i32,
    pub(super) class: &'static str,
    /// What does not fit in so many lines is cut off with `…`.
    pub(super) at_most_lines: usize,
}

impl Paragraph {
    pub(super) fn new(text: impl Into<String>, size: i32, class: &'static str) -> Self {
        Self {
            text: text.into(),
            size,
            class,
            at_most_lines: 6,
        }
    }
}

/// Height of a line: the ascent and descent of the tallest common font (Noto
/// Sans CJK, 1.45 em), so that lines do not touch.
pub(super) fn line_height(size: i32) -> i32 {
    (size * 3 + 1) / 2
}

/// Bold text is wider than what `width` measures.
fn measured(paragraph: &Paragraph) -> usize {
    let bold = matches!(paragraph.class, "lane" | "heading" | "title");
    paragraph.size as usize + usize::from(bold)
}

/// Breaks paragraphs to a width; returns lines with size and class.
pub(super) fn set(paragraphs: &[Paragraph], within: i32) -> Vec<(String, i32, &'static str)> {
    let mut lines = Vec::new();
    for paragraph in paragraphs {
        let size = measured(paragraph);
        let within = within.max(0) as usize;
        for line in wrap_px(&paragraph.text, size, within, paragraph.at_most_lines) {
            lines.push((line, paragraph.size, paragraph.class));
        }
    }
    lines
}

/// The height of a frame around these lines.
pub(super) fn height_of(lines: &[(String, i32, &'static str)]) -> i32 {
    lines
        .iter()
        .map(|(_, size, _)| line_height(*size))
        .sum::<i32>()
        + 2 * PAD
}

/// The width that these lines take on one line each.
pub(super) fn width_of(paragraph: &Paragraph) -> i32 {
    i32::try_from(width(&paragraph.text, measured(paragraph))).unwrap_or(i32::MAX / 4)
}

impl Frame {
    /// A frame with lines in the middle of its height.
    pub(super) fn with(
        rect: Rect,
        class: impl Into<String>,
        lines: Vec<(String, i32, &'static str)>,
        centred: bool,
    ) -> Self {
        let mut y = rect.y + (rect.h - height_of(&lines)) / 2 + PAD;
        let x = if centred {
            rect.x + rect.w / 2
        } else {
            rect.x + PAD
        };
        let labels = lines
            .into_iter()
            .map(|(text, size, class)| {
                // The ascent, 1.16 em, and half of what is left.
                let base = y + size + size / 5;
                y += line_height(size);
                Label {
                    text,
                    size,
                    class,
                    x,
                    y: base,
                    centred,
                }
            })
            .collect();
        Self {
            rect,
            class: class.into(),
            radius: 4,
            tip: String::new(),
            labels,
        }
    }
}

impl Sheet {
    /// Puts another sheet on this one, moved by `x` and `y`.
    pub(super) fn put(&mut self, other: Self, x: i32, y: i32) {
        let moved = |frame: Frame| Frame {
            rect: Rect {
                x: frame.rect.x + x,
                y: frame.rect.y + y,
                ..frame.rect
            },
            labels: frame
                .labels
                .into_iter()
                .map(|label| Label {
                    x: label.x + x,
                    y: label.y + y,
                    ..label
                })
                .collect(),
            ..frame
        };
        self.ground.extend(other.ground.into_iter().map(moved));
        self.frames.extend(other.frames.into_iter().map(moved));
        self.lines.extend(other.lines.into_iter().map(|line| Line {
            points: line.points.iter().map(|(a, b)| (a + x, b + y)).collect(),
            ..line
        }));
        self.width = self.width.max(x + other.width);
        self.height = self.height.max(y + other.height);
    }
}
