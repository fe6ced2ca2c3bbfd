//! `onething contract diff` over files, folders and trees.

use std::path::{Path, PathBuf};

use tempfile::tempdir;

use crate::tool::run;

/// A tree that `onething new` makes, and a copy of one of its contracts, changed.
fn made(folder: &Path, from: &str, to: &str) -> (PathBuf, PathBuf, PathBuf) {
    let service = folder.join("shop");
    run(["new".as_ref(), service.as_os_str()]).exits(0);
    let root = if folder.join("departments.yaml").is_file() {
        folder.to_owned()
    } else {
        service
    };
    let old = root.join("contracts/person.yaml");
    let text = std::fs::read_to_string(&old).unwrap();
    assert!(text.contains(from), "{text}");
    let new = folder.join("changed.yaml");
    std::fs::write(&new, text.replacen(from, to, 1)).unwrap();
    (root, old, new)
}

#[test]
fn a_breaking_change_needs_a_version_that_says_so() {
    let folder = tempdir().unwrap();
    let (_, old, new) = made(folder.path(), "max_chars: 50", "max_chars: 5");
    let args = [
        "contract".as_ref(),
        "diff".as_ref(),
        old.as_os_str(),
        new.as_os_str(),
    ];
    run(args)
        .exits(1)
        .says("breaking")
        .says("it has to be 2.0.0 at least")
        .says("`operator.name`");
    let json = ["--format".as_ref(), "json".as_ref()];
    let answer = run(args.into_iter().chain(json)).exits(1).json();
    assert_eq!(answer["holds"], false);
    assert_eq!(answer["contracts"][0]["changes"][0]["kind"], "narrowed");
    let affected = &answer["contracts"][0]["changes"][0]["affected"];
    assert!(!affected.as_array().unwrap().is_empty(), "{answer}");

    let text = std::fs::read_to_string(&new).unwrap();
    std::fs::write(&new, text.replace("version: 1.0.0", "version: 2.0.0")).unwrap();
    run(args).exits(0).says("breaking").says("2.0.0 says so");
}

#[test]
fn the_tree_is_the_one_that_is_named_else_that_of_the_old_version() {
    let folder = tempdir().unwrap();
    let (root, old, new) = made(folder.path(), "max_chars: 50", "max_chars: 5");
    let alone = tempdir().unwrap();
    let copy = alone.path().join("old.yaml");
    std::fs::copy(&old, &copy).unwrap();
    let args = [
        "contract".as_ref(),
        "diff".as_ref(),
        copy.as_os_str(),
        new.as_os_str(),
    ];
    run(args).exits(1).says("no services were looked at");
    let tree = ["--tree".as_ref(), root.as_os_str()];
    run(args.into_iter().chain(tree))
        .exits(1)
        .says("asks the applicant for `operator.name`");
    let none = ["--tree".as_ref(), alone.path().as_os_str()];
    run(args.into_iter().chain(none)).exits(1).says("D0005");
}

#[test]
fn trees_are_compared_by_their_contracts() {
    let workflows = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../workflows");
    let args = [
        "contract".as_ref(),
        "diff".as_ref(),
        workflows.as_os_str(),
        workflows.as_os_str(),
    ];
    run(args).exits(0).says("0 contract(s) changed");
}

/// Of two contracts neither is a version of the other, and the tree has both.
#[test]
fn two_different_contracts_are_not_compared() {
    let folder = tempdir().unwrap();
    let (root, person, _) = made(folder.path(), "max_chars: 50", "max_chars: 5");
    let permit = root.join("contracts/permit.yaml");
    let run = |lang: &str, old: &Path, new: &Path| {
        run([
            "--lang".as_ref(),
            lang.as_ref(),
            "contract".as_ref(),
            "diff".as_ref(),
            old.as_os_str(),
            new.as_os_str(),
        ])
    };
    run("en", &person, &permit)
        .exits(2)
        .says("two different contracts")
        .says("person.yaml` is `person`")
        .says("compare the two folders");
    run("zh", &permit, &person)
        .exits(2)
        .says("这是两个不同的数据约定");
    // Wherever the two versions of one are, and whatever else is there.
    let elsewhere = folder.path().join("elsewhere.yaml");
    std::fs::copy(&person, &elsewhere).unwrap();
    run("en", &person, &elsewhere).exits(0);
}

#[test]
fn what_is_no_contract_is_told() {
    let folder = tempdir().unwrap();
    let file = folder.path().join("odd.yaml");
    std::fs::write(&file, "contract: a\nversion: one\n").unwrap();
    let args = |other: &Path| {
        run([
            "contract".as_ref(),
            "diff".as_ref(),
            file.as_os_str(),
            other.as_os_str(),
        ])
    };
    args(&file).exits(1).says("D0112");
    args(&folder.path().join("none.yaml")).exits(1);
}

/// Compatible on paper, refused by `check`: the verdict and the exit code say so.
#[test]
fn what_the_services_of_the_tree_say_counts() {
    let folder = tempdir().unwrap();
    let registry = "providers:\n  - { registry: mobiles, department: urban, with: [name], gives: [phone], basis: 示例 }\ngrants:\n";
    let (_, old, new) = made(folder.path(), "grants:\n", registry);
    let text = std::fs::read_to_string(&new).unwrap();
    std::fs::write(&new, text.replace("version: 1.0.0", "version: 1.1.0")).unwrap();
    let args = [
        "contract".as_ref(),
        "diff".as_ref(),
        old.as_os_str(),
        new.as_os_str(),
    ];
    run(args)
        .exits(1)
        .says("breaking")
        .says("D0210")
        .says("it has to be 2.0.0 at least");
    let json = ["--format".as_ref(), "json".as_ref()];
    let answer = run(args.into_iter().chain(json)).exits(1).json();
    assert_eq!(answer["newly"][0]["code"], "D0210", "{answer}");
    assert_eq!(answer["newly"][0]["contracts"][0], "person");
}

/// Both versions may have files of the same name: which of the two is wrong is said, and each
/// file is named by the path it was asked for by.
#[test]
fn what_is_wrong_is_said_of_the_version_it_is_in() {
    let folder = tempdir().unwrap();
    let (root, ..) = made(folder.path(), "max_chars: 50", "max_chars: 5");
    let at = |name: &str, text: &str| {
        let folder = folder.path().join(name);
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("person.yaml"), text).unwrap();
        folder
    };
    let good = std::fs::read_to_string(root.join("contracts/person.yaml")).unwrap();
    let bad = good.replacen("type: phone", "type: fone", 1);
    let (good, bad) = (at("a", &good), at("b", &bad));
    for (old, new, zh, en) in [
        (&bad, &good, "旧版本 `", "the contracts of OLD (`"),
        (&good, &bad, "新版本 `", "the contracts of NEW (`"),
    ] {
        let run = |lang: &str| {
            run([
                "--lang".as_ref(),
                lang.as_ref(),
                "contract".as_ref(),
                "diff".as_ref(),
                old.as_os_str(),
                new.as_os_str(),
            ])
        };
        let file = bad.join("person.yaml");
        let file = file.to_string_lossy();
        run("zh").exits(1).says(zh).says(&file);
        run("en").exits(1).says(en).says(&file);
    }
}
