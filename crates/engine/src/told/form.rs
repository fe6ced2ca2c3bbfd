//! What tells a value: the forms in which people write it.

use onething_model::Date;
use onething_plan::{FieldType, check};
use serde_json::Value;

use super::address::Address;
use super::folded::Folded;
use super::{amount, date};

/// Something that tells a value where it stands in a text.
pub(super) enum Form {
    /// These characters, in a text that is folded so.
    Word(Way, Vec<char>),
    /// These digits, with whatever stands between, before and after them in a telephone number.
    Phone(Vec<char>),
    /// Street and number.
    Address(Address),
    /// Day and month.
    Date(Date),
    /// An amount, in millionths.
    Amount(u128),
}

/// How a text is folded.
#[derive(Clone, Copy)]
pub(super) enum Way {
    Plain,
    Read,
    Loose,
}

/// The forms of a value.
pub(super) fn of(kind: &FieldType, value: &Value, forms: &mut Vec<Form>) {
    match value {
        Value::String(text) => {
            forms.push(word(Way::Plain, text));
            match kind {
                FieldType::Money => forms.extend(amount::of(text).map(Form::Amount)),
                // Nobody writes the key of a choice.
                FieldType::Choice { options } => {
                    let chosen = options.iter().filter(|(key, _)| key == text);
                    let titles = chosen.flat_map(|(_, title)| [title.zh(), title.en()]);
                    forms.extend(titles.map(|title| word(Way::Plain, title)));
                }
                // Registries give what they hold: a telephone number in a text is one.
                _ => of_text(text, forms),
            }
        }
        Value::Number(number) => {
            let number = number.to_string();
            forms.push(word(Way::Plain, &number));
            forms.push(word(Way::Read, &number));
            forms.extend(amount::of(&number).map(Form::Amount));
        }
        Value::Array(items) => items.iter().for_each(|item| of(kind, item, forms)),
        // Of a document its name and digest say whose it is; its type does not.
        Value::Object(map) => map
            .iter()
            .filter(|(key, _)| matches!(key.as_str(), "name" | "digest"))
            .for_each(|(_, item)| of(kind, item, forms)),
        Value::Null | Value::Bool(_) => {}
    }
}

fn word(way: Way, text: &str) -> Form {
    let plain = Folded::plain(text);
    let word = match way {
        Way::Plain => plain.word(),
        Way::Read => plain.read(text).word(),
        Way::Loose => plain.read(text).loose().word(),
    };
    Form::Word(way, word)
}

fn of_text(text: &str, forms: &mut Vec<Form>) {
    if let Ok(date) = text.parse::<Date>() {
        forms.push(Form::Date(date));
        let numbers = date::in_one(date);
        forms.extend(numbers.iter().map(|number| word(Way::Read, number)));
        return;
    }
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let of_number = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b' ';
    if digits >= 4 && text.bytes().all(of_number) {
        // Long enough not to be in any list: 1、2、3、4.
        let way = if digits < 7 { Way::Read } else { Way::Loose };
        forms.push(word(way, text));
    }
    if check::is_phone(text) {
        phone(text, forms);
    }
    if check::is_identity_number(text) {
        // As it was before the year 2000: two digits for the year, and no check character.
        forms.push(word(Way::Loose, &format!("{}{}", &text[..6], &text[8..17])));
    }
    if text.chars().any(|c| !c.is_ascii_digit()) {
        let loose = Folded::plain(text).read(text).loose();
        forms.extend(Address::new(&loose).map(Form::Address));
    }
    in_other_order(text, forms);
}

/// A telephone number, and of a fixed line the number without its area code and with the
/// code as it is dialled from abroad.
fn phone(text: &str, forms: &mut Vec<Form>) {
    let digits: Vec<char> = text.chars().filter(char::is_ascii_digit).collect();
    if digits.first() == Some(&'0') {
        // 010 and 02x are the codes of three digits.
        let area = match digits.get(1) {
            Some('1' | '2') => 3,
            _ => 4,
        };
        let local = digits[area..].to_vec();
        forms.push(Form::Phone(digits[1..].to_vec()));
        forms.push(Form::Phone(local));
    }
    forms.push(Form::Phone(digits));
}

/// A name of Latin letters with the family name first or last: Li Lei, Lei Li, LI, Lei.
fn in_other_order(text: &str, forms: &mut Vec<Form>) {
    let words: Vec<&str> = text
        .split([' ', ',', '·'])
        .filter(|w| !w.is_empty())
        .collect();
    let of_name = |c: char| c.is_alphabetic() || matches!(c, '-' | '\'' | '’');
    // Other texts have their words in one order.
    let name = |word: &&str| word.starts_with(char::is_uppercase) && word.chars().all(of_name);
    let name = (2..=4).contains(&words.len()) && words.iter().all(name);
    if !name || text.chars().filter(char::is_ascii_alphabetic).count() < 4 {
        return;
    }
    for first in 0..words.len() {
        let (before, after) = words.split_at(first);
        let order = [after, before].concat().join(" ");
        forms.push(word(Way::Loose, &order));
    }
    let back: Vec<&str> = words.into_iter().rev().collect();
    forms.push(word(Way::Loose, &back.join(" ")));
}
