//! Below the ways: their times on one scale, and what the signs mean.

use onething_model::Lang;

use super::sheet::{
    BODY, Frame, PAD, Paragraph, Rect, SMALL, Sheet, height_of, line_height, set, width_of,
};
use crate::view::{StepKind, View};
use crate::words;

const HEAD: i32 = 128;
const BAR: i32 = 26;

/// The critical paths as bars, all ways on one scale. Empty when no step has
/// a limit that counts. A way with nothing to do has no bar: one without length
/// would look like the fastest.
pub(super) fn strip(ways: &[&View], width: i32, lang: Lang) -> Sheet {
    let ways = ways.iter().filter(|view| !view.steps.is_empty());
    let ways: Vec<&View> = ways.copied().collect();
    let longest = ways.iter().map(|view| view.makespan).max().unwrap_or(0);
    let mut sheet = Sheet::default();
    if longest == 0 {
        return sheet;
    }
    let heading = match lang {
        Lang::Zh => "关键路径用时（按时限，同一比例，单位：工作日）",
        Lang::En => "Critical path by the limits, on one scale, in working days",
    };
    let lines = set(&[Paragraph::new(heading, BODY, "heading")], width - 2 * PAD);
    let rect = Rect {
        x: 0,
        y: 0,
        w: width,
        h: height_of(&lines),
    };
    let mut y = rect.h;
    sheet.frames.push(Frame::with(rect, "", lines, false));
    let total = |view: &View| {
        let text = words::working_days(view.makespan);
        Paragraph::new(text.get(lang), BODY, "heading")
    };
    let tail = ways
        .iter()
        .map(|view| width_of(&total(view)))
        .max()
        .unwrap_or(0)
        + 2 * PAD
        + 2;
    let room = i64::from((width - HEAD - tail).max(1));
    let scaled = |thousandths: u64| {
        let px = i128::from(thousandths) * i128::from(room) / i128::from(longest);
        i32::try_from(px).unwrap_or(0)
    };
    for view in ways {
        let name = words::way(view.way);
        let lines = set(
            &[Paragraph::new(name.get(lang), BODY, "lane")],
            HEAD - 2 * PAD,
        );
        let height = BAR.max(height_of(&lines));
        let row = |x: i32, w: i32| Rect { x, y, w, h: height };
        sheet
            .frames
            .push(Frame::with(row(0, HEAD), "", lines, false));
        let on_path = view
            .steps
            .iter()
            .filter(|step| step.takes > 0 && view.critical_path.contains(&step.key));
        for (at, step) in on_path.enumerate() {
            let (begin, end) = (scaled(step.begin), scaled(step.end));
            let days = Paragraph::new(words::thousandths(step.takes), SMALL, "bar");
            let fits = width_of(&days) + 2 * PAD <= end - begin;
            let lines = if fits {
                set(&[days], end - begin - 2 * PAD)
            } else {
                Vec::new()
            };
            let class = if at % 2 == 0 { "bar" } else { "bar next" };
            let mut frame = Frame::with(row(HEAD + begin, end - begin), class, lines, true);
            frame.radius = 0;
            frame.tip = format!(
                "{} · {}",
                step.title.get(lang),
                words::working_days(step.takes).get(lang)
            );
            sheet.frames.push(frame);
        }
        let lines = set(&[total(view)], tail - 2 * PAD);
        let rect = row(HEAD + scaled(view.makespan), tail);
        sheet.frames.push(Frame::with(rect, "", lines, false));
        y += height + 4;
    }
    sheet.width = width;
    sheet.height = y + PAD;
    sheet
}

/// What the signs mean; only those that are in the drawing.
pub(super) fn legend(ways: &[&View], broken: bool, width: i32, lang: Lang) -> Sheet {
    let kinds: Vec<StepKind> = ways
        .iter()
        .flat_map(|view| view.steps.iter().map(|step| step.kind))
        .collect();
    let any = |wanted: &[StepKind]| kinds.iter().any(|kind| wanted.contains(kind));
    let critical = ways.iter().any(|view| !view.critical_path.is_empty());
    let signs = [
        (
            any(&[StepKind::Submission, StepKind::Applicant]),
            "own",
            12,
            "申请人办理",
            "the applicant acts",
        ),
        (
            any(&[StepKind::Fallback]),
            "own spare",
            12,
            "仅在未查到数据时补交",
            "only if a registry has nothing",
        ),
        (
            any(&[StepKind::LookUp]),
            "shared",
            16,
            "数据共享，免填免交",
            "looked up instead of asked",
        ),
        (
            any(&[StepKind::System, StepKind::Officer, StepKind::Outside]),
            "work",
            3,
            "部门或外部单位办理",
            "a department or outside body works",
        ),
        (
            critical,
            "work critical",
            3,
            "关键路径：决定总用时",
            "critical path: decides the total time",
        ),
        (
            broken,
            "connector",
            16,
            "编号相同处相接",
            "goes on where the number is the same",
        ),
    ];
    let mut sheet = Sheet::default();
    let (mut x, mut y) = (PAD, PAD);
    let height = line_height(SMALL) + 2 * PAD;
    for (_, class, radius, zh, en) in signs.into_iter().filter(|sign| sign.0) {
        let text = match lang {
            Lang::Zh => zh,
            Lang::En => en,
        };
        let text = Paragraph::new(text, SMALL, "small");
        let wide = width_of(&text) + 2 * PAD + 2;
        let swatch = 34;
        if x > PAD && x + swatch + wide > width {
            x = PAD;
            y += height;
        }
        let high = height - 12;
        // A sign looks as it does in the drawing: where a way goes on is a circle.
        let w = if class == "connector" { high } else { swatch };
        let rect = Rect {
            x: x + (swatch - w) / 2,
            y: y + 6,
            w,
            h: high,
        };
        let mut sign = Frame::with(rect, class, Vec::new(), false);
        sign.radius = radius.min(rect.h / 2);
        sheet.frames.push(sign);
        let rect = Rect {
            x: x + swatch,
            y,
            w: wide,
            h: height,
        };
        let lines = set(&[text], wide - 2 * PAD);
        sheet.frames.push(Frame::with(rect, "", lines, false));
        x += swatch + wide + PAD;
    }
    sheet.width = width;
    sheet.height = y + height;
    sheet
}
