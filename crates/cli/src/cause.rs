//! What the operating system said, in both languages.
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
        // What is not usual is passed on as it is.
        let odd = Error::other("odd");
        assert_eq!((of(&odd).zh(), of(&odd).en()), ("odd", "odd"));
    }
}
