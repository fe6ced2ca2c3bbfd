//! Each example runs to its end and says what it promises.

use std::path::PathBuf;
use std::process::Command;

/// The built example; `cargo test` builds them beside this test.
fn example(name: &str, args: &[&str]) -> String {
    let mut path: PathBuf = std::env::current_exe().expect("a test has a path");
    path.pop();
    path.pop();
    path.push("examples");
    path.push(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    let output = Command::new(&path)
        .args(args)
        .output()
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success(),
        "{name}: {text}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    text
}

#[test]
fn a_case_runs_in_a_program_and_is_measured() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    let store = store.to_str().unwrap();
    let text = example("embed", &[store]);
    assert!(
        text.contains("market registers 示例早点铺 under 1/register/1"),
        "{text}"
    );
    assert!(text.contains("case 1: closed"), "{text}");
    assert!(text.contains("submissions: 1.000 count"), "{text}");
    assert!(text.contains("fields: 4.000 count"), "{text}");
    // The same application under the same key is the same case.
    let again = example("embed", &[store]);
    assert!(again.contains("case 1: closed"), "{again}");
    assert!(!again.contains("market registers"), "{again}");
}

#[test]
fn a_definition_is_compiled_without_anything_else() {
    let text = example("compile_only", &[]);
    assert!(text.contains("A child is born, version"), "{text}");
    assert!(
        text.contains("submissions: Some(7.0) -> Some(1.0)"),
        "{text}"
    );
}

#[test]
fn a_comparison_tells_both_numbers_and_the_interval() {
    let text = example("compare_only", &[]);
    assert!(text.starts_with("processing time "), "{text}");
    assert!(text.contains("visits: Some("), "{text}");
}

#[test]
fn the_front_pages_show_the_example_that_runs() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let read = |path: &str| std::fs::read_to_string(format!("{root}/{path}")).unwrap();
    let code = read("examples/examples/embed.rs");
    let shown = &code[code.find("use onething::prelude").unwrap()..];
    for page in ["README.md", "README.zh-CN.md"] {
        assert!(read(page).contains(shown), "{page} shows another embed.rs");
    }
}
