//! Contracts as agreements: owners that grant themselves what is not theirs.

use onething_model::DepartmentKey;

use super::Cx;
use super::contract::{ContractEntry, ProviderEntry};
use super::tree::Tree;
use crate::diagnostic::{Code, Diagnostic, both};
use crate::syntax::contract::GrantDef;
use crate::syntax::values::AllOr;
use crate::yaml::read::Spanned;

/// The department that writes a contract decides about its own data. What only
/// another's registry holds it reads on a basis that this registry's entry states.
pub(crate) fn self_grant(
    cx: &mut Cx<'_>,
    tree: &Tree,
    entry: &ContractEntry,
    def: &GrantDef,
    owner: &Spanned<DepartmentKey>,
) {
    let (Some(to), Some(fields)) = (&def.to, &def.fields) else {
        return;
    };
    if to.value != owner.value {
        return;
    }
    let listed = |at: usize| match &fields.value {
        AllOr::All => true,
        AllOr::Only(list) => list.iter().any(|field| field.value == entry.fields[at].key),
    };
    for at in (0..entry.fields.len()).filter(|at| listed(*at)) {
        let givers = || entry.providers.iter().filter(|p| p.gives.contains(&at));
        let own = |provider: &ProviderEntry| {
            let department = tree.departments.get(provider.department);
            department.is_some_and(|department| department.key == owner.value)
        };
        let Some(giver) = givers().next() else {
            continue;
        };
        if givers().any(|provider| own(provider) || provider.basis.is_some()) {
            continue;
        }
        let (name, registry) = (entry.fields[at].key.as_str(), giver.registry.as_str());
        let owner = owner.as_str();
        cx.report(
            Diagnostic::new(
                Code::SelfGrant,
                to.span,
                both!(
                    "`{owner}` 给自己授权读取 `{name}`，而它来自其他部门的数据库 `{registry}`",
                    "`{owner}` grants itself `{name}`, which another department's registry `{registry}` gives",
                ),
            )
            .field(format!("grants.{owner}"))
            .related(giver.registry.span, both!("由它提供", "given by this one"))
            .why(both!(
                "一个部门不能自己决定读取其他部门的数据，须有共享依据",
                "no department decides by itself to read another's data; sharing has a basis",
            ))
            .help(both!(
                "在数据库 `{registry}` 下写明共享依据 `basis: …`，或者删除这项授权",
                "state the basis of the sharing, `basis: …`, under `{registry}`, or remove the grant",
            )),
        );
    }
}
