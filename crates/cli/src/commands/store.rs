//! `onething store`: whether a store is what was acknowledged.

use std::collections::BTreeSet;
use std::path::Path;

use onething_model::{CaseId, Text};
use onething_runtime::Verification;
use onething_store::{Damage, IndexFound, Part};
use serde_json::{Value, json};

use crate::args::StoreVerify;
use crate::cause;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Output;
use crate::say::{both, many};

/// Reads everything, and tells what is damaged.
pub(crate) fn verify(args: &StoreVerify, out: &mut Output) -> Result<Exit, Failure> {
    let path = &args.store.store;
    // What reads the index panics on some damage. That is an answer here, no defect of ours.
    let announce = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let found = onething_runtime::verify(path);
    std::panic::set_hook(announce);
    let found = found?;
    let exit = exit(&found);
    if out.json {
        out.json(&as_json(path, &found, exit));
    } else {
        show(path, &found, out);
    }
    Ok(exit)
}

/// Damage of what is the truth is the machine's trouble; an index is mended by
/// whoever runs the store.
fn exit(found: &Verification) -> Exit {
    let damaged = matches!(found.store.index, IndexFound::Damaged { .. });
    if !found.store.is_whole() || !found.unreadable.is_empty() {
        Exit::Ours
    } else if damaged {
        Exit::No
    } else {
        Exit::Fine
    }
}

fn show(path: &Path, found: &Verification, out: &mut Output) {
    let (shown, store) = (path.display(), &found.store);
    let (cases, records, segments) = (store.cases, store.records, store.segments);
    let contents = store.contents;
    let [of_cases, of_records, of_segments, of_contents] = [
        (cases, "case"),
        (records, "record"),
        (segments, "segment"),
        (contents, "content"),
    ]
    .map(|(count, one)| many(count, one));
    out.say(&both!(
        "存储 `{shown}`：办件 {cases} 个，记录 {records} 条（日志 {segments} 段），材料和定义 {contents} 份",
        "the store `{shown}`: {of_cases}, {of_records} in {of_segments}, {of_contents}",
    ));
    for damage in &store.damages {
        show_damage(damage, out);
    }
    if !found.unreadable.is_empty() {
        let list = numbers(&found.unreadable);
        let (zh, en) = (list.zh(), list.en());
        out.say(&both!(
            "记录完好但本程序读不懂，涉及办件：{zh}",
            "whole records that this program cannot read, of cases: {en}",
        ));
    }
    if let Some(torn) = &store.torn {
        let (file, offset, bytes) = (torn.file.display(), torn.offset, torn.bytes);
        out.say(&both!(
            "末尾有一次未写完的写入（`{file}` 第 {offset} 字节起 {bytes} 字节），从未确认过，不是损坏；下次打开时截去",
            "an interrupted write at the end ({bytes} bytes of `{file}` from byte {offset}) was never acknowledged and is no damage; the next opening cuts it off",
        ));
    }
    let (proved, head) = (store.proved.0, store.head);
    if store
        .damages
        .iter()
        .any(|damage| damage.part == Part::Journal)
    {
        out.say(&match proved {
            0 => both!(
                "没有一条记录能证明未被改动",
                "of no record it is proved that it is unchanged",
            ),
            1 => both!(
                "第 1 条记录证明未被改动，其后的不能证明",
                "record 1 is proved to be unchanged, those behind are not",
            ),
            _ => both!(
                "第 1 至 {proved} 条记录证明未被改动，其后的不能证明",
                "the records 1 to {proved} are proved to be unchanged, those behind are not",
            ),
        });
    }
    // Before the first record there is nothing to be noted.
    let noted = (proved > 0).then(|| both!(
        "第 {proved} 条记录处的链值：{head}（记在别处，日后可据以证明此前的记录未被改动）",
        "the chain at record {proved}: {head} (noted elsewhere, it proves later that nothing before was changed)",
    ));
    noted.iter().for_each(|text| out.say(text));
    out.say(&index(path, &store.index, proved));
    let damaged = exit(found) != Exit::Fine;
    if !damaged {
        out.say(&both!("全部完好", "all of it is whole"));
    }
    for text in advice(path, found) {
        out.say(&text);
    }
}

fn show_damage(damage: &Damage, out: &mut Output) {
    let part = match damage.part {
        Part::Journal => both!("日志", "the journal"),
        Part::Contents => both!("材料或定义", "a content"),
    };
    let (file, offset, why) = (
        damage.file.display(),
        damage.offset,
        cause::damage(&damage.what),
    );
    let (part_zh, part_en, zh, en) = (part.zh(), part.en(), why.zh(), why.en());
    out.say(&both!(
        "损坏（{part_zh}）：`{file}` 第 {offset} 字节：{zh}",
        "damaged ({part_en}): `{file}` at byte {offset}: {en}",
    ));
    if damage.cases.is_empty() {
        out.say(&both!(
            "  涉及的办件无法确定",
            "  nobody can say which cases that hits",
        ));
        return;
    }
    let list = numbers(&damage.cases);
    let (zh, en) = (list.zh(), list.en());
    out.say(&both!("  涉及办件：{zh}", "  cases hit: {en}"));
}

fn index(path: &Path, found: &IndexFound, proved: u64) -> Text {
    let folder = path.join("index");
    let folder = folder.display();
    match found {
        // Also where sled dropped what it could not read.
        IndexFound::Whole { rows, reached } if reached.0 < proved => {
            let (reached, of_rows) = (reached.0, many(*rows, "row"));
            both!(
                "索引：{rows} 行，只跟到第 {reached} 条记录，其余下次打开时补上",
                "the index: {of_rows}, fed up to record {reached} only; the next opening feeds it the rest",
            )
        }
        IndexFound::Whole { rows, reached } => {
            let (reached, of_rows) = (reached.0, many(*rows, "row"));
            both!(
                "索引：{rows} 行，都能读出，已跟到第 {reached} 条记录",
                "the index: {of_rows}, all readable, fed up to record {reached}",
            )
        }
        IndexFound::Absent => both!(
            "没有索引；下次打开时由日志建立",
            "there is no index; the next opening makes one from the journal",
        ),
        IndexFound::InUse => both!(
            "索引未检查：存储正被另一个程序使用",
            "the index was not looked at: another program has the store open",
        ),
        IndexFound::Damaged { why } => both!(
            "损坏（索引）：`{folder}`：{why}；不涉及任何办件",
            "damaged (the index): `{folder}`: {why}; no case is hit",
        ),
        IndexFound::NotRead { why } => {
            both!("索引未检查：{why}", "the index was not looked at: {why}",)
        }
    }
}

/// What to do, once for each part that is damaged.
fn advice(path: &Path, found: &Verification) -> Vec<Text> {
    let of = |part: Part| found.store.damages.iter().any(|damage| damage.part == part);
    let mut all = Vec::new();
    if of(Part::Journal) {
        all.push(both!(
            "办法：不要改动这些文件，先整个复制一份；再从备份恢复 `onething.version`、`journal` 和 `blobs`，并逐件核对备份之后的办件",
            "help: leave the files as they are and copy all of them first; then restore `onething.version`, `journal` and `blobs` from a backup, and go through the cases that came after it",
        ));
    }
    if of(Part::Contents) {
        all.push(both!(
            "办法：从备份把上面列出的文件放回原处，其余不动；没有备份的，请申请人重新提交该材料",
            "help: put the files named above back from a backup and leave the rest; without one, ask the applicant for the document again",
        ));
    }
    if !found.unreadable.is_empty() {
        all.push(both!(
            "办法：请用写入它的版本或更新版本的 onething 打开",
            "help: open it with the version of onething that wrote it, or a newer one",
        ));
    }
    if matches!(found.store.index, IndexFound::Damaged { .. }) {
        let folder = path.join("index");
        let folder = folder.display();
        all.push(both!(
            "办法：关闭使用该存储的程序，删除文件夹 `{folder}`；下次打开时由日志重建，不丢失任何记录",
            "help: close the program that uses the store and delete the folder `{folder}`; the next opening rebuilds it from the journal, and no record is lost",
        ));
    }
    all
}

/// Cases, the first of many.
fn numbers(cases: &BTreeSet<CaseId>) -> Text {
    const MOST: usize = 100;
    let shown: Vec<_> = cases.iter().take(MOST).map(ToString::to_string).collect();
    let (zh, en) = (shown.join("、"), shown.join(", "));
    match cases.len().saturating_sub(MOST) {
        0 => Text::new(zh, en),
        more => both!("{zh} 等，另有 {more} 个", "{en} and {more} more"),
    }
}

fn as_json(path: &Path, found: &Verification, exit: Exit) -> Value {
    let store = &found.store;
    let cases = |cases: &BTreeSet<CaseId>| cases.iter().map(|case| case.0).collect::<Vec<_>>();
    let damage = |damage: &Damage| {
        json!({
            "part": match damage.part {
                Part::Journal => "journal",
                Part::Contents => "contents",
            },
            "file": damage.file.display().to_string(),
            "offset": damage.offset,
            "what": cause::damage(&damage.what),
            "cases": cases(&damage.cases),
        })
    };
    let index = match &store.index {
        IndexFound::Whole { rows, reached } => {
            json!({ "state": "whole", "rows": rows, "reached": reached.0 })
        }
        IndexFound::Absent => json!({ "state": "absent" }),
        IndexFound::InUse => json!({ "state": "in-use" }),
        IndexFound::Damaged { why } => json!({ "state": "damaged", "why": why }),
        IndexFound::NotRead { why } => json!({ "state": "not-read", "why": why }),
    };
    json!({
        "store": path.display().to_string(),
        "whole": exit == Exit::Fine,
        "records": store.records,
        "cases": store.cases,
        "segments": store.segments,
        "contents": store.contents,
        "proved": store.proved.0,
        "head": store.head.to_string(),
        "torn": store.torn.as_ref().map(|torn| json!({
            "file": torn.file.display().to_string(),
            "offset": torn.offset,
            "bytes": torn.bytes,
        })),
        "damages": store.damages.iter().map(damage).collect::<Vec<_>>(),
        "unreadable": cases(&found.unreadable),
        "index": index,
    })
}
