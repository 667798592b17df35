//! Imports whose rows are stored in portions, in many short transactions.
//!
//! A [`mark`] says which import has the turn: its rows are there, and do not count. Then one short
//! transaction makes all of them count, and its sums are merged into performance. Whoever works on an
//! import says so by its beat. What has become silent another process takes over: it removes what did
//! not count yet, and merges what did ([`leftovers`]).

mod beating;
mod leftovers;
pub(super) mod mark;
mod pace;
mod removal;

pub(super) use self::beating::Beating;
pub(super) use self::leftovers::{Leftovers, merge_all};
pub(super) use self::pace::Pace;
pub(super) use self::removal::remove_of;
