//! Contracts as agreements: on which basis registries are told and give personal
//! data, how old it may be, and owners that grant themselves what is not theirs.

use onething_model::{DepartmentKey, Limit, Micros, RegistryKey};
use onething_plan::Sensitivity;

use super::Cx;
use super::contract::{ContractEntry, ProviderEntry};
use super::tree::Tree;
use crate::diagnostic::{Code, Diagnostic, both, quoted};
use crate::syntax::contract::{GrantDef, ProviderDef};
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
        let mut givers = entry.providers.iter().filter(|p| p.gives.contains(&at));
        let own = |provider: &ProviderEntry| {
            let department = tree.departments.get(provider.department);
            department.is_some_and(|department| department.key == owner.value)
        };
        // Any of them may be the one that is asked: none goes without a basis.
        let Some(giver) = givers.find(|provider| !own(provider) && provider.basis.is_none()) else {
            continue;
        };
        let (name, registry) = (entry.fields[at].key.as_str(), giver.registry.as_str());
        let owner = owner.as_str();
        cx.report(
            Diagnostic::new(
                Code::SelfGrant,
                to.span,
                both!(
                    "`{owner}` 给自己授权读取 `{name}`，而它来自其他部门的数据库 `{registry}`，没有写明共享依据",
                    "`{owner}` grants itself `{name}`, which another department's registry `{registry}` gives on no basis that is stated",
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

/// A registry that is told or gives what is not public does so on a basis: the
/// provider's entry is the grant on which its department learns the keys, and the
/// record of the look-up names it.
pub(crate) fn without_basis(cx: &mut Cx<'_>, entry: &ContractEntry, provider: &ProviderEntry) {
    if provider.basis.is_some() {
        return;
    }
    let personal = |fields: &[usize]| {
        let fields = fields.iter().map(|at| &entry.fields[*at]);
        let closed = fields.filter(|field| field.sensitivity != Sensitivity::Public);
        quoted(closed.map(|field| &field.key))
    };
    let (told, given) = (personal(&provider.with), personal(&provider.gives));
    let name = provider.registry.as_str();
    let message = match (told.en().is_empty(), given.en().is_empty()) {
        (true, true) => return,
        (false, true) => both!(
            "向数据库 `{name}` 告知个人信息 {told}，没有写明依据",
            "the registry `{name}` is told {told}, which is not public, and nothing says on which basis"; told
        ),
        (true, false) => both!(
            "数据库 `{name}` 提供个人信息 {given}，没有写明依据",
            "the registry `{name}` gives {given}, which is not public, and nothing says on which basis"; given
        ),
        (false, false) => both!(
            "向数据库 `{name}` 告知 {told}、由它提供 {given}，都是个人信息，没有写明依据",
            "the registry `{name}` is told {told} and gives {given}, which is not public, and nothing says on which basis"; told, given
        ),
    };
    cx.report(
        Diagnostic::new(Code::NoSharingBasis, provider.registry.span, message)
            .field(format!("providers.{name}"))
            .why(both!(
                "查询会把个人信息告知数据库的主管部门；每次查询都要记录依据",
                "a look-up discloses personal data to the registry's department, and is recorded with its basis",
            ))
            .help(both!(
                "在 `{name}` 下补上 `basis: 法规名称 第…条`",
                "state the law under `{name}`: `basis: …`",
            )),
    );
}

/// How old an answer may be. With none that may be, no application could be handed in.
pub(crate) fn fresh(cx: &mut Cx<'_>, written: Option<Spanned<Limit>>) -> Option<Limit> {
    let fresh = written?;
    let nothing = match fresh.value {
        Limit::WorkingDays { thousandths } | Limit::CalendarDays { thousandths } => {
            thousandths == 0
        }
        Limit::Clock(span) => span == Micros(0),
    };
    if nothing {
        cx.report(
            Diagnostic::new(
                Code::BadDuration,
                fresh.span,
                both!(
                    "`fresh` 为零，查询结果一出来就已过时，申请无法提交",
                    "with a `fresh` of nothing every answer is too old at once, and nothing can be handed in",
                ),
            )
            .field("providers")
            .help(both!(
                "写上查询结果可以使用多久，如 `1h`；没有要求的，删除 `fresh`",
                "say for how long an answer may be used, as in `1h`; without `fresh`, any age will do",
            )),
        );
    }
    Some(fresh.value)
}

/// A registry that would be asked with what it is asked for.
pub(crate) fn needs_what_it_gives(
    cx: &mut Cx<'_>,
    def: &ProviderDef,
    registry: &Spanned<RegistryKey>,
    name: &str,
) {
    let mut gives = def.gives.iter().flat_map(|list| &list.value);
    let given = gives.find(|given| given.as_str() == name);
    cx.report(
        Diagnostic::new(
            Code::ProviderCircle,
            given.map_or(registry.span, |given| given.span),
            both!(
                "数据库要先知道 `{name}` 才能提供 `{name}`",
                "the registry has to know `{name}` in order to give `{name}`",
            ),
        )
        .field(format!("providers.{}", registry.as_str()))
        .help(both!(
            "从 `gives` 中删除 `{name}`",
            "remove `{name}` from `gives`",
        )),
    );
}
