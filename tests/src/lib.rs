//! Tests that need more than one crate, in `tests/`: the twin (lab and runtime
//! write the same journal), the shipped services, and what a whole user sees.
