//! R2, once only: registries are asked instead of the applicant.

use std::collections::{BTreeMap, BTreeSet};

use onething_definition::design::{Design, ProviderFact, Registries, Setting};
use onething_model::{FieldPath, RegistryKey, RoleKey, Text};
use onething_plan::{FieldIx, Source};

use super::Ground;
use super::by_class::{Known, lost};
use super::collected::fields_of;
use super::dead_data::is_dead;
use super::draft::Draft;
use super::for_whom::{Applicants, Claim, What, by_scope};
use super::forms::Forms;
use super::graph::{made_by_steps, read_by_steps, with_sources};
use super::kept::Way;
use super::own_account::less_known;
use super::proof::{Line, Proof, Rule, Site, fields_in_words};
use super::quantity::{FIELDS, MATERIALS};

/// Asks the registries that hold what the applicant is asked for.
///
/// Checked of each: an authoritative provider in a contract, a legal basis, and
/// that the service does not leave it out with a reason. What is looked up in
/// the end, [`told_by`] tells from the forms of the proposal. Where the rule is denied
/// as a whole, it asks none of them and says why of each: a new way that leaves a registry
/// out without a reason passes no check.
pub(super) fn apply(ground: &Ground<'_>, draft: &Draft) -> Option<(Draft, Proof)> {
    let (setting, design): (&Setting, &Design) = (ground.setting, &draft.design);
    let mut wanted: BTreeSet<&FieldPath> = read_by_steps(design);
    wanted.extend(
        design
            .intakes
            .iter()
            .flat_map(|intake| intake.asks.iter().map(|ask| &ask.field)),
    );
    let asks = wanted.clone();
    let made = made_by_steps(design);
    // A registry whose keys another one gives is useful as well.
    let mut useful: Vec<&ProviderFact> = Vec::new();
    loop {
        let before = useful.len();
        with_sources(setting, &mut wanted);
        for provider in &setting.providers {
            let known = useful.iter().any(|other| std::ptr::eq(*other, provider));
            let gives = provider
                .gives
                .iter()
                .any(|field| wanted.contains(field) && !made.contains(field));
            let open = !design.fetched.allows(provider.registry.as_str())
                && ground.closed(&provider.registry).is_none();
            if !known && gives && open {
                useful.push(provider);
                wanted.extend(&provider.with);
            }
        }
        if useful.len() == before {
            break;
        }
    }
    let mut proof = Proof::new(Rule::OnceOnly);
    let mut by_registry: BTreeMap<&RegistryKey, Vec<&ProviderFact>> = BTreeMap::new();
    for provider in useful {
        by_registry
            .entry(&provider.registry)
            .or_default()
            .push(provider);
    }
    let mut asked: Vec<RegistryKey> = Vec::new();
    let mut left_out: Vec<(RegistryKey, Text)> = Vec::new();
    let closed = || {
        let providers = setting.providers.iter();
        providers.filter(|provider| !design.fetched.allows(provider.registry.as_str()))
    };
    for provider in closed() {
        let Some(because) = ground.closed(&provider.registry) else {
            continue;
        };
        let gives = needed(provider, &wanted, &made);
        if !gives.is_empty() {
            proof
                .refused
                .push(left_closed(ground, provider, because, gives));
            add(&mut left_out, &provider.registry, because);
        }
    }
    for (registry, providers) in by_registry {
        let site = Site::Registry(registry.clone());
        let denied = ground.denied(Rule::OnceOnly, site.clone());
        if let Some(why) = denied.or_else(|| ground.denied(Rule::OnceOnly, Site::Whole)) {
            left_out.push((registry.clone(), why.clone()));
            continue;
        }
        if let Some(lacking) = providers.iter().find(|provider| provider.basis.is_none()) {
            left_out.push((
                registry.clone(),
                Text::new("没有写明共享依据", "no basis of the sharing is stated"),
            ));
            proof.confirm(Text::new(
                format!(
                    "“{}”没有写明共享依据，未采用；补上 `basis` 后可查询：{}",
                    lacking.title.zh(),
                    fields_in_words(setting, &lacking.gives).zh()
                ),
                format!(
                    "{} names no legal basis and is left out; with a `basis` it could give: {}",
                    lacking.title.en(),
                    fields_in_words(setting, &lacking.gives).en()
                ),
            ));
            continue;
        }
        asked.push(registry.clone());
        proof.did(site);
    }
    if !asked.is_empty() || !left_out.is_empty() {
        // Others that the service leaves out stay so: who changes the proposal has to know.
        let roles: BTreeSet<&RoleKey> = wanted.iter().chain(&made).map(|path| &path.role).collect();
        for provider in closed().filter(|provider| roles.contains(&provider.role)) {
            if let Some(because) = ground.closed(&provider.registry) {
                add(&mut left_out, &provider.registry, because);
            }
        }
        left_out.sort_by(|(one, _), (other, _)| one.cmp(other));
    }
    // Where forms were filled in by hand, they ask for what follows beside what it follows from.
    let mut derived = setting.derived.iter();
    let follows = !design.fetched.derives()
        && derived.any(|(field, from)| asks.contains(field) && asks.contains(from));
    let mut next = design.clone();
    next.fetched = match (asked.is_empty(), left_out.is_empty()) {
        (true, true) if follows => Registries::All,
        (true, true) => design.fetched.clone(),
        (false, true) => Registries::All,
        // A registry that is not asked although it holds something is named, with the reason.
        (_, false) => Registries::Without(left_out),
    };
    if asked.is_empty() && next == *design {
        return None;
    }
    let mut known: Vec<FieldPath> = Vec::new();
    let mut next = Draft::new(next);
    if next.design.fetched != design.fetched {
        // What R3 drops is not what registries save.
        let left = |field: &FieldPath| ground.drops_dead_data && is_dead(ground, design, field);
        (next, known) = less_known(ground, next, |field| !left(field));
        let were = draft.way(ground.drafting).map(Forms::of);
        known.retain(|field| were.as_ref().is_none_or(|were| were.asks(field)));
    }
    proof.changed.extend(fields_line(setting, known, HELD));
    if next.design.fetched.derives() && !design.fetched.derives() {
        let follows = setting.derived.iter().map(|(field, _)| field);
        let follows = follows.filter(|field| wanted.contains(field)).cloned();
        proof
            .changed
            .extend(fields_line(setting, follows.collect(), FOLLOWS));
    }
    Some((next, proof))
}

/// What follows from something else where forms were filled in by hand.
const FOLLOWS: (&str, &str) = (
    "由已有的号码得出，表单不再要求填写",
    "no longer on a form, for it follows from what is there",
);

/// What registries give.
const FETCHED: (&str, &str) = (
    "改由系统查询，查不到时才请申请人提供",
    "looked up, and asked for only where the registry has nothing",
);

/// What registries could give and nobody asks them for.
const HELD: (&str, &str) = (
    "表单不再要求填写，也不查询：数据库有，而没有环节需要",
    "no longer on a form and not looked up, for a registry holds it and no step needs it",
);

/// Says what is looked up by the proposal, and with whom.
///
/// A registry that may be asked need not be: what it gives may be asked for to
/// find the rest (a circle of registries), its keys may be no less than what it
/// saves, and the only step that reads it may be left out by a later rule.
///
/// `ways` are the one that was begun with and the proposal.
pub(super) fn told_by(
    ground: &Ground<'_>,
    ways: Option<(Way<'_>, Way<'_>)>,
    found: &Forms<'_>,
    proof: &mut Proof,
) {
    let setting = ground.setting;
    let opened = |provider: &&ProviderFact| {
        let mut sites = proof.sites.iter();
        sites.any(|site| matches!(site, Site::Registry(key) if *key == provider.registry))
    };
    let mut providers: Vec<&ProviderFact> = setting.providers.iter().filter(opened).collect();
    providers.sort_by(|one, other| one.registry.cmp(&other.registry));
    let mut fetched: Vec<FieldPath> = Vec::new();
    let mut idle: BTreeMap<&RegistryKey, &ProviderFact> = BTreeMap::new();
    let mut asked: BTreeSet<&RegistryKey> = BTreeSet::new();
    for provider in providers {
        let gives = found.given_by(provider);
        if gives.is_empty() {
            idle.entry(&provider.registry).or_insert(provider);
            continue;
        }
        asked.insert(&provider.registry);
        fetched.extend(
            gives
                .iter()
                .filter(|field| !fetched.contains(field))
                .cloned()
                .collect::<Vec<FieldPath>>(),
        );
        proof.checked.push(line(ground, provider, gives));
    }
    for (_, provider) in idle
        .iter()
        .filter(|(registry, _)| !asked.contains(*registry))
    {
        proof.refused.push(not_asked(ground, provider));
    }
    // What stands on a form after all, or is looked up, is not gone from it.
    for line in &mut proof.changed {
        line.fields
            .retain(|field| !found.asked.contains(field) && !fetched.contains(field));
    }
    let gone = proof.changed.drain(..).flat_map(|line| line.fields);
    // No registry has what is derived.
    let is_derived = |field: &FieldPath| setting.derived.iter().any(|(known, _)| known == field);
    let (mut follows, gone): (Vec<FieldPath>, Vec<FieldPath>) = gone.partition(is_derived);
    if !gone.is_empty() {
        does_without(ground, &gone, proof);
    }
    follows.retain(|field| found.derived.contains(field));
    // What some were asked for who need it no more is looked up for the others alone.
    let for_some = match ways {
        Some((was, is)) if !fetched.is_empty() => looked_up_for_some(was, is, &fetched),
        _ => Vec::new(),
    };
    fetched.retain(|field| !for_some.iter().any(|it| it.what.field() == Some(field)));
    // A number may be worth asking for some answers only: for the others nothing is found by it.
    let (sometimes, fetched): (Vec<FieldPath>, Vec<FieldPath>) = fetched
        .into_iter()
        .partition(|field| found.asked.contains(field));
    proof.changed.extend(fields_line(setting, fetched, FETCHED));
    for (scope, claims) in by_scope(&for_some) {
        let (zh, en) = (scope.told().zh(), scope.told().en());
        let lead = (
            &*format!("{}{zh}", FETCHED.0),
            &*format!("{}{en}", FETCHED.1),
        );
        let line = fields_line(setting, fields_of(&claims), lead);
        proof.changed.extend(line);
    }
    proof.claims.extend(for_some);
    let lead = (
        "有的情形改由系统查询，其余情形仍请申请人填写",
        "looked up for some answers, and asked of the applicant for the others",
    );
    let sometimes = fields_line(setting, sometimes, lead);
    let held = fields_line(setting, gone, HELD).map(Line::gone);
    proof
        .changed
        .extend([sometimes, held].into_iter().flatten());
    let claims = ways.map_or_else(Vec::new, |(was, is)| following([was, is], &follows));
    for (scope, claims) in by_scope(&claims) {
        let (zh, en) = (scope.told().zh(), scope.told().en());
        let lead = (
            &*format!("{}{zh}", FOLLOWS.0),
            &*format!("{}{en}", FOLLOWS.1),
        );
        let line = fields_line(setting, fields_of(&claims), lead);
        proof.changed.extend(line);
    }
    proof.claims.extend(claims);
}

/// For whom fields are looked up that some were asked for and nobody knows of them any more.
fn looked_up_for_some(was: Way<'_>, is: Way<'_>, fields: &[FieldPath]) -> Vec<Claim> {
    let mut lost = lost(was, is);
    lost.retain(|field| fields.contains(field));
    if lost.is_empty() {
        return Vec::new();
    }
    let all = Applicants::of([was, is]);
    let each = all.answers.iter().map(|answers| {
        let outline = is.outlines.of(is.plan, answers);
        let sources = outline.steps().flat_map(|step| outline.sources(step));
        let found = sources.filter(|(_, source)| matches!(source, Source::LookUp(_)));
        found.map(|(field, _)| *field).collect()
    });
    let each: Vec<BTreeSet<FieldIx>> = each.collect();
    let claims = lost.into_iter().filter_map(|field| {
        let at = is.plan.find_field(&field)?;
        let scope = all.scope(|number, _| each[number].contains(&at))?;
        let what = What::LookedUp(field);
        Some(Claim { what, scope })
    });
    claims.collect()
}

/// For whom fields were asked and follow from what is there.
fn following([was, is]: [Way<'_>; 2], fields: &[FieldPath]) -> Vec<Claim> {
    if fields.is_empty() {
        return Vec::new();
    }
    let all = Applicants::of([was, is]);
    let each = all
        .answers
        .iter()
        .map(|answers| [was, is].map(|way| Known::at(way, answers)));
    let each: Vec<[Known; 2]> = each.collect();
    let claims = fields.iter().filter_map(|field| {
        let [then, now] = [was, is].map(|way| way.plan.find_field(field));
        let (then, now) = then.zip(now)?;
        let scope = all.scope(|number, _| {
            let [was, is] = &each[number];
            was.asked[then.index()] && !is.asked[now.index()] && is.known[now.index()]
        })?;
        let what = What::Follows(field.clone());
        Some(Claim { what, scope })
    });
    claims.collect()
}

/// Asks to confirm that whoever takes the application in does without something that a step could
/// have looked up.
pub(super) fn does_without(ground: &Ground<'_>, fields: &[FieldPath], proof: &mut Proof) {
    let words = fields_in_words(ground.setting, fields);
    proof.confirm_saving(
        &[FIELDS, MATERIALS],
        Text::new(
            format!(
                "受理时不需要知道：{}；需要的，写进读取它的环节，就由系统查询",
                words.zh()
            ),
            format!(
                "whoever takes the application in does without: {} (where not, let a step read it, and it is looked up)",
                words.en()
            ),
        ),
    );
}

/// What a provider gives that is wanted and made by no step.
fn needed(
    provider: &ProviderFact,
    wanted: &BTreeSet<&FieldPath>,
    made: &BTreeSet<&FieldPath>,
) -> Vec<FieldPath> {
    let gives = provider.gives.iter();
    gives
        .filter(|field| wanted.contains(field) && !made.contains(field))
        .cloned()
        .collect()
}

fn add(list: &mut Vec<(RegistryKey, Text)>, registry: &RegistryKey, because: &Text) {
    if list.iter().all(|(key, _)| key != registry) {
        list.push((registry.clone(), because.clone()));
    }
}

/// Fields with what is said of them; `None` without any.
fn fields_line(setting: &Setting, fields: Vec<FieldPath>, (zh, en): (&str, &str)) -> Option<Line> {
    if fields.is_empty() {
        return None;
    }
    let words = fields_in_words(setting, &fields);
    let line = Line::new(
        format!("{zh}：{}", words.zh()),
        format!("{en}: {}", words.en()),
    );
    Some(line.fields(fields))
}

/// A registry that the service leaves out.
fn left_closed(
    ground: &Ground<'_>,
    provider: &ProviderFact,
    because: &Text,
    gives: Vec<FieldPath>,
) -> Line {
    let owner = ground.setting.department_title(&provider.department);
    let words = fields_in_words(ground.setting, &gives);
    let (title, because_zh, because_en) = (&provider.title, because.zh(), because.en());
    Line {
        registry: Some((provider.registry.clone(), provider.department.clone())),
        ..Line::new(
            format!(
                "“{}”（{}）有{}，但 `service.yaml` 写明不查询：{because_zh}",
                title.zh(),
                owner.zh(),
                words.zh()
            ),
            format!(
                "{} ({}) holds {}, but `service.yaml` leaves it out: {because_en}",
                title.en(),
                owner.en(),
                words.en()
            ),
        )
    }
    .fields(gives)
}

/// A registry that may be asked and is not.
fn not_asked(ground: &Ground<'_>, provider: &ProviderFact) -> Line {
    let owner = ground.setting.department_title(&provider.department);
    let title = &provider.title;
    Line {
        registry: Some((provider.registry.clone(), provider.department.clone())),
        ..Line::new(
            format!(
                "“{}”（{}）可以查询而不查询：所能提供的，或者提案用不到，或者并不比查询要问的多，或者本身就是查询条件",
                title.zh(),
                owner.zh()
            ),
            format!(
                "{} ({}) may be asked and is not: what it gives is of no use to the proposal, or no more than would have to be asked for it, or what it is found by",
                title.en(),
                owner.en()
            ),
        )
    }
}

fn line(ground: &Ground<'_>, provider: &ProviderFact, gives: Vec<FieldPath>) -> Line {
    let setting = ground.setting;
    let owner = setting.department_title(&provider.department);
    let words = fields_in_words(setting, &gives);
    let basis = provider.basis.clone().unwrap_or_default();
    let (fresh_zh, fresh_en) = provider.fresh.map_or_else(
        || ("未写明".to_owned(), "not stated".to_owned()),
        |fresh| {
            let words = crate::words::limit(fresh);
            (words.zh().to_owned(), words.en().to_owned())
        },
    );
    let miss = ground.miss(&provider.registry).map_or_else(
        || {
            Text::new(
                "查不到的比例没有写明",
                "how often it has nothing is not stated",
            )
        },
        |miss| {
            let miss = super::percent(miss);
            Text::new(
                format!("查不到的比例：{miss}"),
                format!("has nothing in {miss} of cases"),
            )
        },
    );
    Line {
        registry: Some((provider.registry.clone(), provider.department.clone())),
        basis: provider.basis.clone(),
        fresh: provider.fresh,
        ..Line::new(
            format!(
                "“{}”（{}）可提供{}；依据：{basis}；数据时效：{fresh_zh}；{}",
                provider.title.zh(),
                owner.zh(),
                words.zh(),
                miss.zh()
            ),
            format!(
                "{} ({}) gives {}; basis: {basis}; fresh within: {fresh_en}; {}",
                provider.title.en(),
                owner.en(),
                words.en(),
                miss.en()
            ),
        )
    }
    .fields(gives)
}
