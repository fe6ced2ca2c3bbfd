//! Roles that are to be verified (`verify: yes`) where no registry verifies anything.

use std::collections::BTreeSet;

use onething_model::Text;

use crate::diagnostic::{Code, Diagnostic, both};
use crate::graph::derive::{NodeKind, Nodes};
use crate::lower::Cx;
use crate::lower::reads::Datum;
use crate::lower::symbols::Symbols;
use crate::lower::way::WaySpec;

/// A registry verifies a role where it is asked for something that a step reads: what
/// nobody reads is not fetched.
pub(crate) fn check(cx: &mut Cx<'_>, symbols: &Symbols<'_>, way: &WaySpec, nodes: &Nodes) {
    let is_look_up = |kind: &NodeKind| matches!(kind, NodeKind::LookUp { .. });
    let read: BTreeSet<Datum> = nodes
        .list
        .iter()
        .filter(|node| !is_look_up(&node.kind))
        .flat_map(|node| node.reads.iter().map(|read| read.datum))
        .collect();
    let verified: BTreeSet<Datum> = nodes
        .list
        .iter()
        .filter(|node| is_look_up(&node.kind))
        .flat_map(|node| &node.writes)
        .map(|write| write.datum)
        .filter(|datum| read.contains(datum))
        .collect();
    for (role, entry) in symbols.roles.iter().enumerate() {
        let (Some(span), Some(contract)) = (entry.verify, entry.contract) else {
            continue;
        };
        let contract = &symbols.tree.contracts[contract];
        let left_out = contract.providers.iter().filter(|provider| {
            let mut gives = provider.gives.iter().map(|at| (role, *at));
            let is_missed = gives.any(|datum| read.contains(&datum) && !verified.contains(&datum));
            is_missed && !way.fetched.allows(provider.registry.as_str())
        });
        let left_out: Vec<String> = left_out
            .map(|provider| format!("`{}`", provider.registry.as_str()))
            .collect();
        let (name, of) = (entry.key.as_str(), contract.name.as_str());
        let (message, help): (Text, Text) = if contract.providers.is_empty() {
            (
                both!(
                    "数据约定 `{of}` 没有数据库，`{name}` 无从核验",
                    "the contract `{of}` has no registry: nothing verifies `{name}`",
                ),
                both!(
                    "在 `{of}` 的 `providers` 中写上能够核验的数据库，或者删除 `verify`",
                    "name a registry under `providers` of `{of}`, or remove `verify`",
                ),
            )
        } else if !left_out.is_empty() {
            let (zh, en) = (left_out.join("、"), left_out.join(", "));
            (
                both!(
                    "不查询数据库 {zh}，它所提供的 `{name}` 的数据没有核验",
                    "{en} is not asked: what it gives of `{name}` is not verified",
                ),
                both!(
                    "在 `fetched` 中允许查询它，或者删除 `verify`",
                    "let `fetched` include it, or remove `verify`",
                ),
            )
        } else if verified.iter().all(|(of, _)| *of != role) {
            (
                both!(
                    "没有环节读取数据库提供的 `{name}` 的字段，不会查询，也就没有核验",
                    "no step reads anything that a registry gives of `{name}`: none is asked, and nothing is verified",
                ),
                both!(
                    "由需要核验的环节读取数据库提供的字段，或者删除 `verify`",
                    "let the step that wants the check read a field that the registry gives, or remove `verify`",
                ),
            )
        } else {
            continue;
        };
        cx.report(
            Diagnostic::new(Code::NotVerified, span, message)
                .field(format!("roles.{name}.verify"))
                .why(both!(
                    "`verify: yes` 表示法律要求核验，没有作用的要求会使人误以为已经核验",
                    "`verify: yes` says that the law wants a check; where it does nothing, people believe that one was made",
                ))
                .help(help),
        );
    }
}
