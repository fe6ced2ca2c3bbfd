//! Numbers as people read them. Rounded for reading only: every cut is worked
//! out from the unrounded numbers.

use onething_model::Lang;

use crate::figure::Unit;

/// What is shown where nothing is known.
pub(crate) const UNKNOWN: &str = "—";

/// At most two digits after the point: `48.13`, `5`, `0.5`.
pub(crate) fn number(value: Option<f64>) -> String {
    let Some(value) = value else {
        return UNKNOWN.into();
    };
    let text = format!("{value:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    match text {
        "-0" | "" => "0".into(),
        text => text.into(),
    }
}

/// A number of things, with commas: `100,000`.
pub(crate) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A cut as the change it is: 0.413 is `-41.3 %`, -0.5 is `+50.0 %`.
pub(crate) fn change(cut: Option<f64>) -> String {
    cut.map_or(UNKNOWN.into(), |cut| format!("{} %", signed(cut)))
}

/// An interval of a cut as the interval of the change: `[-42.0, -40.6]`.
pub(crate) fn interval(interval: Option<[f64; 2]>) -> String {
    let text = |[low, high]: [f64; 2]| format!("[{}, {}]", signed(high), signed(low));
    interval.map_or(UNKNOWN.into(), text)
}

fn signed(cut: f64) -> String {
    let text = format!("{:+.1}", -100.0 * cut);
    match text.as_str() {
        "+0.0" | "-0.0" => "0.0".into(),
        _ => text,
    }
}

/// A share: 0.7321 is `73.2 %`.
pub(crate) fn share(share: Option<f64>) -> String {
    share.map_or(UNKNOWN.into(), |share| format!("{:.1} %", 100.0 * share))
}

/// The unit after a number, with what separates them.
pub(crate) fn unit(unit: Unit, lang: Lang) -> String {
    match (unit, lang) {
        (Unit::Count, _) => String::new(),
        (Unit::WorkingDays | Unit::Days, Lang::Zh) => format!(" 个{}", unit.title(lang)),
        (Unit::WorkingDays | Unit::Days, Lang::En) => format!(" {}", unit.title(lang)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_rounded_for_reading() {
        let shown = [
            (48.126, "48.13"),
            (5.0, "5"),
            (0.5, "0.5"),
            (100.0, "100"),
            (0.001, "0"),
            (-0.001, "0"),
        ];
        for (value, text) in shown {
            assert_eq!(number(Some(value)), text);
        }
        assert_eq!(number(None), "—");
        let counts = [0, 999, 1_000, 100_000, 1_234_567].map(count);
        assert_eq!(counts, ["0", "999", "1,000", "100,000", "1,234,567"]);
    }

    #[test]
    fn a_cut_is_shown_as_the_change() {
        assert_eq!(change(Some(0.413)), "-41.3 %");
        assert_eq!(change(Some(-0.5)), "+50.0 %");
        assert_eq!(change(Some(0.0)), "0.0 %");
        assert_eq!(change(Some(0.000_1)), "0.0 %");
        assert_eq!(change(None), "—");
        assert_eq!(interval(Some([0.406, 0.42])), "[-42.0, -40.6]");
        assert_eq!(interval(Some([-0.1, 0.1])), "[-10.0, +10.0]");
        assert_eq!(share(Some(0.7321)), "73.2 %");
    }
}
