//! R2, once only: registries are asked instead of the applicant.

use std::collections::{BTreeMap, BTreeSet};

use onething_definition::design::{Design, ProviderFact, Registries};
use onething_model::{FieldPath, RegistryKey, Text};

use super::Ground;
use super::graph::{made_by_steps, read_by_steps};
use super::proof::{Line, Proof, Rule, Site, fields_in_words};

/// Asks the registries that hold what the applicant is asked for.
///
/// Checked of each: an authoritative provider in a contract, a legal basis.
/// How fresh its answers are and how often it has nothing is recorded.
pub(super) fn apply(ground: &Ground<'_>, design: &Design) -> Option<(Design, Proof)> {
    let setting = ground.setting;
    let mut wanted: BTreeSet<&FieldPath> = read_by_steps(design);
    wanted.extend(
        design
            .intakes
            .iter()
            .flat_map(|intake| intake.asks.iter().map(|ask| &ask.field)),
    );
    let made = made_by_steps(design);
    // A registry whose keys another one gives is useful as well.
    let mut useful: Vec<&ProviderFact> = Vec::new();
    loop {
        let before = useful.len();
        for provider in &setting.providers {
            let known = useful.iter().any(|other| std::ptr::eq(*other, provider));
            let gives = provider
                .gives
                .iter()
                .any(|field| wanted.contains(field) && !made.contains(field));
            if !known && gives && !design.fetched.allows(provider.registry.as_str()) {
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
    let mut fetched: Vec<FieldPath> = Vec::new();
    for (registry, providers) in by_registry {
        let site = Site::Registry(registry.clone());
        if let Some(why) = ground.denied(Rule::OnceOnly, site.clone()) {
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
        for provider in providers {
            let gives: Vec<FieldPath> = provider
                .gives
                .iter()
                .filter(|field| wanted.contains(*field) && !made.contains(*field))
                .cloned()
                .collect();
            fetched.extend(gives.iter().cloned());
            proof.checked(line(ground, provider, gives));
        }
    }
    let mut next = design.clone();
    next.fetched = match (asked.is_empty(), left_out.is_empty()) {
        (true, true) => design.fetched.clone(),
        (false, true) => Registries::All,
        // A registry that is not asked although it holds something is named, with the reason.
        (_, false) => Registries::Without(left_out),
    };
    let held: BTreeSet<&FieldPath> = super::given(setting, &next.fetched).into_iter().collect();
    let mut known: Vec<FieldPath> = Vec::new();
    for intake in &mut next.intakes {
        intake.asks.retain(|ask| {
            let held = held.contains(&ask.field);
            if held && !fetched.contains(&ask.field) {
                known.push(ask.field.clone());
            }
            !held
        });
    }
    if asked.is_empty() && known.is_empty() && next == *design {
        return None;
    }
    known.sort();
    known.dedup();
    for (fields, zh, en) in [
        (
            fetched,
            "改由系统查询，查不到时才请申请人提供",
            "looked up, and asked for only where the registry has nothing",
        ),
        (
            known,
            "数据库已经查询的，表单不再要求填写",
            "no longer on a form, for registries that are asked already have it",
        ),
    ] {
        if fields.is_empty() {
            continue;
        }
        let words = fields_in_words(setting, &fields);
        proof.changed(
            Line::new(
                format!("{zh}：{}", words.zh()),
                format!("{en}: {}", words.en()),
            )
            .fields(fields),
        );
    }
    Some((next, proof))
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
        || Text::new("未写明", "not stated"),
        |miss| {
            let miss = super::percent(miss);
            Text::new(miss.clone(), miss)
        },
    );
    Line {
        registry: Some((provider.registry.clone(), provider.department.clone())),
        basis: provider.basis.clone(),
        fresh: provider.fresh,
        ..Line::new(
            format!(
                "“{}”（{}）可提供{}；依据：{basis}；数据时效：{fresh_zh}；查不到的比例：{}",
                provider.title.zh(),
                owner.zh(),
                words.zh(),
                miss.zh()
            ),
            format!(
                "{} ({}) gives {}; basis: {basis}; fresh within: {fresh_en}; has nothing in {} of cases",
                provider.title.en(),
                owner.en(),
                words.en(),
                miss.en()
            ),
        )
    }
    .fields(gives)
}
