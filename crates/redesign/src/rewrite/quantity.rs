//! What designs are judged by.

use onething_measure::FigureName;
use onething_model::{Lang, Text};
use serde::{Serialize, Serializer};

use super::Prefer;
use super::proof::Rule;

/// A quantity of a design: a figure of the applicant, or what it costs the other side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Quantity {
    /// A figure of a comparison.
    Figure(FigureName),
    /// Officers' hours spent on a case, work on refused cases included.
    StaffHours,
    /// The share of cases that end in a refusal.
    RefusedShare,
}

impl Quantity {
    /// How many there are.
    pub const COUNT: usize = FigureName::COUNT + 2;

    /// All, in the order of [`index`](Self::index): figures first.
    pub const ALL: [Self; Self::COUNT] = {
        let mut all = [Self::RefusedShare; Self::COUNT];
        let mut at = 0;
        while at < FigureName::COUNT {
            all[at] = Self::Figure(FigureName::ALL[at]);
            at += 1;
        }
        all[FigureName::COUNT] = Self::StaffHours;
        all
    };

    /// The position in [`ALL`](Self::ALL) and in every row of figures.
    #[must_use]
    pub const fn index(self) -> usize {
        match self {
            Self::Figure(name) => name.index(),
            Self::StaffHours => FigureName::COUNT,
            Self::RefusedShare => FigureName::COUNT + 1,
        }
    }

    /// The word for programs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Figure(name) => name.as_str(),
            Self::StaffHours => "staff_hours",
            Self::RefusedShare => "refused_share",
        }
    }

    /// What people call it.
    #[must_use]
    pub fn title(self) -> Text {
        match self {
            Self::Figure(name) => Text::new(name.title(Lang::Zh), name.title(Lang::En)),
            Self::StaffHours => Text::new("人员工时", "staff's work"),
            Self::RefusedShare => Text::new("不予许可的比例", "share refused"),
        }
    }

    /// The unit after a number of it; empty for plain counts.
    #[must_use]
    pub fn unit(self) -> Text {
        match self {
            Self::Figure(name) => Text::new(name.unit_word(Lang::Zh), name.unit_word(Lang::En)),
            Self::StaffHours => Text::new("小时", "hours"),
            Self::RefusedShare => Text::default(),
        }
    }
}

impl Serialize for Quantity {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.as_str())
    }
}

const TIME: Quantity = Quantity::Figure(FigureName::ProcessingTime);
const SUBMISSIONS: Quantity = Quantity::Figure(FigureName::Submissions);
pub(super) const MATERIALS: Quantity = Quantity::Figure(FigureName::Materials);
pub(super) const FIELDS: Quantity = Quantity::Figure(FigureName::Fields);
pub(super) const VISITS: Quantity = Quantity::Figure(FigureName::Visits);

/// What no rewrite may worsen.
const GUARDS: [Quantity; 6] = [
    TIME,
    SUBMISSIONS,
    MATERIALS,
    VISITS,
    Quantity::StaffHours,
    Quantity::RefusedShare,
];

/// What a rule is for: it is kept only if it improves one of these.
pub(super) const fn targets(rule: Rule) -> &'static [Quantity] {
    match rule {
        Rule::AskOnce => &[SUBMISSIONS],
        Rule::OnceOnly | Rule::DeadData => &[MATERIALS, FIELDS],
        Rule::Eliminate => &[TIME, VISITS, Quantity::StaffHours],
        Rule::Resequence => &[TIME, Quantity::StaffHours],
        Rule::KnockOut => &[Quantity::StaffHours],
        Rule::Unbind
        | Rule::Compose
        | Rule::Parallelise
        | Rule::UnBatch
        | Rule::Pool
        | Rule::Triage => &[TIME],
    }
}

/// What a rule may not worsen. Whoever prefers the staff's work to the
/// applicant's time accepts what the order of checks costs in time.
pub(super) fn guards(rule: Rule, prefer: Prefer) -> impl Iterator<Item = Quantity> {
    let time_counts = !(rule == Rule::KnockOut && prefer == Prefer::Work);
    GUARDS
        .into_iter()
        .filter(move |guard| time_counts || *guard != TIME)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_quantity_stands_at_its_index() {
        for (at, quantity) in Quantity::ALL.into_iter().enumerate() {
            assert_eq!(quantity.index(), at);
        }
    }

    #[test]
    fn only_the_order_of_checks_may_cost_time_and_only_where_work_is_preferred() {
        for rule in Rule::APPLIED {
            for prefer in [Prefer::Time, Prefer::Work] {
                let guarded = guards(rule, prefer).any(|guard| guard == TIME);
                let exempt = rule == Rule::KnockOut && prefer == Prefer::Work;
                assert_eq!(guarded, !exempt, "{rule:?} {prefer:?}");
            }
        }
    }
}
