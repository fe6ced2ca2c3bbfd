//! Declared figures: what others published about the same service. They stand
//! beside the figures worked out here, never in their place, and keep the unit
//! they were published in.

use onething_model::Text;
use onething_plan::{Declared, Service};

use crate::figure::{Figure, FigureName, Kind, Unit};
use crate::source::Source;

/// The declared figures of a service, in the order of its definition. A row
/// that names no figure of ours, or comes in a unit of another quantity,
/// cannot stand beside one and is listed among the faults instead.
#[must_use]
pub fn declared(service: &Service) -> (Vec<Figure>, Vec<Text>) {
    let (mut figures, mut faults) = (Vec::new(), Vec::new());
    for row in &service.declared {
        match figure(row) {
            Ok(figure) => figures.push(figure),
            Err(fault) => faults.push(fault),
        }
    }
    (figures, faults)
}

fn figure(row: &Declared) -> Result<Figure, Text> {
    let about = |zh: String, en: String| {
        Text::new(
            format!("公布数据「{}」（{}）：{zh}", row.figure, row.place.zh()),
            format!("declared `{}` ({}): {en}", row.figure, row.place.en()),
        )
    };
    let name: FigureName = row.figure.parse().map_err(|error: crate::UnknownFigure| {
        about(
            "不是可比较的指标，未列出".into(),
            format!("not shown: {error}"),
        )
    })?;
    let unit = match (name.unit(), row.unit.as_deref()) {
        (Unit::Count, None) => Unit::Count,
        (Unit::WorkingDays | Unit::Days, Some("wd")) => Unit::WorkingDays,
        (Unit::WorkingDays | Unit::Days, Some("d")) => Unit::Days,
        (expected, unit) => {
            let (zh, en) = match expected {
                Unit::Count => ("次数、件数没有单位", "a count has no unit"),
                Unit::WorkingDays | Unit::Days => {
                    ("时间应写明单位 wd 或 d", "a time is in `wd` or `d`")
                }
            };
            let unit = unit.unwrap_or("—");
            return Err(about(
                format!("{zh}，此处为「{unit}」，未列出"),
                format!("not shown: {en}, here it is `{unit}`"),
            ));
        }
    };
    let source = Source::Publication {
        by: row.source.clone(),
        place: row.place.clone(),
        year: row.year,
    };
    let mut figure = Figure::new(name, Kind::Declared, row.before, Some(row.after), source);
    if figure.unit != unit {
        figure.unit = unit;
        figure = figure.note(match unit {
            Unit::Days => Text::new("按自然日公布", "published in calendar days"),
            Unit::WorkingDays | Unit::Count => {
                Text::new("按工作日公布", "published in working days")
            }
        });
    }
    Ok(figure)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use onething_model::Lang;
    use onething_plan::builder::PlanBuilder;

    use super::*;

    fn of(rows: &[(&str, Option<f64>, f64, Option<&str>)]) -> (Vec<Figure>, Vec<Text>) {
        let row = |row: &(&str, Option<f64>, f64, Option<&str>)| Declared {
            figure: row.0.into(),
            before: row.1,
            after: row.2,
            unit: row.3.map(str::to_owned),
            place: Text::new("四川省", "Sichuan"),
            year: Some(2025),
            source: "新华社".into(),
        };
        declared(&Service {
            new: Arc::new(PlanBuilder::new("shop").build()),
            old: None,
            workload: None,
            declared: rows.iter().map(row).collect(),
        })
    }

    #[test]
    fn published_figures_keep_their_source() {
        let (figures, faults) = of(&[
            ("processing_time", Some(48.0), 13.0, Some("wd")),
            ("visits", None, 1.0, None),
        ]);
        assert!(faults.is_empty());
        assert_eq!(figures[0].kind, Kind::Declared);
        assert_eq!(figures[0].cut, Some(35.0 / 48.0));
        assert_eq!(figures[0].source.text(Lang::Zh), "四川省，2025，新华社");
        assert_eq!((figures[1].before, figures[1].cut), (None, None));
    }

    #[test]
    fn published_figures_keep_their_unit() {
        let (figures, _) = of(&[("processing_time", Some(60.0), 20.0, Some("d"))]);
        assert_eq!(figures[0].unit, Unit::Days);
        assert_eq!(figures[0].notes[0].en(), "published in calendar days");
    }

    #[test]
    fn what_cannot_stand_beside_a_figure_is_said() {
        let (figures, faults) = of(&[
            ("speed", None, 1.0, None),
            ("processing_time", None, 13.0, None),
            ("materials", Some(9.0), 2.0, Some("wd")),
            ("processing_time", None, 10.0, Some("min")),
        ]);
        assert!(figures.is_empty());
        let texts: Vec<_> = faults.iter().map(Text::en).collect();
        assert!(
            texts[0].starts_with("declared `speed` (Sichuan): not shown: `speed` is no figure")
        );
        assert!(texts[1].ends_with("a time is in `wd` or `d`, here it is `—`"));
        assert!(texts[2].contains("a count has no unit"));
        assert!(texts[3].contains("`min`"));
    }
}
