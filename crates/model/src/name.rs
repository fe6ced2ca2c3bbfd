//! Keys: the durable identity of what a definition names.
//!
//! A key is a lowercase ASCII name. Titles may change and be translated; keys
//! stay, because records carry them for as long as cases are kept.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// Longest key that is accepted, in bytes.
pub const MAX_NAME_BYTES: usize = 64;

/// Why a text is not a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// The text is empty.
    #[error("a name must not be empty")]
    Empty,
    /// The text is longer than [`MAX_NAME_BYTES`].
    #[error("a name has at most {MAX_NAME_BYTES} characters, this one has {0}")]
    TooLong(usize),
    /// The first character is not a lowercase letter.
    #[error("a name begins with a lowercase letter a-z, not with `{0}`")]
    Start(char),
    /// A character is none of `a-z`, `0-9`, `-` and `_`.
    #[error("a name holds only a-z, 0-9, `-` and `_`, not `{0}`")]
    Character(char),
    /// A field path lacks its dot.
    #[error("a field is written `role.field`, `{0}` has no dot")]
    NoDot(String),
}

fn check(text: &str) -> Result<(), NameError> {
    let first = text.chars().next().ok_or(NameError::Empty)?;
    if text.len() > MAX_NAME_BYTES {
        return Err(NameError::TooLong(text.chars().count()));
    }
    if !first.is_ascii_lowercase() {
        return Err(NameError::Start(first));
    }
    match text
        .chars()
        .find(|c| !(c.is_ascii_lowercase() || c.is_ascii_digit() || *c == '-' || *c == '_'))
    {
        Some(c) => Err(NameError::Character(c)),
        None => Ok(()),
    }
}

macro_rules! keys {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Arc<str>);

        impl $name {
            /// The key as it is written in a definition.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = NameError;
            fn from_str(text: &str) -> Result<Self, NameError> {
                check(text)?;
                Ok(Self(text.into()))
            }
        }

        impl TryFrom<String> for $name {
            type Error = NameError;
            fn try_from(text: String) -> Result<Self, NameError> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(key: $name) -> String {
                key.0.as_ref().to_owned()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:?}", &*self.0)
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }
    )*};
}

keys! {
    /// Names a service (一件事).
    #[doc(alias = "一件事")]
    ServiceKey;
    /// Names a department (部门) or an outside body.
    #[doc(alias = "部门")]
    DepartmentKey;
    /// Names a matter (事项).
    #[doc(alias = "事项")]
    MatterKey;
    /// Names a step (环节). The same key in the old and the new way means the same work.
    #[doc(alias = "环节")]
    StepKey;
    /// Names a data contract (共享数据约定).
    ContractKey;
    /// Names a role: one subject of a contract within a service.
    RoleKey;
    /// Names a field of a contract.
    FieldKey;
    /// Names a scenario question (情形).
    QuestionKey;
    /// Names a registry that can be looked up.
    RegistryKey;
    /// Names a calendar of working days (工作日历).
    CalendarKey;
}

/// A field of a role, written `operator.name`: one datum of a case.
///
/// `operator.name` and `guarantor.name` are different data, even though both
/// are the field `name` of the contract `person`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct FieldPath {
    /// The role.
    pub role: RoleKey,
    /// The field within the role's contract.
    pub field: FieldKey,
}

impl FromStr for FieldPath {
    type Err = NameError;
    fn from_str(text: &str) -> Result<Self, NameError> {
        let (role, field) = text
            .split_once('.')
            .ok_or_else(|| NameError::NoDot(text.chars().take(80).collect()))?;
        Ok(Self {
            role: role.parse()?,
            field: field.parse()?,
        })
    }
}

impl TryFrom<String> for FieldPath {
    type Error = NameError;
    fn try_from(text: String) -> Result<Self, NameError> {
        text.parse()
    }
}

impl From<FieldPath> for String {
    fn from(path: FieldPath) -> String {
        path.to_string()
    }
}

impl fmt::Display for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.role, self.field)
    }
}

impl fmt::Debug for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}.{}\"", self.role, self.field)
    }
}

/// Identifies a case (办件) within a store; numbers are given in order of arrival.
#[doc(alias = "办件")]
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct CaseId(pub u64);

impl fmt::Display for CaseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for CaseId {
    type Err = std::num::ParseIntError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_lowercase_ascii_names() {
        let faults = [
            ("", NameError::Empty),
            ("9a", NameError::Start('9')),
            ("Shop", NameError::Start('S')),
            ("食品", NameError::Start('食')),
            ("a b", NameError::Character(' ')),
            ("a.b", NameError::Character('.')),
        ];
        for (text, fault) in faults {
            assert_eq!(text.parse::<StepKey>(), Err(fault), "{text:?}");
        }
        assert_eq!(
            "a".repeat(65).parse::<StepKey>(),
            Err(NameError::TooLong(65))
        );
        assert!("food-review_2".parse::<StepKey>().is_ok());
    }

    #[test]
    fn a_field_path_is_a_role_and_a_field() {
        let path: FieldPath = "operator.name".parse().unwrap();
        assert_eq!(path.role.as_str(), "operator");
        assert_eq!(path.field.as_str(), "name");
        assert_eq!(path.to_string(), "operator.name");
        assert!("operator".parse::<FieldPath>().is_err());
        assert!("operator.a.b".parse::<FieldPath>().is_err());
    }
}
