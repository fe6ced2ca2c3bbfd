//! Lists of fields in a contract: none of them empty, nothing twice, and no document
//! among those that find a subject.

use onething_model::{FieldKey, Text};
use onething_plan::FieldType;

use super::Cx;
use super::contract::ContractEntry;
use super::reads::repeated;
use crate::diagnostic::{Code, Diagnostic, both};
use crate::source::Span;
use crate::yaml::read::Spanned;

/// What a list of fields is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Listed {
    /// What identifies a subject.
    IdentifiedBy,
    /// What a registry is asked with.
    With,
    /// What a registry gives.
    Gives,
    /// What a grant is for.
    Granted,
}

impl Listed {
    /// Whether a subject is told from others by these fields.
    fn finds(self) -> bool {
        matches!(self, Self::IdentifiedBy | Self::With)
    }

    /// What is wrong with an empty list, why, and the cure.
    fn empty(self) -> (Text, Text, Text) {
        match self {
            Self::IdentifiedBy => (
                both!("没有字段", "there is no field"),
                both!(
                    "空列表与不写是否相同，看不出本意",
                    "whether that means the same as no list at all is left open",
                ),
                both!(
                    "写上能确定一个对象的字段，或者删除 `identified_by`",
                    "name the fields that identify a subject, or remove `identified_by`",
                ),
            ),
            Self::With => (
                both!("没有查询条件", "there is nothing to ask with"),
                both!(
                    "没有查询条件，数据库不知道查的是谁，返回的可能是任何人的数据",
                    "a registry that is told of nobody cannot know about whom it is asked; its answer could be anybody's",
                ),
                both!(
                    "写上能确定一个对象的字段，如 `with: [identity_number]`",
                    "name the fields that identify the subject, as in `with: [identity_number]`",
                ),
            ),
            Self::Gives => (
                both!("数据库没有提供任何字段", "the registry gives nothing"),
                both!(
                    "什么都不提供的数据库不必查询",
                    "there is no reason to ask a registry that gives nothing",
                ),
                both!(
                    "写上它提供的字段，或者删除这个数据库",
                    "name the fields that it gives, or remove the registry",
                ),
            ),
            Self::Granted => (
                both!("没有授权读取任何字段", "nothing is granted"),
                both!(
                    "不针对任何字段的授权没有作用",
                    "a grant of no field allows nothing",
                ),
                both!(
                    "写上可以读取的字段，或者删除这项授权",
                    "name the fields that may be read, or remove the grant",
                ),
            ),
        }
    }
}

/// The fields of a list, each once; reports what is wrong with it.
pub(super) fn listed(
    cx: &mut Cx<'_>,
    entry: &ContractEntry,
    (list, span): (&[Spanned<FieldKey>], Span),
    what: Listed,
    path: &str,
) -> Vec<(usize, Span)> {
    if list.is_empty() {
        let (message, why, help) = what.empty();
        let diagnostic = Diagnostic::new(Code::Empty, span, message);
        cx.report(diagnostic.field(path).why(why).help(help));
    }
    let mut fields: Vec<(usize, Span)> = Vec::new();
    for key in list {
        let name = key.as_str();
        let Some(at) = entry.field(cx, name, key.span, path) else {
            continue;
        };
        if let Some((_, first)) = fields.iter().find(|(other, _)| *other == at) {
            repeated(cx, name, key.span, *first, path);
            continue;
        }
        let document = matches!(entry.fields[at].kind, Some(FieldType::Document { .. }));
        if document && what.finds() {
            document_as_key(cx, entry, at, key.span, path);
        }
        fields.push((at, key.span));
    }
    fields
}

/// Two scans of one paper are different files: nobody is found by a document.
fn document_as_key(cx: &mut Cx<'_>, entry: &ContractEntry, at: usize, span: Span, path: &str) {
    let field = &entry.fields[at];
    let name = field.key.as_str();
    cx.report(
        Diagnostic::new(
            Code::DocumentAsKey,
            span,
            both!(
                "材料 `{name}` 不能确定一个对象",
                "the document `{name}` cannot identify a subject",
            ),
        )
        .field(path)
        .related(
            field.span,
            both!("它是材料", "it is a document, as stated here"),
        )
        .why(both!(
            "同一份材料扫描两次就是两个不同的文件，无法据此查到是谁",
            "two scans of one paper are different files: nobody can be found by them",
        ))
        .help(both!(
            "改用材料上的编号，作为单独的字段",
            "use the number that the document bears, as a field of its own",
        )),
    );
}
