//! From text to a tree, within bounds.

use std::collections::BTreeMap;

use granit_parser::{ErrorKind, Event, Parser, ScalarStyle, ScanError, StructureStyle};

use super::explain::{explain, is_of_keys, is_of_lines};
use super::indent::askew;
use super::stray;
use super::{Entry, Key, Map, Node, Scalar, Style, Value};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, both};
use crate::source::{FileId, SourceSet, Span};

/// How deeply lists and maps may be nested.
pub const MAX_DEPTH: usize = 64;

/// How many values and keys a file may hold: 5,000 steps need about 150,000.
pub const MAX_NODES: usize = 500_000;

/// Reads one file into a tree.
///
/// Problems that leave the structure clear are reported and passed over; after
/// an error of syntax or a crossed bound there is no tree and `None` is returned.
/// A file that [is not readable](crate::source::SourceFile::is_readable) has its
/// diagnostic from the loader and gives `None`.
#[must_use]
pub fn parse(sources: &SourceSet, file: FileId, found: &mut Diagnostics) -> Option<Node> {
    let source = sources.file(file);
    if !source.is_readable() {
        return None;
    }
    let options = granit_parser::options! {
        disallow_directives: true,
        emit_comments: false,
        emit_anchor_events: true,
        emit_unresolved_aliases: true,
        // One more than is accepted, so that our own message is given.
        flow_nesting_limit: MAX_DEPTH + 2,
        block_nesting_limit: MAX_DEPTH + 2,
    };
    let mut builder = Builder {
        file,
        text: source.text(),
        found,
        stack: Vec::new(),
        root: None,
        nodes: 0,
        documents: 0,
    };
    for event in Parser::new_from_str_with_options(source.text(), options) {
        let taken = match event {
            Ok((event, span)) => builder.take(event, span),
            Err(error) => {
                builder.syntax_error(&error);
                Err(Stop)
            }
        };
        if taken.is_err() {
            return None;
        }
    }
    let root = builder.root.take();
    if root.as_ref().is_none_or(Node::is_nothing) {
        found.push(
            Diagnostic::new(
                Code::EmptyFile,
                Span::top(file),
                both!("文件没有内容", "the file is empty"),
            )
            .help(both!(
                "写入内容，或者删除该文件",
                "write something into it, or remove it",
            )),
        );
        return None;
    }
    root
}

/// The rest of the file is not looked at.
struct Stop;

/// A list or map whose end is not reached yet.
struct Open {
    start: usize,
    /// End of the last child so far.
    end: usize,
    flow: bool,
    content: Content,
}

enum Content {
    List(Vec<Node>),
    Map {
        map: Map,
        seen: BTreeMap<Box<str>, Span>,
        key: Pending,
    },
}

/// The key whose value comes next.
enum Pending {
    None,
    Key(Key),
    /// The key was refused; its value is passed over.
    Refused,
}

struct Builder<'a> {
    file: FileId,
    text: &'a str,
    found: &'a mut Diagnostics,
    stack: Vec<Open>,
    root: Option<Node>,
    nodes: usize,
    documents: usize,
}

impl Builder<'_> {
    fn span(&self, span: &granit_parser::Span) -> Span {
        let end = self.text.len();
        let at = |marker: &granit_parser::Marker| marker.byte_offset().unwrap_or(0).min(end);
        Span::new(self.file, at(&span.start), at(&span.end))
    }

    fn take(&mut self, event: Event<'_>, place: granit_parser::Span) -> Result<(), Stop> {
        let span = self.span(&place);
        match event {
            Event::DocumentStart(..) => {
                self.documents += 1;
                if self.documents > 1 {
                    self.found.push(
                        Diagnostic::new(
                            Code::SeveralDocuments,
                            span,
                            both!("一个文件只能有一个文档", "a file holds one document only",),
                        )
                        .help(both!(
                            "删除这一行 `---`，或者把后面的内容放进另一个文件",
                            "remove this `---`, or move what follows into a file of its own",
                        )),
                    );
                    return Err(Stop);
                }
            }
            Event::Scalar(text, style, _, tag) => {
                self.count(span)?;
                if tag.is_some() {
                    self.refuse_tag(&place);
                }
                let style = match style {
                    ScalarStyle::Plain => Style::Plain,
                    ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => Style::Quoted,
                    ScalarStyle::Literal | ScalarStyle::Folded => Style::Block,
                };
                let value = Value::Scalar(Scalar {
                    text: text.into(),
                    style,
                });
                self.node(Node { value, span });
            }
            Event::SequenceStart(style, _, tag) => {
                self.open(&place, style, tag.is_some(), Content::List(Vec::new()))?;
            }
            Event::MappingStart(style, _, tag) => {
                let content = Content::Map {
                    map: Map::default(),
                    seen: BTreeMap::new(),
                    key: Pending::None,
                };
                self.open(&place, style, tag.is_some(), content)?;
            }
            Event::SequenceEnd | Event::MappingEnd => {
                if let Some(open) = self.stack.pop() {
                    let end = if open.flow {
                        span.end as usize
                    } else {
                        open.end
                    };
                    let value = match open.content {
                        Content::List(items) => Value::List(items),
                        Content::Map { map, .. } => Value::Map(map),
                    };
                    let span = Span::new(self.file, open.start, end);
                    self.node(Node { value, span });
                }
            }
            Event::Anchor(..) => self.refuse_anchor(span),
            Event::Alias(_) | Event::UnresolvedAlias(_) => {
                self.count(span)?;
                self.refuse_anchor(span);
                self.node(Node {
                    value: Value::Refused,
                    span,
                });
            }
            // Comments are switched off; the rest carries no value. The enumeration is
            // open, so that what a later version adds would be passed over as well.
            _ => {}
        }
        Ok(())
    }

    fn count(&mut self, span: Span) -> Result<(), Stop> {
        self.nodes += 1;
        if self.nodes <= MAX_NODES {
            return Ok(());
        }
        self.found.push(
            Diagnostic::new(
                Code::TooManyValues,
                span,
                both!(
                    "文件中的内容超过 {MAX_NODES} 项",
                    "the file holds more than {MAX_NODES} values",
                ),
            )
            .help(both!(
                "把定义拆分为几个一件事，或者几个文件",
                "split the definition into several services or files",
            )),
        );
        Err(Stop)
    }

    fn open(
        &mut self,
        place: &granit_parser::Span,
        style: StructureStyle,
        tagged: bool,
        content: Content,
    ) -> Result<(), Stop> {
        let span = self.span(place);
        self.count(span)?;
        if tagged {
            self.refuse_tag(place);
        }
        if self.stack.len() == MAX_DEPTH {
            self.too_deep(span);
            return Err(Stop);
        }
        self.stack.push(Open {
            start: span.start as usize,
            end: span.end as usize,
            flow: style == StructureStyle::Flow,
            content,
        });
        Ok(())
    }

    /// Puts a finished node where it belongs.
    fn node(&mut self, node: Node) {
        let Some(open) = self.stack.last_mut() else {
            self.root = Some(node);
            return;
        };
        open.end = open.end.max(node.span.end as usize);
        match &mut open.content {
            Content::List(items) => items.push(node),
            Content::Map { map, seen, key } => match std::mem::replace(key, Pending::None) {
                Pending::None => *key = take_key(node, map, seen, self.found),
                Pending::Key(key) => map.entries.push(Entry { key, value: node }),
                Pending::Refused => {}
            },
        }
    }

    fn refuse_anchor(&mut self, span: Span) {
        self.found.push(
            Diagnostic::new(
                Code::Anchor,
                span,
                both!(
                    "不支持锚点（`&名称`）和引用（`*名称`）",
                    "anchors (`&name`) and aliases (`*name`) are not accepted",
                ),
            )
            .why(both!(
                "读定义的人应当在原处看到每一项内容",
                "whoever reads a definition should see each value where it applies",
            ))
            .help(both!(
                "直接写出内容；如果本意是普通文本，请加引号",
                "write the value out; if it is meant as plain text, put it in quotes",
            )),
        );
    }

    fn refuse_tag(&mut self, place: &granit_parser::Span) {
        let span = place.tag_span().unwrap_or(*place);
        let span = self.span(&span);
        self.found.push(
            Diagnostic::new(
                Code::Tag,
                span,
                both!(
                    "不支持类型标签（以 `!` 开头）",
                    "tags (beginning with `!`) are not accepted",
                ),
            )
            .why(both!(
                "每一项的类型由它的键决定",
                "the kind of each value follows from its key",
            ))
            .help(both!(
                "如果是文本，或者是以 `!`（不是）开头的条件，整个加引号，如 `\"!signboard\"`；否则删除",
                "if it is text, or a condition that begins with `!` (not), put all of it in quotes: `\"!signboard\"`; else remove it",
            )),
        );
    }

    fn too_deep(&mut self, span: Span) {
        self.found.push(
            Diagnostic::new(
                Code::TooDeep,
                span,
                both!(
                    "列表和键值的嵌套超过 {MAX_DEPTH} 层",
                    "lists and maps are nested more than {MAX_DEPTH} deep",
                ),
            )
            .help(both!(
                "检查此处的括号和缩进",
                "check the brackets and the indentation here",
            )),
        );
    }

    /// The character at an offset; nothing at the end of a line.
    fn character(&self, at: usize) -> Span {
        let text = self.text.get(at..).unwrap_or_default();
        let first = text.chars().next().filter(|c| *c != '\n');
        Span::new(self.file, at, at + first.map_or(0, char::len_utf8))
    }

    fn syntax_error(&mut self, error: &ScanError) {
        let at = error.marker().byte_offset().unwrap_or(0);
        let at = self.text.floor_char_boundary(at);
        let span = self.character(at);
        if matches!(error.kind(), ErrorKind::RecursionLimitExceeded) {
            self.too_deep(span);
            return;
        }
        let of_lines = is_of_lines(error.kind());
        let (message, help) = explain(error.kind());
        let mut diagnostic = Diagnostic::new(Code::Syntax, span, message).help(help);
        let before = || stray::on_line_before(self.text, at).filter(|_| of_lines);
        // The parser stumbles over a tab at the end of the text before.
        let tab = stray::tab_below(self.text, at)
            .filter(|_| matches!(error.kind(), ErrorKind::TabInPlainScalar));
        if let Some(tab) = tab {
            let (message, help) = explain(&ErrorKind::TabInIndentation);
            diagnostic = Diagnostic::new(Code::Syntax, self.character(tab), message).help(help);
        } else if let Some(found) = stray::on_line(self.text, at).or_else(before) {
            let mark = self.character(found.at);
            diagnostic = Diagnostic::new(Code::Syntax, mark, found.message).help(both!(
                "全角符号只能用在文本里；文本以它开头或含有 `: ` 的，整段加半角引号 `\"`",
                "full-width marks are for texts only; put a text that begins with one, or holds `: `, in plain quotes",
            ));
        } else if let Some(mended) =
            stray::with_colon(self.text, at).filter(|_| is_of_keys(error.kind()))
        {
            let mended = super::scalar::shorten(&mended);
            diagnostic = diagnostic.help(both!(
                "键后面缺冒号：写成 `{mended}`",
                "a colon is missing after the key: write `{mended}`",
            ));
        } else if let Some(found) = askew(self.text, at).filter(|_| of_lines) {
            let line = self.character(found.at);
            diagnostic = Diagnostic::new(Code::Syntax, line, found.message)
                .help(explain(&ErrorKind::InvalidIndentation).1);
            if let Some(before) = found.before {
                let before = self.character(before);
                diagnostic = diagnostic.related(before, both!("上一行", "the line before"));
            }
        }
        diagnostic.why = Some(both!(
            "此处之后的内容没有检查",
            "what follows in this file was not checked",
        ));
        self.found.push(diagnostic);
    }
}

/// A node in the place of a key.
fn take_key(
    node: Node,
    map: &mut Map,
    seen: &mut BTreeMap<Box<str>, Span>,
    found: &mut Diagnostics,
) -> Pending {
    let span = node.span;
    let plain = |node: &Node| {
        node.as_scalar()
            .is_some_and(|scalar| scalar.style == Style::Plain)
    };
    let diagnostic = match node.value {
        Value::Scalar(ref scalar) if &*scalar.text == "<<" && plain(&node) => Diagnostic::new(
            Code::MergeKey,
            span,
            both!("不支持合并键 `<<`", "the merge key `<<` is not accepted"),
        )
        .help(both!(
            "把要合并的键直接写在这里",
            "write the keys out that are to be merged",
        )),
        Value::Scalar(scalar) if !scalar.text.is_empty() && !scalar.text.contains('\n') => {
            let text = scalar.text;
            let Some(first) = seen.get(&text) else {
                seen.insert(text.clone(), span);
                return Pending::Key(Key { text, span });
            };
            Diagnostic::new(
                Code::DuplicateKey,
                span,
                both!("键 `{text}` 重复", "the key `{text}` is there twice"),
            )
            .label(both!("又出现一次", "again here"))
            .related(*first, both!("第一次出现", "first here"))
            .help(both!(
                "删除其中一个，或者合并两处内容",
                "remove one of them, or bring both together",
            ))
        }
        Value::Refused => {
            map.partial = true;
            return Pending::Refused;
        }
        Value::Scalar(_) | Value::List(_) | Value::Map(_) => Diagnostic::new(
            Code::OddKey,
            span,
            both!(
                "键必须是一个名称，不能为空，也不能是列表或键值",
                "a key is a name: not empty, and neither a list nor a map",
            ),
        )
        .help(both!(
            "写成 `名称: 内容`；花括号或方括号开头的文本请加引号",
            "write `name: value`; put a text that begins with a bracket in quotes",
        )),
    };
    map.partial = true;
    found.push(diagnostic);
    Pending::Refused
}
