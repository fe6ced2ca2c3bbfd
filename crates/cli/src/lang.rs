//! Which language to speak: `--lang`, else the locale.

use std::ffi::OsString;

use onething_model::Lang;

/// The language of this run. `--lang` is looked for before the command line
/// is parsed, because help and usage errors come in the chosen language too.
pub(crate) fn choose(args: &[OsString]) -> Lang {
    asked(args).unwrap_or_else(|| of_locale(sys_locale::get_locale().as_deref()))
}

fn asked(args: &[OsString]) -> Option<Lang> {
    let mut args = args.iter().map(|arg| arg.to_str().unwrap_or(""));
    while let Some(arg) = args.next() {
        let value = match arg.strip_prefix("--lang") {
            Some("") => args.next()?,
            Some(rest) => rest.strip_prefix('=').unwrap_or(""),
            None if arg == "--" => return None,
            None => continue,
        };
        match value {
            "zh" => return Some(Lang::Zh),
            "en" => return Some(Lang::En),
            // The parser will say what is expected.
            _ => {}
        }
    }
    None
}

/// Chinese for Chinese locales, English for all others, `C` and none included.
fn of_locale(locale: Option<&str>) -> Lang {
    match locale {
        Some(locale) if locale.to_ascii_lowercase().starts_with("zh") => Lang::Zh,
        Some(_) | None => Lang::En,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_flag_is_found_wherever_it_stands() {
        let asked = |line: &str| asked(&line.split(' ').map(OsString::from).collect::<Vec<_>>());
        assert_eq!(asked("onething --lang en check x"), Some(Lang::En));
        assert_eq!(asked("onething check x --lang=zh"), Some(Lang::Zh));
        assert_eq!(asked("onething check x"), None);
        assert_eq!(asked("onething check x --lang fr"), None);
        assert_eq!(asked("onething check -- --lang=zh"), None);
        assert_eq!(asked("onething check --lang"), None);
    }

    #[test]
    fn locales_that_are_not_chinese_read_english() {
        for (locale, lang) in [
            (Some("zh-CN"), Lang::Zh),
            (Some("zh_TW.UTF-8"), Lang::Zh),
            (Some("C"), Lang::En),
            (Some("de-DE"), Lang::En),
            (None, Lang::En),
        ] {
            assert_eq!(of_locale(locale), lang, "{locale:?}");
        }
    }
}
