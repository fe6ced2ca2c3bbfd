//! What a reader of simulated figures has to know: assumptions the lab had to
//! make, and results it does not vouch for.

use onething_measure::Apart;
use onething_measure::stats::Pairs;
use onething_model::Text;
use onething_plan::Way;

/// From how much on a share that grew is told, as a fraction: one percentage point. Less is
/// found by many cases, and nothing that anybody would notice.
pub const GROWTH_TOLD: f64 = 0.01;

/// A share that grew from the old way to the new, and not by chance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Grown {
    /// In the old way, as a fraction.
    pub before: f64,
    /// In the new way.
    pub after: f64,
    /// The interval of the growth, paired by replication.
    pub interval: [f64; 2],
    /// The level of the interval.
    pub level: f64,
}

impl Grown {
    /// The growth of a share, one pair for each replication; nothing unless its interval excludes
    /// none, and it is [`GROWTH_TOLD`] more than what is told already.
    #[must_use]
    pub fn of(shares: &Pairs, level: f64, told: f64) -> Option<Self> {
        let interval = shares.difference_interval(level)?;
        let (before, after) = (shares.before().mean(), shares.after().mean());
        // The difference of pairs is that of a cut: before less after. Means are rounded.
        let grown = after - before - told >= GROWTH_TOLD - 1e-9 && interval.high < 0.0;
        grown.then_some(Self {
            before,
            after,
            interval: [-interval.high, -interval.low],
            level,
        })
    }

    /// Both shares and their difference.
    fn text(&self) -> Text {
        let percent = |share: f64| format!("{:.1}", 100.0 * share);
        let (before, after) = (percent(self.before), percent(self.after));
        let more = percent(self.after - self.before);
        let [low, high] = self.interval.map(percent);
        let level = format!("{:.2}", 100.0 * self.level);
        let level = level.trim_end_matches('0').trim_end_matches('.');
        Text::new(
            format!(
                "新方式 {after} %，原方式 {before} %，多 {more} 个百分点（{level} % 置信区间 [{low}, {high}]），并非偶然"
            ),
            format!(
                "{after} % in the new way and {before} % in the old, {more} percentage points more \
                 ({level} % interval [{low}, {high}]), which is no chance"
            ),
        )
    }
}

/// A doubt about simulated figures. Never a reason to stop, always shown.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Warning {
    /// More cases are refused as a whole in the new way.
    MoreRefused(Grown),
    /// Fewer of the results that people applied for reach them in the new way.
    LessDelivered(Grown),
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
        /// The steps, each by its title with its key.
        steps: Vec<Text>,
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
            Self::MoreRefused(grown) => {
                let text = grown.text();
                Text::new(
                    format!(
                        "整件不予许可的占比上升：{}；请核对新方式是否多了审查，或把原来只终止一个事项的不予许可写成了终止整件（`refused`）",
                        text.zh()
                    ),
                    format!(
                        "more cases are refused as a whole: {}. Look whether the new way examines \
                         more, or whether a refusal that ended one matter now ends the case (`refused`)",
                        text.en()
                    ),
                )
            }
            Self::LessDelivered(grown) => {
                let text = grown.text();
                Text::new(
                    format!(
                        "申请人应得而没有拿到的结果占比上升：{}；请核对不予许可各自终止什么（`refused`）：原来分别办理时已经发出的结果，合并办理后可能不再发出",
                        text.zh()
                    ),
                    format!(
                        "more of the results that people apply for do not reach them: {}. Look at \
                         what each refusal ends (`refused`): what was delivered before it, apart, may \
                         be delivered no more",
                        text.en()
                    ),
                )
            }
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
            Self::NoWork { steps } => {
                let (zh, en): (Vec<_>, Vec<_>) =
                    steps.iter().map(|step| (step.zh(), step.en())).unzip();
                Text::new(
                    format!("以下环节未说明办理用时，按零计算：{}", zh.join("、")),
                    format!(
                        "steps without a stated time count as taking none: {}",
                        en.join(", ")
                    ),
                )
            }
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
