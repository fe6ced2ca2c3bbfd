//! The same core in virtual time. Under construction; ready: [`draw`],
//! [`distribution`], [`event_list`], [`hours`], [`pool`].

pub mod distribution;
pub mod draw;
pub mod event_list;
mod gamma;
pub mod hours;
pub mod pool;
