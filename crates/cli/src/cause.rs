//! What the operating system and the store said, in both languages.
//!
//! The system speaks English, or whatever it is set to. The usual kinds are
//! said in Chinese, with the system's own words in brackets, so that they can be
//! searched for.

use std::io::{Error, ErrorKind};

use onething_model::Text;

/// The cause of a failed operation on a file.
pub(crate) fn of(error: &Error) -> Text {
    let said = error.to_string();
    match chinese(error.kind()) {
        Some(zh) => Text::new(format!("{zh}（{said}）"), said),
        None => Text::new(said.clone(), said),
    }
}

fn chinese(kind: ErrorKind) -> Option<&'static str> {
    Some(match kind {
        ErrorKind::NotFound => "文件或文件夹不存在",
        ErrorKind::PermissionDenied => "没有权限",
        ErrorKind::AlreadyExists => "已经存在",
        ErrorKind::StorageFull => "磁盘空间不足",
        ErrorKind::QuotaExceeded => "超出磁盘配额",
        ErrorKind::FileTooLarge => "文件太大",
        ErrorKind::NotADirectory => "路径中有一段不是文件夹",
        ErrorKind::IsADirectory => "这是文件夹，不是文件",
        ErrorKind::DirectoryNotEmpty => "文件夹不是空的",
        ErrorKind::ReadOnlyFilesystem => "文件系统只读，不能写入",
        ErrorKind::InvalidFilename => "文件名过长或无效",
        ErrorKind::Interrupted => "操作被中断",
        ErrorKind::TimedOut => "超时",
        ErrorKind::OutOfMemory => "内存不足",
        ErrorKind::ResourceBusy => "文件正在使用",
        ErrorKind::UnexpectedEof => "文件不完整",
        ErrorKind::Unsupported => "文件系统不支持此操作",
        _ => return None,
    })
}

/// What is wrong with a store's bytes, as the store says it.
pub(crate) fn damage(what: &str) -> Text {
    let known = DAMAGES.iter().find(|(en, _)| *en == what);
    Text::new(known.map_or(what, |(_, zh)| zh), what)
}

/// Those of the store's words that name no number.
const DAMAGES: &[(&str, &str)] = &[
    (
        "the segment ends within its header",
        "段文件在文件头之内就结束了",
    ),
    (
        "the file ends within a frame's header",
        "文件在一帧的帧头之内就结束了",
    ),
    ("the file ends within a frame", "文件在一帧之内就结束了"),
    ("no frame begins here", "这里不是一帧的开头"),
    (
        "the checksum of a frame's header does not match",
        "帧头的校验和不符",
    ),
    (
        "the checksum of a frame's payload does not match",
        "帧内容的校验和不符",
    ),
    (
        "the checksum of the segment's header does not match",
        "段文件头的校验和不符",
    ),
    ("this is not a journal segment", "这不是日志的段文件"),
    (
        "the chain of hashes is broken: this frame or one before it was changed",
        "哈希链断开：本帧或此前某一帧被改动过",
    ),
    ("this segment of the journal is missing", "缺少这一段日志"),
    (
        "the first segment of the journal is missing",
        "缺少第一段日志",
    ),
    (
        "this is not the first segment of a journal",
        "这不是日志的第一段",
    ),
    (
        "it does not continue the segment before it",
        "与前一段不衔接",
    ),
    (
        "a batch is missing before this frame",
        "本帧之前缺少一批写入",
    ),
    ("records are missing before this frame", "本帧之前缺少记录"),
    (
        "records of this case are missing before this frame",
        "本帧之前缺少该办件的记录",
    ),
    (
        "this frame is of another epoch than the one before",
        "本帧与前一帧不属于同一次打开",
    ),
    (
        "the records of a frame do not fill it",
        "帧的长度与其中的记录不符",
    ),
    ("its content is not what was stored", "内容与存入时不同"),
    ("the content is missing", "内容不见了"),
    (
        "it is longer than any content that was ever stored",
        "比允许存入的任何内容都长",
    ),
];

/// Whether the caller can mend it: the path, the rights or the room.
pub(crate) fn is_the_callers(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::NotFound
            | ErrorKind::PermissionDenied
            | ErrorKind::AlreadyExists
            | ErrorKind::StorageFull
            | ErrorKind::QuotaExceeded
            | ErrorKind::FileTooLarge
            | ErrorKind::NotADirectory
            | ErrorKind::IsADirectory
            | ErrorKind::ReadOnlyFilesystem
            | ErrorKind::InvalidFilename
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_causes_are_said_in_chinese_with_the_systems_words() {
        for (number, zh) in [
            (2, "不存在"),
            (13, "没有权限"),
            (17, "已经存在"),
            (20, "不是文件夹"),
            (28, "磁盘空间不足"),
            (30, "只读"),
            (4, "中断"),
        ] {
            let error = Error::from_raw_os_error(number);
            let told = of(&error);
            assert!(told.zh().contains(zh), "{number}: {}", told.zh());
            assert!(told.zh().contains(&format!("os error {number}")));
            assert_eq!(told.en(), error.to_string());
        }
        let told = damage("this segment of the journal is missing");
        assert_eq!(told.zh(), "缺少这一段日志");
        assert_eq!(damage("new words").zh(), "new words");
        // What is not usual is passed on as it is.
        let odd = Error::other("odd");
        assert_eq!((of(&odd).zh(), of(&odd).en()), ("odd", "odd"));
    }
}
