//! R1, ask once: one intake instead of one for each matter, and one case.

use std::collections::{BTreeMap, BTreeSet};

use onething_definition::design::{Acceptance, By, Design, Intake, Order, OrderKind, Step};
use onething_model::{FieldPath, Limit, StepKey, Text};
use onething_plan::{Answers, Cond, FieldIx, Handled, Scenario, Sensitivity, Source, StepIx};

use super::by_class::Known;
use super::collected::fields_of;
use super::draft::Draft;
use super::for_whom::{Applicants, Claim, What, by_scope, range};
use super::forms::Forms;
use super::graph::{Graph, NEEDED, always, positions, read_by_steps};
use super::kept::{Way, precedes};
use super::one_case::one_case;
use super::one_form::{asked_by_all, less_on_form};
use super::proof::{Line, Proof, Rule, Site, fields_in_words};
use super::quantity::VISITS;
use super::rewritten::Rewritten;
use super::{Ground, collected, purposes};
use crate::words::{many, one_thing};

/// One intake, its form the union of all forms.
///
/// Checked: the same field of the same role is collected twice or more, or there is one
/// application anyway.
pub(super) fn apply(ground: &Ground<'_>, draft: &Draft) -> Option<Rewritten> {
    let design: &Design = &draft.design;
    if ground.denied(Rule::AskOnce, Site::Whole).is_some() {
        return None;
    }
    let was = || draft.way(ground.drafting);
    let was = match &design.intakes[..] {
        [] => return None,
        [only] => return one_case(ground, was()?, only),
        _ => was()?,
    };
    let forms = Forms::of(was);
    if collected::on_several(&forms).is_empty() {
        return None;
    }
    let mut proof = Proof::new(Rule::AskOnce);
    proof.did(Site::Whole);
    let mut next = Design {
        way: onething_plan::Way::New,
        handled: Handled::Together,
        intakes: vec![intake(ground, design, &forms, &mut proof)?],
        ..design.clone()
    };
    for step in &mut next.steps {
        step.intake = 0;
    }
    let against = keep_walk(ground, design, &mut next);
    let next = less_on_form(ground, was, next, &forms, &mut proof);
    let next = purposes::of_one(ground.setting, &design.intakes, next, &mut proof);
    let told = move |ground: &Ground<'_>, [was, is]: [Way<'_>; 2], proof: &mut Proof| {
        tell(ground, was, is, &against, proof);
    };
    Some(Rewritten::new(next, proof).telling(told))
}

/// Says what becoming one comes to, and for whom. `against` are the habits that did not stay.
fn tell(
    ground: &Ground<'_>,
    was: Way<'_>,
    is: Way<'_>,
    against: &[(StepKey, StepKey)],
    proof: &mut Proof,
) {
    let forms = Forms::of(was);
    collected::told_by(ground, was, &forms, proof);
    let gives = carried(ground, was, &forms, proof);
    if let Some((line, claim)) = data_decides(was, is, against) {
        proof.changed(line);
        proof.claims.push(claim);
    }
    collected::trips_told_by(was, is, proof);
    known_by_others(ground, [was, is], &gives, proof);
    let all = Applicants::of([was, was]);
    let counted = |steps: &[StepIx]| {
        let counts = all.answers.iter().map(|answers| {
            let outline = was.outlines.of(was.plan, answers);
            steps
                .iter()
                .filter(|step| outline.is_active(**step))
                .count() as u64
        });
        range(counts)
    };
    accepted_once(ground, was, counted, proof);
    let count = was.design.intakes.len();
    let applications: Vec<StepIx> = was.plan.applications().collect();
    let handed_in = counted(&applications);
    let (of_zh, of_en) = match handed_in.en() == count.to_string() {
        true => (String::new(), String::new()),
        false => (
            format!("（同一申请人递交 {} 份）", handed_in.zh()),
            format!(" (one applicant hands in {} of them)", handed_in.en()),
        ),
    };
    proof.changed(Line::new(
        format!("{count} 份申请{of_zh}合为一份，表单为各表的并集；各环节从这一份申请和彼此的结果中取数"),
        format!(
            "{count} applications{of_en} become one, its form the union of theirs; steps take their data from it and from each other"
        ),
    ));
}

/// Says that the acceptances become one, and how many of them one applicant had: `counted` tells how
/// many of some steps take part.
fn accepted_once(
    ground: &Ground<'_>,
    was: Way<'_>,
    counted: impl Fn(&[StepIx]) -> Text,
    proof: &mut Proof,
) {
    let intakes = was.design.intakes.iter();
    let accepted = intakes.filter_map(|intake| intake.acceptance.as_ref());
    let accepted: Vec<StepKey> = accepted.map(|accept| accept.key.clone()).collect();
    if accepted.is_empty() {
        return;
    }
    let (owner, count) = (
        ground.setting.department_title(&ground.setting.owner),
        accepted.len(),
    );
    let places = accepted
        .iter()
        .filter_map(|key| was.plan.find_step(key.as_str()));
    let had = counted(&places.collect::<Vec<StepIx>>());
    let (of_zh, of_en) = match had.en() == count.to_string() {
        true => (String::new(), String::new()),
        false => (
            format!("（同一申请人 {} 次）", had.zh()),
            format!(" ({} of them for one applicant)", had.en()),
        ),
    };
    proof.changed(
        Line::new(
            format!(
                "{count} 次受理{of_zh}合为一次，由牵头部门{}受理，时限取其中最长的",
                owner.zh()
            ),
            format!(
                "{}{of_en} {}, by the department in charge ({}), within the longest of their limits",
                many(count, "acceptance", "acceptances"),
                if count == 1 { "becomes that of all" } else { "become one" },
                owner.en()
            ),
        )
        .steps(accepted),
    );
}

/// Says what the department in charge, which now takes the application in, has no grant to
/// read of what the form asks on its own account. A step without a grant is an error
/// (D0204) and no rewrite gives a step to another department; of what nobody reads but who
/// takes it in, `check` tells as well (D0913).
pub(super) fn told_by(ground: &Ground<'_>, then: &Design, now: &Design, proof: &mut Proof) {
    let (setting, owner) = (ground.setting, &ground.setting.owner);
    let taken_in_by = |intake: &Intake| {
        let accept = intake.acceptance.as_ref();
        let stated = accept.and_then(|accept| accept.department.clone());
        let matter = intake.matter.as_ref().and_then(|key| setting.matter(key));
        let of_matter = || matter.map(|matter| matter.department.clone());
        stated
            .or_else(|| intake.department.clone())
            .or_else(of_matter)
    };
    let moves = |field: &FieldPath| {
        let asks = |intake: &&Intake| intake.asks.iter().any(|ask| ask.field == *field);
        let mut intakes = then.intakes.iter().filter(asks);
        intakes.any(|intake| taken_in_by(intake).is_some_and(|by| by != *owner))
    };
    let read = read_by_steps(now);
    let joined = now.intakes.iter().filter(|intake| intake.matter.is_none());
    let by_owner = joined.filter(|intake| taken_in_by(intake).is_none_or(|by| by == *owner));
    let asks = by_owner.flat_map(|intake| &intake.asks);
    let fields = asks.map(|ask| &ask.field).filter(|field| {
        let fact = setting.field(field);
        let open = fact.is_none_or(|fact| {
            fact.sensitivity == Sensitivity::Public || fact.purposes_of(owner).next().is_some()
        });
        !open && !read.contains(field) && moves(field)
    });
    let fields: Vec<FieldPath> = fields.cloned().collect();
    if fields.is_empty() {
        return;
    }
    let (words, title) = (
        fields_in_words(setting, &fields),
        setting.department_title(owner),
    );
    proof.confirm(Text::new(
        format!(
            "申请改由{}收件、受理，它没有读取{}的授权：在数据约定的 `grants` 中补上，或者仍由原部门受理，或者不再要求填写",
            title.zh(),
            words.zh()
        ),
        format!(
            "the application is now taken in by {}, which has no grant to read {}: add one to the `grants` of the contract, let the department of before take it in, or do without on the form",
            title.en(),
            words.en()
        ),
    ));
}

/// Says what some form asked and one look-up for all finds, and what the applicant gave from
/// elsewhere (`gave`), since it was made only later in the walk: neither is asked any more.
fn known_by_others(
    ground: &Ground<'_>,
    [was, is]: [Way<'_>; 2],
    gave: &BTreeSet<FieldPath>,
    proof: &mut Proof,
) {
    let all = Applicants::of([was, is]);
    let each: Vec<[Known; 2]> = all
        .answers
        .iter()
        .map(|answers| [was, is].map(|way| Known::at(way, answers)))
        .collect();
    let looked_up: Vec<BTreeSet<FieldIx>> = all
        .answers
        .iter()
        .map(|answers| looked_up(is, answers))
        .collect();
    let (mut found, mut made) = (Vec::new(), Vec::new());
    for (at, field) in was.plan.fields.iter().enumerate() {
        let Some(now) = is.plan.find_field(&field.path) else {
            continue;
        };
        let spared = |number: usize| {
            let [then, later] = &each[number];
            then.asked[at] && !later.asked[now.index()]
        };
        let is_found = |number: usize| spared(number) && looked_up[number].contains(&now);
        let is_made = |number: usize| spared(number) && each[number][1].known[now.index()];
        if let Some(scope) = all.scope(|number, _| is_found(number)) {
            let what = What::FoundOnce(field.path.clone());
            found.push(Claim { what, scope });
        }
        let is_given = gave.contains(&field.path);
        let scope = is_given.then(|| all.scope(|number, _| is_made(number) && !is_found(number)));
        if let Some(scope) = scope.flatten() {
            let what = What::MadeElsewhere(field.path.clone());
            made.push(Claim { what, scope });
        }
    }
    for (claims, zh, en) in [
        (
            found,
            "合为一份后由系统查询一次，不再要求填写",
            "looked up once for all, and no longer asked",
        ),
        (
            made,
            "由另一事项作出，不再由申请人另行提供",
            "made by another matter, and no longer given by the applicant from elsewhere",
        ),
    ] {
        for (scope, claims) in by_scope(&claims) {
            let (fields, of) = (fields_of(&claims), scope.told());
            let words = fields_in_words(ground.setting, &fields);
            let line = Line::new(
                format!("{zh}{}：{}", of.zh(), words.zh()),
                format!("{en}{}: {}", of.en(), words.en()),
            );
            proof.changed(line.fields(fields));
        }
        proof.claims.extend(claims);
    }
}

/// What is looked up for these answers.
fn looked_up(way: Way<'_>, answers: &Answers) -> BTreeSet<FieldIx> {
    let outline = way.outlines.of(way.plan, answers);
    let sources = outline.steps().flat_map(|step| outline.sources(step));
    let found = sources.filter(|(_, source)| matches!(source, Source::LookUp(_)));
    found.map(|(field, _)| *field).collect()
}

/// Says what the applicant no longer carries from matter to matter, and who. Found is what another
/// matter makes only after it was asked: nobody carries that.
fn carried(
    ground: &Ground<'_>,
    way: Way<'_>,
    forms: &Forms<'_>,
    proof: &mut Proof,
) -> BTreeSet<FieldPath> {
    let design = way.design;
    let mut makers: BTreeMap<&FieldPath, Vec<&Step>> = BTreeMap::new();
    for step in &design.steps {
        for field in &step.writes {
            makers.entry(field).or_default().push(step);
        }
    }
    let place = |key: &StepKey| way.plan.find_step(key.as_str());
    // What is wanted of what was made before: by whom, for which application, made by whom.
    let mut brought: BTreeMap<&FieldPath, Vec<[StepIx; 3]>> = BTreeMap::new();
    let mut given: BTreeSet<FieldPath> = BTreeSet::new();
    for (at, intake) in design.intakes.iter().enumerate() {
        let own = design.steps.iter().filter(|step| step.intake == at);
        let reads = own.flat_map(|step| step.reads.iter().map(|read| (&step.key, read)));
        let wants = reads.chain(intake.asks.iter().map(|read| (&intake.key, read)));
        for (by, field) in wants.map(|(by, read)| (by, &read.field)) {
            let others = makers.get(field).into_iter().flatten();
            for made in others.filter(|step| step.intake != at) {
                let [Some(by), Some(asked), Some(made)] = [by, &intake.key, &made.key].map(place)
                else {
                    continue;
                };
                // As the plan has it: what comes before the application is brought to it.
                if made < asked {
                    brought.entry(field).or_default().push([by, asked, made]);
                } else if forms.asks(field) {
                    given.insert(field.clone());
                }
            }
        }
    }
    given.retain(|field| !brought.contains_key(field));
    if brought.is_empty() {
        return given;
    }
    let all = Applicants::of([way, way]);
    let answers = all.answers.iter();
    let each: Vec<_> = answers
        .map(|answers| way.outlines.of(way.plan, answers))
        .collect();
    let claims = brought.into_iter().filter_map(|(field, ways)| {
        let is_active = |number: usize, step: &StepIx| each[number].is_active(*step);
        let scope = all.scope(|number, _| {
            let mut ways = ways.iter();
            ways.any(|steps| steps.iter().all(|step| is_active(number, step)))
        })?;
        let what = What::Carried(field.clone());
        Some(Claim { what, scope })
    });
    let claims: Vec<Claim> = claims.collect();
    for (scope, claims) in by_scope(&claims) {
        let (fields, of) = (fields_of(&claims), scope.told());
        let words = fields_in_words(ground.setting, &fields);
        proof.changed(
            Line::new(
                format!("申请人不再携带前一事项的结果{}：{}", of.zh(), words.zh()),
                format!(
                    "the applicant no longer carries what another matter made{}: {}",
                    of.en(),
                    words.en()
                ),
            )
            .fields(fields),
        );
    }
    proof.claims.extend(claims);
    given
}

fn intake(
    ground: &Ground<'_>,
    design: &Design,
    forms: &Forms<'_>,
    proof: &mut Proof,
) -> Option<Intake> {
    let (apply, accept) = ("apply".parse().ok()?, "accept".parse().ok()?);
    let setting = ground.setting;
    let (always, sometimes): (Vec<&Intake>, Vec<&Intake>) =
        design.intakes.iter().partition(|intake| {
            let matter = intake.matter.as_ref().and_then(|key| setting.matter(key));
            matter.is_none_or(|matter| matter.when == Cond::Always)
        });
    let asks = asked_by_all(ground, design, forms, proof);
    let most = |intakes: &[&Intake]| intakes.iter().map(|intake| intake.visits).max();
    // No answers may cost more trips than before: what is handed in for some of them only
    // does not count for all.
    let visits = most(&always).unwrap_or_else(|| {
        let visits = sometimes.iter().map(|intake| intake.visits);
        visits.min().unwrap_or(0)
    });
    if let Some(more) = most(&sometimes).filter(|more| *more > visits) {
        proof.confirm_saving(&[VISITS], Text::new(
            format!("有的事项只在部分情形下办理，原来递交要跑 {more} 次；合为一份后按 {visits} 次计"),
            format!("a matter that only some answers bring costs {} to hand in; the one application is taken to cost {visits}", in_trips(more)),
        ));
    }
    let accepted: Vec<&Acceptance> = design
        .intakes
        .iter()
        .filter_map(|intake| intake.acceptance.as_ref())
        .collect();
    let title = &setting.title;
    let acceptance = (!accepted.is_empty()).then(|| {
        let longest = accepted
            .iter()
            .map(|accept| &accept.limit)
            .max_by_key(|limits| limits.binding().map_or(0, length));
        let officer = accepted.iter().any(|accept| accept.by == By::Officer);
        proof.confirm(Text::new(
            "由谁受理：机器选牵头部门，也可以是综合窗口；工作量表没有写环节 accept 的用时的，仿真中按原来各次受理的用时之和",
            "who accepts: the machine takes the department in charge, it may be the one window; where the workload states no time for the step accept, it is simulated as the sum of the acceptances before",
        ));
        Acceptance {
            key: accept,
            title: Text::new("受理", "Acceptance"),
            by: if officer { By::Officer } else { By::System },
            department: Some(setting.owner.clone()),
            limit: longest.cloned().unwrap_or_default(),
            merges: accepted.iter().map(|accept| accept.key.clone()).collect(),
        }
    });
    Some(Intake {
        key: apply,
        title: Text::new(
            format!("{}申请", one_thing(title.zh())),
            format!("One application: {}", title.en()),
        ),
        window: setting.windows.first().cloned(),
        department: None,
        matter: None,
        asks,
        purposes: Vec::new(),
        visits,
        acceptance,
        after: Vec::new(),
    })
}

/// How many trips, as English says it.
pub(super) fn in_trips(count: impl std::fmt::Display) -> String {
    many(count, "trip", "trips")
}

/// Lengths on one scale, only to find the longest: a working day as a day.
pub(super) fn length(limit: Limit) -> u64 {
    match limit {
        Limit::WorkingDays { thousandths } | Limit::CalendarDays { thousandths } => thousandths,
        Limit::Clock(span) => span.0.max(0).unsigned_abs() / 86_400_000,
    }
}

/// Together the walk is no longer implied by the applications: it stays, as the
/// habit it is, until another rule removes it. Where data or law runs against a
/// habit, be it the walk or a stated one, data and law win.
///
/// Only the orders that others do not imply are stated: where each matter has
/// its steps one after the other, one from matter to matter.
///
/// Returned are the habits that do not stay, each with the step that came first and the other.
fn keep_walk(ground: &Ground<'_>, design: &Design, next: &mut Design) -> Vec<(StepKey, StepKey)> {
    let must = Graph::of(ground.setting, next, &NEEDED);
    // An order that passes through a step is implied only where that step takes part.
    let always = always(ground.setting, design);
    let mut implied = must.above_through(&always);
    let mut above = must.into_above();
    let at = positions(design);
    let mut against = Vec::new();
    for (to, step) in next.steps.iter_mut().enumerate() {
        step.after.retain(|order| {
            let habit = order.kind == OrderKind::Habit;
            let Some(from) = at.get(&order.step).filter(|_| habit) else {
                return true;
            };
            let contrary = above.has(*from, to);
            if contrary {
                against.push((order.step.clone(), step.key.clone()));
            } else {
                above.join(to, &[*from]);
                implied.join_through(to, &[*from], &always);
            }
            !contrary
        });
    }
    let mut of_intake: Vec<Vec<usize>> = vec![Vec::new(); design.intakes.len()];
    for (at, step) in design.steps.iter().enumerate() {
        of_intake[step.intake].push(at);
    }
    for (at, intake) in design.intakes.iter().enumerate() {
        for order in &intake.after {
            for to in &of_intake[at] {
                let earlier = of_intake[order.intake].iter().copied();
                let (contrary, earlier): (Vec<usize>, Vec<usize>) =
                    earlier.partition(|from| above.has(*from, *to));
                let key = |at: usize| design.steps[at].key.clone();
                against.extend(contrary.iter().map(|from| (key(*from), key(*to))));
                above.join(*to, &earlier);
                let last = implied.last_of(*to, &earlier, &always);
                implied.join_through(*to, &last, &always);
                next.steps[*to].after.extend(last.iter().map(|from| Order {
                    step: design.steps[*from].key.clone(),
                    because: order.because.clone(),
                    basis: None,
                    kind: OrderKind::Habit,
                }));
            }
        }
    }
    against.sort();
    against.dedup();
    against
}

/// Says where the old order does not stay since data ran against it: for those who have both steps
/// and of whom what the later makes reaches the earlier.
fn data_decides(
    was: Way<'_>,
    now: Way<'_>,
    against: &[(StepKey, StepKey)],
) -> Option<(Line, Claim)> {
    if against.is_empty() {
        return None;
    }
    let places = |way: Way<'_>| -> Vec<Option<(StepIx, StepIx)>> {
        let place = |key: &StepKey| way.plan.find_step(key.as_str());
        let pairs = against.iter();
        pairs.map(|(from, to)| place(from).zip(place(to))).collect()
    };
    let (then, later) = (places(was), places(now));
    let mut runs = vec![false; against.len()];
    let all = Applicants::of([was, now]);
    let scope = all.scope(|_, answers| {
        let outline = was.outlines.of(was.plan, answers);
        let scenario = Scenario::resolve(now.plan, answers);
        let mut any = false;
        for (runs, (then, later)) in runs.iter_mut().zip(then.iter().zip(&later)) {
            let both =
                then.is_some_and(|(one, two)| outline.is_active(one) && outline.is_active(two));
            let is = both
                && later.is_some_and(|(one, two)| {
                    scenario.is_active(two) && precedes(now.plan, &scenario, two, one)
                });
            *runs |= is;
            any |= is;
        }
        any
    });
    let scope = scope?;
    let steps = against.iter().zip(runs).filter(|(_, runs)| *runs);
    let steps: BTreeSet<StepKey> = steps.map(|((from, _), _)| from.clone()).collect();
    let of = scope.told();
    let line = Line::new(
        format!("原先的先后与数据的流向相反之处，以数据为准{}", of.zh()),
        format!(
            "where the old order ran against the data, the data decides{}",
            of.en()
        ),
    );
    let what = What::Against;
    Some((line.steps(steps), Claim { what, scope }))
}
