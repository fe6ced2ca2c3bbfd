//! Figures: what is compared, in which unit, of which kind, from which source.
//!
//! A figure is never a percentage alone. It carries both numbers, their unit,
//! its kind (declared, computed, simulated or measured) and its source, so
//! that whoever is shown it can ask where it comes from and get an answer.

use std::fmt;
use std::str::FromStr;

use onething_model::{Lang, Text};
use serde::{Deserialize, Serialize};

use crate::source::Source;
use crate::stats::{Interval, Pairs};

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FigureName {
    /// Working days from the first submission to the last delivery.
    #[doc(alias = "办理时间")]
    ProcessingTime,
    /// Calendar days from the first submission to the last delivery.
    ElapsedTime,
    /// Acts of handing something in.
    #[doc(alias = "提交次数")]
    Submissions,
    /// Documents handed in.
    #[doc(alias = "材料")]
    Materials,
    /// Plain fields filled in.
    Fields,
    /// Forms filled in.
    Forms,
    /// Trips to an office.
    #[doc(alias = "跑动次数")]
    Visits,
    /// The applicant's necessary interactions with the administration.
    #[doc(alias = "环节")]
    Steps,
    /// Steps of departments and outside bodies.
    InternalSteps,
    /// Offices the applicant approached.
    Departments,
}

/// The unit of a figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Fractional working days of the service's calendar.
    WorkingDays,
    /// Calendar days of 24 hours.
    Days,
    /// A number of things.
    Count,
}

/// Where a figure comes from. The four are never mixed in one figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Published by others.
    Declared,
    /// From the definitions alone, for one named scenario.
    Computed,
    /// From the lab: a mean over simulated cases, with an interval.
    Simulated,
    /// From cases that really ran.
    Measured,
}

/// One figure, before and after.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Figure {
    /// What is measured.
    pub name: FigureName,
    /// In which unit.
    pub unit: Unit,
    /// Where it comes from.
    pub kind: Kind,
    /// The old way; `None` where it is unknown.
    pub before: Option<f64>,
    /// The new way; `None` where it is unknown.
    pub after: Option<f64>,
    /// `(before - after) / before`: a fraction, positive when the figure
    /// fell. `None` when `before` is 0 or one of the two is unknown.
    pub cut: Option<f64>,
    /// The confidence interval of `cut`, `[low, high]`, where there is one.
    pub interval: Option<[f64; 2]>,
    /// Who says so.
    pub source: Source,
    /// What has to be known to read the figure rightly.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Text>,
}

/// `(before - after) / before`; `None` when `before` is 0.
///
/// ```
/// use onething_measure::cut;
/// assert_eq!(cut(4.0, 1.0), Some(0.75));
/// assert_eq!(cut(2.0, 3.0), Some(-0.5));
/// assert_eq!(cut(0.0, 1.0), None);
/// ```
#[must_use]
pub fn cut(before: f64, after: f64) -> Option<f64> {
    let cut = (before - after) / before;
    (before != 0.0 && cut.is_finite()).then_some(cut)
}

impl Figure {
    /// A figure without an interval; the cut is worked out here.
    #[must_use]
    pub fn new(
        name: FigureName,
        kind: Kind,
        before: Option<f64>,
        after: Option<f64>,
        source: Source,
    ) -> Self {
        let known = |value: &f64| value.is_finite();
        let (before, after) = (before.filter(known), after.filter(known));
        Self {
            name,
            unit: name.unit(),
            kind,
            before,
            after,
            cut: before.zip(after).and_then(|(b, a)| cut(b, a)),
            interval: None,
            source,
            notes: Vec::new(),
        }
    }

    /// A simulated figure: the means over replications, and Fieller's interval
    /// of the cut at `level` (0.95, say); see [`Pairs::cut_interval`].
    ///
    /// Without any replication both means are unknown.
    #[must_use]
    pub fn simulated(name: FigureName, pairs: &Pairs, level: f64, source: Source) -> Self {
        let seen = |mean: f64| (pairs.count() > 0).then_some(mean);
        let mut figure = Self::new(
            name,
            Kind::Simulated,
            seen(pairs.before().mean()),
            seen(pairs.after().mean()),
            source,
        );
        figure.cut = pairs.cut();
        figure.interval = pairs.cut_interval(level).map(|i: Interval| [i.low, i.high]);
        figure
    }

    /// Adds a note.
    #[must_use]
    pub fn note(mut self, note: Text) -> Self {
        self.notes.push(note);
        self
    }
}

impl FigureName {
    /// How many there are.
    pub const COUNT: usize = 10;

    /// All, in the order in which they are reported.
    pub const ALL: [Self; Self::COUNT] = [
        Self::ProcessingTime,
        Self::ElapsedTime,
        Self::Submissions,
        Self::Materials,
        Self::Fields,
        Self::Forms,
        Self::Visits,
        Self::Steps,
        Self::InternalSteps,
        Self::Departments,
    ];

    /// The position in [`ALL`](Self::ALL), and in every table by figure.
    #[must_use]
    pub const fn index(self) -> usize {
        self as usize
    }

    /// The word for programs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ProcessingTime => "processing_time",
            Self::ElapsedTime => "elapsed_time",
            Self::Submissions => "submissions",
            Self::Materials => "materials",
            Self::Fields => "fields",
            Self::Forms => "forms",
            Self::Visits => "visits",
            Self::Steps => "steps",
            Self::InternalSteps => "internal_steps",
            Self::Departments => "departments",
        }
    }

    /// The unit it is in.
    #[must_use]
    pub const fn unit(self) -> Unit {
        match self {
            Self::ProcessingTime => Unit::WorkingDays,
            Self::ElapsedTime => Unit::Days,
            Self::Submissions
            | Self::Materials
            | Self::Fields
            | Self::Forms
            | Self::Visits
            | Self::Steps
            | Self::InternalSteps
            | Self::Departments => Unit::Count,
        }
    }

    /// The measure word (量词) or unit that people put after a number of it;
    /// empty for counts in English.
    #[must_use]
    pub const fn unit_word(self, lang: Lang) -> &'static str {
        match (self, lang) {
            (Self::ProcessingTime | Self::ElapsedTime, lang) => self.unit().title(lang),
            (_, Lang::En) => "",
            (Self::Submissions | Self::Visits, Lang::Zh) => "次",
            (Self::Materials, Lang::Zh) => "件",
            (Self::Fields, Lang::Zh) => "项",
            (Self::Forms, Lang::Zh) => "张",
            (Self::Steps | Self::InternalSteps | Self::Departments, Lang::Zh) => "个",
        }
    }

    /// What people call it.
    #[must_use]
    pub const fn title(self, lang: Lang) -> &'static str {
        match (self, lang) {
            (Self::ProcessingTime, Lang::Zh) => "办理时间",
            (Self::ProcessingTime, Lang::En) => "processing time",
            (Self::ElapsedTime, Lang::Zh) => "历时",
            (Self::ElapsedTime, Lang::En) => "elapsed time",
            (Self::Submissions, Lang::Zh) => "提交次数",
            (Self::Submissions, Lang::En) => "submissions",
            (Self::Materials, Lang::Zh) => "提交材料",
            (Self::Materials, Lang::En) => "materials",
            (Self::Fields, Lang::Zh) => "填报字段",
            (Self::Fields, Lang::En) => "fields",
            (Self::Forms, Lang::Zh) => "填报表单",
            (Self::Forms, Lang::En) => "forms",
            (Self::Visits, Lang::Zh) => "跑动次数",
            (Self::Visits, Lang::En) => "visits",
            (Self::Steps, Lang::Zh) => "申请人环节",
            (Self::Steps, Lang::En) => "steps (applicant's)",
            (Self::InternalSteps, Lang::Zh) => "内部环节",
            (Self::InternalSteps, Lang::En) => "internal steps",
            (Self::Departments, Lang::Zh) => "对接部门",
            (Self::Departments, Lang::En) => "departments visited",
        }
    }

    /// What it counts, in one sentence.
    #[must_use]
    pub const fn definition(self, lang: Lang) -> &'static str {
        match (self, lang) {
            (Self::ProcessingTime, Lang::Zh) => {
                "自首次提交至最后一次送达的工作日数，不足一日的按当日开放时间的比例计。"
            }
            (Self::ProcessingTime, Lang::En) => {
                "Working days from the first submission to the last delivery, parts of a day as \
                 fractions of its opening hours."
            }
            (Self::ElapsedTime, Lang::Zh) => "自首次提交至最后一次送达所经过的自然日数。",
            (Self::ElapsedTime, Lang::En) => {
                "Calendar days from the first submission to the last delivery."
            }
            (Self::Submissions, Lang::Zh) => {
                "申请人递交的次数：每次申请、每次补正、每次补充共享未能获取的信息各计一次。"
            }
            (Self::Submissions, Lang::En) => {
                "How often the applicant hands something in: each application, each answer to a \
                 supplement notice, each answer to what a registry did not have."
            }
            (Self::Materials, Lang::Zh) => {
                "各次提交的表单所要求的材料件数之和，含共享未能获取而由申请人补交的，以及申请人在本人办理的环节中提交的。"
            }
            (Self::Materials, Lang::En) => {
                "Documents on the forms handed in, with those that a registry did not have and those \
                 that the applicant gives in steps of their own."
            }
            (Self::Fields, Lang::Zh) => {
                "各次提交的表单上由申请人填写的字段数之和（材料另计），含共享未能获取而由申请人补填的，以及申请人在本人办理的环节中填报的。"
            }
            (Self::Fields, Lang::En) => {
                "Fields on the forms handed in, documents apart, with those that a registry did \
                 not have and those that the applicant states in steps of their own."
            }
            (Self::Forms, Lang::Zh) => "所提交的、至少有一项内容的表单数，含要填报的本人办理环节。",
            (Self::Forms, Lang::En) => {
                "Forms handed in that ask for at least one thing, and steps of the applicant's own \
                 that do."
            }
            (Self::Visits, Lang::Zh) => "申请人为提交和各环节到现场的次数。",
            (Self::Visits, Lang::En) => {
                "Trips to an office that submissions and steps cost the applicant."
            }
            (Self::Steps, Lang::Zh) => {
                "申请人与行政机关的必要互动：提交、本人办理的环节（缴费、领取等）和须到场的环节。"
            }
            (Self::Steps, Lang::En) => {
                "The applicant's necessary interactions: submissions, steps they do themselves \
                 (paying, collecting), appointments they must attend."
            }
            (Self::InternalSteps, Lang::Zh) => "部门及外部机构办理完毕的环节数。",
            (Self::InternalSteps, Lang::En) => {
                "Steps that departments and outside bodies carried out."
            }
            (Self::Departments, Lang::Zh) => {
                "申请人申请或到现场所面对的不同部门数；综合窗口计为一个。"
            }
            (Self::Departments, Lang::En) => {
                "Different offices the applicant applied at or went to; one window for all is one."
            }
        }
    }
}

/// A text that names no figure.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no figure: expected one of processing_time, elapsed_time, submissions, materials, \
     fields, forms, visits, steps, internal_steps, departments"
)]
pub struct UnknownFigure(pub String);

impl FromStr for FigureName {
    type Err = UnknownFigure;
    fn from_str(text: &str) -> Result<Self, UnknownFigure> {
        let found = Self::ALL.into_iter().find(|name| name.as_str() == text);
        found.ok_or_else(|| UnknownFigure(text.chars().take(60).collect()))
    }
}

impl fmt::Display for FigureName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Unit {
    /// What people call it; empty for counts.
    #[must_use]
    pub const fn title(self, lang: Lang) -> &'static str {
        match (self, lang) {
            (Self::WorkingDays, Lang::Zh) => "工作日",
            (Self::WorkingDays, Lang::En) => "working days",
            (Self::Days, Lang::Zh) => "自然日",
            (Self::Days, Lang::En) => "days",
            (Self::Count, Lang::Zh | Lang::En) => "",
        }
    }

    /// The word for programs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::WorkingDays => "working_days",
            Self::Days => "days",
            Self::Count => "count",
        }
    }
}

impl Kind {
    /// All, the weakest evidence first.
    pub const ALL: [Self; 4] = [
        Self::Declared,
        Self::Computed,
        Self::Simulated,
        Self::Measured,
    ];

    /// The word for programs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Declared => "declared",
            Self::Computed => "computed",
            Self::Simulated => "simulated",
            Self::Measured => "measured",
        }
    }

    /// What people call it.
    #[must_use]
    pub const fn title(self, lang: Lang) -> &'static str {
        match (self, lang) {
            (Self::Declared, Lang::Zh) => "公布",
            (Self::Computed, Lang::Zh) => "推算",
            (Self::Simulated, Lang::Zh) => "仿真",
            (Self::Measured, Lang::Zh) => "实测",
            (_, Lang::En) => self.as_str(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_by_their_words() {
        for (at, name) in FigureName::ALL.into_iter().enumerate() {
            assert_eq!(name.index(), at);
            assert_eq!(name.as_str().parse(), Ok(name));
            let json = serde_json::to_value(name).unwrap();
            assert_eq!(json, name.as_str(), "one spelling for programs");
        }
        assert!("speed".parse::<FigureName>().is_err());
    }

    #[test]
    fn a_cut_needs_two_known_numbers() {
        let figure = |before, after| {
            Figure::new(
                FigureName::Visits,
                Kind::Computed,
                before,
                after,
                Source::none(),
            )
        };
        assert_eq!(figure(Some(8.0), Some(2.0)).cut, Some(0.75));
        assert_eq!(figure(None, Some(2.0)).cut, None);
        assert_eq!(figure(Some(8.0), None).cut, None);
        assert_eq!(figure(Some(0.0), Some(0.0)).cut, None);
        let unknown = figure(Some(f64::NAN), Some(1.0));
        assert_eq!((unknown.before, unknown.cut), (None, None));
    }

    #[test]
    fn a_simulated_figure_has_the_pairs_cut_and_interval() {
        let pairs: Pairs = [(48.1, 13.2), (47.6, 12.9), (48.5, 13.4)]
            .into_iter()
            .collect();
        let name = FigureName::ProcessingTime;
        let figure = Figure::simulated(name, &pairs, 0.95, Source::none());
        assert_eq!(figure.before, Some(pairs.before().mean()));
        assert_eq!(figure.cut, pairs.cut());
        let [low, high] = figure.interval.unwrap();
        assert!(low < figure.cut.unwrap() && figure.cut.unwrap() < high);
        let none = Figure::simulated(name, &Pairs::new(), 0.95, Source::none());
        assert_eq!((none.before, none.cut, none.interval), (None, None, None));
    }

    #[test]
    fn the_json_is_the_one_programs_read() {
        let figure = Figure::new(
            FigureName::ProcessingTime,
            Kind::Computed,
            Some(48.0),
            Some(12.0),
            Source::none(),
        );
        let text = serde_json::to_string(&figure).unwrap();
        assert_eq!(
            text,
            r#"{"name":"processing_time","unit":"working_days","kind":"computed","before":48.0,"after":12.0,"cut":0.75,"interval":null,"source":""}"#
        );
    }
}
