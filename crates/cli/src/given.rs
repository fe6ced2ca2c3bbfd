//! What people hand in: application files, and values on the command line.
//!
//! YAML leaves open whether `13900000000` is a number or a telephone number.
//! Here the contract decides: a value stays the text that was written until
//! the field it is for is known.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use onething_definition::diagnostic::{Diagnostics, Report};
use onething_definition::encoding::Foreign;
use onething_definition::source::{MAX_FILE_BYTES, SourceSet};
use onething_definition::yaml::read::Reader;
use onething_definition::yaml::{self, Map, Node, Style, scalar};
use onething_model::Lang;
use onething_plan::{Answer, FieldType, QuestionType};
use serde_json::Value;

use crate::failure::{Failure, FileAct};
use crate::say::both;

/// A value as somebody wrote it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Given {
    /// A word; what it means depends on the field it is for.
    Word {
        /// As written.
        text: String,
        /// In quotes, and so a text whatever it looks like.
        quoted: bool,
        /// The folder of the file it stands in, from which the path of a document
        /// is counted; none for a word of the command line.
        beside: Option<PathBuf>,
    },
    /// A document: a file on this machine.
    File(PathBuf),
    /// A list or a map, passed on as it is.
    Other(Value),
}

/// An application as a file holds it.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Application {
    /// The service, if the file says it.
    pub(crate) service: Option<String>,
    /// Answers to scenario questions.
    pub(crate) answers: Vec<(String, Given)>,
    /// Values by `role.field`.
    pub(crate) values: Vec<(String, Given)>,
}

impl Given {
    /// The value for a field of this type; a type is `None` where there is no
    /// such field. A wrong one is passed on: who checks it says why.
    ///
    /// For a document, a word is the path of a file.
    pub(crate) fn value(&self, kind: Option<&FieldType>) -> Value {
        match (self, kind) {
            (Self::File(path), _) => path.display().to_string().into(),
            (Self::Other(value), _) => value.clone(),
            (
                Self::Word {
                    text, quoted: true, ..
                },
                _,
            ) => text.as_str().into(),
            (Self::Word { text, .. }, Some(FieldType::Number { .. })) => number(text),
            (Self::Word { text, .. }, Some(FieldType::YesNo)) => yes_no(text),
            (Self::Word { text, .. }, Some(_)) => text.as_str().into(),
            (Self::Word { text, .. }, None) => guess(text),
        }
    }

    /// The path, where the value for such a field is a file of this machine.
    pub(crate) fn file(&self, kind: Option<&FieldType>) -> Option<PathBuf> {
        match (self, kind) {
            (Self::File(path), _) => Some(path.clone()),
            (Self::Word { text, beside, .. }, Some(FieldType::Document { .. })) => {
                Some(match beside {
                    Some(folder) => folder.join(text),
                    None => PathBuf::from(text),
                })
            }
            (Self::Word { .. } | Self::Other(_), _) => None,
        }
    }

    /// The answer to a question of this type; `None` if it cannot be one.
    pub(crate) fn answer(&self, kind: &QuestionType) -> Option<Answer> {
        let Self::Word { text, quoted, .. } = self else {
            return None;
        };
        match kind {
            QuestionType::YesNo if !quoted => yes_no(text).as_bool().map(Answer::YesNo),
            QuestionType::Number { .. } if !quoted => number(text).as_f64().map(Answer::Number),
            QuestionType::YesNo | QuestionType::Number { .. } => None,
            QuestionType::Choice(_) => Some(Answer::Choice(text.as_str().into())),
        }
    }
}

fn number(text: &str) -> Value {
    if let Ok(whole) = scalar::integer(text) {
        return whole.into();
    }
    scalar::number(text).map_or_else(|_| text.into(), Value::from)
}

fn yes_no(text: &str) -> Value {
    scalar::yes_no(text).map_or_else(|| text.into(), Value::from)
}

fn guess(text: &str) -> Value {
    match (number(text), text) {
        (number @ Value::Number(_), _) => number,
        // A word of its own where nobody says that it answers yes or no.
        (_, "是" | "否") => text.into(),
        _ => yes_no(text),
    }
}

/// Reads an application file, YAML or JSON:
///
/// ```yaml
/// service: open-restaurant
/// answers: { signboard: yes, seats: 40 }
/// values:
///   operator: { name: 示例, phone: 13900000000 }
///   premises.area: 80
/// documents: { premises.right_of_use: right-of-use.pdf }   # beside this file
/// ```
///
/// # Errors
/// The file cannot be read, or is no application; every problem has its place.
pub(crate) fn application(path: &Path) -> Result<Application, Failure> {
    parse(path, &read(path)?)
}

/// Reads values of fields: from a file such as the `values:` of an
/// application, or from `role.field=value` pairs.
///
/// # Errors
/// The file cannot be read, or a text is neither a pair nor a file.
pub(crate) fn values(texts: &[String]) -> Result<Vec<(String, Given)>, Failure> {
    let mut all = Vec::new();
    for text in texts {
        if let Some((name, value)) = text.split_once('=') {
            all.push((name.trim().to_owned(), word(value.trim())));
            continue;
        }
        let path = Path::new(text);
        let content = read(path)?;
        all.extend(with_tree(path, &content, |node, reader, folder| {
            named_values(node, reader, folder)
        })?);
    }
    Ok(all)
}

/// Reads `question=answer` pairs.
///
/// # Errors
/// A text is no pair, or a question is answered twice.
pub(crate) fn answers(texts: &[String]) -> Result<Vec<(String, Given)>, Failure> {
    let pair = |text: &String| match text.split_once('=') {
        Some((name, value)) => Ok((name.trim().to_owned(), word(value.trim()))),
        None => Err(Failure::usage(both!(
            "`{text}` 应写作 问题=回答，例如 seats=40",
            "`{text}` should be QUESTION=ANSWER, as in seats=40",
        ))),
    };
    let mut all: Vec<(String, Given)> = Vec::new();
    for text in texts {
        let (name, answer) = pair(text)?;
        if all.iter().any(|(before, _)| *before == name) {
            return Err(Failure::usage(both!(
                "情形问题 `{name}` 回答了两次",
                "the question `{name}` is answered twice",
            ))
            .help(both!("只留一个回答", "give one answer")));
        }
        all.push((name, answer));
    }
    Ok(all)
}

fn word(text: &str) -> Given {
    Given::Word {
        text: text.to_owned(),
        quoted: false,
        beside: None,
    }
}

/// The content of a document.
///
/// # Errors
/// It cannot be read, or is larger than the store takes.
pub(crate) fn document(path: &Path) -> Result<Vec<u8>, Failure> {
    let most = onething_store::MAX_BLOB_BYTES;
    let bytes = bounded(path, most)?;
    if bytes.len() > most {
        let (shown, most) = (path.display(), most >> 20);
        return Err(Failure::no(both!(
            "材料 `{shown}` 超过 {most} MiB",
            "the document `{shown}` is larger than {most} MiB",
        )));
    }
    Ok(bytes)
}

/// The bytes of a file, at most one more than `most`.
///
/// Pipes and devices are not opened: reading them might not begin, or not end.
fn bounded(path: &Path, most: usize) -> Result<Vec<u8>, Failure> {
    let about =
        std::fs::metadata(path).map_err(|error| Failure::file(FileAct::Read, path, &error))?;
    // Of a folder the system says so itself.
    if !about.is_file() && !about.is_dir() {
        let shown = path.display();
        return Err(Failure::no(both!(
            "`{shown}` 是管道或设备，不是普通文件，没有读取",
            "`{shown}` is a pipe or a device, not a file; it was not read",
        ))
        .help(both!(
            "先把内容保存为文件，再指定该文件",
            "save the content to a file and name that",
        )));
    }
    let mut bytes = Vec::new();
    std::fs::File::open(path)
        .and_then(|file| file.take(most as u64 + 1).read_to_end(&mut bytes))
        .map_err(|error| Failure::file(FileAct::Read, path, &error))?;
    Ok(bytes)
}

fn read(path: &Path) -> Result<String, Failure> {
    let bytes = bounded(path, MAX_FILE_BYTES)?;
    let shown = path.display();
    if bytes.len() > MAX_FILE_BYTES {
        let most = MAX_FILE_BYTES >> 20;
        return Err(Failure::no(both!(
            "`{shown}` 超过 {most} MiB",
            "`{shown}` is larger than {most} MiB",
        ))
        .help(both!(
            "附件不要写在申请文件里，写它的路径",
            "name documents by their path instead of writing them into the file",
        )));
    }
    match Foreign::of(&bytes) {
        None => Ok(String::from_utf8_lossy(&bytes).into_owned()),
        Some(foreign) => Err(Failure::no(match foreign {
            Foreign::Utf16 => both!(
                "`{shown}` 是 UTF-16 编码，不是 UTF-8",
                "`{shown}` is UTF-16, not UTF-8",
            ),
            Foreign::Byte { at, .. } => {
                let before = String::from_utf8_lossy(&bytes[..at]);
                let line = before.matches('\n').count() + 1;
                let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
                both!(
                    "`{shown}` 第 {line} 行第 {column} 列处不是 UTF-8 编码",
                    "`{shown}` is not UTF-8 at line {line}, column {column}",
                )
            }
        })
        .help(foreign.cure())),
    }
}

fn parse(path: &Path, content: &str) -> Result<Application, Failure> {
    with_tree(path, content, |node, reader, folder| {
        let mut application = Application::default();
        let keys = ["service", "answers", "values", "documents"];
        let Some(mut fields) = reader.fields(node, &keys) else {
            return application;
        };
        application.service =
            fields.optional("service", reader, |node, reader| reader.string(node));
        application.answers = fields
            .optional("answers", reader, |node, reader| {
                let each = |map: &Map| {
                    map.entries
                        .iter()
                        .map(|e| (e.key.text.to_string(), given(&e.value, folder)))
                        .collect()
                };
                reader.map(node).map(each)
            })
            .unwrap_or_default();
        application.values = fields
            .optional("values", reader, |node, reader| {
                Some(named_values(node, reader, folder))
            })
            .unwrap_or_default();
        let documents = fields.optional("documents", reader, |node, reader| {
            let map = reader.map(node)?;
            let file = |text: String| Given::File(folder.join(text));
            let each = map.entries.iter().filter_map(|entry| {
                let name = &entry.key.text;
                let text = reader.within(name, |reader| reader.string(&entry.value))?;
                Some((name.to_string(), file(text)))
            });
            Some(each.collect::<Vec<_>>())
        });
        application.values.extend(documents.unwrap_or_default());
        fields.finish(reader);
        application
    })
}

/// Parses one file and reads it; its problems are told like those of a definition.
fn with_tree<T>(
    path: &Path,
    content: &str,
    read: impl FnOnce(&Node, &mut Reader<'_>, &Path) -> T,
) -> Result<T, Failure> {
    let name = path.display().to_string();
    let sources = Arc::new(SourceSet::from_texts([(name.as_str(), content)]).private());
    let mut found = Diagnostics::new();
    let file = sources.find(&name);
    let node = file.and_then(|file| yaml::parse(&sources, file, &mut found));
    let folder = path.parent().unwrap_or(Path::new("."));
    let value = node.map(|node| read(&node, &mut Reader::new(&mut found, Lang::Zh), folder));
    match value {
        Some(value) if !found.has_errors() => Ok(value),
        _ => Err(Failure::unreadable_input(Arc::new(Report::new(
            sources, found,
        )))),
    }
}

/// `role.field: value`, or `role: { field: value }`.
fn named_values(node: &Node, reader: &mut Reader<'_>, folder: &Path) -> Vec<(String, Given)> {
    let mut values = Vec::new();
    for entry in reader.map(node).into_iter().flat_map(|map| &map.entries) {
        let name = &entry.key.text;
        match entry.value.as_map() {
            Some(map) if !name.contains('.') => {
                values.extend(map.entries.iter().map(|field| {
                    (
                        format!("{name}.{}", field.key.text),
                        given(&field.value, folder),
                    )
                }));
            }
            Some(_) | None => values.push((name.to_string(), given(&entry.value, folder))),
        }
    }
    values
}

/// A value; `{ file: PATH }` is a file. Paths are relative to the folder of the file they stand in.
fn given(node: &Node, folder: &Path) -> Given {
    if let Some(map) = node.as_map()
        && let [entry] = &*map.entries
        && &*entry.key.text == "file"
        && let Some(path) = entry.value.as_scalar()
    {
        return Given::File(folder.join(&*path.text));
    }
    match &node.value {
        yaml::Value::Scalar(scalar) if !node.is_nothing() => Given::Word {
            text: scalar.text.to_string(),
            quoted: scalar.style != Style::Plain,
            beside: Some(folder.to_owned()),
        },
        _ => Given::Other(json(node)),
    }
}

fn json(node: &Node) -> Value {
    match &node.value {
        yaml::Value::Scalar(_) if node.is_nothing() => Value::Null,
        yaml::Value::Scalar(scalar) if scalar.style == Style::Plain => guess(&scalar.text),
        yaml::Value::Scalar(scalar) => scalar.text.to_string().into(),
        yaml::Value::List(items) => items.iter().map(json).collect(),
        yaml::Value::Map(map) => {
            let pair = |entry: &yaml::Entry| (entry.key.text.to_string(), json(&entry.value));
            Value::Object(map.entries.iter().map(pair).collect())
        }
        yaml::Value::Refused => Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str) -> Given {
        word(text)
    }

    /// A plain word of a file in this folder.
    fn written(text: &str, folder: &str) -> Given {
        Given::Word {
            text: text.to_owned(),
            quoted: false,
            beside: Some(folder.into()),
        }
    }

    #[test]
    fn the_contract_decides_what_a_word_is() {
        let phone = plain("13900000000");
        assert_eq!(phone.value(Some(&FieldType::Phone)), "13900000000");
        let whole = FieldType::Number {
            min: None,
            max: None,
            whole: true,
            unit: None,
        };
        assert_eq!(plain("40").value(Some(&whole)), 40);
        assert_eq!(plain("forty").value(Some(&whole)), "forty");
        assert_eq!(plain("yes").value(Some(&FieldType::YesNo)), true);
        assert_eq!(plain("yes").value(Some(&FieldType::Address)), "yes");
        assert_eq!(plain("否").value(Some(&FieldType::YesNo)), false);
        assert_eq!(plain("否").value(None), "否");
        let quoted = Given::Word {
            text: "40".into(),
            quoted: true,
            beside: None,
        };
        assert_eq!(quoted.value(Some(&whole)), "40");
        let scan = FieldType::Document {
            accepts: vec![],
            max_bytes: 1,
        };
        // Where it was written says from where its path is counted.
        assert_eq!(plain("a.pdf").file(Some(&scan)), Some("a.pdf".into()));
        let beside = |text| written(text, "in").file(Some(&scan));
        assert_eq!(beside("a.pdf"), Some("in/a.pdf".into()));
        assert_eq!(beside("/tmp/a.pdf"), Some("/tmp/a.pdf".into()));
    }

    #[test]
    fn answers_have_the_type_of_their_question() {
        assert_eq!(
            plain("yes").answer(&QuestionType::YesNo),
            Some(Answer::YesNo(true))
        );
        assert_eq!(
            plain("是").answer(&QuestionType::YesNo),
            Some(Answer::YesNo(true))
        );
        assert_eq!(plain("maybe").answer(&QuestionType::YesNo), None);
        let number = QuestionType::Number {
            min: None,
            max: None,
        };
        assert_eq!(plain("40.5").answer(&number), Some(Answer::Number(40.5)));
        let choice = QuestionType::Choice(vec![]);
        assert_eq!(
            plain("40").answer(&choice),
            Some(Answer::Choice("40".into()))
        );
    }

    #[test]
    fn a_question_is_answered_once() {
        let texts = |texts: &[&str]| texts.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(answers(&texts(&["a=no", "b=no"])).unwrap().len(), 2);
        let twice = answers(&texts(&["a=no", "b=1", " a =yes"])).unwrap_err();
        assert!(twice.message.en().contains("`a` is answered twice"));
    }

    #[test]
    fn an_application_is_read_with_its_documents() {
        let text = "service: shop\nanswers: { seats: 40 }\nvalues:\n  operator: { name: 示例, scan: { file: a.pdf } }\n  premises.area: 80\ndocuments: { premises.photo: b.jpg }\n";
        let application = parse(Path::new("in/app.yaml"), text).unwrap();
        assert_eq!(application.service.as_deref(), Some("shop"));
        assert_eq!(application.answers, [("seats".into(), written("40", "in"))]);
        assert_eq!(
            application.values,
            [
                ("operator.name".into(), written("示例", "in")),
                ("operator.scan".into(), Given::File("in/a.pdf".into())),
                ("premises.area".into(), written("80", "in")),
                ("premises.photo".into(), Given::File("in/b.jpg".into())),
            ]
        );
        let json = r#"{"service": "shop", "values": {"operator.name": "示例"}}"#;
        assert!(parse(Path::new("app.json"), json).is_ok());
    }

    #[test]
    fn a_file_that_is_no_application_is_told_with_its_places() {
        let failure = parse(Path::new("app.yaml"), "servce: shop\nvalues: 3\n").unwrap_err();
        let report = failure.report.as_ref().unwrap();
        assert_eq!(report.errors(), 2);
    }
}
