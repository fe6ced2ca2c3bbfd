//! Both stores keep the same promises.

use onething_store::{MemoryStore, conformance};

#[test]
fn the_memory_store_conforms() {
    conformance::check(&|| {
        let memory = MemoryStore::new();
        Box::new(move || Ok(memory.open()))
    });
}
