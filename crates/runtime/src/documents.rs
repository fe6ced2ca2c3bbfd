//! Attachments: contents under their digest, which values refer to.

use onething_engine::{Fault, Values};
use onething_model::{Digest, Text};
use onething_plan::FieldType;
use serde_json::{Value, json};

use crate::definition::Defined;
use crate::shared::Shared;

/// The value that refers to a content.
pub(crate) fn value(digest: &Digest, bytes: usize, name: &str, kind: &str) -> Value {
    json!({
        "name": name,
        "type": kind.to_lowercase(),
        "bytes": bytes,
        "digest": digest.to_string(),
    })
}

impl Shared {
    /// Documents whose contents are not in the store. Values that are no
    /// documents at all are the contract's business.
    pub(crate) fn missing_documents(&self, defined: &Defined, values: &Values) -> Vec<Fault> {
        let plan = defined.plan();
        let mut faults = Vec::new();
        for (field, value) in values {
            let item = plan.field(*field);
            if !matches!(item.kind, FieldType::Document { .. }) {
                continue;
            }
            let digest = value.get("digest").and_then(Value::as_str);
            let Some(digest) = digest.and_then(|digest| digest.parse::<Digest>().ok()) else {
                continue;
            };
            let why = match self.store.blobs.contains(&digest) {
                Ok(true) => continue,
                Ok(false) => Text::new(
                    "材料内容尚未上传",
                    "refers to a content that is not in the store",
                ),
                Err(error) => {
                    tracing::error!(%error, "the content store cannot be looked into");
                    Text::new(
                        "材料内容暂时无法核对",
                        "cannot be looked for in the store now",
                    )
                }
            };
            let what = item.path.to_string();
            faults.push(Fault { what, why });
        }
        faults
    }
}
