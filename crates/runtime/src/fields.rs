//! Values under their field's name, as they cross the boundary of the runtime.

use std::fmt;
use std::sync::Arc;

use serde_json::{Map, Value};

/// Values by `role.field`, in the order given.
///
/// Printing it for debugging shows the names only: values may be personal.
///
/// ```
/// use onething_runtime::Fields;
/// let fields = Fields::new().with("permit.number", "JY-1").with("permit.seats", 40);
/// assert_eq!(fields.get("permit.number"), Some(&"JY-1".into()));
/// assert_eq!(format!("{fields:?}"), r#"{"permit.number", "permit.seats"}"#);
/// ```
#[derive(Clone, PartialEq, Default)]
pub struct Fields(Vec<(Arc<str>, Value)>);

impl Fields {
    /// No values.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// These and one more.
    #[must_use]
    pub fn with(mut self, name: impl Into<Arc<str>>, value: impl Into<Value>) -> Self {
        self.push(name, value);
        self
    }

    /// Adds one. Names given twice are kept, and found at fault where they are handed in.
    pub fn push(&mut self, name: impl Into<Arc<str>>, value: impl Into<Value>) {
        self.0.push((name.into(), value.into()));
    }

    /// The value under a name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        let (_, value) = self.0.iter().find(|(given, _)| &**given == name)?;
        Some(value)
    }

    /// The text under a name.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name)?.as_str()
    }

    /// Names and values.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&Arc<str>, &Value)> {
        self.0.iter().map(|(name, value)| (name, value))
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// About how many bytes the values have as JSON: enough to refuse what is far too large.
    pub(crate) fn weight(&self) -> usize {
        let each = |(name, value): &(Arc<str>, Value)| name.len() + weight_of(value);
        self.0.iter().map(each).sum()
    }
}

fn weight_of(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) => 5,
        Value::Number(_) => 12,
        Value::String(text) => text.len() + 2,
        Value::Array(items) => 2 + items.iter().map(|item| 1 + weight_of(item)).sum::<usize>(),
        Value::Object(map) => {
            let each = |(name, value): (&String, &Value)| name.len() + 4 + weight_of(value);
            2 + map.iter().map(each).sum::<usize>()
        }
    }
}

impl fmt::Debug for Fields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set()
            .entries(self.0.iter().map(|(name, _)| name))
            .finish()
    }
}

impl<N: Into<Arc<str>>, V: Into<Value>> FromIterator<(N, V)> for Fields {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(items: I) -> Self {
        let pair = |(name, value): (N, V)| (name.into(), value.into());
        Self(items.into_iter().map(pair).collect())
    }
}

impl From<Map<String, Value>> for Fields {
    fn from(map: Map<String, Value>) -> Self {
        map.into_iter().collect()
    }
}

impl From<Fields> for Map<String, Value> {
    fn from(fields: Fields) -> Self {
        let pair = |(name, value): (Arc<str>, Value)| (name.to_string(), value);
        fields.0.into_iter().map(pair).collect()
    }
}

impl IntoIterator for Fields {
    type Item = (Arc<str>, Value);
    type IntoIter = std::vec::IntoIter<Self::Item>;
    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}
