//! Random draws by address, not by turn.
//!
//! A draw is a hash of *what it is for*: (seed, replication, case, step,
//! purpose). It is not the next number of a stream. So a step that is dropped,
//! added or moved leaves every other draw alone, and the old and the new way of
//! a service see the same arrivals, the same applicants and the same work: the
//! common random numbers that make a paired comparison sharp.
//!
//! ```
//! use onething_lab::draw::{Purpose, Seed, StepHash};
//!
//! let case = Seed::new(42).replication(0).case(1_000);
//! let review = StepHash::of("food-review");
//! let work = case.uniform(review, Purpose::WORK);
//! assert!(0.0 < work && work < 1.0);
//! assert_eq!(work, case.uniform(review, Purpose::WORK), "asked twice, answered the same");
//! assert_ne!(work, case.uniform(review, Purpose::REFUSAL));
//! ```
//!
//! # The function
//!
//! Each number is absorbed in turn by `h ← mix(h ⊕ x·φ)`, where `mix` is the
//! finaliser of SplitMix64 (variant 13 of Stafford's search, as published by
//! Steele, Lea and Flood, OOPSLA 2014) and `φ` its odd constant
//! 0x9e3779b97f4a7c15, which spreads small counters over the word first. The
//! seed goes first, so that seeds 1, 2, 3 are unrelated; then replication and
//! case. A step's hash is mixed already and joins by `⊕`, the purpose is
//! absorbed, and a last round of `mix` follows. Everything is integer
//! arithmetic: the numbers are the same on every platform, and golden values
//! in the tests freeze them.

/// The constant of SplitMix64: 2⁶⁴ over the golden ratio, made odd.
const PHI: u64 = 0x9e37_79b9_7f4a_7c15;

/// The seed of a study, mixed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seed(u64);

/// All draws of one replication.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReplicationDraws(u64);

/// All draws of one case within a replication.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CaseDraws(u64);

/// The identity of a step for draws: a hash of its key's text, so that it does
/// not depend on the step's place in a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct StepHash(u64);

/// What a draw decides.
///
/// Numbers are part of the frozen function: give a new purpose a new number,
/// never reuse one. Where a purpose recurs within a step (a second correction
/// round, the third item), take [`nth`](Self::nth).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Purpose(u64);

impl Purpose {
    /// The time from the previous case's arrival to this one's.
    pub const ARRIVAL: Self = Self(1);
    /// The answer to a scenario question; its step hash is the question's.
    pub const ANSWER: Self = Self(2);
    /// Hands-on time of staff.
    pub const WORK: Self = Self(3);
    /// Whether the step refuses.
    pub const REFUSAL: Self = Self(4);
    /// Whether a supplement notice is needed.
    pub const SUPPLEMENT: Self = Self(5);
    /// How long the applicant takes to answer a supplement notice.
    pub const SUPPLEMENT_DELAY: Self = Self(6);
    /// Whether a registry has nothing; its step hash is the registry's.
    pub const REGISTRY_MISS: Self = Self(7);
    /// How long the applicant takes to do a step of their own.
    pub const APPLICANT_DELAY: Self = Self(8);
    /// How long the applicant takes between two matters of the old way.
    pub const ERRAND: Self = Self(9);
    /// Whether an attempt fails for technical reasons.
    pub const FAILURE: Self = Self(10);
    /// How long an outside body or an automatic step takes.
    pub const OUTSIDE_DELAY: Self = Self(11);
    /// How long a paper lies between desks.
    pub const LYING: Self = Self(12);

    /// The draw for the `round`th time (from 0) that this is decided for the
    /// same step of the same case. `nth(0)` is the purpose itself.
    #[must_use]
    #[inline]
    pub const fn nth(self, round: u32) -> Self {
        Self((self.0 & 0xffff_ffff) | (round as u64) << 32)
    }
}

impl StepHash {
    /// No step: draws that belong to the case as a whole.
    pub const CASE: Self = Self(0);

    /// The hash of a key's text: FNV-1a over its bytes, then mixed.
    #[must_use]
    pub const fn of(key: &str) -> Self {
        let bytes = key.as_bytes();
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        let mut i = 0;
        while i < bytes.len() {
            hash = (hash ^ bytes[i] as u64).wrapping_mul(0x0000_0100_0000_01b3);
            i += 1;
        }
        Self(mix(hash))
    }
}

impl Seed {
    /// Mixes a seed; any number will do.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(absorb(PHI, seed))
    }

    /// The draws of replication `number`, counted from 0.
    #[must_use]
    #[inline]
    pub const fn replication(self, number: u64) -> ReplicationDraws {
        ReplicationDraws(absorb(self.0, number))
    }
}

impl ReplicationDraws {
    /// The draws of the case that arrives as number `number`, from 0.
    #[must_use]
    #[inline]
    pub const fn case(self, number: u64) -> CaseDraws {
        CaseDraws(absorb(self.0, number))
    }
}

impl CaseDraws {
    /// 64 random bits.
    #[must_use]
    #[inline]
    pub const fn bits(self, step: StepHash, purpose: Purpose) -> u64 {
        mix(absorb(self.0 ^ step.0, purpose.0))
    }

    /// A number uniform in the open interval (0, 1): never 0, never 1, so that
    /// every inverse transform is finite. 52 bits, centred on their cells.
    #[must_use]
    #[inline]
    pub fn uniform(self, step: StepHash, purpose: Purpose) -> f64 {
        const CELL: f64 = 1.0 / (1_u64 << 52) as f64;
        ((self.bits(step, purpose) >> 12) as f64 + 0.5) * CELL
    }

    /// Whether an event of this probability happens: never at 0 (or below, or
    /// not a number), always at 1 and above.
    #[must_use]
    #[inline]
    pub fn happens(self, step: StepHash, purpose: Purpose, probability: f64) -> bool {
        // The first test saves the hash where nothing can happen.
        probability > 0.0 && self.uniform(step, purpose) < probability
    }
}

#[inline]
const fn absorb(hash: u64, word: u64) -> u64 {
    mix(hash ^ word.wrapping_mul(PHI))
}

#[inline]
const fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests;
