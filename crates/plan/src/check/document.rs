//! Whether the content of a document is what its type says.
//!
//! A file's name says nothing about its content: `exe.pdf` may be a program. The
//! usual kinds begin with bytes of their own (their *signature*), and that is what
//! is looked at here. It tells a mistake and a coarse lie; it does not make a file
//! harmless.

use onething_model::Text;

/// How many bytes of a content are enough to tell its kind.
pub const HEAD_BYTES: usize = 1024;

/// What the first bytes of a content tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Looks {
    Pdf,
    Jpeg,
    Png,
    Gif,
    Bmp,
    Tiff,
    Webp,
    Heif,
    /// A packed folder: `zip`, and with it `ofd`, `docx`, `xlsx`, `pptx`.
    Zip,
    /// The older office files: `doc`, `xls`, `ppt`, `wps`, `et`.
    Compound,
    Rar,
    SevenZip,
    Program,
    Text,
    Unknown,
}

impl Looks {
    fn of(head: &[u8]) -> Self {
        let starts = |signature: &[u8]| head.starts_with(signature);
        let at = |from: usize, text: &[u8]| head.get(from..from + text.len()) == Some(text);
        match head {
            _ if starts(b"MZ") || starts(b"\x7fELF") || starts(b"#!") => Self::Program,
            _ if starts(b"\xFE\xED\xFA") || starts(b"\xCF\xFA\xED\xFE") => Self::Program,
            _ if starts(b"\xFF\xD8\xFF") => Self::Jpeg,
            _ if starts(b"\x89PNG\r\n\x1a\n") => Self::Png,
            _ if starts(b"GIF87a") || starts(b"GIF89a") => Self::Gif,
            _ if starts(b"II*\0") || starts(b"MM\0*") => Self::Tiff,
            _ if starts(b"RIFF") && at(8, b"WEBP") => Self::Webp,
            _ if at(4, b"ftyphe") || at(4, b"ftypmif1") || at(4, b"ftypavif") => Self::Heif,
            _ if starts(b"PK\x03\x04") || starts(b"PK\x05\x06") => Self::Zip,
            _ if starts(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1") => Self::Compound,
            _ if starts(b"Rar!\x1a\x07") => Self::Rar,
            _ if starts(b"7z\xBC\xAF\x27\x1C") => Self::SevenZip,
            // Readers of PDF look for its header in the first 1024 bytes (ISO 32000-1, annex H).
            _ if head.windows(5).any(|window| window == b"%PDF-") => Self::Pdf,
            _ if starts(b"BM") && head.len() > 14 && head[6..10] == [0; 4] => Self::Bmp,
            _ if is_text(head) => Self::Text,
            _ => Self::Unknown,
        }
    }

    fn name(self) -> (&'static str, &'static str) {
        match self {
            Self::Pdf => ("PDF 文件", "a PDF"),
            Self::Jpeg => ("JPG 图片", "a JPEG picture"),
            Self::Png => ("PNG 图片", "a PNG picture"),
            Self::Gif => ("GIF 图片", "a GIF picture"),
            Self::Bmp => ("BMP 图片", "a BMP picture"),
            Self::Tiff => ("TIFF 图片", "a TIFF picture"),
            Self::Webp => ("WebP 图片", "a WebP picture"),
            Self::Heif => ("HEIC 图片", "a HEIF picture"),
            Self::Zip => ("压缩包或新版办公文档", "a zip archive or office document"),
            Self::Compound => (
                "旧版办公文档（doc、xls 等）",
                "an old office document (doc, xls)",
            ),
            Self::Rar => ("RAR 压缩包", "a RAR archive"),
            Self::SevenZip => ("7z 压缩包", "a 7z archive"),
            Self::Program => ("程序", "a program"),
            Self::Text => ("纯文本", "plain text"),
            Self::Unknown => ("无法识别的内容", "of no known kind"),
        }
    }
}

/// Text in UTF-8 without control characters; the head may end within a character.
fn is_text(head: &[u8]) -> bool {
    let text = match std::str::from_utf8(head) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() => {
            std::str::from_utf8(&head[..error.valid_up_to()]).unwrap_or_default()
        }
        Err(_) => return false,
    };
    !text.chars().any(|c| c.is_control() && !c.is_whitespace())
}

/// What a content of this kind looks like; none where any does: a kind whose
/// signature is not in the table.
fn expected(kind: &str) -> Option<Looks> {
    Some(match kind {
        "pdf" => Looks::Pdf,
        "jpg" | "jpeg" => Looks::Jpeg,
        "png" => Looks::Png,
        "gif" => Looks::Gif,
        "bmp" => Looks::Bmp,
        "tif" | "tiff" => Looks::Tiff,
        "webp" => Looks::Webp,
        "heic" | "heif" => Looks::Heif,
        "zip" | "ofd" | "docx" | "xlsx" | "pptx" => Looks::Zip,
        "doc" | "xls" | "ppt" => Looks::Compound,
        "rar" => Looks::Rar,
        "7z" => Looks::SevenZip,
        _ => return None,
    })
}

/// The bytes that a content of this kind begins with; none for a kind that is not in the table.
pub(crate) fn signature(kind: &str) -> &'static [u8] {
    match expected(kind) {
        Some(Looks::Pdf) => b"%PDF-",
        Some(Looks::Jpeg) => b"\xFF\xD8\xFF",
        Some(Looks::Png) => b"\x89PNG\r\n\x1a\n",
        Some(Looks::Gif) => b"GIF89a",
        Some(Looks::Bmp) => b"BM\0\0\0\0\0\0\0\0",
        Some(Looks::Tiff) => b"II*\0",
        Some(Looks::Webp) => b"RIFF\0\0\0\0WEBP",
        Some(Looks::Heif) => b"\0\0\0\x18ftypheic",
        Some(Looks::Zip) => b"PK\x03\x04",
        Some(Looks::Compound) => b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1",
        Some(Looks::Rar) => b"Rar!\x1a\x07",
        Some(Looks::SevenZip) => b"7z\xBC\xAF\x27\x1C",
        Some(Looks::Program | Looks::Text | Looks::Unknown) | None => b"",
    }
}

/// Whether two names of a kind mean the same: `jpg` and `jpeg`, `tif` and `tiff`.
#[must_use]
pub fn same_kind(one: &str, other: &str) -> bool {
    let plain = |kind: &str| match kind {
        "jpeg" => "jpg".to_owned(),
        "tiff" => "tif".to_owned(),
        other => other.to_owned(),
    };
    plain(one) == plain(other)
}

/// Checks the content of a document against its type, by its first bytes (at most
/// [`HEAD_BYTES`] are looked at). Of a type that is not in the table (`dwg`, `txt`)
/// only an empty content and a program are refused.
///
/// ```
/// use onething_plan::check::content;
/// assert!(content("pdf", b"%PDF-1.7 ...").is_ok());
/// let wrong = content("pdf", b"MZ\x90\0").unwrap_err();
/// assert!(wrong.en().contains("a program"));
/// assert!(content("pdf", b"").is_err());
/// ```
///
/// # Errors
/// What the content seems to be, in both languages.
pub fn content(kind: &str, content: &[u8]) -> Result<(), Text> {
    let head = &content[..content.len().min(HEAD_BYTES)];
    if head.is_empty() {
        return Err(Text::new(
            "是空文件（0 字节），请重新上传",
            "is an empty file; attach the document itself",
        ));
    }
    let looks = Looks::of(head);
    let fits = match expected(kind) {
        Some(expected) => looks == expected,
        None => looks != Looks::Program || is_text(head),
    };
    if fits {
        return Ok(());
    }
    let (zh, en) = looks.name();
    Err(Text::new(
        format!("文件名说是 {kind}，内容却像是{zh}；请上传 {kind} 文件本身"),
        format!("is called {kind}, but its content seems to be {en}; attach a {kind} file"),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contents_are_told_by_their_first_bytes() {
        let late = [b" ".repeat(1_000).as_slice(), b"%PDF-1.4"].concat();
        let too_late = [b" ".repeat(1_020).as_slice(), b"%PDF-1.4"].concat();
        for (kind, content, says) in [
            ("pdf", &b"%PDF-1.7\n"[..], ""),
            ("pdf", &late, ""),
            ("pdf", &too_late, "plain text"),
            ("pdf", b"MZ evil %PDF-1.7", "a program"),
            ("pdf", b"", "empty"),
            ("pdf", b"PK\x03\x04\x14", "zip archive"),
            ("pdf", b"hello", "plain text"),
            ("pdf", "半个字".as_bytes().split_at(7).0, "plain text"),
            ("pdf", b"\0\x01\x02", "no known kind"),
            ("jpg", b"\xFF\xD8\xFF\xE0\0\x10JFIF", ""),
            ("jpeg", b"\xFF\xD8\xFF\xE1", ""),
            ("jpg", b"\x89PNG\r\n\x1a\n", "PNG"),
            ("png", b"\x89PNG\r\n\x1a\n", ""),
            ("ofd", b"PK\x03\x04", ""),
            ("docx", b"PK\x03\x04", ""),
            ("docx", b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "old office"),
            ("doc", b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", ""),
            ("dwg", b"AC1027\0", ""),
            ("dwg", b"\x7fELF", "a program"),
            ("txt", b"MZ: anything", ""),
        ] {
            match super::content(kind, content) {
                Ok(()) => assert_eq!(says, "", "{kind} {content:?}"),
                Err(why) => {
                    assert!(
                        !says.is_empty() && why.en().contains(says),
                        "{kind}: {why:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn what_begins_with_the_signature_of_a_kind_is_of_it() {
        for kind in [
            "pdf", "jpg", "png", "gif", "bmp", "tif", "webp", "heic", "ofd", "docx", "doc", "rar",
            "7z",
        ] {
            let sample = [signature(kind), "示例材料 of some length".as_bytes()].concat();
            assert_eq!(super::content(kind, &sample), Ok(()), "{kind}");
        }
    }

    #[test]
    fn two_names_of_one_kind_are_one() {
        assert!(same_kind("jpg", "jpeg") && same_kind("tiff", "tif") && same_kind("pdf", "pdf"));
        assert!(!same_kind("jpg", "png"));
    }
}
