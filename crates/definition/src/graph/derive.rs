//! Nodes that nobody writes: applications, acceptance, look-ups, fallbacks.

use std::collections::{BTreeMap, BTreeSet};

use onething_model::{StepKey, Text};
use onething_plan::{Cond, Limits, LookUp, Retry};

use crate::diagnostic::{Code, Diagnostic, both};
use crate::lower::Cx;
use crate::lower::contract::ProviderEntry;
use crate::lower::reads::{Datum, ReadSpec, WriteSpec};
use crate::lower::symbols::Symbols;
use crate::lower::way::WaySpec;
use crate::source::Span;
use crate::syntax::step::By;
use crate::yaml::read::Spanned;

/// A node of the graph, written or derived.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) key: StepKey,
    pub(crate) title: Text,
    pub(crate) span: Span,
    pub(crate) kind: NodeKind,
    /// The application that starts its part of the case; its own number for an application.
    pub(crate) scope: usize,
    pub(crate) matter: Option<usize>,
    pub(crate) department: Option<usize>,
    pub(crate) when: Cond,
    pub(crate) reads: Vec<ReadSpec>,
    /// What it reads for, where it says so.
    pub(crate) purposes: Vec<Spanned<String>>,
    pub(crate) writes: Vec<WriteSpec>,
    pub(crate) after: Vec<AfterNode>,
    pub(crate) limit: Limits,
    pub(crate) retry: Retry,
    pub(crate) visits: u32,
    pub(crate) attended: bool,
}

/// A stated order between nodes.
#[derive(Debug, Clone)]
pub(crate) struct AfterNode {
    pub(crate) node: usize,
    pub(crate) because: Text,
    pub(crate) span: Span,
}

/// What a node is.
#[derive(Debug, Clone)]
pub(crate) enum NodeKind {
    Application {
        accepted_by: Option<usize>,
    },
    Accept(By),
    Step(By),
    LookUp {
        provider: ProviderAt,
        fallback: Option<usize>,
        /// Made only where its keys are on the draft anyway.
        if_known: bool,
    },
    Fallback {
        of: usize,
    },
}

/// A provider of the contract of a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ProviderAt {
    pub(crate) role: usize,
    pub(crate) provider: usize,
}

/// Nodes in the order in which a reader expects them, and the number of each step by name.
#[derive(Debug)]
pub(crate) struct Nodes {
    pub(crate) list: Vec<Node>,
    pub(crate) by_name: BTreeMap<StepKey, usize>,
    pub(crate) circles: Vec<CircleAt>,
}

/// Makes the nodes of a way.
pub(crate) fn nodes(cx: &mut Cx<'_>, symbols: &Symbols<'_>, way: &WaySpec) -> Nodes {
    let mut nodes = Nodes {
        list: Vec::new(),
        by_name: BTreeMap::new(),
        circles: Vec::new(),
    };
    // Who writes what in each scope decides which look-ups can run on the draft.
    let mut late: Vec<(usize, LookUpDraft)> = Vec::new();
    let mut applications = Vec::new();
    for (at, scope) in way.scopes.iter().enumerate() {
        let (drafts, circles) = look_ups(symbols, way, at);
        nodes.circles.extend(circles);
        let application = nodes.list.len() + drafts.iter().filter(|draft| draft.early).count();
        applications.push(application);
        for draft in drafts {
            if draft.early {
                push_look_up(cx, symbols, &mut nodes, &draft, application, &scope.suffix);
            } else {
                late.push((at, draft));
            }
        }
        let accepted_by = scope.accept.as_ref().map(|_| application + 1);
        nodes.push(Node {
            kind: NodeKind::Application { accepted_by },
            scope: application,
            matter: scope.matter,
            reads: scope.asks.clone(),
            visits: scope.visits,
            ..derived(scope.key.clone(), scope.title.clone(), scope.span)
        });
        if let Some(accept) = &scope.accept {
            // For whom no step follows there is nothing to accept, nor to hand in.
            let of_scope = way.steps.iter().zip(&way.scope_of);
            let of_scope = of_scope.filter(|(_, of)| **of == at);
            let followed = Cond::any(of_scope.map(|(step, _)| step.when.clone()));
            nodes.push(Node {
                kind: NodeKind::Accept(accept.by),
                scope: application,
                matter: scope.matter,
                department: accept.department,
                purposes: scope.purposes.clone(),
                when: match followed {
                    followed if followed == scope.when => followed,
                    followed => scope.when.clone().and(followed),
                },
                limit: accept.limit.clone(),
                ..derived(accept.key.clone(), accept.title.clone(), scope.span)
            });
        }
    }
    for (step, scope) in way.steps.iter().zip(&way.scope_of) {
        let Some(application) = applications.get(*scope) else {
            continue;
        };
        nodes.push(Node {
            key: step.key.value.clone(),
            title: step.title.clone(),
            span: step.key.span,
            kind: NodeKind::Step(step.by),
            scope: *application,
            matter: step.matter,
            department: step.department,
            when: step.when.clone(),
            reads: step.reads.clone(),
            purposes: step.purposes.clone(),
            writes: step.writes.clone(),
            after: Vec::new(),
            limit: step.limit.clone(),
            retry: step.retry,
            visits: step.visits,
            attended: step.attended,
        });
    }
    for (scope, draft) in late {
        let suffix = &way.scopes[scope].suffix;
        push_look_up(cx, symbols, &mut nodes, &draft, applications[scope], suffix);
    }
    stated_orders(cx, way, &mut nodes, &applications);
    nodes
}

fn derived(key: StepKey, title: Text, span: Span) -> Node {
    Node {
        key,
        title,
        span,
        kind: NodeKind::Application { accepted_by: None },
        scope: 0,
        matter: None,
        department: None,
        when: Cond::Always,
        reads: Vec::new(),
        purposes: Vec::new(),
        writes: Vec::new(),
        after: Vec::new(),
        limit: Limits::default(),
        retry: Retry::default(),
        visits: 0,
        attended: false,
    }
}

impl Nodes {
    fn push(&mut self, node: Node) -> usize {
        let at = self.list.len();
        self.by_name.entry(node.key.clone()).or_insert(at);
        self.list.push(node);
        at
    }
}

/// A look-up that is worth making.
struct LookUpDraft {
    at: ProviderAt,
    /// Whether it runs on the draft, since the applicant gives its keys.
    early: bool,
    /// Whether it runs there only if its keys are there anyway: they come later, and then it
    /// is made then.
    if_known: bool,
    /// For which answers. Where a step makes a key for some of them, a registry is asked
    /// after the application for those, and on the draft for the others.
    when: Cond,
    /// What it gives, less what the applicant has given by then.
    gives: Vec<usize>,
}

/// A registry that could give a field, were it not asked with what is looked up by it.
#[derive(Debug, Clone)]
pub(crate) struct CircleAt {
    pub(crate) field: Datum,
    pub(crate) provider: ProviderAt,
}

/// The look-ups of a scope, those on the draft first, each after those that give its keys.
fn look_ups(
    symbols: &Symbols<'_>,
    way: &WaySpec,
    scope: usize,
) -> (Vec<LookUpDraft>, Vec<CircleAt>) {
    let steps = || {
        way.steps
            .iter()
            .zip(&way.scope_of)
            .filter(move |(_, of)| **of == scope)
            .map(|(step, _)| step)
    };
    let mut written: BTreeMap<Datum, Vec<&Cond>> = BTreeMap::new();
    for step in steps() {
        for write in &step.writes {
            written.entry(write.datum).or_default().push(&step.when);
        }
    }
    // Whoever wants what is derived wants what it follows from.
    let with_source = |datum: Datum| std::iter::once(datum).chain(way.source_of(symbols, datum));
    let mut wanted: BTreeSet<Datum> = steps()
        .flat_map(|step| step.reads.iter().map(|read| read.datum))
        .chain(way.scopes[scope].asks.iter().map(|read| read.datum))
        .flat_map(with_source)
        .collect();
    // What is given or looked up whichever registry of a circle is asked first.
    let read = wanted.clone();
    // Keys of a useful look-up are worth fetching too.
    let mut useful: Vec<ProviderAt> = Vec::new();
    loop {
        let before = useful.len();
        for (role, entry) in symbols.roles.iter().enumerate() {
            let Some(contract) = entry.contract else {
                continue;
            };
            let providers = &symbols.tree.contracts[contract].providers;
            for (provider, item) in providers.iter().enumerate() {
                let at = ProviderAt { role, provider };
                let gives_something = item.gives.iter().any(|f| wanted.contains(&(role, *f)));
                if !useful.contains(&at)
                    && gives_something
                    && way.fetched.allows(item.registry.as_str())
                {
                    useful.push(at);
                    let keys = item.with.iter().map(|field| (role, *field));
                    wanted.extend(keys.flat_map(with_source));
                }
            }
        }
        if useful.len() == before {
            break;
        }
    }
    useful.sort_unstable();
    let item = |at: ProviderAt| {
        let contract = symbols.roles[at.role].contract.unwrap_or(0);
        &symbols.tree.contracts[contract].providers[at.provider]
    };
    let keys = |at: ProviderAt| {
        let with = item(at).with.iter();
        with.flat_map(move |field| with_source((at.role, *field)))
    };
    let gives_key = |giver: ProviderAt, of: ProviderAt| {
        giver.role == of.role && keys(of).any(|(_, field)| item(giver).gives.contains(&field))
    };
    // Where a step makes a key, or a registry that is asked after one.
    let made = |at: &ProviderAt| {
        let makers = keys(*at).filter_map(|key| written.get(&key)).flatten();
        Cond::any(makers.map(|when| (*when).clone()))
    };
    let mut late: Vec<Cond> = useful.iter().map(made).collect();
    loop {
        let with_givers = |(at, of): (usize, &ProviderAt)| {
            let givers = useful.iter().zip(&late);
            let givers = givers.filter(|(giver, _)| gives_key(**giver, *of));
            let parts = |cond: &Cond| match cond {
                Cond::Any(any) => any.clone(),
                cond => vec![cond.clone()],
            };
            let own = parts(&late[at]);
            Cond::any(
                own.into_iter()
                    .chain(givers.flat_map(|(_, when)| parts(when))),
            )
        };
        let more: Vec<Cond> = useful.iter().enumerate().map(with_givers).collect();
        if more == late {
            break;
        }
        late = more;
    }
    let late: BTreeMap<ProviderAt, Cond> = useful.iter().copied().zip(late).collect();
    // Givers of keys first. Where registries give each other's keys, one whose keys are
    // known by then; else, of those that lead to what is read by keys that are read anyway, the
    // one that leads to most; else, and between equals, the one that the contract lists first.
    let mut order: Vec<ProviderAt> = Vec::new();
    let mut known: BTreeSet<Datum> = BTreeSet::new();
    while order.len() < useful.len() {
        let open = || useful.iter().filter(|at| !order.contains(at)).copied();
        let keys_among = |at: &ProviderAt, there: &dyn Fn(Datum) -> bool| {
            let mut keys = item(*at).with.iter();
            keys.all(|field| with_source((at.role, *field)).any(there))
        };
        let keys_known = |at: &ProviderAt| keys_among(at, &|key| known.contains(&key));
        // Of what is read it has to lead to more than its own keys.
        let leads_to_more = |at: &ProviderAt| {
            let keys = &item(*at).with;
            let mut reached = vec![*at];
            let mut next = 0;
            while let Some(giver) = reached.get(next).copied() {
                next += 1;
                let mut gives = item(giver).gives.iter();
                if gives.any(|field| !keys.contains(field) && read.contains(&(at.role, *field))) {
                    return true;
                }
                let more = open().filter(|other| gives_key(giver, *other));
                let more: Vec<ProviderAt> = more.filter(|at| !reached.contains(at)).collect();
                reached.extend(more);
            }
            false
        };
        let keys_read = |at: &ProviderAt| {
            keys_among(at, &|key| known.contains(&key) || read.contains(&key)) && leads_to_more(at)
        };
        // How much of what is read comes of asking it first, its keys given.
        let reach = |at: &ProviderAt| {
            let mut there = known.clone();
            let keys: BTreeSet<Datum> = item(*at).with.iter().map(|key| (at.role, *key)).collect();
            there.extend(&keys);
            let mut asked: Vec<ProviderAt> = Vec::new();
            let is_there = |there: &BTreeSet<Datum>, other: &ProviderAt| {
                keys_among(other, &|key| there.contains(&key))
            };
            while let Some(next) =
                open().find(|other| !asked.contains(other) && is_there(&there, other))
            {
                there.extend(item(next).gives.iter().map(|field| (next.role, *field)));
                asked.push(next);
            }
            let brought = |datum: &&Datum| !known.contains(*datum) && !keys.contains(*datum);
            read.intersection(&there).filter(brought).count()
        };
        let ready = open().find(|at| !open().any(|giver| giver != *at && gives_key(giver, *at)));
        let in_circle = || {
            let known = open().find(keys_known);
            // Of those that reach as much the first.
            let reaches = |at: &ProviderAt| std::cmp::Reverse(reach(at));
            known
                .or_else(|| open().filter(keys_read).min_by_key(reaches))
                .or_else(|| open().next())
        };
        let Some(next) = ready.or_else(in_circle) else {
            break;
        };
        // Whoever asks it has its keys, be it of the applicant.
        known.extend(item(next).with.iter().map(|field| (next.role, *field)));
        known.extend(item(next).gives.iter().map(|field| (next.role, *field)));
        order.push(next);
    }
    // What a form may ask, and so may be known before it is made.
    let may_be_known = |at: ProviderAt, brought: &BTreeSet<Datum>| {
        let there = |datum: Datum| read.contains(&datum) || brought.contains(&datum);
        let mut keys = item(at).with.iter();
        keys.all(|field| with_source((at.role, *field)).any(there))
    };
    less_circles(order, &late, &wanted, item, may_be_known)
}

/// Takes away what no look-up has to give any more: the keys that the applicant gave
/// to an earlier one. In a circle of registries one key is the applicant's to give, and
/// the registry that would give it back is not asked. Where keys come later, a registry is
/// asked on the draft all the same if they are known there: what may be, `may_be_known` says of
/// what look-ups before it bring.
fn less_circles<'a>(
    order: Vec<ProviderAt>,
    late: &BTreeMap<ProviderAt, Cond>,
    wanted: &BTreeSet<Datum>,
    item: impl Fn(ProviderAt) -> &'a ProviderEntry,
    may_be_known: impl Fn(ProviderAt, &BTreeSet<Datum>) -> bool,
) -> (Vec<LookUpDraft>, Vec<CircleAt>) {
    let (mut drafts, mut circles) = (Vec::new(), Vec::new());
    let mut given: BTreeSet<Datum> = BTreeSet::new();
    let mut asked: BTreeSet<Datum> = BTreeSet::new();
    // What drafts have of registries.
    let mut brought: BTreeSet<Datum> = BTreeSet::new();
    for at in order {
        let when = late.get(&at).unwrap_or(&Cond::Never);
        let datum = |field: &usize| (at.role, *field);
        let gives = &item(at).gives;
        if *when != Cond::Never && may_be_known(at, &brought) {
            // Which key of a circle is known depends on the answers: it gives them all.
            brought.extend(gives.iter().map(datum));
            drafts.push(LookUpDraft {
                at,
                early: true,
                if_known: true,
                when: when.clone(),
                gives: gives.clone(),
            });
        }
        if *when != Cond::Always {
            let is_asked = |field: &&usize| asked.contains(&datum(field));
            circles.extend(gives.iter().filter(is_asked).map(|field| CircleAt {
                field: datum(field),
                provider: at,
            }));
            let left = gives.iter().filter(|field| !is_asked(field)).copied();
            let left: Vec<usize> = left.collect();
            if left.iter().any(|field| wanted.contains(&datum(field))) {
                let keys = item(at).with.iter().map(datum);
                asked.extend(keys.filter(|key| !given.contains(key)));
                given.extend(left.iter().map(datum));
                brought.extend(left.iter().map(datum));
                drafts.push(LookUpDraft {
                    at,
                    early: true,
                    if_known: false,
                    when: match when {
                        Cond::Never => Cond::Always,
                        when => Cond::Not(Box::new(when.clone())),
                    },
                    gives: left,
                });
            }
        }
        if *when != Cond::Never {
            given.extend(gives.iter().map(datum));
            drafts.push(LookUpDraft {
                at,
                early: false,
                if_known: false,
                when: when.clone(),
                gives: gives.clone(),
            });
        }
    }
    (drafts, circles)
}

fn push_look_up(
    cx: &mut Cx<'_>,
    symbols: &Symbols<'_>,
    nodes: &mut Nodes,
    draft: &LookUpDraft,
    application: usize,
    suffix: &str,
) {
    let role = &symbols.roles[draft.at.role];
    let Some(contract) = role.contract else {
        return;
    };
    let provider = &symbols.tree.contracts[contract].providers[draft.at.provider];
    let registry = provider.registry.as_str();
    let (span, role_name) = (provider.registry.span, role.key.as_str());
    let base = match (draft.if_known, draft.early || draft.when == Cond::Always) {
        (true, _) => "look-up-known",
        (false, true) => "look-up",
        (false, false) => "look-up-later",
    };
    let name = |base: &str| {
        format!("{base}-{registry}-{role_name}{suffix}")
            .parse::<StepKey>()
            .ok()
    };
    let (Some(key), Some(ask)) = (name(base), name("ask")) else {
        cx.report(
            Diagnostic::new(
                Code::BadName,
                span,
                both!(
                    "名称 `{base}-{registry}-{role_name}{suffix}` 过长",
                    "the derived name `{base}-{registry}-{role_name}{suffix}` is too long",
                ),
            )
            .related(role.key.span, both!("角色在这里", "the role is here"))
            .help(both!(
                "缩短数据库或角色的名称",
                "shorten the name of the registry or the role",
            )),
        );
        return;
    };
    let shown = provider.shown();
    let whose = &symbols.tree.departments[provider.department].title;
    let title = LookUp::step_title(&shown, whose, &role.title);
    let reads = provider.with.iter().map(|field| ReadSpec {
        datum: (draft.at.role, *field),
        optional: false,
        span,
    });
    let writes = draft.gives.iter().map(|field| WriteSpec {
        datum: (draft.at.role, *field),
        span,
    });
    let fallback = (!draft.early).then_some(nodes.list.len() + 1);
    let at = nodes.push(Node {
        kind: NodeKind::LookUp {
            provider: draft.at,
            fallback,
            if_known: draft.if_known,
        },
        scope: application,
        department: Some(provider.department),
        when: draft.when.clone(),
        reads: reads.collect(),
        writes: writes.collect(),
        ..derived(key, title, span)
    });
    if !draft.early {
        let title = both!("补充填报：{}", "Asked for: {}", shown.zh(), shown.en());
        nodes.push(Node {
            kind: NodeKind::Fallback { of: at },
            scope: application,
            ..derived(ask, title, span)
        });
    }
}

/// Orders of the law, and in the old way those of the walk.
fn stated_orders(cx: &mut Cx<'_>, way: &WaySpec, nodes: &mut Nodes, applications: &[usize]) {
    for step in &way.steps {
        let Some(&of) = nodes.by_name.get(&step.key.value) else {
            continue;
        };
        for after in &step.after {
            let Some(&node) = nodes.by_name.get(&after.step.value) else {
                let field = format!("steps.{}.after", step.key.as_str());
                let names = way.steps.iter().map(|step| step.key.as_str());
                let name = after.step.as_str();
                cx.unknown(crate::lower::STEP, after.step.span, &field, name, names);
                continue;
            };
            nodes.list[of].after.push(AfterNode {
                node,
                because: after.because.clone(),
                span: after.step.span,
            });
        }
    }
    for (at, scope) in way.scopes.iter().enumerate() {
        for after in &scope.after {
            let (before, this) = (applications[after.scope], applications[at]);
            let earlier: Vec<usize> = (0..nodes.list.len())
                .filter(|node| {
                    nodes.list[*node].scope == before
                        && !matches!(
                            nodes.list[*node].kind,
                            NodeKind::LookUp { .. } | NodeKind::Fallback { .. }
                        )
                })
                .collect();
            // What is looked up for the draft is looked up when the draft is written.
            let drafted: Vec<usize> = (0..nodes.list.len())
                .filter(|node| {
                    nodes.list[*node].scope == this
                        && matches!(
                            nodes.list[*node].kind,
                            NodeKind::LookUp { fallback: None, .. } | NodeKind::Application { .. }
                        )
                })
                .collect();
            for of in drafted {
                for node in &earlier {
                    nodes.list[of].after.push(AfterNode {
                        node: *node,
                        because: after.because.clone(),
                        span: scope.span,
                    });
                }
            }
        }
    }
}
