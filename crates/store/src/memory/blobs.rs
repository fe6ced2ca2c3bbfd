//! Contents in memory.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use onething_model::Digest;

use crate::{Blobs, Error, MAX_BLOB_BYTES};

#[derive(Default)]
pub(crate) struct MemoryBlobs {
    contents: Mutex<HashMap<Digest, Arc<[u8]>>>,
}

impl Blobs for MemoryBlobs {
    fn put(&self, content: &[u8]) -> Result<Digest, Error> {
        if content.len() > MAX_BLOB_BYTES {
            return Err(Error::blob_too_large(content.len()));
        }
        let digest = Digest::of(content);
        self.contents
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .entry(digest)
            .or_insert_with(|| content.into());
        Ok(digest)
    }

    fn get(&self, digest: &Digest) -> Result<Option<Vec<u8>>, Error> {
        let contents = self.contents.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(contents.get(digest).map(|content| content.to_vec()))
    }

    fn contains(&self, digest: &Digest) -> Result<bool, Error> {
        let contents = self.contents.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(contents.contains_key(digest))
    }

    fn head(&self, digest: &Digest, most: usize) -> Result<Option<(Vec<u8>, u64)>, Error> {
        let contents = self.contents.lock().unwrap_or_else(PoisonError::into_inner);
        let head = |content: &Arc<[u8]>| {
            let head = content[..content.len().min(most)].to_vec();
            (head, content.len() as u64)
        };
        Ok(contents.get(digest).map(head))
    }
}
