//! A condition in as few words as can be found, for what holds in some classes of
//! answers and not in others.

use onething_plan::Cond;

/// For each class of answers, whether something holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Bits {
    words: Vec<u64>,
    count: usize,
}

impl Bits {
    pub(super) fn none(count: usize) -> Self {
        Self {
            words: vec![0; count.div_ceil(64)],
            count,
        }
    }

    pub(super) fn set(&mut self, at: usize) {
        self.words[at / 64] |= 1 << (at % 64);
    }

    pub(super) fn get(&self, at: usize) -> bool {
        self.words[at / 64] >> (at % 64) & 1 == 1
    }

    fn len(&self) -> usize {
        self.words
            .iter()
            .map(|word| word.count_ones() as usize)
            .sum()
    }

    fn not(&self) -> Self {
        let mut turned = Self::none(self.count);
        for at in (0..self.count).filter(|at| !self.get(*at)) {
            turned.set(at);
        }
        turned
    }

    fn with(&self, other: &Self, of: fn(u64, u64) -> u64) -> Self {
        let both = self.words.iter().zip(&other.words);
        Self {
            words: both.map(|(one, other)| of(*one, *other)).collect(),
            count: self.count,
        }
    }

    fn and(&self, other: &Self) -> Self {
        self.with(other, |one, other| one & other)
    }

    fn without(&self, other: &Self) -> Self {
        self.with(other, |one, other| one & !other)
    }

    fn is_within(&self, other: &Self) -> bool {
        self.without(other).len() == 0
    }
}

/// A condition with the classes in which it holds.
#[derive(Debug, Clone)]
pub(super) struct Term {
    pub(super) cond: Cond,
    pub(super) holds: Bits,
}

/// Terms of which pairs are tried as well.
const MAX_PAIRED: usize = 24;

/// A condition that holds exactly where `wanted` does, made of these terms; `None`
/// where none was found.
pub(super) fn of_terms(wanted: &Bits, terms: &[Term]) -> Option<Cond> {
    let count = wanted.len();
    if count == wanted.count {
        return Some(Cond::Always);
    }
    if count == 0 {
        return Some(Cond::Never);
    }
    if let Some(same) = terms.iter().find(|term| term.holds == *wanted) {
        return Some(same.cond.clone());
    }
    let unwanted = wanted.not();
    if let Some(opposite) = terms.iter().find(|term| term.holds == unwanted) {
        return Some(Cond::Not(Box::new(opposite.cond.clone())));
    }
    if let Some(parts) = cover(wanted, terms) {
        return Some(Cond::Any(parts));
    }
    // All of them hold where nothing that is covered by an opposite does.
    let opposites: Vec<Term> = terms.iter().map(opposite).collect();
    if let Some(parts) = cover(&unwanted, &opposites) {
        return Some(Cond::All(parts.into_iter().map(turned).collect()));
    }
    let all: Vec<Term> = terms.iter().cloned().chain(opposites).collect();
    if let Some(parts) = cover(&unwanted, &all) {
        return Some(Cond::All(parts.into_iter().map(turned).collect()));
    }
    if terms.len() > MAX_PAIRED {
        return None;
    }
    let mut pairs = all.clone();
    for (at, one) in all.iter().enumerate() {
        for other in &all[at + 1..] {
            pairs.push(Term {
                holds: one.holds.and(&other.holds),
                cond: Cond::All(vec![one.cond.clone(), other.cond.clone()]),
            });
        }
    }
    cover(wanted, &pairs).map(|mut parts| match (parts.pop(), parts.is_empty()) {
        (Some(only), true) => only,
        (last, _) => Cond::Any(parts.into_iter().chain(last).collect()),
    })
}

fn turned(cond: Cond) -> Cond {
    match cond {
        Cond::Not(cond) => *cond,
        other => Cond::Not(Box::new(other)),
    }
}

fn opposite(term: &Term) -> Term {
    Term {
        cond: turned(term.cond.clone()),
        holds: term.holds.not(),
    }
}

/// Terms that between them hold where `wanted` does and nowhere else, in their order:
/// of those that hold nowhere else the one that adds most, again and again; then
/// without those that the others make needless.
fn cover(wanted: &Bits, terms: &[Term]) -> Option<Vec<Cond>> {
    let within: Vec<&Term> = terms
        .iter()
        .filter(|term| term.holds.is_within(wanted))
        .collect();
    let mut chosen: Vec<usize> = Vec::new();
    let mut left = wanted.clone();
    while left.len() > 0 {
        let added = |at: &usize| within[*at].holds.and(&left).len();
        // Of equals the first.
        let best = (0..within.len()).rev().max_by_key(added)?;
        if added(&best) == 0 {
            return None;
        }
        left = left.without(&within[best].holds);
        chosen.push(best);
    }
    chosen.sort_unstable();
    for at in (0..chosen.len()).rev() {
        let others = chosen.iter().enumerate().filter(|(other, _)| *other != at);
        let rest = others.fold(wanted.clone(), |left, (_, term)| {
            left.without(&within[*term].holds)
        });
        if rest.len() == 0 {
            chosen.remove(at);
        }
    }
    Some(chosen.iter().map(|at| within[*at].cond.clone()).collect())
}
