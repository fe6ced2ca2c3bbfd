//! Both stores keep the same promises.

use onething_store::conformance::Bed;
use onething_store::{EmbeddedStore, IndexKind, MemoryStore, Options, conformance};

#[test]
fn the_memory_store_conforms() {
    conformance::check(&|| {
        let memory = MemoryStore::new();
        Box::new(move || Ok(memory.open()))
    });
}

fn embedded(options: Options) -> Bed {
    let folder = tempfile::tempdir().unwrap();
    // The folder lives as long as the bed.
    Box::new(move || EmbeddedStore::open(&folder.path().join("a/store"), &options))
}

#[test]
fn the_embedded_store_conforms() {
    conformance::check(&|| embedded(Options::default()));
}

/// Segments, queue and batches so small that every append meets their limits.
#[test]
fn the_embedded_store_conforms_at_its_limits() {
    conformance::check(&|| {
        embedded(Options {
            segment_bytes: 700,
            queue_appends: 2,
            queue_bytes: 50,
            batch_bytes: 100,
            index: IndexKind::Memory,
            ..Options::default()
        })
    });
}
