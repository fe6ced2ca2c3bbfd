//! The future-event list: what happens next, and in which order when at once.

use onething_model::Timestamp;

/// Events by time; those at the same time in the order they were scheduled.
///
/// Ties are broken by a sequence number rather than by the heap's shape, so
/// that a run is the same on every platform and in every version. A four-ary
/// heap in one vector: no allocation once it has reached its size.
///
/// ```
/// use onething_lab::event_list::EventList;
/// use onething_model::Timestamp;
///
/// let mut events = EventList::new();
/// events.schedule(Timestamp(20), 'c');
/// events.schedule(Timestamp(10), 'a');
/// events.schedule(Timestamp(10), 'b');
/// let order: Vec<char> = std::iter::from_fn(|| events.next().map(|(_, e)| e)).collect();
/// assert_eq!(order, ['a', 'b', 'c']);
/// ```
#[derive(Debug, Clone)]
pub struct EventList<E> {
    heap: Vec<Entry<E>>,
    scheduled: u64,
}

#[derive(Debug, Clone, Copy)]
struct Entry<E> {
    /// Time, then sequence: one comparison orders both.
    key: u128,
    event: E,
}

/// Children of a node. Four keeps the tree half as deep as a binary heap and a
/// family within two cache lines.
const ARITY: usize = 4;

impl<E: Copy> Default for EventList<E> {
    fn default() -> Self {
        Self::new()
    }
}

impl<E: Copy> EventList<E> {
    /// Without events.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            heap: Vec::new(),
            scheduled: 0,
        }
    }

    /// Forgets all events and starts counting anew, keeping the memory.
    pub fn clear(&mut self) {
        self.heap.clear();
        self.scheduled = 0;
    }

    /// How many events are to come.
    #[must_use]
    pub fn len(&self) -> usize {
        self.heap.len()
    }

    /// Whether nothing is to come.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.heap.is_empty()
    }

    /// When the next event happens.
    #[must_use]
    pub fn next_at(&self) -> Option<Timestamp> {
        self.heap.first().map(|entry| time_of(entry.key))
    }

    /// The events to come, in no particular order.
    pub fn iter(&self) -> impl Iterator<Item = (Timestamp, E)> {
        self.heap
            .iter()
            .map(|entry| (time_of(entry.key), entry.event))
    }

    /// Adds an event. One scheduled for a time already passed comes next; the
    /// list does not know the present.
    pub fn schedule(&mut self, at: Timestamp, event: E) {
        let entry = Entry {
            key: key(at, self.scheduled),
            event,
        };
        self.scheduled += 1;
        let mut place = self.heap.len();
        self.heap.push(entry);
        while place > 0 {
            let parent = (place - 1) / ARITY;
            if self.heap[parent].key <= entry.key {
                break;
            }
            self.heap[place] = self.heap[parent];
            place = parent;
        }
        self.heap[place] = entry;
    }

    /// Takes the next event out.
    #[allow(clippy::should_implement_trait)] // the word of the field; not an iterator
    pub fn next(&mut self) -> Option<(Timestamp, E)> {
        let last = self.heap.pop()?;
        let Some(&first) = self.heap.first() else {
            return Some((time_of(last.key), last.event));
        };
        let length = self.heap.len();
        let mut place = 0;
        loop {
            let child = place * ARITY + 1;
            let least = if child + ARITY <= length {
                // A full family: two pairs, compared without a loop.
                let h = &self.heap[child..child + ARITY];
                let left = usize::from(h[1].key < h[0].key);
                let right = 2 + usize::from(h[3].key < h[2].key);
                child
                    + if h[right].key < h[left].key {
                        right
                    } else {
                        left
                    }
            } else if child < length {
                let mut least = child;
                for other in child + 1..length {
                    if self.heap[other].key < self.heap[least].key {
                        least = other;
                    }
                }
                least
            } else {
                break;
            };
            if self.heap[least].key >= last.key {
                break;
            }
            self.heap[place] = self.heap[least];
            place = least;
        }
        self.heap[place] = last;
        Some((time_of(first.key), first.event))
    }
}

/// Flipping the sign bit makes unsigned order the order of signed times.
fn key(at: Timestamp, sequence: u64) -> u128 {
    u128::from(at.0 as u64 ^ (1 << 63)) << 64 | u128::from(sequence)
}

fn time_of(key: u128) -> Timestamp {
    Timestamp(((key >> 64) as u64 ^ (1 << 63)) as i64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn times_before_the_epoch_and_at_the_ends_keep_their_order() {
        let mut events = EventList::new();
        for t in [5, i64::MAX, -5, 0, i64::MIN] {
            events.schedule(Timestamp(t), t);
        }
        assert_eq!(events.next_at(), Some(Timestamp(i64::MIN)));
        let order: Vec<i64> = std::iter::from_fn(|| events.next().map(|(_, e)| e)).collect();
        assert_eq!(order, [i64::MIN, -5, 0, 5, i64::MAX]);
    }

    proptest! {
        /// Against the obvious list: sorted by time, stable.
        #[test]
        fn same_order_as_a_stable_sort(
            script in prop::collection::vec(prop::option::weighted(0.6, -20_i64..20), 0..300),
        ) {
            let mut events = EventList::new();
            let mut naive: Vec<(i64, usize)> = Vec::new();
            for (id, step) in script.into_iter().enumerate() {
                match step {
                    Some(time) => {
                        events.schedule(Timestamp(time), id);
                        naive.push((time, id));
                    }
                    None => {
                        let first = (0..naive.len()).min_by_key(|i| naive[*i]);
                        let expected = first.map(|i| naive.remove(i));
                        let found = events.next().map(|(at, id)| (at.0, id));
                        prop_assert_eq!(found, expected);
                    }
                }
                prop_assert_eq!(events.len(), naive.len());
            }
        }
    }
}
