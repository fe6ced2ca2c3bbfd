//! What programs read: with `--format json` one value on standard output, however a command ends.

use serde_json::{Value, json};

use crate::office::Office;
use crate::tool::{Ran, project, run, write};

/// Lines that come to nothing: the exit code, whether the value is still the command's own
/// answer, and the line, in which `BROKEN`, `SERVICE`, `LONE`, `TREE`, `FILE`, `FULL`, `FLAT`,
/// `STORE` and `NONE` are paths.
const FAILING: &str = "
1 answer check NONE
1 answer check BROKEN
1 error plan BROKEN
1 error plan NONE
2 error plan TREE
2 error plan SERVICE --way both
1 error plan LONE --way old
1 error plan SERVICE --answer signboard=maybe
1 error plan SERVICE -o FILE/plan.json
1 error compare BROKEN
1 error compare LONE
1 error compare SERVICE --answer no-question=1
2 error compare SERVICE --cases 0
2 error compare SERVICE --replications 1
2 error compare SERVICE --confidence 1
2 error compare SERVICE --threads 0
1 error guide BROKEN
1 error guide SERVICE --answer signboard=maybe
1 error guide SERVICE -o FILE/guide.json
1 error why BROKEN person.name
1 error why SERVICE premises.colour
2 error why SERVICE person
1 error redesign BROKEN
1 error redesign LONE
1 error redesign FLAT -o FLAT/../full
1 error redesign FLAT -o FLAT/../again
1 error redesign FLAT -o FULL --with-contracts
1 error redesign FLAT -o FILE --with-contracts
2 error redesign SERVICE -o NONE
2 error redesign SERVICE --simulate --margin=-1
1 error contract diff NONE NONE
1 error contract diff TREE TREE --tree NONE
1 error run BROKEN --store STORE
1 error run SERVICE --store FILE
1 error run SERVICE --store STORE --answer signboard=maybe
1 error run SERVICE --store STORE --application NONE
1 error run SERVICE --store STORE --application FILE
2 error run SERVICE --store STORE --miss no-registry
1 error work list --store NONE
2 error work list --store STORE --department 1
2 error work show accept --store STORE --by li
1 error work show 9/accept/1 --store STORE --by li
1 error work complete 1/food-review/1 --store STORE --by li
1 error work refuse 1/food-review/1 --store STORE --by li --reason no
1 error work supplement 1/accept/1 --store STORE --by li --reason no --field no.field
1 error work retry 1/accept/1 --store STORE --by li
1 error case list --store NONE
2 error case show accept --store STORE
1 error case show 9 --store STORE
1 error case show 1 --readings --field no.field --store STORE
1 error case draft 1 --store STORE --by li
1 error case confirm 1 --store STORE --by li
1 error case hand-in 1 accept --store STORE --by li
1 error case withdraw 9 --store STORE --by li
1 error store verify --store NONE
1 error measure --store NONE
1 error measure --store STORE LONE
";

/// The one value of a run that came to nothing.
#[track_caller]
fn value(ran: &Ran, line: &str) -> Value {
    let found = serde_json::Deserializer::from_str(&ran.out).into_iter::<Value>();
    let found: Result<Vec<Value>, _> = found.collect();
    let mut found = found.unwrap_or_else(|error| panic!("{line}: {error}: {}", ran.out));
    assert_eq!(found.len(), 1, "{line}: {}\n{}", ran.out, ran.err);
    found.remove(0)
}

/// Wherever a command fails, and with an answer made already, programs read one value.
#[test]
fn one_value_is_written_however_a_command_fails() {
    let office = Office::new();
    office.run(&[]).exits(0);
    let made = office.path("made/lone");
    run(["new", &made]).exits(0);
    std::fs::remove_file(office.path("made/lone/lone/before.yaml")).unwrap();
    std::fs::remove_file(office.path("made/lone/lone/workload.yaml")).unwrap();
    let broken = office.path("made/broken");
    run(["new", &broken]).exits(0);
    run(["new", &office.path("made/flat")]).exits(0);
    write(
        office.folder.path(),
        &[
            ("file", "a: [1\n"),
            ("made/broken/broken/service.yaml", "onething: 1\n"),
            // Where a proposal would be written.
            ("made/flat/full/service.yaml", "mine: yes\n"),
            ("made/flat/again", "a file\n"),
            ("full/departments.yaml", "departments: {}\n"),
        ],
    );
    let shipped = project("workflows").display().to_string();
    let paths = [
        ("BROKEN", broken),
        ("SERVICE", format!("{shipped}/open-restaurant")),
        ("LONE", office.path("made/lone/lone")),
        ("TREE", shipped.clone()),
        ("FILE", office.path("file")),
        ("FULL", office.path("full")),
        ("FLAT", office.path("made/flat/flat")),
        ("STORE", office.store().display().to_string()),
        ("NONE", office.path("none")),
    ];
    for line in FAILING.lines().filter(|line| !line.is_empty()) {
        let mut args = Vec::new();
        for word in line.split(' ') {
            let mut word = word.to_owned();
            for (name, path) in &paths {
                if let Some(rest) = word.strip_prefix(name) {
                    word = format!("{path}{rest}");
                    break;
                }
            }
            args.push(word);
        }
        let expected: i32 = args[0].parse().unwrap();
        args.extend(["--format".to_owned(), "json".to_owned()]);
        let ran = run(&args[2..]);
        let found = value(&ran, line);
        assert_eq!(ran.exit, expected, "{line}: {found}");
        let error = &found["error"];
        if args[1] == "answer" {
            assert_eq!(error, &Value::Null, "{line}: {found}");
            continue;
        }
        assert_eq!(error["exit"], json!(expected), "{line}: {found}");
        assert_eq!(found.as_object().unwrap().len(), 1, "{line}: {found}");
        for lang in ["zh", "en"] {
            assert!(error["message"][lang].is_string(), "{line}: {found}");
        }
    }
}
