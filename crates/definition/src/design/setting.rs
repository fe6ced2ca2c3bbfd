//! What all designs of a service share and none can change: departments,
//! roles with their fields, registries, matters.

use onething_model::{
    DepartmentKey, FieldKey, FieldPath, Limit, MatterKey, RegistryKey, RoleKey, ServiceKey, Text,
};
use onething_plan::{Cond, Refused, Sensitivity};

use crate::lower::symbols::Symbols;

/// What all designs of a service share.
#[derive(Debug, Clone)]
pub struct Setting {
    /// The service.
    pub service: ServiceKey,
    /// What people call it.
    pub title: Text,
    /// The department in charge.
    pub owner: DepartmentKey,
    /// The role that applies.
    pub applicant: RoleKey,
    /// Departments and outside bodies of the tree.
    pub departments: Vec<Body>,
    /// Names of the windows that work for more than one department.
    pub windows: Vec<String>,
    /// The roles with their fields.
    pub roles: Vec<RoleFact>,
    /// The registries that can provide something of a role.
    pub providers: Vec<ProviderFact>,
    /// Fields that follow from others, each with what it follows from.
    pub derived: Vec<(FieldPath, FieldPath)>,
    /// The matters.
    pub matters: Vec<MatterFact>,
}

/// A department or an outside body.
#[derive(Debug, Clone)]
pub struct Body {
    /// Its name.
    pub key: DepartmentKey,
    /// What people call it.
    pub title: Text,
    /// Whether it is no government department.
    pub outside: bool,
}

/// A role and the fields of its contract.
#[derive(Debug, Clone)]
pub struct RoleFact {
    /// Its name.
    pub key: RoleKey,
    /// What people call it.
    pub title: Text,
    /// The fields.
    pub fields: Vec<FieldFact>,
}

/// A field of a contract.
#[derive(Debug, Clone)]
pub struct FieldFact {
    /// Its name.
    pub key: FieldKey,
    /// What people call it.
    pub title: Text,
    /// Whether it is a document, and so a material.
    pub material: bool,
    /// Who may see it.
    pub sensitivity: Sensitivity,
    /// The grants to read it: to which department, for which purpose.
    pub granted: Vec<(DepartmentKey, String)>,
}

impl FieldFact {
    /// What a department may read it for.
    pub fn purposes_of<'a>(
        &'a self,
        department: &'a DepartmentKey,
    ) -> impl Iterator<Item = &'a str> {
        let of = self.granted.iter().filter(move |(to, _)| to == department);
        of.map(|(_, purpose)| purpose.as_str())
    }
}

/// A registry as a source of one role's fields.
#[derive(Debug, Clone)]
pub struct ProviderFact {
    /// The role it knows.
    pub role: RoleKey,
    /// The registry.
    pub registry: RegistryKey,
    /// What people call it.
    pub title: Text,
    /// Whose registry it is.
    pub department: DepartmentKey,
    /// What identifies the subject.
    pub with: Vec<FieldPath>,
    /// What it gives.
    pub gives: Vec<FieldPath>,
    /// How old an answer may be, where the contract says so.
    pub fresh: Option<Limit>,
    /// The legal basis of the look-up, where the contract names one.
    pub basis: Option<String>,
}

/// A matter.
#[derive(Debug, Clone)]
pub struct MatterFact {
    /// Its name.
    pub key: MatterKey,
    /// What people call it.
    pub title: Text,
    /// Who owns it.
    pub department: DepartmentKey,
    /// When it is part of the case.
    pub when: Cond,
    /// What a refusal ends.
    pub refused: Refused,
}

impl Setting {
    /// A field's facts.
    #[must_use]
    pub fn field(&self, path: &FieldPath) -> Option<&FieldFact> {
        let role = self.roles.iter().find(|role| role.key == path.role)?;
        role.fields.iter().find(|field| field.key == path.field)
    }

    /// A matter by name.
    #[must_use]
    pub fn matter(&self, key: &MatterKey) -> Option<&MatterFact> {
        self.matters.iter().find(|matter| matter.key == *key)
    }

    /// What people call a department.
    #[must_use]
    pub fn department_title(&self, key: &DepartmentKey) -> Text {
        let found = self.departments.iter().find(|body| body.key == *key);
        found.map_or_else(
            || Text::new(key.as_str(), key.as_str()),
            |body| body.title.clone(),
        )
    }

    /// `None` where a part is missing, which the compiler reports.
    pub(super) fn of(symbols: &Symbols<'_>, service: &ServiceKey, title: &Text) -> Option<Self> {
        let tree = symbols.tree;
        let department = |at: usize| tree.departments[at].key.clone();
        let mut providers = Vec::new();
        let mut derived = Vec::new();
        let mut roles = Vec::new();
        for role in &symbols.roles {
            let contract = &tree.contracts[role.contract?];
            let path = |at: &usize| FieldPath {
                role: role.key.value.clone(),
                field: contract.fields[*at].key.clone(),
            };
            roles.push(RoleFact {
                key: role.key.value.clone(),
                title: role.title.clone(),
                fields: contract
                    .fields
                    .iter()
                    .map(|field| FieldFact {
                        key: field.key.clone(),
                        title: field.title.clone(),
                        material: matches!(
                            field.kind,
                            Some(onething_plan::FieldType::Document { .. })
                        ),
                        sensitivity: field.sensitivity,
                        granted: field
                            .grants
                            .iter()
                            .map(|grant| (grant.to.clone(), grant.purpose.clone()))
                            .collect(),
                    })
                    .collect(),
            });
            let follows = contract.fields.iter().enumerate();
            derived.extend(follows.filter_map(|(at, field)| {
                let source = field.derived?;
                Some((path(&at), path(&source.from)))
            }));
            for provider in &contract.providers {
                let registry = provider.registry.value.clone();
                providers.push(ProviderFact {
                    role: role.key.value.clone(),
                    title: provider.shown(),
                    registry,
                    department: department(provider.department),
                    with: provider.with.iter().map(path).collect(),
                    gives: provider.gives.iter().map(path).collect(),
                    fresh: provider.fresh,
                    basis: provider.basis.clone(),
                });
            }
        }
        let matters = symbols
            .matters
            .iter()
            .map(|matter| {
                Some(MatterFact {
                    key: matter.key.value.clone(),
                    title: matter.title.clone(),
                    department: department(matter.department?),
                    when: matter.when.clone(),
                    refused: matter.refused,
                })
            })
            .collect::<Option<Vec<MatterFact>>>()?;
        Some(Self {
            service: service.clone(),
            title: title.clone(),
            owner: department(symbols.owner?),
            applicant: symbols.roles[symbols.applicant?].key.value.clone(),
            departments: tree
                .departments
                .iter()
                .map(|entry| Body {
                    key: entry.key.clone(),
                    title: entry.title.clone(),
                    outside: entry.outside,
                })
                .collect(),
            windows: tree
                .windows
                .iter()
                .filter(|window| window.department.is_none())
                .map(|window| window.name.clone())
                .collect(),
            roles,
            providers,
            derived,
            matters,
        })
    }
}
