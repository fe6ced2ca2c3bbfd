//! What the contracts of a tree allow or describe and no service needs: grants that
//! nobody reads on, fields that nobody uses, what registries would give for nothing.
//!
//! A grant serves every service of the tree, so this can be told only when all of
//! them were looked at. What cannot be told at all: whether a step really needs what
//! it reads, and what a document states beside what it is read for.

use std::collections::{BTreeMap, BTreeSet};

use onething_model::Text;
use onething_plan::{Actor, FieldIx, Outline, Sensitivity, StepIx};

use crate::classes::classes;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, both, quoted};
use crate::grants::{Standing, standing};
use crate::graph::build::Built;
use crate::graph::derive::{Node, NodeKind, Nodes, ProviderAt};
use crate::lower::contract::{ContractEntry, GrantEntry};
use crate::lower::reads::Datum;
use crate::lower::symbols::Symbols;
use crate::lower::tree::Tree;
use crate::lower::way::WaySpec;
use crate::review::Reviewed;

/// A field of a contract of the tree, by number.
type Place = (usize, usize);

/// What services use of the contracts.
#[derive(Debug, Clone, Default)]
pub(crate) struct Uses {
    contracts: BTreeSet<usize>,
    /// Fields that a step or a look-up reads, or a form asks for.
    read: BTreeSet<Place>,
    /// Fields that a step makes.
    made: BTreeSet<Place>,
    /// Grants that a reading stands on, by their position in the field's list.
    grants: BTreeSet<(Place, usize)>,
    /// Grants of whoever takes an application in on what its form asks for. Nothing
    /// says which of several is meant.
    asked: BTreeSet<(Place, Vec<usize>)>,
    /// Providers that a look-up is there for, by their position in the contract.
    providers: BTreeSet<(usize, usize)>,
    /// Those that are asked for some answers.
    looked_up: BTreeSet<(usize, usize)>,
    /// What a provider is asked for, since no other one is asked for it before.
    first_asked: BTreeSet<(Place, usize)>,
    /// What it would give, had not another one been asked for it before: that one.
    behind: BTreeMap<(Place, usize), usize>,
}

impl Uses {
    /// Adds what one way of handling a service uses.
    pub(crate) fn add(&mut self, way: &Reviewed<'_>) {
        let looked_up = way.built.and_then(|built| looked_up(way.nodes, built));
        let (symbols, nodes, way) = (way.symbols, way.nodes, way.spec);
        self.contracts
            .extend(symbols.roles.iter().filter_map(|role| role.contract));
        let place = |(role, field): Datum| Some((symbols.roles[role].contract?, field));
        for node in &nodes.list {
            let reads = || node.reads.iter().map(|read| read.datum);
            self.read.extend(reads().filter_map(place));
            // What something follows from is used with it.
            let sources = reads().filter_map(|datum| way.source_of(symbols, datum));
            self.read.extend(sources.filter_map(place));
            match node.kind {
                NodeKind::LookUp { provider, .. } => {
                    let contract = symbols.roles[provider.role].contract;
                    let at = contract.map(|at| (at, provider.provider));
                    self.providers.extend(at);
                    let told = looked_up.as_ref();
                    let is_asked = told.is_none_or(|asked| asked.contains(&provider));
                    self.looked_up.extend(at.filter(|_| is_asked));
                    for write in &node.writes {
                        let Some(place) = place(write.datum) else {
                            continue;
                        };
                        let at = (place, provider.provider);
                        match asked_before(nodes, node, write.datum) {
                            Some(first) => {
                                self.behind.insert(at, first.provider);
                            }
                            None => {
                                self.first_asked.extend(is_asked.then_some(at));
                            }
                        }
                    }
                }
                NodeKind::Step(_) | NodeKind::Accept(_) => {
                    self.made
                        .extend(node.writes.iter().filter_map(|write| place(write.datum)));
                    for read in &node.reads {
                        let on = standing(symbols, node.department, &node.purposes, read.datum);
                        self.stands(place(read.datum), on);
                    }
                }
                NodeKind::Application { .. } | NodeKind::Fallback { .. } => {}
            }
        }
        self.not_yet_asked(symbols, way);
        // Who takes an application in has what its form asks for beyond the steps.
        for scope in &way.scopes {
            for ask in &scope.asks {
                let grants = match standing(symbols, scope.department, &scope.purposes, ask.datum) {
                    Standing::OnNone => continue,
                    Standing::On(grant) => vec![grant],
                    Standing::OnSeveral(grants) => grants,
                };
                self.asked
                    .extend(place(ask.datum).map(|place| (place, grants)));
            }
        }
    }

    /// A registry that is left out with a reason is meant to be asked, and its keys
    /// with it.
    fn not_yet_asked(&mut self, symbols: &Symbols<'_>, way: &WaySpec) {
        for at in symbols.roles.iter().filter_map(|role| role.contract) {
            for (number, provider) in symbols.tree.contracts[at].providers.iter().enumerate() {
                if way.fetched.why_not(provider.registry.as_str()).is_some() {
                    self.providers.insert((at, number));
                    self.looked_up.insert((at, number));
                    self.read.extend(provider.with.iter().map(|key| (at, *key)));
                }
            }
        }
    }

    fn stands(&mut self, place: Option<Place>, on: Standing) {
        let Some(place) = place else { return };
        match on {
            Standing::OnNone => {}
            Standing::On(grant) => {
                self.grants.insert((place, grant));
            }
            // Only what is public is left open.
            Standing::OnSeveral(grants) => {
                self.grants
                    .extend(grants.into_iter().map(|grant| (place, grant)));
            }
        }
    }

    pub(crate) fn extend(&mut self, other: &Self) {
        self.contracts.extend(&other.contracts);
        self.read.extend(&other.read);
        self.made.extend(&other.made);
        self.grants.extend(&other.grants);
        self.asked.extend(other.asked.iter().cloned());
        self.providers.extend(&other.providers);
        self.looked_up.extend(&other.looked_up);
        self.first_asked.extend(&other.first_asked);
        self.behind.extend(&other.behind);
    }
}

/// The providers that are asked for some answers: a look-up is made only where it spares
/// the applicant more than it asks for. `None` where not all answers were gone through.
fn looked_up(nodes: &Nodes, built: &Built) -> Option<BTreeSet<ProviderAt>> {
    let plan = &built.plan;
    let steps = plan.steps.iter().enumerate();
    let look_ups = steps.filter(|(_, step)| matches!(step.actor, Actor::LookUp(_)));
    let mut open: BTreeMap<ProviderAt, Vec<StepIx>> = BTreeMap::new();
    let mut about: BTreeSet<FieldIx> = BTreeSet::new();
    let mut made = BTreeSet::new();
    // Whose key the applicant states in a step of their own is spoken of there (D0219).
    let is_stated = |field: FieldIx| {
        let mut makers = plan.field(field).producers.iter();
        makers.any(|step| plan.is_stated_in(*step))
    };
    for (at, step) in look_ups {
        let node = built.node_of.get(at).and_then(|node| nodes.list.get(*node));
        if let Some(NodeKind::LookUp { provider, .. }) = node.map(|node| &node.kind) {
            if step.reads.iter().any(|read| is_stated(read.field)) {
                made.insert(*provider);
                continue;
            }
            open.entry(*provider).or_default().push(StepIx::at(at));
            about.extend(&step.writes);
            about.extend(step.reads.iter().map(|read| read.field));
        }
    }
    if open.is_empty() {
        return Some(made);
    }
    let part = plan.about(about);
    let classes = classes(plan);
    for answers in classes.scenarios(plan) {
        let outline = Outline::resolve(&part, answers);
        open.retain(|provider, steps| {
            let is_made = steps.iter().any(|step| outline.is_active(*step));
            made.extend(is_made.then_some(*provider));
            !is_made
        });
        if open.is_empty() {
            return Some(made);
        }
    }
    classes.exhaustive.then_some(made)
}

/// The registry that gives what a look-up gives and is always asked before it, if there is
/// one: it is asked with no more than this one is.
fn asked_before(nodes: &Nodes, look_up: &Node, datum: Datum) -> Option<ProviderAt> {
    let keys = |node: &Node| -> BTreeSet<Datum> { node.reads.iter().map(|r| r.datum).collect() };
    let NodeKind::LookUp {
        fallback,
        if_known: may_not_be,
        ..
    } = look_up.kind
    else {
        return None;
    };
    let later = fallback.is_some();
    let mut earlier = nodes.list.iter().take_while(|node| node.key != look_up.key);
    earlier.find_map(|node| match node.kind {
        NodeKind::LookUp {
            provider,
            fallback,
            if_known,
        } => {
            // One that is made only if its keys are known is not always made.
            let comes = node.scope == look_up.scope
                && fallback.is_some() == later
                && (may_not_be || !if_known);
            let gives = node.writes.iter().any(|write| write.datum == datum);
            let first = comes && gives && node.when == look_up.when;
            (first && keys(node).is_subset(&keys(look_up))).then_some(provider)
        }
        _ => None,
    })
}

/// Reports what no service of a tree needs; `services` are those that were looked at.
pub(crate) fn report(found: &mut Diagnostics, tree: &Tree, mut uses: Uses, services: &[&str]) {
    // An intake asks on a grant that its department's steps read on, where there is one.
    for (place, grants) in std::mem::take(&mut uses.asked) {
        if grants
            .iter()
            .all(|grant| !uses.grants.contains(&(place, *grant)))
        {
            uses.grants
                .extend(grants.into_iter().map(|grant| (place, grant)));
        }
    }
    let uses = &uses;
    let looked_at = looked_at(services);
    for at in &uses.contracts {
        let contract = &tree.contracts[*at];
        for grant in &contract.grants {
            unused_grant(found, contract, grant, *at, uses, &looked_at);
        }
        unused_fields(found, contract, *at, uses, &looked_at);
        unused_providers(found, contract, *at, uses, &looked_at);
    }
}

/// The services in words, for the reader to judge what is missing.
fn looked_at(services: &[&str]) -> (String, String) {
    const MOST: usize = 8;
    let mut names: Vec<String> = services
        .iter()
        .take(MOST)
        .map(|name| format!("`{name}`"))
        .collect();
    if services.len() > MOST {
        names.push("…".to_owned());
    }
    let (count, zh, en) = (services.len(), names.join("、"), names.join(", "));
    (
        format!("看过本目录树的 {count} 件事：{zh}"),
        format!("looked at the {count} service(s) of the tree: {en}"),
    )
}

fn unused_grant(
    found: &mut Diagnostics,
    contract: &ContractEntry,
    grant: &GrantEntry,
    at: usize,
    uses: &Uses,
    (looked_zh, looked_en): &(String, String),
) {
    let is_used = |field: usize| {
        let mut grants = contract.fields[field].grants.iter();
        let known = grants.position(|one| one.to == grant.to.value && one.purpose == grant.purpose);
        known.is_some_and(|known| uses.grants.contains(&((at, field), known)))
    };
    // `all` takes public fields along, which need no grant.
    let counts =
        |field: usize| !grant.all || contract.fields[field].sensitivity != Sensitivity::Public;
    let fields = || grant.fields.iter().filter(|(field, _)| counts(*field));
    let key = |field: &usize| contract.fields[*field].key.as_str();
    let unused: Vec<_> = fields().filter(|(field, _)| !is_used(*field)).collect();
    let used = quoted(
        fields()
            .filter(|(field, _)| is_used(*field))
            .map(|(field, _)| key(field)),
    );
    let Some((_, first)) = unused.first() else {
        return;
    };
    let names = quoted(unused.iter().map(|(field, _)| key(field)));
    let (to, purpose) = (grant.to.as_str(), grant.purpose.as_str());
    let (span, message, help) = if used.en().is_empty() {
        (
            grant.to.span,
            both!(
                "没有一件事用到授权 `{to}` 为 `{purpose}` 读取的任何字段",
                "no service reads anything on the grant to `{to}` for `{purpose}`",
            ),
            both!("删除这项授权", "remove the grant"),
        )
    } else if grant.all {
        let plain = used.en().replace('`', "");
        (
            *first,
            both!(
                "没有一件事用到 `{to}` 为 `{purpose}` 读取 {names} 的授权",
                "no service reads {names} on the grant to `{to}` for `{purpose}`"; names
            ),
            both!("写成 `fields: [{plain}]`", "write `fields: [{plain}]`",),
        )
    } else {
        (
            *first,
            both!(
                "没有一件事用到 `{to}` 为 `{purpose}` 读取 {names} 的授权",
                "no service reads {names} on the grant to `{to}` for `{purpose}`"; names
            ),
            both!(
                "从 `fields` 中删除 {names}",
                "remove {names} from its `fields`"; names
            ),
        )
    };
    found.push(
        Diagnostic::new(Code::UnusedGrant, span, message)
            .field(format!("grants.{to}"))
            .why(both!(
                "只授权办理所必需的最小范围；{looked_zh}",
                "a grant goes no further than what is necessary; {looked_en}",
            ))
            .help(help),
    );
}

fn unused_fields(
    found: &mut Diagnostics,
    contract: &ContractEntry,
    at: usize,
    uses: &Uses,
    (looked_zh, looked_en): &(String, String),
) {
    for (field, item) in contract.fields.iter().enumerate() {
        let place = (at, field);
        let is_used = uses.read.contains(&place)
            || uses.made.contains(&place)
            || contract.identified_by.contains(&field);
        if is_used {
            continue;
        }
        let name = item.key.as_str();
        let mut diagnostic = Diagnostic::new(
            Code::UnusedField,
            item.span,
            both!(
                "没有一件事读取、询问或产生字段 `{name}`",
                "no service reads, asks for or makes the field `{name}`",
            ),
        )
        .field(format!("fields.{name}"))
        .why(both!(
            "不用的数据就不必约定；{looked_zh}",
            "what nobody uses need not be agreed on; {looked_en}",
        ))
        .help(both!(
            "从约定中删除它，或者在环节中读取、产生它",
            "remove it from the contract, or let a step read or make it",
        ));
        for provider in contract
            .providers
            .iter()
            .filter(|p| p.gives.contains(&field))
        {
            let text = both!(
                "由它提供，也须删除",
                "given by this one: to be removed there, too"
            );
            diagnostic = diagnostic.related(provider.registry.span, text);
        }
        found.push(diagnostic);
    }
}

fn unused_providers(
    found: &mut Diagnostics,
    contract: &ContractEntry,
    at: usize,
    uses: &Uses,
    (looked_zh, looked_en): &(String, String),
) {
    let looked = Text::new(looked_zh.clone(), looked_en.clone());
    for (number, provider) in contract.providers.iter().enumerate() {
        let name = provider.registry.as_str();
        let key = |field: &usize| contract.fields[*field].key.as_str();
        let report = |message, help| {
            Diagnostic::new(Code::UnusedProvision, provider.registry.span, message)
                .field(format!("providers.{name}"))
                .why(both!(
                    "只共享办理所必需的数据；{looked_zh}",
                    "what is shared is what is necessary; {looked_en}",
                ))
                .help(help)
        };
        if !uses.providers.contains(&(at, number)) {
            found.push(report(
                both!(
                    "没有一件事查询数据库 `{name}`",
                    "no service asks the registry `{name}`",
                ),
                both!(
                    "删除它，或者在 `fetched` 中允许查询",
                    "remove it, or let a service ask it (`fetched`)",
                ),
            ));
            continue;
        }
        // A field that nobody uses at all is told as that.
        let idle = |field: &&usize| {
            !uses.read.contains(&(at, **field)) && uses.made.contains(&(at, **field))
        };
        // What another registry gives is asked of that one.
        let first = |field: &usize| {
            let at = ((at, *field), number);
            let first = uses.behind.get(&at);
            first.filter(|_| uses.read.contains(&at.0) && !uses.first_asked.contains(&at))
        };
        let is_behind = |field: &&usize| first(field).is_some();
        let behind: Vec<&usize> = provider.gives.iter().filter(is_behind).collect();
        if let Some(one) = behind.first() {
            let names = quoted(behind.iter().copied().map(key));
            let first = first(one).map_or("", |first| contract.providers[*first].registry.as_str());
            found.push(report(
                both!(
                    "数据库 `{name}` 提供 {names}，但总是先查 `{first}`，不会查它",
                    "the registry `{name}` gives {names}, which is asked of `{first}` before, and never of it"; names
                ),
                both!(
                    "`{first}` 没有时由申请人填写，不会再查 `{name}`：把更全的一个列在前面，从另一个的 `gives` 中删除 {names}",
                    "where `{first}` has nothing the applicant is asked, not `{name}`: list the more complete one first and remove {names} from the `gives` of the other"; names
                ),
            ));
        }
        let names = quoted(provider.gives.iter().filter(idle).map(key));
        if behind.is_empty() && !uses.looked_up.contains(&(at, number)) {
            let keys = quoted(provider.with.iter().map(key));
            let unasked = report(
                both!(
                    "无论怎样回答，都没有一件事查询数据库 `{name}`",
                    "no service asks the registry `{name}`, whatever is answered",
                ),
                both!(
                    "删除它，或者让环节读取 {keys}，或者由其他数据库提供",
                    "remove it, or let a step read {keys} or another registry give it"; keys
                ),
            );
            found.push(unasked.why(both!(
                "只有本来就知道 {keys}，或者为查询而填写它能少填更多，才会查询；{looked}",
                "a registry is asked only where {keys} is known anyway, or asking for it spares more than it takes; {looked}";
                keys, looked
            )));
        } else if !names.en().is_empty() {
            found.push(report(
                both!(
                    "数据库 `{name}` 提供 {names}，但没有一件事需要",
                    "the registry `{name}` gives {names}, which no service needs of it"; names
                ),
                both!(
                    "从 `gives` 中删除 {names}",
                    "remove {names} from its `gives`"; names
                ),
            ));
        }
    }
}
