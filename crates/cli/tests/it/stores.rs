//! Stores: opened once, never guessed, never touched where they are damaged.

use tempfile::tempdir;

use crate::office::{Office, contents, find};
use crate::tool::{run, write};

#[test]
fn a_store_is_opened_once_and_never_guessed() {
    let office = Office::new();
    office.on("case list").exits(1).says("there is no store");
    assert!(
        !office.store().exists(),
        "a command that looks makes nothing"
    );
    office.run(&[]).exits(0);
    let held = onething_store::EmbeddedStore::open(&office.store(), &Default::default()).unwrap();
    office
        .on("case list")
        .exits(1)
        .says("in use by another program");
    office
        .on("case list --lang zh")
        .exits(1)
        .says("正被另一个程序使用");
    held.0.close().unwrap();

    let version = find(&office.store(), "VERSION").unwrap_or_else(|| panic!("no version file"));
    let before = std::fs::read_to_string(&version).unwrap();
    std::fs::write(&version, before.replace('1', "9")).unwrap();
    let untouched = contents(&office.store());
    office.on("case list").exits(1).says("format");
    assert_eq!(contents(&office.store()), untouched);

    let other = tempdir().unwrap();
    write(other.path(), &[("letter.txt", "dear")]);
    let store = other.path().display().to_string();
    run(["case", "list", "--store", &store])
        .exits(1)
        .says("not a store");
}

#[test]
fn a_damaged_store_is_our_trouble_and_is_left_as_it_is() {
    let office = Office::new();
    office.run(&["--all"]).exits(0);
    let segments = contents(&office.store().join("journal"));
    let (path, bytes) = segments
        .into_iter()
        .max_by_key(|(_, bytes)| bytes.len())
        .unwrap();
    let mut damaged = bytes;
    let at = damaged.len() / 3;
    damaged[at] ^= 0x20;
    std::fs::write(&path, &damaged).unwrap();
    office.on("case list").exits(3).says("damaged");
    let failed = office.on("case list --format json").exits(3).json();
    assert_eq!(failed["error"]["exit"], 3);
    assert_eq!(std::fs::read(&path).unwrap(), damaged);
}
