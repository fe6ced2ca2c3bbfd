//! Reads, compares and (when asked) writes tables of cases.

use std::fmt::Write as _;

/// Calls `answer(input, argument)` for each case of the file below this package
/// and compares with what is written there.
pub(crate) fn check(path: &str, answer: impl Fn(&str, &str) -> String) {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    let table = std::fs::read_to_string(&path).expect("the table is in the repository");
    let mut written = String::new();
    let mut wrong = String::new();
    let mut parts = table.split("=== ");
    written.push_str(parts.next().unwrap_or(""));
    let mut cases = 0;
    for case in parts {
        let (name, rest) = case.split_once('\n').expect("a case has a name");
        let (input, rest) = rest.split_once("\n--- ").expect("a case has an answer");
        let (argument, expected) = rest.split_once('\n').unwrap_or((rest, ""));
        // `\x` in the table stands for what cannot be written in it.
        let input = format!("{}\n", input.replace("\\t", "\t").replace("\\e", "\x1b"));
        let got = answer(&input, argument);
        let got = got.trim_end();
        let got = if got.is_empty() {
            "nothing to say"
        } else {
            got
        };
        let shown = input
            .trim_end_matches('\n')
            .replace('\t', "\\t")
            .replace('\x1b', "\\e");
        let _ = write!(written, "=== {name}\n{shown}\n--- {argument}\n{got}\n\n");
        if got != expected.trim_end() {
            let _ = write!(
                wrong,
                "=== {name}\n--- expected\n{}\n--- got\n{got}\n\n",
                expected.trim_end()
            );
        }
        cases += 1;
    }
    assert!(cases > 0, "no cases in {}", path.display());
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, written.trim_end().to_owned() + "\n").expect("writable");
    } else {
        assert!(wrong.is_empty(), "{}\n{wrong}", path.display());
    }
}
