//! A small service to begin with: what `onething new` writes.

use onething_model::ServiceKey;

/// Each file with its path; `SERVICE` stands for the name of the service.
const FILES: [(&str, &str); 9] = [
    (
        "departments.yaml",
        include_str!("../templates/departments.yaml"),
    ),
    (
        "calendars/office.yaml",
        include_str!("../templates/calendars/office.yaml"),
    ),
    (
        "contracts/enterprise.yaml",
        include_str!("../templates/contracts/enterprise.yaml"),
    ),
    (
        "contracts/person.yaml",
        include_str!("../templates/contracts/person.yaml"),
    ),
    (
        "contracts/permit.yaml",
        include_str!("../templates/contracts/permit.yaml"),
    ),
    (
        "SERVICE/service.yaml",
        include_str!("../templates/service/service.yaml"),
    ),
    (
        "SERVICE/before.yaml",
        include_str!("../templates/service/before.yaml"),
    ),
    (
        "SERVICE/workload.yaml",
        include_str!("../templates/service/workload.yaml"),
    ),
    (
        "SERVICE/README.md",
        include_str!("../templates/service/README.md"),
    ),
];

/// The files of a new tree of definitions with one small service: path below the
/// root, with `/`, and text. It passes `check` and can be compared at once.
///
/// ```
/// use onething_definition::{SourceSet, compile, new_service};
/// let files = new_service(&"my-service".parse().unwrap());
/// let sources = SourceSet::from_texts(files);
/// assert!(compile(&sources, "my-service").diagnostics.is_empty());
/// ```
#[must_use]
pub fn new_service(name: &ServiceKey) -> Vec<(String, String)> {
    FILES
        .iter()
        .map(|(path, text)| {
            (
                path.replace("SERVICE", name.as_str()),
                text.replace("SERVICE", name.as_str()),
            )
        })
        .collect()
}
