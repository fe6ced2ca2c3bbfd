//! The content store: whole contents under the digest of their bytes.

use onething_model::Digest;

use crate::Error;

/// The largest content the content store takes.
pub const MAX_BLOB_BYTES: usize = 256 << 20;

/// Contents addressed by their digest: definitions' sources, attachments.
///
/// ```
/// use onething_store::Store;
///
/// let store = Store::in_memory();
/// let digest = store.blobs.put("营业执照".as_bytes())?;
/// assert_eq!(store.blobs.put("营业执照".as_bytes())?, digest);
/// assert_eq!(store.blobs.get(&digest)?.as_deref(), Some("营业执照".as_bytes()));
/// # Ok::<(), onething_store::Error>(())
/// ```
pub trait Blobs: Send + Sync {
    /// Keeps a content and returns its digest. It is on disk when this returns.
    ///
    /// Putting the same content again changes nothing.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] beyond [`MAX_BLOB_BYTES`]; [`Error::Full`]; [`Error::Io`]; [`Error::Closed`].
    fn put(&self, content: &[u8]) -> Result<Digest, Error>;

    /// The content with this digest, if it is kept.
    ///
    /// # Errors
    ///
    /// [`Error::Corrupt`] when what is kept has another digest; [`Error::Io`].
    fn get(&self, digest: &Digest) -> Result<Option<Vec<u8>>, Error>;

    /// Whether a content is kept, without reading it.
    ///
    /// # Errors
    ///
    /// [`Error::Io`].
    fn contains(&self, digest: &Digest) -> Result<bool, Error>;
}
