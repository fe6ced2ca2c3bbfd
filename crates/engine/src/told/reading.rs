//! A text as it is searched: folded in each way, with the dates, amounts and numbers in it.

use std::ops::Range;

use super::folded::Folded;
use super::form::{Form, Way};
use super::{address, amount, date, number};

/// A text, read once for all that is looked for in it. Places are in bytes of the text.
pub(super) struct Reading<'a> {
    text: &'a str,
    plain: Folded,
    read: Folded,
    loose: Folded,
    dates: Vec<date::Said>,
    amounts: Vec<amount::Said>,
}

impl<'a> Reading<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let plain = Folded::plain(text);
        let read = plain.read(text);
        Self {
            loose: read.loose(),
            dates: date::said(&read, text),
            amounts: amount::said(&read, text),
            text,
            plain,
            read,
        }
    }

    /// Where this stands.
    pub(super) fn find(&self, form: &Form) -> Vec<Range<usize>> {
        match form {
            Form::Word(way, word) => {
                let folded = match way {
                    Way::Plain => &self.plain,
                    Way::Read => &self.read,
                    Way::Loose => &self.loose,
                };
                let found = folded.find(word);
                found.iter().map(|place| folded.place(place)).collect()
            }
            Form::Phone(digits) => {
                let found = self.loose.find(digits).into_iter();
                let whole = found.map(|place| number::whole(&self.loose, self.text, place));
                whole.map(|place| self.loose.place(&place)).collect()
            }
            Form::Address(address) => {
                let found = address::find(&self.loose, address).into_iter();
                found.map(|place| self.loose.place(&place)).collect()
            }
            Form::Date(date) => {
                let told = self.dates.iter().filter(|said| said.tells(*date));
                told.map(date::Said::at).collect()
            }
            Form::Amount(amount) => {
                let told = self.amounts.iter().filter(|said| said.tells(*amount));
                told.map(amount::Said::at).collect()
            }
        }
    }

    /// Where numbers stand that look like those of people.
    pub(super) fn numbers(&self) -> impl Iterator<Item = Range<usize>> {
        number::numbers(&self.read, self.text).map(|number| {
            let place = self.read.place(&number.marks);
            let marks = self.loose.marks();
            let at = |byte: usize| marks.partition_point(|mark| mark.at.start < byte);
            match number.is_phone {
                true => {
                    let marks = at(place.start)..at(place.end);
                    let whole = number::whole(&self.loose, self.text, marks);
                    self.loose.place(&whole)
                }
                false => place,
            }
        })
    }
}
