//! Text for people, in Chinese and English.

use serde::{Deserialize, Serialize};

/// A language that messages and titles come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    /// Chinese, simplified characters.
    #[default]
    Zh,
    /// English.
    En,
}

/// A text in one or both languages. Where one is missing, the other stands in.
///
/// ```
/// use onething_model::{Lang, Text};
/// let title = Text::only(Lang::Zh, "领取许可证");
/// assert_eq!(title.get(Lang::En), "领取许可证");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct Text {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    zh: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    en: Option<String>,
}

impl Text {
    /// A text in both languages.
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self {
            zh: Some(zh.into()),
            en: Some(en.into()),
        }
    }

    /// A text in one language.
    pub fn only(lang: Lang, text: impl Into<String>) -> Self {
        let text = Some(text.into());
        match lang {
            Lang::Zh => Self { zh: text, en: None },
            Lang::En => Self { zh: None, en: text },
        }
    }

    /// Things one after the other, joined as each language joins them.
    ///
    /// ```
    /// use onething_model::Text;
    /// let list = Text::list(["`name`", "`area`"]);
    /// assert_eq!((list.zh(), list.en()), ("`name`、`area`", "`name`, `area`"));
    /// ```
    pub fn list<I: IntoIterator<Item: AsRef<str>>>(items: I) -> Self {
        let (mut zh, mut en) = (String::new(), String::new());
        for (at, item) in items.into_iter().enumerate() {
            if at > 0 {
                zh.push('、');
                en.push_str(", ");
            }
            zh.push_str(item.as_ref());
            en.push_str(item.as_ref());
        }
        Self::new(zh, en)
    }

    /// The text in `lang`, else in the other language, else empty.
    #[must_use]
    pub fn get(&self, lang: Lang) -> &str {
        let (first, second) = match lang {
            Lang::Zh => (&self.zh, &self.en),
            Lang::En => (&self.en, &self.zh),
        };
        first.as_deref().or(second.as_deref()).unwrap_or_default()
    }

    /// The Chinese text, else the English one.
    #[must_use]
    pub fn zh(&self) -> &str {
        self.get(Lang::Zh)
    }

    /// The English text, else the Chinese one.
    #[must_use]
    pub fn en(&self) -> &str {
        self.get(Lang::En)
    }

    /// Whether a text is there in `lang` itself, without standing in.
    #[must_use]
    pub fn has(&self, lang: Lang) -> bool {
        match lang {
            Lang::Zh => self.zh.is_some(),
            Lang::En => self.en.is_some(),
        }
    }
}
