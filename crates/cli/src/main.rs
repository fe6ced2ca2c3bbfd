//! The `onething` command line.
fn main() {}
