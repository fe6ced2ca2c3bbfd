//! Each rule on small services: where what it checks holds it rewrites, where
//! one thing does not hold it does not, or the rewrite is refused with its reason.
//!
//! A table has a service and its variations: what the line is about, which
//! text of the service is replaced by which, and what the rule then changes.

mod eliminate;
mod fetched;
mod for_whom;
mod one_case;
mod orders;
mod others;
mod refused;
mod sometimes;
mod spared;
mod svc;
mod timing;
mod unserved;
mod worse;
