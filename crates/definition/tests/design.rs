//! Designs say what the files say: taken apart and put together again, a way is the same.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use onething_definition::design::{Design, Folder, Registries};
use onething_definition::diagnostic::{Code, Diagnostics, Rendering, Report};
use onething_definition::yaml::{self, Node, Value};
use onething_definition::{SourceSet, compile, load, new_service};
use onething_model::{Digest, Lang, Text};
use onething_plan::Plan;

const ENGLISH: Rendering = Rendering {
    lang: Lang::En,
    colour: false,
};

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
        // Every registry that there is: `before.yaml` alone may leave one out without a reason.
        let because = Text::new("接口尚未开通：“甲”", "no interface: \"yet\"");
        let mut all: Vec<_> = drafting.setting().providers.iter().collect();
        all.sort_by(|one, other| one.registry.cmp(&other.registry));
        all.dedup_by(|one, other| one.registry == other.registry);
        let none = all
            .iter()
            .map(|provider| (provider.registry.clone(), because.clone()))
            .collect();
        for fetched in [Registries::All, Registries::Without(none)] {
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

/// Every key of a file by its path, in the long form of those that have a short one.
fn keys(sources: &SourceSet, path: &str) -> BTreeSet<String> {
    let mut found = Diagnostics::new();
    let root = yaml::parse(sources, sources.find(path).unwrap(), &mut found).unwrap();
    let mut keys = BTreeSet::new();
    collect(&root, "", &mut keys);
    keys
}

fn collect(node: &Node, path: &str, keys: &mut BTreeSet<String>) {
    match &node.value {
        Value::Map(map) => {
            let has = |key: &str| map.get(key).is_some();
            for entry in &map.entries {
                let key = &*entry.key.text;
                // The reason of an order may stand beside it or within it.
                let below = match (key, has("after")) {
                    ("because", true) => format!("{path}.after.because"),
                    _ => format!("{path}.{key}"),
                };
                collect(&entry.value, &below, keys);
            }
        }
        Value::List(items) => items.iter().for_each(|item| collect(item, path, keys)),
        Value::Scalar(_) | Value::Refused => {
            let names = path.rsplit_once('.').map(|(_, last)| last);
            // Short for one key of a record.
            let short = match (names, path.matches('.').count()) {
                (Some("limit"), _) => Some("promised"),
                (Some("after"), _) => Some("step"),
                (Some(_), 2) if path.starts_with(".roles.") => Some("contract"),
                _ => None,
            };
            let text = path.ends_with("title") || path.ends_with("because");
            keys.insert(match (short, text) {
                (Some(short), _) => format!("{path}.{short}"),
                // A plain text is in the language of the file.
                (None, true) => format!("{path}.zh"),
                (None, false) => path.to_owned(),
            });
        }
    }
}

#[test]
fn no_key_is_lost() {
    let mut all = trees();
    let (shop, name) = all.pop().unwrap();
    let file = |name: &str| {
        let file = shop.find(&format!("shop/{name}.yaml")).unwrap();
        shop.file(file).text().to_owned()
    };
    // What no shipped service says.
    let service = file("service");
    let (head, rest) = service.split_once("\nsteps:").unwrap();
    let (comment, rest) = rest.split_once('\n').unwrap();
    let joint = "joint_inspections:\n  site: { title: 联合踏勘, steps: [everything], applicant_attends: no }\n";
    let steps = "  everything:\n    title: 样样都写\n    matter: health-permit\n    department: urban\n    by: officer\n    limit: { statutory: 3wd, promised: 2wd, basis: 法 }\n    retry: { attempts: 7, backoff: 2s, at_most: 1min }\n    visits: 1\n    attended: yes\n    legal_effect: yes\n    separate_from: [other]\n    undo: other\n    corrections: { rounds: 2, within: 5wd }\n    special: { kind: expert-review, at_most: 20d, basis: 法 }\n    source: 文件\n    because: 理由\n  other:\n    title: 另一个\n    matter: health-permit\n    by: system\n    after: [{ step: everything, because: 法, basis: 法 }]\n";
    let said = format!("{head}\n{joint}steps:{comment}\n{steps}{rest}");
    all.push((Arc::new(replaced(&shop, "shop/service.yaml", said)), name));
    for (sources, service) in all {
        let folder = Folder::read(Arc::clone(&sources), &service);
        let drafting = folder.open().unwrap_or_else(|compilation| {
            let report = Report::new(Arc::clone(&sources), compilation.diagnostics);
            panic!("{}", report.render(ENGLISH))
        });
        let path = format!("{service}/service.yaml");
        let text = drafting.service_yaml(drafting.new_way()).unwrap();
        let again = Arc::new(replaced(&sources, &path, text.clone()));
        let lost: Vec<String> = keys(&sources, &path)
            .difference(&keys(&again, &path))
            .cloned()
            .collect();
        assert!(lost.is_empty(), "{service}: {lost:?}\n{text}");
        let folder = Folder::read(again, &service);
        let opened = folder.open().unwrap();
        assert_eq!(opened.new_way(), drafting.new_way(), "{text}");
    }
}

#[test]
fn an_old_step_may_be_described_whole() {
    let (sources, _) = trees().pop().unwrap();
    let find = |name: &str| sources.file(sources.find(name).unwrap()).text().to_owned();
    // Without its source each difference needs a reason.
    let before = find("shop/before.yaml").replace("source:", "# source:");
    let key = "health-review";
    assert!(
        find("shop/service.yaml").contains(key),
        "{}",
        find("shop/service.yaml")
    );
    let with = |entry: &str| {
        let text = match before.split_once("steps:\n") {
            Some((head, rest)) => format!("{head}steps:\n{entry}{rest}"),
            None => format!("{before}\nsteps:\n{entry}"),
        };
        let sources = Arc::new(replaced(&sources, "shop/before.yaml", text));
        let compilation = compile(&sources, "shop");
        let report = Report::new(Arc::clone(&sources), compilation.diagnostics);
        (sources, report)
    };
    let codes =
        |report: &Report| -> Vec<Code> { report.diagnostics.iter().map(|one| one.code).collect() };
    let whole = "  health-review: { whole: yes, title: 审查, matter: health-permit, by: officer, writes: { health_permit: [number, valid_until] }, limit: 9wd, source: 文件 }\n";
    let (sources, report) = with(whole);
    assert_eq!(report.errors(), 0, "{}", report.render(ENGLISH));
    let folder = Folder::read(sources, "shop");
    let drafting = folder.open().unwrap();
    let old = drafting.old().unwrap().step(key).unwrap();
    let new = drafting.new_way().step(key).unwrap();
    assert!(old.reads.is_empty(), "{old:?}");
    assert!(!new.reads.is_empty(), "{new:?}");
    // Described whole it needs what a step needs, and a reason as any difference.
    let (_, report) =
        with("  health-review: { whole: yes, title: 审查, matter: health-permit, source: 文件 }\n");
    assert!(
        codes(&report).contains(&Code::MissingKey),
        "{}",
        report.render(ENGLISH)
    );
    let (_, report) = with(&whole.replace(", source: 文件", ""));
    let told = report.render(ENGLISH);
    assert!(told.contains("= field: steps.health-review"), "{told}");
    assert!(told.contains("D0902"), "{told}");
    // A step named in vain is told, with the nearest name.
    for key_of_names in ["separate_from: [health-revue]", "undo: health-revue"] {
        let entry = format!("  health-review: {{ {key_of_names}, source: 文件 }}\n");
        let (_, report) = with(&entry);
        let text = report.render(ENGLISH);
        assert!(text.contains("D0404"), "{text}");
        assert!(text.contains("did you mean `health-review`?"), "{text}");
        assert!(text.contains("shop/before.yaml"), "{text}");
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
