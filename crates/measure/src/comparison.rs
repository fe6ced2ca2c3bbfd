//! A comparison: the figures of a service before and after, and what the lab
//! found out beside them.

use std::collections::BTreeMap;

use onething_model::{DepartmentKey, QuestionKey, ServiceKey, Text};
use onething_plan::{Answer, Answers, Plan, Service};
use serde::Serialize;

use crate::figure::{Figure, FigureName, Kind};
use crate::measured::{Measured, measured};
use crate::source::Source;

/// The figures of one service, before and after, of every kind there is.
///
/// Its JSON is an object with `service`, `seed`, `cases`, `replications` and
/// `figures`, and what else is known beside.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// The service.
    pub service: ServiceKey,
    /// What people call it.
    pub title: Text,
    /// What everybody answers whom the simulated and the computed figures are
    /// of, other questions as the workload or the reference scenario says; empty where the simulated ones are of the workload's applicants, and
    /// the computed ones of the reference scenario.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub answers: Vec<GivenAnswer>,
    /// The seed that reproduces the simulated figures.
    pub seed: u64,
    /// Cases in each replication and way; 0 where nothing was simulated.
    pub cases: u64,
    /// Independent replications; 0 where nothing was simulated.
    pub replications: u64,
    /// The figures, by kind and then by name: see [`sort`](Self::sort).
    pub figures: Vec<Figure>,
    /// What the lab found out beside the figures.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub study: Option<StudyFacts>,
    /// What has to be known to read the figures rightly.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Text>,
    /// What makes the figures doubtful.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Text>,
    /// What people call the departments.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub departments: BTreeMap<DepartmentKey, Text>,
}

/// What everybody answers whom figures are of.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GivenAnswer {
    /// The question.
    pub question: QuestionKey,
    /// The answer.
    pub answer: Answer,
    /// The question as it is asked.
    pub ask: Text,
    /// The answer as people say it.
    pub say: Text,
    /// Whether it is asked of all of them. Else those who are not asked it are in
    /// simulated figures like those who are, and answer.
    pub asked_of_all: bool,
}

/// For each question, whether everybody who gives these answers is asked it: whether the answers
/// to what is asked of all of them decide so.
fn asked_of_all(plan: &Plan, answers: &Answers) -> Vec<bool> {
    let mut of_all: Vec<bool> = Vec::new();
    for question in &plan.questions {
        let mut known = true;
        question.when.each_atom(&mut |before, _| {
            let of_all = of_all.get(before.index()).copied().unwrap_or(false);
            known &= of_all && answers.get(before).is_some();
        });
        of_all.push(known && question.when.holds(answers));
    }
    of_all
}

/// What a study says beside its figures.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct StudyFacts {
    /// The level of the intervals, as a fraction: 0.95.
    pub confidence: f64,
    /// The local date on which the simulated period begins.
    pub begins: String,
    /// How the compared cases went in the old way, over all replications.
    pub before: Outcomes,
    /// How the compared cases went in the new way, over all replications.
    pub after: Outcomes,
    /// The results of the compared cases that ended, in the old way, over all replications.
    pub results_before: Results,
    /// The results of the compared cases that ended, in the new way, over all replications.
    pub results_after: Results,
    /// Who is in no figure, since a way has nothing to do for them.
    pub apart: Apart,
    /// The share of cases, finished in both ways, that took longer in the new
    /// one; `None` where no case finished in both.
    pub worse: Option<f64>,
    /// How alike the two ways' mean processing times are, replication by
    /// replication: their correlation. `None` where one does not vary.
    pub correlation: Option<f64>,
    /// What serving the same applicants in both ways saved: the variance of
    /// the difference of mean processing times, by what it would be with
    /// independent applicants. At 0.1, the unpaired study would need ten times
    /// the replications.
    pub variance_ratio: Option<f64>,
    /// The departments' staff in the old way.
    pub loads_before: Vec<Load>,
    /// The departments' staff in the new way.
    pub loads_after: Vec<Load>,
}

/// How many cases ended how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Outcomes {
    /// Closed: decided and delivered.
    pub closed: u64,
    /// Refused as a whole.
    pub refused: u64,
    /// Withdrawn by the applicant.
    pub withdrawn: u64,
    /// Turned away: the application broke its contract.
    pub not_accepted: u64,
    /// Not finished when the observation ended. They are in no mean.
    pub unfinished: u64,
}

/// What applicants came for, and what of it they had in the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Results {
    /// Results that their answers bring, were nothing refused.
    pub due: u64,
    /// Results delivered.
    pub delivered: u64,
}

/// Applicants whom a comparison leaves out, since for their answers a way has
/// nothing to do: there is nothing to set beside the other way. Counted over
/// all replications.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Apart {
    /// Only the old way has something to do for them.
    pub before_only: u64,
    /// Only the new way has something to do for them.
    pub after_only: u64,
    /// Neither has.
    pub neither: u64,
}

/// How busy a department's staff was, and how long work waited for it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Load {
    /// The department.
    pub department: DepartmentKey,
    /// How many work at the same time; `None` where the workload does not say
    /// and work is never kept waiting.
    pub officers: Option<u32>,
    /// Work that a year's applications ask for, by the officers' opening time
    /// of a year: at 1 and above more than they can do. Taken over the work of
    /// whole cases, so that a way that takes longer does not look less busy.
    /// `None` without staff.
    pub utilisation: Option<f64>,
    /// Pieces of work done, in the mean over replications.
    pub pieces: f64,
    /// Mean wait of a piece of work for an officer, in opening hours.
    pub wait_open_hours: f64,
    /// Mean number of pieces that wait, by day and by night: by Little's law,
    /// from the waits of a year's applications.
    pub queue: f64,
}

impl Comparison {
    /// A comparison without figures yet, and nothing simulated.
    #[must_use]
    pub fn new(service: ServiceKey, title: Text) -> Self {
        Self {
            service,
            title,
            answers: Vec::new(),
            seed: 0,
            cases: 0,
            replications: 0,
            figures: Vec::new(),
            study: None,
            notes: Vec::new(),
            warnings: Vec::new(),
            departments: BTreeMap::new(),
        }
    }

    /// What the definitions alone say: the computed and the declared figures.
    #[must_use]
    pub fn of_definitions(service: &Service) -> Self {
        let mut comparison = Self::new(service.new.service.clone(), service.new.title.clone());
        comparison.add_definitions(service);
        comparison
    }

    /// Adds the computed and the declared figures of the service, and the
    /// names of its departments.
    pub fn add_definitions(&mut self, service: &Service) {
        self.figures.extend(crate::computed(service));
        let (declared, faults) = crate::declared(service);
        self.figures.extend(declared);
        self.warnings.extend(faults);
        let plans = service.old.iter().chain([&service.new]);
        for department in plans.flat_map(|plan| &plan.departments) {
            self.departments
                .insert(department.key.clone(), department.title.clone());
        }
        self.sort();
    }

    /// Adds the measured figures of cases that really ran the old and the new
    /// way, with how many they were.
    pub fn add_measured(&mut self, before: Option<&Measured>, after: Option<&Measured>) {
        self.figures.extend(measured(before, after));
        for (side, (zh, en)) in [
            (before, ("改革前的真实办件", "real cases of the old way")),
            (after, ("改革后的真实办件", "real cases of the new way")),
        ] {
            let Some(note) = side.map(Measured::note) else {
                continue;
            };
            self.notes.push(Text::new(
                format!("{zh}：{}", note.zh()),
                format!("{en}: {}", note.en()),
            ));
        }
        self.sort();
    }

    /// Says that the simulated and the computed figures are of people who all
    /// answer like this, as far as they are asked, and not of the workload's applicants or the reference
    /// scenario.
    pub fn set_answers(&mut self, plan: &Plan, answers: &Answers) {
        let of_all = asked_of_all(plan, answers);
        let given = answers.iter().map(|(ix, answer)| {
            let question = plan.question(ix);
            GivenAnswer {
                question: question.key.clone(),
                answer: answer.clone(),
                ask: question.ask.clone(),
                say: question.kind.say(answer),
                asked_of_all: of_all[ix.index()],
            }
        });
        self.answers = given.collect();
        for figure in &mut self.figures {
            if let Source::Definition { reference, .. } = &mut figure.source {
                *reference = false;
            }
        }
    }

    /// The figure of a name and kind; the first, where places differ.
    #[must_use]
    pub fn figure(&self, name: FigureName, kind: Kind) -> Option<&Figure> {
        self.figures
            .iter()
            .find(|figure| figure.name == name && figure.kind == kind)
    }

    /// Orders the figures: simulated, measured, computed, declared, each by name.
    /// Figures of the same name and kind stay in the order they came.
    pub fn sort(&mut self) {
        self.figures
            .sort_by_key(|figure| (rank(figure.kind), figure.name));
    }
}

/// What answers the question best comes first.
const fn rank(kind: Kind) -> u8 {
    match kind {
        Kind::Simulated => 0,
        Kind::Measured => 1,
        Kind::Computed => 2,
        Kind::Declared => 3,
    }
}

impl Apart {
    /// Counts an applicant for whom the old and the new way have something to
    /// do, or not.
    pub const fn add(&mut self, (before, after): (bool, bool)) {
        match (before, after) {
            (true, true) => {}
            (true, false) => self.before_only += 1,
            (false, true) => self.after_only += 1,
            (false, false) => self.neither += 1,
        }
    }

    /// All who are left out.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.before_only + self.after_only + self.neither
    }
}

impl std::ops::AddAssign for Apart {
    fn add_assign(&mut self, other: Self) {
        self.before_only += other.before_only;
        self.after_only += other.after_only;
        self.neither += other.neither;
    }
}

impl std::ops::AddAssign for Results {
    fn add_assign(&mut self, other: Self) {
        self.due += other.due;
        self.delivered += other.delivered;
    }
}

impl Results {
    /// The share that was not delivered, as a fraction; `None` where nothing was to be.
    #[must_use]
    pub fn missing_share(&self) -> Option<f64> {
        let missing = self.due.saturating_sub(self.delivered);
        (self.due > 0).then(|| missing as f64 / self.due as f64)
    }
}

impl Outcomes {
    /// The share of the cases that were decided that were refused as a whole; `None` where none was.
    #[must_use]
    pub fn refused_share(&self) -> Option<f64> {
        let decided = self.closed + self.refused;
        (decided > 0).then(|| self.refused as f64 / decided as f64)
    }

    /// All cases.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.closed + self.refused + self.withdrawn + self.not_accepted + self.unfinished
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_json_has_the_keys_programs_read() {
        let mut comparison = Comparison::new(
            "open-shop".parse().unwrap(),
            Text::new("开店", "Open a shop"),
        );
        let figure = |name, kind| Figure::new(name, kind, Some(4.0), Some(1.0), Source::none());
        comparison.figures = vec![
            figure(FigureName::Visits, Kind::Declared),
            figure(FigureName::Visits, Kind::Simulated),
            figure(FigureName::ProcessingTime, Kind::Simulated),
        ];
        comparison.sort();
        let json = serde_json::to_value(&comparison).unwrap();
        let keys: Vec<_> = json.as_object().unwrap().keys().collect();
        assert_eq!(keys[..3], ["service", "title", "seed"]);
        for key in ["service", "seed", "cases", "replications", "figures"] {
            assert!(json.get(key).is_some(), "{key}");
        }
        let order: Vec<_> = comparison
            .figures
            .iter()
            .map(|f| (f.name, f.kind))
            .collect();
        assert_eq!(
            order,
            [
                (FigureName::ProcessingTime, Kind::Simulated),
                (FigureName::Visits, Kind::Simulated),
                (FigureName::Visits, Kind::Declared),
            ]
        );
        assert!(
            comparison
                .figure(FigureName::Steps, Kind::Simulated)
                .is_none()
        );
    }
}
