//! What the applicant would be asked for although it belongs to what steps make:
//! most often a field that was forgotten under `writes`.

use std::collections::{BTreeMap, BTreeSet};

use onething_plan::Cond;

use crate::diagnostic::{Code, Diagnostic, both};
use crate::graph::derive::{Node, NodeKind, Nodes};
use crate::lower::Cx;
use crate::lower::reads::Datum;
use crate::lower::symbols::Symbols;
use crate::lower::way::WaySpec;
use crate::review::label;
use crate::source::Span;
use crate::syntax::step::By;

/// Reports, role by role, the fields that a step reads together with what departments
/// made of the role, and that nothing makes. A role that a registry knows is somebody
/// or something that the applicant brings; there it is usual to add to it.
pub(crate) fn check(cx: &mut Cx<'_>, symbols: &Symbols<'_>, way: &WaySpec, nodes: &Nodes) {
    let mut makers: BTreeMap<Datum, &Node> = BTreeMap::new();
    let mut known: BTreeSet<usize> = symbols.applicant.into_iter().collect();
    for node in &nodes.list {
        makers.extend(node.writes.iter().map(|write| (write.datum, node)));
        if let NodeKind::LookUp { provider, .. } = &node.kind {
            known.insert(provider.role);
        }
    }
    given_and_known(cx, symbols, way, nodes, &makers);
    let asks = way.scopes.iter().flat_map(|scope| &scope.asks);
    let asked: BTreeSet<Datum> = asks.map(|ask| ask.datum).collect();
    let mut unmade: BTreeMap<usize, Unmade<'_>> = BTreeMap::new();
    let maker = |datum: Datum| made_by(symbols, way, &makers, datum).map(|(maker, _)| maker);
    for node in nodes.list.iter().filter(|node| is_departments(node)) {
        for read in &node.reads {
            let source = way.source_of(symbols, read.datum);
            let role = read.datum.0;
            let comes = |datum: Datum| {
                let mut given = symbols.roles[role].given.iter();
                maker(datum).is_some()
                    || asked.contains(&datum)
                    || given.any(|(at, _)| *at == datum.1)
            };
            if known.contains(&role) || comes(read.datum) || source.is_some_and(comes) {
                continue;
            }
            let unmade_field = (source.unwrap_or(read.datum), read.span);
            let beside = node.reads.iter().filter(|read| read.datum.0 == role);
            let mut beside = beside.filter_map(|read| maker(read.datum));
            let Some(maker) = beside.find(|maker| is_departments(maker)) else {
                continue;
            };
            let of_role = unmade.entry(role).or_insert_with(|| Unmade {
                maker,
                reader: node,
                fields: Vec::new(),
            });
            let known = |(datum, _): &(Datum, Span)| *datum == unmade_field.0;
            if !of_role.fields.iter().any(known) {
                of_role.fields.push(unmade_field);
            }
        }
    }
    for of_role in unmade.into_values() {
        of_role.report(cx, symbols);
    }
}

/// Who makes a datum or what it follows from, and that: whoever makes a number makes
/// what follows from it.
fn made_by<'a>(
    symbols: &Symbols<'_>,
    way: &WaySpec,
    makers: &BTreeMap<Datum, &'a Node>,
    datum: Datum,
) -> Option<(&'a Node, Datum)> {
    let made = std::iter::once(datum).chain(way.source_of(symbols, datum));
    let mut makers = made.filter_map(|made| Some((*makers.get(&made)?, made)));
    makers.next()
}

/// Fields of a role that nothing makes.
struct Unmade<'a> {
    /// Who makes others of it, and the first who reads both.
    maker: &'a Node,
    reader: &'a Node,
    /// Each with where it, or what follows from it, is read.
    fields: Vec<(Datum, Span)>,
}

/// What an applicant brings by a step of its own does not make the record a department's.
fn is_departments(node: &Node) -> bool {
    match node.kind {
        NodeKind::Step(by) | NodeKind::Accept(by) => match by {
            By::Officer | By::System | By::Outside => true,
            By::Applicant => false,
        },
        NodeKind::Application { .. } | NodeKind::LookUp { .. } | NodeKind::Fallback { .. } => false,
    }
}

impl Unmade<'_> {
    fn report(self, cx: &mut Cx<'_>, symbols: &Symbols<'_>) {
        let Self {
            maker,
            reader,
            fields,
        } = self;
        let Some(((of_role, _), read_at)) = fields.first().copied() else {
            return;
        };
        let short = |datum: Datum| {
            let label = label(symbols, datum);
            label
                .split_once('.')
                .map_or(String::new(), |(_, field)| field.to_owned())
        };
        let role = symbols.roles[of_role].key.as_str();
        let names: Vec<String> = fields.iter().map(|(datum, _)| short(*datum)).collect();
        let list: Vec<String> = names
            .iter()
            .map(|name| format!("`{role}.{name}`"))
            .collect();
        let (list_zh, list_en, names) = (list.join("、"), list.join(", "), names.join(", "));
        let (maker_name, reader_name) = (maker.key.as_str(), reader.key.as_str());
        cx.report(
        Diagnostic::new(
            Code::AskedBesideMade,
            read_at,
            both!(
                "没有环节产生 {list_zh}，会要申请人填写，而 `{role}` 的其他字段由环节产生",
                "no step makes {list_en}: the applicant is asked, although steps make the rest of `{role}`",
            ),
        )
        .field(format!("steps.{reader_name}.reads"))
        .label(both!("在这里使用", "read here"))
        .related(
            maker.span,
            both!(
                "环节 `{maker_name}` 产生 `{role}` 的其他字段",
                "`{maker_name}` makes other fields of `{role}`",
            ),
        )
        .help(both!(
            "由环节产生的，补进它的 `writes`；确由申请人填写的，在 `roles` 中写 `{role}: {{ …, given: [{names}] }}`",
            "if a step makes it, add it to its `writes`; if it is the applicant who knows it, say so under `roles`: `{role}: {{ …, given: [{names}] }}`",
        )),
    );
    }
}

/// Whether steps make a datum, and none of them whenever it is read, or only the reader itself:
/// the applicant may have to give it for other answers, and a step may amend what they gave.
fn is_made_for_some(nodes: &Nodes, datum: Datum) -> bool {
    let makes = |node: &&Node| node.writes.iter().any(|write| write.datum == datum);
    let makers: Vec<&Node> = nodes.list.iter().filter(makes).collect();
    let is_step = |node: &&Node| matches!(node.kind, NodeKind::Step(_) | NodeKind::Accept(_));
    let reads = |node: &&Node| {
        let mut reads = node.reads.iter();
        reads.any(|read| read.datum == datum && !read.optional)
    };
    let mut readers = nodes.list.iter().filter(is_step).filter(reads);
    makers.iter().all(is_step)
        && readers.any(|reader| {
            let mut makers = makers.iter();
            makers.all(|maker| {
                let is_sometimes = maker.when != Cond::Always && maker.when != reader.when;
                is_sometimes || maker.key == reader.key
            })
        })
}

/// What is said to be given by the applicant and is known all the same.
fn given_and_known(
    cx: &mut Cx<'_>,
    symbols: &Symbols<'_>,
    way: &WaySpec,
    nodes: &Nodes,
    makers: &BTreeMap<Datum, &Node>,
) {
    for (role, entry) in symbols.roles.iter().enumerate() {
        for (field, span) in &entry.given {
            let Some((maker, made)) = made_by(symbols, way, makers, (role, *field)) else {
                continue;
            };
            if made == (role, *field) && is_made_for_some(nodes, made) {
                continue;
            }
            let (name, maker_name) = (label(symbols, (role, *field)), maker.key.as_str());
            let (whence, follows) = (label(symbols, made), made != (role, *field));
            let role = entry.key.as_str();
            cx.report(
                Diagnostic::new(
                    Code::AskedThoughKnown,
                    *span,
                    if follows {
                        both!(
                            "`{name}` 说是由申请人填写，但可由 `{maker_name}` 产生或提供的 `{whence}` 得出",
                            "`{name}` is said to be given by the applicant, but follows from `{whence}`, which `{maker_name}` makes or provides",
                        )
                    } else {
                        both!(
                            "`{name}` 说是由申请人填写，但 `{maker_name}` 已产生或提供它",
                            "`{name}` is said to be given by the applicant, but `{maker_name}` makes or provides it",
                        )
                    },
                )
                .field(format!("roles.{role}.given"))
                .related(maker.span, both!("在这里产生或提供", "made or provided here"))
                .why(both!(
                    "已知的信息不重复填写；数据库查不到的，会自动改为询问",
                    "what is known is not asked again; where a registry has nothing, the question comes by itself",
                ))
                .help(both!("从 `given` 中删除", "remove it from `given`")),
            );
        }
    }
}
