//! The embedded store on disks that fail, run full and lose power.

mod disk;
mod errors;
mod power;
