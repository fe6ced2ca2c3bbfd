//! `onething check` over good and hostile folders.

use tempfile::tempdir;

use crate::tool::{run, write};

#[test]
fn what_is_not_a_tree_is_told() {
    let folder = tempdir().unwrap();
    let ran = run(["check".as_ref(), folder.path().as_os_str()]).exits(1);
    ran.says("departments.yaml").says("D0005");
}

#[test]
fn the_answer_for_programs_lists_every_problem() {
    let folder = tempdir().unwrap();
    std::fs::write(folder.path().join("departments.yaml"), "departments: {}\n").unwrap();
    write(folder.path(), &[("a/service.yaml", "onething: 1\n")]);
    std::fs::write(folder.path().join("a/before.yaml"), b"before: \xC4\xE3\n").unwrap();
    let args = ["check", "--format", "json"].map(std::ffi::OsStr::new);
    let ran = run(args.into_iter().chain([folder.path().as_os_str()])).exits(1);
    let answer = ran.json();
    assert_eq!(answer["ok"], false);
    assert!(answer["errors"].as_u64().unwrap() >= 1);
    let found = answer["trees"][0]["diagnostics"].as_array().unwrap();
    let latin = found.iter().find(|d| d["code"] == "D0003").unwrap();
    assert_eq!(latin["file"], "a/before.yaml");
    assert_eq!(latin["line"], 1);
    assert_eq!(latin["column"], 9);
    for text in ["zh", "en"] {
        assert!(latin["message"][text].is_string(), "{latin}");
    }
}

#[cfg(unix)]
#[test]
fn folders_that_contain_themselves_are_told() {
    let folder = tempdir().unwrap();
    write(
        folder.path(),
        &[
            ("departments.yaml", "departments: {}\n"),
            ("a/service.yaml", "onething: 1\n"),
        ],
    );
    std::os::unix::fs::symlink("..", folder.path().join("a/up")).unwrap();
    let ran = run(["check".as_ref(), folder.path().as_os_str()]).exits(1);
    ran.says("D0004");
}

#[test]
fn a_file_of_50_mib_is_refused_and_not_read() {
    let folder = tempdir().unwrap();
    write(folder.path(), &[("departments.yaml", "departments: {}\n")]);
    let large = std::fs::File::create(folder.path().join("large.yaml")).unwrap();
    large.set_len(50 << 20).unwrap();
    let ran = run(["check".as_ref(), folder.path().as_os_str()]).exits(1);
    ran.says("D0002");
}
