//! What a refusal ends. Apart, what was delivered before it stays with the applicant, and who could
//! hand in otherwise what it makes had the other matters done; as one case, nothing is delivered
//! of a case that ends, and a matter falls with the one whose result it cannot be without.

use std::collections::{BTreeMap, BTreeSet};

use onething_definition::design::{By, Design};
use onething_model::{FieldPath, MatterKey, StepKey, Text};
use onething_plan::{Plan, Refused, Scenario, Source, StepIx};

use super::ending::Ending;
use super::for_whom::{Applicants, Claim, What};
use super::kept::Way;
use super::pairs::{Pairs, few};
use super::proof::{Line, Proof, Rule, fields_in_words};
use super::{Ground, percent};
use crate::words;

/// Has the proof of R1 ask whether that is meant: what the refusal of a matter ends in the
/// proposal (`is`), and did not end in the way that was begun with. What refuses most comes first.
pub(super) fn told_by(ground: &Ground<'_>, was: Way<'_>, is: Way<'_>, applied: &mut [Proof]) {
    let mut proofs = applied.iter_mut();
    let Some(proof) = proofs.find(|proof| proof.rule == Rule::AskOnce) else {
        return;
    };
    let pairs = Pairs::of([was.plan, is.plan]);
    let shares = Shares::new(ground, was.plan, &pairs);
    let claims = no_more_delivered(ground, was, &shares);
    if !claims.is_empty() {
        proof.confirm(undelivered(ground, &shares, &claims));
    }
    proof
        .claims
        .extend(claims.into_iter().map(|(claim, _)| claim));
    if let Some(text) = not_accepted(ground, was.design, is.design) {
        proof.confirm(text);
    }
    let applicants = Applicants::some([was, is]);
    let Some((falls, claims)) = falling(was.plan, is.plan, &applicants) else {
        return;
    };
    let mut falls: Vec<(Falls, Falling)> = falls.into_iter().collect();
    falls.sort_by(|(one, _), (other, _)| shares.of(other).total_cmp(&shares.of(one)));
    let few = few(applicants.whole, applicants.answers.len());
    if !falls.is_empty() {
        proof.confirm(told(ground, is.plan, &shares, &falls, &few));
    } else if !applicants.whole {
        proof.checked(Line::new(
            format!("没有发现因别的事项不予许可而随之终止的事项{}", few.zh()),
            format!("no matter was found that falls with another{}", few.en()),
        ));
    }
    proof.claims.extend(claims);
}

/// How often a matter refuses by the workload: least and most over the answers.
#[derive(Default)]
struct Shares(BTreeMap<MatterKey, [f64; 2]>);

impl Shares {
    fn new(ground: &Ground<'_>, plan: &Plan, pairs: &Pairs) -> Self {
        let mut found = Self::default();
        for answers in &pairs.answers {
            let mut passes: BTreeMap<&MatterKey, f64> = BTreeMap::new();
            for step in plan.step_numbers().map(|at| plan.step(at)) {
                let Some(matter) = step.matter.filter(|_| step.when.holds(answers)) else {
                    continue;
                };
                let share = ground.refusal(&step.key).unwrap_or(0.0);
                *passes.entry(&plan.matter(matter).key).or_insert(1.0) *= 1.0 - share;
            }
            for (matter, passes) in passes {
                let share = 1.0 - passes;
                let known = found.0.entry(matter.clone()).or_insert([share, share]);
                *known = [known[0].min(share), known[1].max(share)];
            }
        }
        found
    }

    fn most(&self, matter: &MatterKey) -> f64 {
        self.0.get(matter).map_or(0.0, |[_, most]| *most)
    }

    fn of(&self, what: &Falls) -> f64 {
        match what {
            Falls::Matter(_, key) => self.most(key),
            Falls::Step(..) => 0.0,
        }
    }

    /// The order by which those come first that refuse most.
    fn more(&self, one: &MatterKey, other: &MatterKey) -> std::cmp::Ordering {
        self.most(other).total_cmp(&self.most(one))
    }

    /// What people call a matter, with how often it refuses where it does.
    fn titled(&self, ground: &Ground<'_>, matter: &MatterKey) -> Text {
        let fact = ground.setting.matter(matter);
        let title = fact.map_or_else(
            || Text::new(matter.as_str(), matter.as_str()),
            |fact| fact.title.clone(),
        );
        let Some([least, most]) = self.0.get(matter).filter(|[_, most]| *most > 0.0) else {
            return title;
        };
        let up_to = match most - least > 1e-9 {
            true => ("最多 ", "up to "),
            false => ("", ""),
        };
        let share = percent(*most);
        Text::new(
            format!("{}（工作量表：{}{share}）", title.zh(), up_to.0),
            format!("{} ({}{share} by the workload)", title.en(), up_to.1),
        )
    }
}

/// Matters whose refusal ends the case, where the old way delivers the result of another one
/// before them, for applicants who have both, and whether all have who have the one that may be
/// refused; those that refuse most first.
fn no_more_delivered(ground: &Ground<'_>, was: Way<'_>, shares: &Shares) -> Vec<(Claim, bool)> {
    let then = was.design;
    let mut walk: Vec<&MatterKey> = Vec::new();
    for matter in then.intakes.iter().filter_map(|it| it.matter.as_ref()) {
        if !walk.contains(&matter) {
            walk.push(matter);
        }
    }
    let is_delivered = |field: &FieldPath| {
        let mut results = then.delivers.iter();
        results.any(|result| result.what == field.role)
    };
    let ends_case = |matter: &MatterKey| {
        let fact = ground.setting.matter(matter);
        fact.is_some_and(|fact| fact.refused == Refused::EndsCase)
    };
    let applicants = Applicants::of([was, was]);
    // By answers, the matters that deliver a result and those that may be refused.
    let each = applicants.answers.iter().map(|answers| {
        let outline = was.outlines.of(was.plan, answers);
        let (mut delivers, mut refuses) = (BTreeSet::new(), BTreeSet::new());
        let steps = then.steps.iter().filter(|step| {
            let at = was.plan.find_step(step.key.as_str());
            at.is_some_and(|at| outline.is_active(at))
        });
        for (matter, step) in steps.filter_map(|step| Some((step.matter.as_ref()?, step))) {
            if step.writes.iter().any(is_delivered) {
                delivers.insert(matter);
            }
            if step.by != By::Applicant {
                refuses.insert(matter);
            }
        }
        (delivers, refuses)
    });
    let each: Vec<(BTreeSet<&MatterKey>, BTreeSet<&MatterKey>)> = each.collect();
    let mut ending: Vec<usize> = (0..walk.len()).filter(|at| ends_case(walk[*at])).collect();
    ending.sort_by(|one, other| shares.more(walk[*one], walk[*other]));
    let pairs = ending
        .into_iter()
        .flat_map(|at| walk[..at].iter().map(move |kept| (at, *kept)));
    let claims = pairs.filter_map(|(at, kept)| {
        let ends = walk[at];
        let scope = applicants.scope(|number, _| {
            let (delivers, refuses) = &each[number];
            refuses.contains(ends) && delivers.contains(kept)
        })?;
        let refused = each.iter().filter(|(_, refuses)| refuses.contains(ends));
        let always = refused.count() == scope.at().count();
        let what = What::Undelivered(ends.clone(), kept.clone());
        Some((Claim { what, scope }, always))
    });
    claims.collect()
}

/// What is delivered no more, by the matter that is refused: matters that others are refused
/// with stand together.
fn undelivered(ground: &Ground<'_>, shares: &Shares, claims: &[(Claim, bool)]) -> Text {
    /// Matters, and whether all have them who have the one that is refused.
    type Kept<'a> = Vec<(&'a MatterKey, bool)>;
    let mut by_ending: Vec<(&MatterKey, Kept<'_>)> = Vec::new();
    for (claim, always) in claims {
        let What::Undelivered(ends, kept) = &claim.what else {
            continue;
        };
        let kept = (kept, *always);
        match by_ending.iter_mut().find(|(known, _)| *known == ends) {
            Some((_, all)) => all.push(kept),
            None => by_ending.push((ends, vec![kept])),
        }
    }
    let mut groups: Vec<(Vec<&MatterKey>, Kept<'_>)> = Vec::new();
    for (ends, kept) in by_ending {
        match groups.iter_mut().find(|(_, known)| *known == kept) {
            Some((all, _)) => all.push(ends),
            None => groups.push((vec![ends], kept)),
        }
    }
    let title = |(matter, always): &(&MatterKey, bool)| {
        let fact = ground.setting.matter(matter);
        let title = fact.map(|fact| fact.title.clone()).unwrap_or_default();
        match always {
            true => title,
            false => Text::new(
                format!("{}（有的情形）", title.zh()),
                format!("{} (for some answers)", title.en()),
            ),
        }
    };
    let (zh, en): (Vec<String>, Vec<String>) = groups
        .iter()
        .map(|(ending, kept)| {
            let ending = ending.iter().map(|matter| shares.titled(ground, matter));
            let ending = words::list(&ending.collect::<Vec<Text>>());
            let kept = words::list(&kept.iter().map(title).collect::<Vec<Text>>());
            (
                format!(
                    "{}不予许可即终止整件事，此前已办出的{}结果也不再送达",
                    ending.zh(),
                    kept.zh()
                ),
                format!(
                    "refused {} ends the whole case, and what was made of {} by then is delivered no more",
                    ending.en(),
                    kept.en()
                ),
            )
        })
        .unzip();
    Text::new(
        format!(
            "不予许可的后果：{}（分开办理时，先办成的已经送达）；互不影响的事项写 `refused: ends matter`",
            zh.join("；")
        ),
        format!(
            "what a refusal ends: {} (apart, it had been delivered when it was made); matters that do not depend on each other say `refused: ends matter`",
            en.join("; ")
        ),
    )
}

/// Matters of which a refused acceptance ended no more than the matter, and that are accepted with
/// all others.
fn not_accepted(ground: &Ground<'_>, then: &Design, now: &Design) -> Option<Text> {
    let joined: BTreeSet<&StepKey> = now
        .intakes
        .iter()
        .filter(|intake| intake.matter.is_none())
        .filter_map(|intake| intake.acceptance.as_ref())
        .flat_map(|accept| &accept.merges)
        .collect();
    let mut alone: Vec<(f64, Text)> = Vec::new();
    for intake in &then.intakes {
        let fact = intake.matter.as_ref();
        let fact = fact.and_then(|key| ground.setting.matter(key));
        let accept = intake.acceptance.as_ref();
        let accept = accept.filter(|accept| joined.contains(&accept.key));
        if let Some((fact, accept)) = fact.zip(accept)
            && fact.refused == Refused::EndsMatter
        {
            let share = ground.refusal(&accept.key).unwrap_or(0.0);
            alone.push((share, fact.title.clone()));
        }
    }
    if alone.is_empty() {
        return None;
    }
    alone.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    let titles: Vec<Text> = alone.into_iter().map(|(_, title)| title).collect();
    let titles = words::list(&titles);
    Some(Text::new(
        format!(
            "不予许可的后果：受理合为一次，不予受理即终止整件事；分开办理时，{}不予受理的只终止该事项",
            titles.zh()
        ),
        format!(
            "what a refusal ends: the one acceptance refused ends the whole case; apart, that of {} ended the matter alone",
            titles.en()
        ),
    ))
}

/// What cannot be without what a matter makes, and so falls with it and did not.
#[derive(Default)]
struct Falling {
    /// In their order in the plan.
    what: BTreeSet<Falls>,
    /// What they cannot be without.
    fields: BTreeSet<FieldPath>,
    /// What is there beside the matter for some answers and does not need it for them.
    stays: BTreeSet<Falls>,
}

/// A matter, or a step that belongs to none, by its place in the plan of the proposal.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Falls {
    Matter(usize, MatterKey),
    Step(StepIx, StepKey),
}

impl Falls {
    fn of(plan: &Plan, step: StepIx) -> Self {
        let item = plan.step(step);
        match item.matter {
            Some(matter) => Self::Matter(matter.index(), plan.matter(matter).key.clone()),
            None => Self::Step(step, item.key.clone()),
        }
    }

    fn key(&self) -> &str {
        match self {
            Self::Matter(_, key) => key.as_str(),
            Self::Step(_, key) => key.as_str(),
        }
    }

    fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Matter(_, one), Self::Matter(_, other)) => one == other,
            (Self::Step(_, one), Self::Step(_, other)) => one == other,
            _ => false,
        }
    }
}

/// Each thing that falls with what stands before it, with what it lacks then.
fn told(
    ground: &Ground<'_>,
    plan: &Plan,
    shares: &Shares,
    falls: &[(Falls, Falling)],
    few: &Text,
) -> Text {
    let title = |what: &Falls| match what {
        Falls::Matter(_, key) => {
            let fact = ground.setting.matter(key);
            fact.map(|fact| fact.title.clone()).unwrap_or_default()
        }
        Falls::Step(at, _) => words::quoted(&plan.step(*at).title),
    };
    let (zh, en): (Vec<String>, Vec<String>) = falls
        .iter()
        .map(|(with, falling)| {
            let of = match with {
                Falls::Matter(_, key) => shares.titled(ground, key),
                Falls::Step(..) => title(with),
            };
            let titles: Vec<Text> = falling.what.iter().map(title).collect();
            let fields: Vec<FieldPath> = falling.fields.iter().cloned().collect();
            let what = words::list(&titles);
            let fields = fields_in_words(ground.setting, &fields);
            let sometimes = match falling.what.intersection(&falling.stays).next() {
                Some(_) => ("，有的情形", ", for some answers"),
                None => ("", ""),
            };
            (
                format!(
                    "{} → {}（少不了{}{}）",
                    of.zh(),
                    what.zh(),
                    fields.zh(),
                    sometimes.0
                ),
                format!(
                    "{} → {} (needs {}{})",
                    of.en(),
                    what.en(),
                    fields.en(),
                    sometimes.1
                ),
            )
        })
        .unzip();
    Text::new(
        format!(
            "不予许可的后果（箭头前的不予许可或者终止的，箭头后的随之终止）：{}{}；分开办理时，申请人自己能提供所缺内容的，仍可办理。缺了也能办的环节，读取时在字段名后加 `?`",
            zh.join("；"),
            few.zh()
        ),
        format!(
            "what a refusal ends: what stands before an arrow, refused or ended with another, ends what stands after it: {}{}; apart, that went on for who could hand in otherwise what it needs. A step that can do without reads it with a `?` after its name",
            en.join("; "),
            few.en()
        ),
    )
}

/// What falls with what.
type Edges = BTreeSet<(Falls, Falls)>;

/// By what is refused or ended, what falls with it in the proposal and did not in the way before,
/// for some answers: each beside that whose result it cannot be without. `None` where no refusal
/// ends a matter alone.
fn falling(
    was: &Plan,
    is: &Plan,
    applicants: &Applicants<'_>,
) -> Option<(BTreeMap<Falls, Falling>, Vec<Claim>)> {
    let mut found: BTreeMap<Falls, Falling> = BTreeMap::new();
    let ends_alone = |plan: &Plan, step: StepIx| {
        let matter = plan.step(step).matter;
        let alone = |matter| plan.matter(matter).refused == Refused::EndsMatter;
        plan.step(step).actor.is_internal() && matter.is_some_and(alone)
    };
    if !is.step_numbers().any(|step| ends_alone(is, step)) {
        return None;
    }
    let mut there: Vec<(BTreeSet<Falls>, Edges)> = Vec::new();
    for answers in &applicants.answers {
        let [then, now] = [was, is].map(|plan| Scenario::resolve(plan, answers));
        let [ended_then, ended_now] = [Ending::new(was, &then), Ending::new(is, &now)];
        // By matter that is refused, what fell with it before.
        let mut before: BTreeMap<&MatterKey, Vec<Falls>> = BTreeMap::new();
        for refused in then.steps().iter().filter(|step| ends_alone(was, **step)) {
            let key = was
                .step(*refused)
                .matter
                .map(|matter| &was.matter(matter).key);
            let Some(key) = key else { continue };
            let gone = gone(&ended_then, *refused);
            let fell = then.steps().iter().filter(|step| gone(**step));
            let fell = fell.map(|step| Falls::of(was, *step));
            before
                .entry(key)
                .or_default()
                .extend(fell.collect::<BTreeSet<_>>());
        }
        let mut edges = BTreeSet::new();
        for refused in now.steps().iter().filter(|step| ends_alone(is, **step)) {
            let key = is
                .step(*refused)
                .matter
                .map(|matter| &is.matter(matter).key);
            let known = key.and_then(|key| before.get(key));
            let gone = gone(&ended_now, *refused);
            for step in now.steps().iter().copied().filter(|step| gone(*step)) {
                let what = Falls::of(is, step);
                if known.is_some_and(|known| known.iter().any(|known| known.is(&what))) {
                    continue;
                }
                for read in is.step(step).reads.iter().filter(|read| !read.optional) {
                    let origin = now.outline().origin(step, read.field);
                    let Some((_, Source::Step(from))) = origin else {
                        continue;
                    };
                    let with = Falls::of(is, from);
                    if gone(from) && with != what {
                        edges.insert((with.clone(), what.clone()));
                        let falling = found.entry(with).or_default();
                        falling.what.insert(what.clone());
                        falling.fields.insert(is.field(read.field).path.clone());
                    }
                }
            }
        }
        let all = now.steps().iter().map(|step| Falls::of(is, *step));
        there.push((all.collect(), edges));
    }
    let mut claims = Vec::new();
    for (with, falling) in &mut found {
        for (there, edges) in there.iter().filter(|(there, _)| there.contains(with)) {
            let stays = falling.what.iter().filter(|what| there.contains(what));
            let stays = stays.filter(|what| !edges.contains(&(with.clone(), (*what).clone())));
            falling.stays.extend(stays.cloned().collect::<Vec<_>>());
        }
        for what in &falling.what {
            let edge = (with.clone(), what.clone());
            let scope = applicants.scope(|at, _| there[at].1.contains(&edge));
            let what = What::Falls(with.key().to_owned(), what.key().to_owned());
            claims.extend(scope.map(|scope| Claim { what, scope }));
        }
    }
    Some((found, claims))
}

/// Whether a refusal takes a step out of the case.
fn gone(ending: &Ending, refused: StepIx) -> impl Fn(StepIx) -> bool + '_ {
    let ended = ending.of(refused);
    move |step| step == refused || (ended[step.index()] && !ending.precedes(step, refused))
}
