//! The promises of the index and of the content store.

use std::collections::BTreeMap;

use onething_model::Digest;

use super::{MakeBed, append, must_append, open};
use crate::index::{Key, Value};
use crate::{Error, IndexState, MAX_BLOB_BYTES, Position};

pub(super) fn the_index_is_an_ordered_map(make: MakeBed<'_>) {
    let bed = make();
    let (store, _) = open(&bed);
    let index = store.index.as_ref();
    let mut model: BTreeMap<Key, Value> = BTreeMap::new();
    // Keys over a small alphabet, so that prefixes nest and meet at 0x00 and 0xff.
    let alphabet = [0x00, b'a', b'b', 0xff];
    let mut draw = Draw(1);
    for round in 1..=300 {
        let batch: Vec<(Key, Option<Value>)> = (0..draw.below(6))
            .map(|_| {
                let key = draw.key(&alphabet);
                let value = (draw.below(3) > 0).then(|| draw.below(1_000).to_be_bytes().to_vec());
                (key, value)
            })
            .collect();
        for (key, value) in batch.clone() {
            match value {
                Some(value) => model.insert(key, value),
                None => model.remove(&key),
            };
        }
        must(index.apply(batch, Position(round)));
        assert_eq!(index.reached(), Position(round));

        let key = draw.key(&alphabet);
        assert_eq!(must(index.get(&key)), model.get(&key).cloned(), "{key:?}");
        let prefix = draw.key(&alphabet);
        let after = (draw.below(2) == 0).then(|| draw.key(&alphabet));
        let limit = draw.below(12) as usize;
        let expected: Vec<(Key, Value)> = model
            .iter()
            .filter(|(key, _)| key.starts_with(&prefix))
            .filter(|(key, _)| after.as_ref().is_none_or(|after| *key > after))
            .take(limit)
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        assert_eq!(
            must(index.scan(&prefix, after.as_deref(), limit)),
            expected,
            "prefix {prefix:?} after {after:?} limit {limit}"
        );
    }
    must(index.clear());
    assert_eq!(index.reached(), Position::START);
    assert_eq!(must(index.scan(&[], None, 10)), []);
}

pub(super) fn the_index_moves_forward_only(make: MakeBed<'_>) {
    let bed = make();
    let (store, _) = open(&bed);
    let index = store.index.as_ref();
    let set = |value: &str| vec![(b"k".to_vec(), Some(value.as_bytes().to_vec()))];
    must(index.apply(set("first"), Position(5)));
    must(index.apply(set("second"), Position(5)));
    let back = index.apply(set("third"), Position(4));
    assert!(matches!(back, Err(Error::Invalid { .. })), "{back:?}");
    assert_eq!(must(index.get(b"k")), Some(b"second".to_vec()));
    assert_eq!(index.reached(), Position(5));
    // The last change of a key in a batch holds.
    let mut batch = set("x");
    batch.extend(set("y"));
    batch.push((b"gone".to_vec(), Some(Vec::new())));
    batch.push((b"gone".to_vec(), None));
    must(index.apply(batch, Position(6)));
    assert_eq!(must(index.get(b"k")), Some(b"y".to_vec()));
    assert_eq!(must(index.get(b"gone")), None);
}

pub(super) fn the_index_comes_back_after_a_close(make: MakeBed<'_>) {
    let bed = make();
    let (store, _) = open(&bed);
    let committed = must_append(&store, append(1, 0, &["x"]));
    let batch = (0..500_u32)
        .map(|number| (number.to_be_bytes().to_vec(), Some(vec![7; 100])))
        .collect();
    must(store.index.apply(batch, committed.position));
    assert!(store.close().is_ok());
    drop(store);
    let (store, report) = open(&bed);
    // An index may start empty, but it must say so, and what it says it reached it must hold.
    match report.index {
        IndexState::Trusted => {
            assert_eq!(store.index.reached(), committed.position);
            assert_eq!(must(store.index.scan(&[], None, 1_000)).len(), 500);
        }
        IndexState::New => {
            assert_eq!(store.index.reached(), Position::START);
            assert_eq!(must(store.index.scan(&[], None, 1_000)).len(), 0);
        }
        IndexState::Rebuild { why, .. } => panic!("rebuilt after a clean close: {why}"),
    }
}

pub(super) fn contents_are_found_by_digest(make: MakeBed<'_>) {
    let bed = make();
    let contents: Vec<Vec<u8>> = vec![
        Vec::new(),
        b"abc".to_vec(),
        "食品经营许可证".as_bytes().to_vec(),
        vec![0xa5; 2_000_000],
    ];
    {
        let (store, _) = open(&bed);
        for content in &contents {
            let digest = Digest::of(content);
            assert!(!must(store.blobs.contains(&digest)));
            assert_eq!(must(store.blobs.get(&digest)), None);
            assert_eq!(must(store.blobs.put(content)), digest);
            assert_eq!(must(store.blobs.put(content)), digest);
            assert!(must(store.blobs.contains(&digest)));
        }
        let too_large = store.blobs.put(&vec![0; MAX_BLOB_BYTES + 1]);
        assert!(matches!(too_large, Err(Error::Invalid { .. })));
        assert!(store.close().is_ok());
    }
    let (store, _) = open(&bed);
    for content in &contents {
        assert!(must(store.blobs.get(&Digest::of(content))).as_ref() == Some(content));
    }
}

fn must<T>(result: Result<T, Error>) -> T {
    match result {
        Ok(value) => value,
        Err(error) => panic!("{error}"),
    }
}

/// A small generator (xorshift64): the same draws on every machine.
struct Draw(u64);

impl Draw {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }

    fn key(&mut self, alphabet: &[u8]) -> Key {
        (0..self.below(5))
            .map(|_| alphabet[self.below(alphabet.len() as u64) as usize])
            .collect()
    }
}
