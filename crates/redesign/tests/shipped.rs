//! The shipped services, drawn and explained.
//!
//! `ONETHING_DRAWINGS=FOLDER cargo test -p onething-redesign --test shipped`
//! writes the drawings there, to be looked at.

use std::path::{Path, PathBuf};

use onething_definition::{compile, load};
use onething_model::Lang;
use onething_plan::{Answers, FieldIx, Scenario, Service};
use onething_redesign::guide::GuideData;
use onething_redesign::{Guide, View, Why, draw};

fn services() -> Vec<(String, Service)> {
    let loaded = load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../workflows"));
    let compiled = loaded.services.iter().map(|folder| {
        let service = compile(&loaded.sources, folder).service;
        (
            folder.clone(),
            service.expect("the shipped services compile"),
        )
    });
    compiled.collect()
}

fn folder() -> Option<PathBuf> {
    std::env::var_os("ONETHING_DRAWINGS").map(PathBuf::from)
}

#[test]
fn both_ways_are_drawn_in_both_languages() {
    let services = services();
    assert!(services.len() >= 3);
    for (name, service) in services {
        let old = service.old.as_ref().expect("an old way");
        let views = [old, &service.new].map(|plan| View::new(plan, &plan.reference));
        let views = views.each_ref();
        for (lang, tongue) in [(Lang::Zh, "zh"), (Lang::En, "en")] {
            let both = draw::svg(&views, lang);
            for view in views {
                for step in &view.steps {
                    assert!(draw::text(view, lang).contains(&format!("[{}]", step.key)));
                }
            }
            if let Some(folder) = folder() {
                std::fs::write(folder.join(format!("{name}.{tongue}.svg")), both).unwrap();
                std::fs::write(
                    folder.join(format!("{name}.{tongue}.txt")),
                    draw::text(views[1], lang),
                )
                .unwrap();
            }
        }
    }
}

#[test]
fn notices_and_reasons_can_be_written_for_every_service() {
    for (name, service) in services() {
        for plan in [service.old.as_ref().expect("an old way"), &service.new] {
            let guide = Guide::new(plan, &Answers::none(plan.questions.len()));
            assert!(guide.time.working_days.is_some_and(|days| days > 0.0));
            assert!(!guide.results.is_empty() && !guide.matters.is_empty());
            let scenario = Scenario::resolve(plan, &plan.reference);
            for at in 0..plan.fields.len() {
                let why = Why::new(plan, &scenario, FieldIx::at(at));
                let asked = why.comes_from.iter().any(|from| from.kind == "applicant");
                assert_eq!(asked, !why.why_asked.is_empty(), "{}", why.field);
            }
        }
        if let Some(folder) = folder() {
            let guide = Guide::new(&service.new, &Answers::none(0));
            std::fs::write(folder.join(format!("{name}.zh.html")), guide.html(Lang::Zh)).unwrap();
            std::fs::write(folder.join(format!("{name}.en.html")), guide.html(Lang::En)).unwrap();
            std::fs::write(
                folder.join(format!("{name}.guide.txt")),
                guide.text(Lang::Zh),
            )
            .unwrap();
            std::fs::write(
                folder.join(format!("{name}.guide.md")),
                guide.markdown(Lang::En),
            )
            .unwrap();
            let data = GuideData::new(&service.new, &Answers::none(0)).unwrap();
            let json = serde_json::to_string_pretty(&data).unwrap();
            std::fs::write(folder.join(format!("{name}.guide.json")), json).unwrap();
        }
    }
}

/// A reader of Chinese is told what a purpose is, not how it is spelled.
#[test]
fn every_purpose_has_a_title() {
    let mut told = 0;
    for (name, service) in services() {
        let grants = service.new.fields.iter().flat_map(|field| &field.grants);
        for grant in grants {
            let title = service.new.purpose(&grant.purpose);
            assert!(!title.zh().is_ascii(), "{name}: {}", grant.purpose);
            assert_ne!(title.zh(), title.en(), "{name}: {}", grant.purpose);
            told += 1;
        }
    }
    assert!(told > 50, "{told}");
}
