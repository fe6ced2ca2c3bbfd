//! What a reader of simulated figures has to know: assumptions the lab had to
//! make, and results it does not vouch for.

use onething_measure::Apart;
use onething_model::Text;
use onething_plan::Way;

/// A doubt about simulated figures. Never a reason to stop, always shown.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Warning {
    /// Figures of the workload with neither a source nor a stated assumption.
    Unstated {
        /// Which ones, as they are named in the workload.
        figures: Vec<String>,
    },
    /// A department has steps for people but no staff in the workload: its
    /// steps never queue, as if it had endless officers.
    NoStaff {
        /// The department.
        department: Text,
    },
    /// Steps of people for which the workload states no time: they take none.
    NoWork {
        /// The steps, each with its key.
        steps: Vec<String>,
    },
    /// The applicant's own delays are not stated: they take no time.
    NoDelay {
        /// The key of the workload that is missing.
        missing: &'static str,
    },
    /// A question the workload says nothing about: everyone answers it as in
    /// the reference scenario.
    NoMix {
        /// The question's key.
        question: String,
    },
    /// Staff are asked for more work than they have time: queues grow for as
    /// long as people keep applying, and times depend on the number of cases.
    Overloaded {
        /// The way.
        way: Way,
        /// The department.
        department: Text,
        /// Work that a year's applications ask for, by the officers' time.
        load: f64,
    },
    /// Cases that never came to an end; they are in no figure.
    Unfinished {
        /// The way.
        way: Way,
        /// How many, over all replications.
        cases: u64,
    },
    /// Applicants for whom a way, or both, have nothing to do; they are in no
    /// figure. Over all replications.
    NothingToDo(Apart),
    /// The simulated period runs into years whose holidays are not published.
    Provisional {
        /// The first such year.
        year: i16,
    },
}

impl Warning {
    /// In words, for both languages.
    #[must_use]
    pub fn text(&self) -> Text {
        match self {
            Self::Unstated { figures } => Text::new(
                format!("工作量中以下数据未注明来源或假设：{}", figures.join("、")),
                format!(
                    "figures of the workload without source or stated assumption: {}",
                    figures.join(", ")
                ),
            ),
            Self::NoStaff { department } => Text::new(
                format!("「{}」未说明人员，按人手不限计算", department.zh()),
                format!(
                    "{} has no staff in the workload: its steps never wait for an officer",
                    department.en()
                ),
            ),
            Self::NoWork { steps } => Text::new(
                format!("以下环节未说明办理用时，按零计算：{}", steps.join("、")),
                format!(
                    "steps without a stated time count as taking none: {}",
                    steps.join(", ")
                ),
            ),
            Self::NoDelay { missing } => Text::new(
                format!("未说明 {missing}，申请人的间隔按零计算"),
                format!("`{missing}` is not stated: the applicant takes no time for it"),
            ),
            Self::NoMix { question } => Text::new(
                format!("未说明问题 {question} 的回答分布，均按基准情形回答"),
                format!("nothing says how `{question}` is answered: as in the reference scenario"),
            ),
            Self::Overloaded {
                way,
                department,
                load,
            } => Text::new(
                format!(
                    "{}方式下「{}」的人员不足（负荷 {load:.2}），排队会越来越长，用时取决于办件数",
                    way_zh(*way),
                    department.zh()
                ),
                format!(
                    "in the {} way {} is overloaded (load {load:.2}): queues grow as long as \
                     people apply, and times depend on the number of cases",
                    way_en(*way),
                    department.en()
                ),
            ),
            Self::Unfinished { way, cases } => Text::new(
                format!(
                    "{}方式下有 {cases} 件未能办结，未计入各项数据",
                    way_zh(*way)
                ),
                format!(
                    "{cases} cases of the {} way never ended and are in no figure",
                    way_en(*way)
                ),
            ),
            Self::NothingToDo(apart) => nothing_to_do(apart),
            Self::Provisional { year } => Text::new(
                format!("仿真时段延伸至 {year} 年，该年节假日安排尚未公布"),
                format!("the simulated period reaches {year}, whose holidays are not published"),
            ),
        }
    }
}

fn way_zh(way: Way) -> &'static str {
    match way {
        Way::Old => "原",
        Way::New => "新",
    }
}

/// Who is left out of the figures, by the way that leaves them out.
fn nothing_to_do(apart: &Apart) -> Text {
    let groups = [
        (
            apart.before_only,
            "改革前须办理、改革后没有事项可办的",
            "for whom only the old way has something to do",
        ),
        (
            apart.after_only,
            "改革前没有事项可办、改革后须办理的",
            "for whom only the new way has something to do",
        ),
        (
            apart.neither,
            "前后都没有事项可办的",
            "for whom neither way has anything to do",
        ),
    ];
    let groups = groups.into_iter().filter(|(count, ..)| *count > 0);
    let (zh, en): (Vec<_>, Vec<_>) = groups
        .map(|(count, zh, en)| (format!("{zh}有 {count} 人次"), format!("{count} {en}")))
        .unzip();
    // Checks are of the new way: who the old one left out, nobody asks.
    let (named_zh, named_en) = if apart.before_only + apart.neither > 0 {
        (
            "（改革后哪些回答没有事项可办，见 `onething check`）",
            " (`onething check` names the answers for which the new way has nothing to do)",
        )
    } else {
        ("", "")
    };
    Text::new(
        format!(
            "按情形回答，{}；各项数据只计前后都有事项可办的申请人，以上各人次均不计入{named_zh}",
            zh.join("，")
        ),
        format!(
            "the figures are over applicants for whom both ways have something to do, and leave \
             out, over all replications: {}{named_en}",
            en.join("; ")
        ),
    )
}

fn way_en(way: Way) -> &'static str {
    match way {
        Way::Old => "old",
        Way::New => "new",
    }
}
