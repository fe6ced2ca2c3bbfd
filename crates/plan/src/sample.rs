//! Valid values for trying a service out: what the scripted departments and
//! the sample application answer where no real one does.

use onething_model::{Digest, Lang};
use serde_json::{Value, json};

use crate::check;
use crate::condition::Answers;
use crate::field::{Field, FieldType};
use crate::index::FieldIx;
use crate::plan::Plan;
use crate::scenario::Scenario;

/// A valid value of a field: the contract's example, else what follows from the sample of
/// what it is derived from, else one made up from its type. It is the same each time and
/// plainly a sample.
///
/// The identity number is the worked example of GB 11643-1999 and the credit
/// code that of GB 32100-2015; neither is given to anybody.
#[must_use]
pub fn value(plan: &Plan, field: FieldIx) -> Value {
    let item = plan.field(field);
    if let Some(example) = &item.example {
        return example.clone();
    }
    // Nothing follows from what follows itself.
    let follows = |field: FieldIx| plan.field(field).derived.is_some();
    let source = item.derived.filter(|derived| !follows(derived.from));
    let follows = source.and_then(|derived| derived.by.of(&value(plan, derived.from)));
    follows.unwrap_or_else(|| made_up(item))
}

fn made_up(field: &Field) -> Value {
    match &field.kind {
        FieldType::Text { max_chars } => {
            let text = format!("示例{}", field.title.get(Lang::Zh));
            Value::String(text.chars().take(*max_chars as usize).collect())
        }
        FieldType::Address => "示例市示例区示例路1号".into(),
        FieldType::Code { .. } => format!("SAMPLE-{}", field.path.field).into(),
        FieldType::Number {
            min, max, whole, ..
        } => match (whole, min, max) {
            (true, Some(min), _) => json!(min.ceil() as i64),
            (true, None, Some(max)) => json!(max.floor() as i64),
            (true, None, None) => json!(1),
            (false, ..) => json!(min.or(*max).unwrap_or(1.0)),
        },
        FieldType::YesNo => true.into(),
        FieldType::Date => "2026-01-05".into(),
        FieldType::Money => "CNY 0.00".into(),
        FieldType::Choice { options } => options
            .first()
            .map_or(Value::Null, |(key, _)| key.as_str().into()),
        FieldType::IdentityNumber => "11010519491231002X".into(),
        FieldType::CreditCode => "91350100M000100Y43".into(),
        FieldType::Phone => "13900000000".into(),
        FieldType::Document { accepts, .. } => {
            let content = document_content(field);
            let kind = kind_of(accepts);
            json!({
                "name": format!("{}.{kind}", field.path.field),
                "type": kind,
                "bytes": content.len(),
                "digest": Digest::of(&content),
            })
        }
    }
}

/// The kind of file that a sample is, where these are accepted.
fn kind_of(accepts: &[String]) -> &str {
    accepts.first().map_or("pdf", String::as_str)
}

/// The content of the sample document of a field: a page of PDF that says so, or,
/// of another kind, what begins as such a file does and then says so in words.
#[must_use]
pub fn document_content(field: &Field) -> Vec<u8> {
    let kind = match &field.kind {
        FieldType::Document { accepts, .. } => kind_of(accepts),
        _ => "pdf",
    };
    if kind == "pdf" {
        return page(&format!("sample document: {}", field.path));
    }
    let text = format!("示例材料 / sample document: {}\n", field.path);
    [check::signature(kind), text.as_bytes()].concat()
}

/// A page of PDF 1.4 with one line of ASCII on it.
fn page(line: &str) -> Vec<u8> {
    let plain = |c: char| c.is_ascii_graphic() && !"()\\".contains(c);
    let line: String = line.chars().filter(|c| plain(*c) || *c == ' ').collect();
    let shown = format!("BT /F1 14 Tf 72 760 Td ({line}) Tj ET");
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R \
         /Resources << /Font << /F1 5 0 R >> >> >>"
            .to_owned(),
        format!("<< /Length {} >>\nstream\n{shown}\nendstream", shown.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
    ];
    let mut text = "%PDF-1.4\n".to_owned();
    let mut table = format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for (number, object) in (1..).zip(&objects) {
        table += &format!("{:010} 00000 n \n", text.len());
        text += &format!("{number} 0 obj\n{object}\nendobj\n");
    }
    let start = text.len();
    text += &table;
    text += &format!(
        "trailer\n<< /Size {} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n",
        objects.len() + 1
    );
    text.into_bytes()
}

/// The values a sample applicant hands in with the first application of a
/// plan, optional fields included: the fields of its form.
#[must_use]
pub fn application(plan: &Plan, answers: &Answers) -> Vec<(FieldIx, Value)> {
    let scenario = Scenario::resolve(plan, answers);
    let Some(first) = plan.applications().find(|step| scenario.is_active(*step)) else {
        return Vec::new();
    };
    scenario
        .form(first)
        .iter()
        .map(|asked| (asked.field, value(plan, asked.field)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{page, value};
    use crate::builder::PlanBuilder;
    use crate::field::FieldType;

    #[test]
    fn a_sample_number_is_within_its_bounds() {
        for (min, max, whole) in [
            (None, None, true),
            (Some(0.5), None, true),
            (Some(-0.5), Some(0.5), true),
            (None, Some(-2.5), true),
            (None, Some(-2.5), false),
            (Some(0.25), Some(0.75), false),
        ] {
            let kind = FieldType::Number {
                min,
                max,
                whole,
                unit: None,
            };
            let mut b = PlanBuilder::new("shop");
            let field = b.typed_field("seats", kind.clone());
            let plan = b.build();
            let sample = value(&plan, field);
            assert_eq!(kind.check(&sample), Ok(()), "{sample} of {kind:?}");
        }
    }

    #[test]
    fn the_table_of_a_sample_page_says_where_its_objects_are() {
        let bytes = page("sample document: (owner).scan");
        let text = std::str::from_utf8(&bytes).unwrap();
        let table = text.split("startxref\n").nth(1).unwrap();
        let table: usize = table.lines().next().unwrap().parse().unwrap();
        let lines: Vec<&str> = text[table..].lines().collect();
        assert_eq!(lines[..2], ["xref", "0 6"]);
        for number in 1..=5 {
            let line = lines[2 + number];
            let at: usize = line[..10].parse().unwrap();
            assert!(
                text[at..].starts_with(&format!("{number} 0 obj\n")),
                "{line}"
            );
        }
        assert!(text.contains("(sample document: owner.scan) Tj"));
    }
}
