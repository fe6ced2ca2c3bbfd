//! What people call what contracts and services name by keys: who has to be told of a change
//! knows a department, a service and a step by its title.

use std::collections::BTreeMap;
use std::fmt::Display;

use onething_model::{DepartmentKey, RegistryKey, StepKey, Text};
use onething_plan::Service;

use super::{Contracts, WayOf};
use crate::diagnostic::{Diagnostics, both};
use crate::lower::Cx;
use crate::lower::tree::Tree;
use crate::source::SourceSet;

/// Titles, by keys. What has none, or is of no tree, is called by its key.
#[derive(Debug, Clone, Default)]
pub(super) struct Names {
    departments: BTreeMap<DepartmentKey, Text>,
    purposes: BTreeMap<String, Text>,
    registries: BTreeMap<RegistryKey, Text>,
    services: BTreeMap<String, Text>,
    steps: BTreeMap<(String, WayOf, StepKey), Text>,
}

impl Names {
    /// What the services of a tree share.
    pub(super) fn of(tree: &Tree) -> Self {
        let departments = tree.departments.iter();
        let departments = departments.map(|one| (one.key.clone(), one.title.clone()));
        let providers = tree.contracts.iter().flat_map(|one| &one.providers);
        let registries = providers.filter_map(|one| {
            let title = one.title.clone()?;
            Some((one.registry.value.clone(), title))
        });
        Self {
            departments: departments.collect(),
            purposes: tree.purposes.iter().cloned().collect(),
            registries: registries.collect(),
            ..Self::default()
        }
    }

    /// What the services of a tree share, which is read for nothing else.
    pub(super) fn read(sources: &SourceSet) -> Self {
        let mut found = Diagnostics::new();
        Self::of(&Tree::read(&mut Cx {
            sources,
            found: &mut found,
        }))
    }

    /// A service and its steps, also those that follow from its contracts.
    pub(super) fn add_service(&mut self, service: &Service) {
        let ways = [
            (WayOf::New, Some(&service.new)),
            (WayOf::Old, service.old.as_ref()),
        ];
        for (way, plan) in ways {
            let Some(plan) = plan else { continue };
            let key = plan.service.to_string();
            for step in &plan.steps {
                let at = (key.clone(), way, step.key.clone());
                self.steps.insert(at, step.title.clone());
            }
            self.services.insert(key, plan.title.clone());
        }
    }

    /// The registries of contracts, as these call them.
    pub(super) fn add_contracts(&mut self, contracts: &Contracts) {
        for provider in contracts.by_name.values().flat_map(|one| &one.providers) {
            if let Some(title) = &provider.title {
                let key = provider.registry.clone();
                self.registries.insert(key, title.clone());
            }
        }
    }

    /// With what others know besides.
    pub(super) fn extend(&mut self, others: Self) {
        let Self {
            departments,
            purposes,
            registries,
            services,
            steps,
        } = others;
        self.departments.extend(departments);
        self.purposes.extend(purposes);
        self.registries.extend(registries);
        self.services.extend(services);
        self.steps.extend(steps);
    }

    /// A department, for those who have to be told.
    pub(super) fn department(&self, key: &DepartmentKey) -> Text {
        called(&self.departments, key)
    }

    /// A department, for whoever looks for its place in a contract.
    pub(super) fn department_at(&self, key: &DepartmentKey) -> Text {
        let title = self.departments.get(key);
        title.map_or_else(
            || both!("部门 `{key}`", "`{key}`"),
            |title| keyed(title, key),
        )
    }

    /// A department in a list of some.
    pub(super) fn department_listed(&self, key: &DepartmentKey) -> Text {
        let title = self.departments.get(key);
        title.map_or_else(|| both!("`{key}`", "`{key}`"), |title| keyed(title, key))
    }

    /// What data is read for.
    pub(super) fn purpose(&self, key: &String) -> Text {
        match self.purposes.contains_key(key) {
            true => called(&self.purposes, key),
            false => Text::new(key, key),
        }
    }

    /// A registry, for those who have to be told.
    pub(super) fn registry(&self, key: &RegistryKey) -> Text {
        match self.registries.contains_key(key) {
            true => {
                let title = called(&self.registries, key);
                both!("数据库“{title}”", "the registry “{title}”"; title)
            }
            false => both!("数据库 `{key}`", "the registry `{key}`"),
        }
    }

    /// A registry, for whoever looks for its place in a contract.
    pub(super) fn registry_at(&self, key: &RegistryKey) -> Text {
        match self.registries.get(key) {
            Some(title) => keyed(
                &both!("数据库“{title}”", "the registry “{title}”"; title),
                key,
            ),
            None => self.registry(key),
        }
    }

    /// A registry in a list of some.
    pub(super) fn registry_listed(&self, key: &RegistryKey) -> Text {
        let title = self.registries.get(key);
        title.map_or_else(|| both!("`{key}`", "`{key}`"), |title| keyed(title, key))
    }

    /// A service, by its key or its folder.
    pub(super) fn service(&self, folder: &str) -> Text {
        called(&self.services, &of_folder(folder))
    }

    /// A service, for whoever looks for its folder.
    pub(super) fn service_at(&self, folder: &str) -> Text {
        let title = self.services.get(&of_folder(folder));
        title.map_or_else(
            || both!("`{folder}`", "`{folder}`"),
            |title| keyed(title, &folder),
        )
    }

    /// A step, by the key or the folder of its service.
    pub(super) fn step(&self, service: &str, way: WayOf, key: &StepKey) -> Option<&Text> {
        self.steps.get(&(of_folder(service), way, key.clone()))
    }
}

/// Texts one after the other.
pub(super) fn joined(texts: impl IntoIterator<Item = Text>, zh: &str, en: &str) -> Text {
    let texts: Vec<Text> = texts.into_iter().collect();
    let in_zh: Vec<&str> = texts.iter().map(Text::zh).collect();
    let in_en: Vec<&str> = texts.iter().map(Text::en).collect();
    Text::new(in_zh.join(zh), in_en.join(en))
}

/// Names in a list.
pub(super) fn listed(texts: impl IntoIterator<Item = Text>) -> Text {
    joined(texts, "、", ", ")
}

/// A name before words: Chinese sets a key apart from them, and a title not.
pub(super) fn spaced(name: Text) -> Text {
    match name.zh().ends_with('`') {
        true => both!("{name} ", "{name}"; name),
        false => name,
    }
}

/// A service's folder is called as it is, wherever that stands.
fn of_folder(folder: &str) -> String {
    folder.rsplit('/').next().unwrap_or(folder).to_owned()
}

/// By its title; where others are called so as well, with the key.
fn called<K: Ord + Display>(all: &BTreeMap<K, Text>, key: &K) -> Text {
    let Some(title) = all.get(key) else {
        return both!("`{key}`", "`{key}`");
    };
    match all.values().filter(|other| *other == title).count() {
        1 => title.clone(),
        _ => keyed(title, key),
    }
}

fn keyed(title: &Text, key: &impl Display) -> Text {
    both!("{title}（`{key}`）", "{title} (`{key}`)"; title)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_shares_its_title_or_has_none_is_called_by_its_key() {
        let all = [("north", "巡查队"), ("south", "巡查队"), ("tax", "税务局")];
        let all = all.map(|(key, title)| (key.parse().unwrap(), Text::new(title, title)));
        let names = Names {
            departments: all.into(),
            ..Names::default()
        };
        for (key, told, at) in [
            ("tax", "税务局", "税务局（`tax`）"),
            ("north", "巡查队（`north`）", "巡查队（`north`）"),
            ("none", "`none`", "部门 `none` "),
        ] {
            let key: DepartmentKey = key.parse().unwrap();
            assert_eq!(names.department(&key).zh(), told);
            assert_eq!(spaced(names.department_at(&key)).zh(), at);
        }
        // A service's folder may stand in another one.
        let mut names = names;
        let title = Text::new("开店", "Open a shop");
        names.services.insert("shop".to_owned(), title);
        assert_eq!(names.service("trade/shop").en(), "Open a shop");
        assert_eq!(names.service_at("trade/shop").zh(), "开店（`trade/shop`）");
    }
}
