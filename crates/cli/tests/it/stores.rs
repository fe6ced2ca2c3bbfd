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

/// A process that was killed holds its lock until its last write has ended.
#[test]
fn a_store_whose_lock_is_about_to_go_is_waited_for() {
    let office = Office::new();
    office.run(&[]).exits(0);
    let held = onething_store::EmbeddedStore::open(&office.store(), &Default::default()).unwrap();
    let dying = std::thread::spawn(move || {
        std::thread::sleep(std::time::Duration::from_millis(800));
        held.0.close().unwrap();
    });
    office.on("case list").exits(0).says("open-restaurant");
    dying.join().unwrap();
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

/// Flips a bit of a file.
fn flip(path: &std::path::Path, at: usize) {
    let mut bytes = std::fs::read(path).unwrap();
    bytes[at] ^= 0x10;
    std::fs::write(path, bytes).unwrap();
}

#[test]
fn a_store_is_verified_and_damage_is_told_with_its_cases_and_the_cure() {
    let office = Office::new();
    office.run(&["--key", "one"]).exits(0);
    office.on("store verify --store-typo").exits(2);
    office.on("store verify").exits(0).says(": 1 case, ");
    let whole = office.on("store verify --format json").exits(0).json();
    assert_eq!(
        (&whole["whole"], &whole["cases"]),
        (&true.into(), &1.into())
    );
    assert_eq!(whole["index"]["state"], "whole");
    assert_eq!(whole["proved"], whole["records"]);
    office
        .on("store verify --lang zh")
        .exits(0)
        .says("全部完好");

    // It looks beside a program that has the store open.
    let held = onething_store::EmbeddedStore::open(&office.store(), &Default::default()).unwrap();
    office.on("store verify").exits(0).says("another program");
    held.0.close().unwrap();

    // A content: the definition, and so the case, or a document of the case.
    let blobs = contents(&office.store().join("blobs"));
    let (content, _) = &blobs[0];
    flip(content, 0);
    office
        .on("store verify")
        .exits(3)
        .says("its content is not what was stored")
        .says(&content.display().to_string())
        .says("cases hit: 1")
        .says("put the files named above back");
    office
        .on("store verify --lang zh")
        .exits(3)
        .says("内容与存入时不同")
        .says("涉及办件：1")
        .says("从备份把上面列出的文件放回原处");
    flip(content, 0);

    // The journal, in the middle: the case is told though the store does not open.
    let journal = office.store().join("journal/00000001.seg");
    let at = std::fs::read(&journal).unwrap().len() / 3;
    flip(&journal, at);
    office
        .on("case list")
        .exits(3)
        .says("onething store verify");
    let damaged = office.on("store verify --format json").exits(3).json();
    assert_eq!(damaged["damages"][0]["part"], "journal");
    assert_eq!(damaged["damages"][0]["cases"], serde_json::json!([1]));
    assert!(damaged["proved"].as_u64() < whole["records"].as_u64());
    office
        .on("store verify --lang zh")
        .exits(3)
        .says("校验和不符")
        .says("不要改动这些文件");
    flip(&journal, at);

    // The index: nothing is lost, and who runs the store mends it.
    let conf = office.store().join("index/conf");
    let before = std::fs::read(&conf).unwrap();
    std::fs::write(&conf, "no such thing").unwrap();
    let ran = office.on("store verify").exits(1);
    assert!(!ran.err.contains("internal error"), "{ran:?}");
    ran.says("no case is hit").says("delete the folder");
    std::fs::write(&conf, before).unwrap();
    office.on("store verify").exits(0);

    let nothing = office.path("nothing");
    run(["store", "verify", "--store", &nothing]).exits(1);
}
