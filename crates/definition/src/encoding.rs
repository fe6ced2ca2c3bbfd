//! Files that people saved in another encoding than UTF-8.

use onething_model::Text;

use crate::diagnostic::both;

/// Why bytes are no text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Foreign {
    /// The file is UTF-16, with or without its mark.
    Utf16,
    /// A byte that UTF-8 does not have here; most often the file is GBK.
    Byte {
        /// Where it stands.
        at: usize,
        /// The byte.
        byte: u8,
    },
}

impl Foreign {
    /// What is wrong with bytes that are to be a text, if anything.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Option<Self> {
        if is_utf16(bytes) {
            return Some(Self::Utf16);
        }
        let error = std::str::from_utf8(bytes).err()?;
        let at = error.valid_up_to();
        let byte = bytes.get(at).copied()?;
        Some(Self::Byte { at, byte })
    }

    /// What to do.
    #[must_use]
    pub fn cure(self) -> Text {
        match self {
            Self::Utf16 => both!(
                "把文件另存为 UTF-8 编码（现在是 UTF-16，有的编辑器称作 Unicode）",
                "save the file as UTF-8 (it is UTF-16 now, which some editors call Unicode)",
            ),
            Self::Byte { .. } => both!(
                "把文件另存为 UTF-8 编码（可能原来是 GBK）",
                "save the file as UTF-8 (it may be GBK now)",
            ),
        }
    }
}

/// Whether bytes begin with the mark of UTF-16, or one of every two is zero as often as plain
/// letters, blanks and line ends make it, and the other hardly ever (开 has one): no text
/// in UTF-8 or GBK has zeros, and stray ones do not come in such a pattern.
fn is_utf16(bytes: &[u8]) -> bool {
    let marked = bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]);
    let begin = &bytes[..bytes.len().min(1_024)];
    let pairs = begin.len() / 2;
    let [even, odd] = [0, 1].map(|half| {
        let half = begin.iter().skip(half).step_by(2);
        half.filter(|byte| **byte == 0).count()
    });
    // What would be UTF-8 but for its zeros has hardly any character but plain ones, if it is UTF-16.
    let few = match str::from_utf8(bytes) {
        Ok(_) => pairs / 2,
        Err(_) => pairs / 8,
    };
    let (less, more) = (even.min(odd), even.max(odd));
    marked || (less * 4 < more && more > few.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utf16_is_told_from_what_may_be_gbk() {
        let text = "onething: 1\ntitle: 开餐饮店，办理食品经营许可\n";
        let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        let with_mark = |mark: &[u8], bytes: &[u8]| [mark, bytes].concat();
        for (bytes, expected) in [
            (text.as_bytes().to_vec(), None),
            (little.clone(), Some(Foreign::Utf16)),
            (big.clone(), Some(Foreign::Utf16)),
            (with_mark(&[0xFF, 0xFE], &little), Some(Foreign::Utf16)),
            (with_mark(&[0xFE, 0xFF], &big), Some(Foreign::Utf16)),
            (with_mark(&[0xEF, 0xBB, 0xBF], text.as_bytes()), None),
            (
                b"a: \xB2\xCD".to_vec(),
                Some(Foreign::Byte { at: 3, byte: 0xB2 }),
            ),
            // Stray zeros are no UTF-16; the reader shows where they are.
            (b"a\0".to_vec(), None),
            (b"a: \0b".to_vec(), None),
            (b"a: \0b\nc: d\0e\n".to_vec(), None),
            (vec![0; 64], None),
            (
                b"\xB2\xCD: \0\n".to_vec(),
                Some(Foreign::Byte { at: 0, byte: 0xB2 }),
            ),
            (b"a\0:\0".to_vec(), Some(Foreign::Utf16)),
            (b"\0a\0:".to_vec(), Some(Foreign::Utf16)),
            (Vec::new(), None),
        ] {
            assert_eq!(Foreign::of(&bytes), expected, "{bytes:?}");
        }
    }
}
