//! Contracts as they are compared: without departments, calendars and services.

use std::collections::BTreeMap;

use onething_model::{DepartmentKey, FieldKey, Lang, Limit, RegistryKey, Text};

use super::Version;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, both};
use crate::lower::Cx;
use crate::lower::contract::{FieldEntry, contract};
use crate::lower::tree::Tree;
use crate::source::{FileId, SourceSet};
use crate::syntax::contract::ContractFile;
use crate::syntax::read_file;
use crate::yaml::read::Spanned;

/// Contracts by name.
#[derive(Debug, Clone, Default)]
pub struct Contracts {
    pub(super) by_name: BTreeMap<String, Contract>,
}

#[derive(Debug, Clone)]
pub(super) struct Contract {
    pub(super) title: Text,
    pub(super) version: Option<Version>,
    pub(super) owner: Option<DepartmentKey>,
    pub(super) identified_by: Vec<FieldKey>,
    pub(super) fields: Vec<FieldEntry>,
    pub(super) providers: Vec<Provider>,
    /// As it is written.
    pub(super) text: String,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Provider {
    pub(super) registry: RegistryKey,
    pub(super) title: Option<Text>,
    pub(super) department: Option<DepartmentKey>,
    pub(super) with: Vec<FieldKey>,
    pub(super) gives: Vec<FieldKey>,
    pub(super) fresh: Option<Limit>,
    pub(super) basis: Option<String>,
}

impl Contract {
    pub(super) fn field(&self, key: &FieldKey) -> Option<&FieldEntry> {
        self.fields.iter().find(|field| field.key == *key)
    }
}

impl Contracts {
    /// Reads every file of a set as a contract. What is wrong with them is told;
    /// contracts with errors are left out.
    ///
    /// Departments are not looked up: a contract is read on its own.
    #[must_use]
    pub fn read(sources: &SourceSet) -> (Self, Diagnostics) {
        let mut found = Diagnostics::new();
        let mut read = Self::default();
        let mut named: BTreeMap<String, FileId> = BTreeMap::new();
        for (file, _) in sources.iter() {
            let mut of_file = Diagnostics::new();
            let one = one(sources, file, &mut of_file);
            let broken = of_file.has_errors();
            found.extend(of_file);
            let Some((name, entry)) = one.filter(|_| !broken) else {
                continue;
            };
            if let Some(first) = named.get(&name) {
                let path = sources.file(*first).path();
                found.push(
                    Diagnostic::new(
                        Code::TwoFiles,
                        crate::source::Span::top(file),
                        both!(
                            "`{path}` 已经定义了数据约定 `{name}`",
                            "`{path}` defines the contract `{name}` already",
                        ),
                    )
                    .help(both!("删除其中一个文件", "remove one of the two")),
                );
                continue;
            }
            named.insert(name.clone(), file);
            read.by_name.insert(name, entry);
        }
        (read, found)
    }

    /// Their names, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.by_name.keys().map(String::as_str)
    }
}

fn one(sources: &SourceSet, file: FileId, found: &mut Diagnostics) -> Option<(String, Contract)> {
    let read = read_file::<ContractFile>(sources, file, Lang::Zh, found)?.value;
    if found.has_errors() {
        return None;
    }
    let name = read.contract.as_ref()?.as_str().to_owned();
    // Departments are not known here, so that none can be unknown.
    let tree = Tree::default();
    let entry = contract(&mut Cx { sources, found }, &tree, &name, file);
    let plain = |list: &Option<Spanned<Vec<Spanned<FieldKey>>>>| -> Vec<FieldKey> {
        let keys = list.iter().flat_map(|list| &list.value);
        keys.map(|key| key.value.clone()).collect()
    };
    let providers = read.providers.iter().flat_map(|list| &list.value);
    let provider = |def: &Spanned<crate::syntax::contract::ProviderDef>| {
        let def = &def.value;
        Some(Provider {
            registry: def.registry.as_ref()?.value.clone(),
            title: def.title.as_ref().map(|title| title.value.clone()),
            department: def.department.as_ref().map(|key| key.value.clone()),
            with: plain(&def.with),
            gives: plain(&def.gives),
            fresh: def.fresh.map(|fresh| fresh.value),
            basis: def.basis.as_ref().map(|basis| basis.value.clone()),
        })
    };
    let contract = Contract {
        title: entry.title,
        version: read.version.map(|version| version.value),
        owner: read.owner.as_ref().map(|owner| owner.value.clone()),
        identified_by: plain(&read.identified_by),
        providers: providers.filter_map(provider).collect(),
        fields: entry.fields,
        text: sources.file(file).text().to_owned(),
    };
    Some((name, contract))
}
