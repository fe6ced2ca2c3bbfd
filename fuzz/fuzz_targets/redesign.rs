//! Whatever definition compiles, as odd as it may be: it can be drawn, explained
//! and redesigned, and the proposal keeps every result.
//!
//! What the input looks like: [`trees::read`].
#![no_main]

use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use onething_definition::compile;
use onething_definition::design::Folder;
use onething_fuzz::trees;
use onething_model::Lang;
use onething_plan::{Plan, Scenario};
use onething_redesign::rewrite::{Options, Prefer, redesign};
use onething_redesign::{Guide, View, Why, draw};

const LANGUAGES: [Lang; 2] = [Lang::Zh, Lang::En];

fuzz_target!(|input: &[u8]| {
    let (sources, tree) = trees::read(input);
    let Some(service) = compile(&sources, &tree.folder).service else {
        return;
    };
    for plan in std::iter::once(&service.new).chain(&service.old) {
        show(plan);
    }
    let folder = Folder::read(Arc::new(sources), &tree.folder);
    let drafting = folder.open().expect("what compiled opens");
    let Some(old) = drafting.old() else { return };
    for prefer in [Prefer::Time, Prefer::Work] {
        let options = Options {
            prefer,
            simulate: None,
        };
        // An old way that does not compile as a design is answered, not redesigned.
        let Ok(made) = redesign(&drafting, old, options) else {
            continue;
        };
        let results = |plan: &Plan| -> Vec<_> {
            let roles = plan.deliveries.iter().map(|result| result.what);
            roles.map(|role| plan.role(role).key.clone()).collect()
        };
        let kept = results(&made.plan);
        for result in results(&made.before) {
            assert!(kept.contains(&result), "`{result}` is lost on the way");
        }
        for lang in LANGUAGES {
            assert!(!made.text(lang).is_empty());
            assert!(!made.markdown(lang).is_empty());
        }
        let _ = made.json();
        let _ = drafting.service_yaml(&made.design);
        show(&made.plan);
    }
});

fn show(plan: &Plan) {
    let view = View::new(plan, &plan.reference);
    let guide = Guide::new(plan, &plan.reference);
    let scenario = Scenario::resolve(plan, &plan.reference);
    for lang in LANGUAGES {
        assert!(draw::svg(&[&view, &view], lang).ends_with("</svg>\n"));
        for drawing in [draw::text, draw::dot] {
            assert!(!drawing(&view, lang).is_empty());
        }
        assert!(!draw::mermaid(&[&view, &view], lang).is_empty());
        assert!(!guide.text(lang).is_empty());
        assert!(guide.html(lang).contains("</html>"));
        for field in plan.fields.iter() {
            let at = plan.find_field(&field.path).expect("a field of the plan");
            assert!(!Why::new(plan, &scenario, at).text(lang).is_empty());
        }
    }
}
