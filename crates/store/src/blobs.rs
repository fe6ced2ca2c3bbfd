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
/// assert_eq!(store.blobs.head(&digest, 3)?, Some(("营".as_bytes().to_vec(), 12)));
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

    /// The first bytes of a content, at most `most`, and how many it has in all: to
    /// tell what it is without reading the whole. The digest is not checked.
    ///
    /// A store that can read a part of a content does so; by default the whole is read.
    ///
    /// # Errors
    ///
    /// [`Error::Io`]; by default as [`get`](Self::get).
    fn head(&self, digest: &Digest, most: usize) -> Result<Option<(Vec<u8>, u64)>, Error> {
        let Some(mut content) = self.get(digest)? else {
            return Ok(None);
        };
        let bytes = content.len() as u64;
        content.truncate(most);
        Ok(Some((content, bytes)))
    }
}
