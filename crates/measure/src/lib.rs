//! From records to figures. Under construction; ready: [`stats`].

pub mod stats;
