//! Attachments: contents under their digest, which values refer to.

use onething_engine::{Fault, Values};
use onething_model::{Digest, Text};
use onething_plan::{FieldType, check};
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
    /// Documents whose contents are not in the store, and those whose contents are
    /// not what is said of them: of another size or kind. Values that are no
    /// documents at all are the contract's business.
    pub(crate) fn document_faults(
        &self,
        defined: &Defined,
        values: &Values,
    ) -> (Vec<Fault>, Vec<Fault>) {
        let plan = defined.plan();
        let (mut missing, mut wrong) = (Vec::new(), Vec::new());
        for (field, value) in values {
            let item = plan.field(*field);
            if !matches!(item.kind, FieldType::Document { .. }) {
                continue;
            }
            let digest = value.get("digest").and_then(Value::as_str);
            let Some(digest) = digest.and_then(|digest| digest.parse::<Digest>().ok()) else {
                continue;
            };
            let what = item.path.to_string();
            match self.store.blobs.head(&digest, check::HEAD_BYTES) {
                Ok(Some((head, bytes))) => {
                    let said = value.get("bytes").and_then(Value::as_u64);
                    let kind = value.get("type").and_then(Value::as_str);
                    if let Err(why) = kept_as_said(said, kind, &head, bytes) {
                        wrong.push(Fault { what, why });
                    }
                }
                Ok(None) => {
                    let why = Text::new(
                        "材料内容尚未上传",
                        "refers to a content that is not in the store",
                    );
                    missing.push(Fault { what, why });
                }
                Err(error) => {
                    tracing::error!(%error, "the content store cannot be looked into");
                    let why = Text::new(
                        "材料内容暂时无法核对",
                        "cannot be looked for in the store now",
                    );
                    missing.push(Fault { what, why });
                }
            }
        }
        (missing, wrong)
    }
}

/// Whether a content is what its value says: `bytes` long and of this kind.
fn kept_as_said(
    said: Option<u64>,
    kind: Option<&str>,
    head: &[u8],
    bytes: u64,
) -> Result<(), Text> {
    if said.is_some_and(|said| said != bytes) {
        return Err(Text::new(
            format!("所写的字节数与内容不符，内容为 {bytes} 字节"),
            format!("says another size than its content has, {bytes} bytes"),
        ));
    }
    kind.map_or(Ok(()), |kind| check::content(kind, head))
}
