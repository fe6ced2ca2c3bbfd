//! Designs say what the files say: taken apart and put together again, a way is the same.

use std::path::Path;
use std::sync::Arc;

use onething_definition::design::{Design, Folder, Registries};
use onething_definition::diagnostic::{Rendering, Report};
use onething_definition::{SourceSet, compile, load, new_service};
use onething_model::{Digest, Lang};
use onething_plan::Plan;

fn trees() -> Vec<(Arc<SourceSet>, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../workflows");
    let shipped = load(&root);
    let sources = Arc::new(shipped.sources.as_ref().clone());
    let mut trees: Vec<(Arc<SourceSet>, String)> =
        ["open-restaurant", "newborn", "enterprise-deregister"]
            .into_iter()
            .map(|service| (Arc::clone(&sources), service.to_owned()))
            .collect();
    let template = SourceSet::from_texts(new_service(&"shop".parse().unwrap()));
    trees.push((Arc::new(template), "shop".to_owned()));
    trees
}

fn replaced(sources: &SourceSet, path: &str, text: String) -> SourceSet {
    let mut files: Vec<(String, String)> = sources
        .iter()
        .map(|(_, file)| (file.path().to_owned(), file.text().to_owned()))
        .filter(|(known, _)| known != path)
        .collect();
    files.push((path.to_owned(), text));
    SourceSet::from_texts(files)
}

fn told(plan: &Plan) -> String {
    let plan = Plan {
        digest: Digest::of(b""),
        ..plan.clone()
    };
    format!("{plan:#?}")
}

#[test]
fn a_way_put_together_again_is_the_same() {
    for (sources, service) in trees() {
        let folder = Folder::read(Arc::clone(&sources), &service);
        let drafting = folder.open().unwrap();
        let compiled = drafting.service();
        let new = drafting.plan(drafting.new_way()).unwrap();
        assert_eq!(told(&new), told(&compiled.new), "{service}");
        let old = drafting.plan(drafting.old().unwrap()).unwrap();
        assert_eq!(
            told(&old),
            told(compiled.old.as_ref().unwrap()),
            "{service}"
        );
    }
}

#[test]
fn a_design_written_and_compiled_is_the_same() {
    for (sources, service) in trees() {
        let folder = Folder::read(Arc::clone(&sources), &service);
        let drafting = folder.open().unwrap();
        for fetched in [Registries::All, Registries::None] {
            let design = Design {
                fetched,
                ..drafting.new_way().clone()
            };
            let text = drafting.service_yaml(&design).unwrap();
            let path = format!("{service}/service.yaml");
            let again = replaced(&sources, &path, text.clone());
            let compilation = compile(&again, &service);
            let report = Report::new(Arc::new(again), compilation.diagnostics);
            let rendering = Rendering {
                lang: Lang::En,
                colour: false,
            };
            let plan = compilation
                .service
                .unwrap_or_else(|| panic!("{}\n{text}", report.render(rendering)))
                .new;
            assert_eq!(
                told(&plan),
                told(&drafting.plan(&design).unwrap()),
                "{service}"
            );
        }
    }
}

#[test]
fn a_way_with_many_intakes_is_no_service_file() {
    let (sources, service) = trees().remove(0);
    let folder = Folder::read(sources, &service);
    let drafting = folder.open().unwrap();
    assert_eq!(drafting.service_yaml(drafting.old().unwrap()), None);
    let mut design = drafting.new_way().clone();
    design.steps[0].department = Some("nobody".parse().unwrap());
    assert!(drafting.plan(&design).unwrap_err().has_errors());
}
