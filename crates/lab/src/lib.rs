//! The same core in virtual time. Under construction; ready: [`draw`],
//! [`distribution`], [`event_list`].

pub mod distribution;
pub mod draw;
pub mod event_list;
mod gamma;
