//! Imports whose rows are stored in portions, in many short transactions.
//!
//! A [`mark`] says which import has the turn: its rows are there, and do not count. Then one short
//! transaction makes all of them count, and its sums are merged into performance. Whoever works on an
//! import says so by its beat. What has become silent another process takes over: it removes what did
//! not count yet, and merges what did ([`leftovers`]).
//!
//! Reverting an import goes the same way back: its sums are taken out of performance, one short
//! transaction gives it the turn, and what does not count any more is removed.

mod beating;
mod converted;
mod leftovers;
pub(super) mod mark;
mod pace;
mod removal;

pub(super) use self::beating::Beating;
pub(super) use self::leftovers::{Leftovers, merge_all};
pub(super) use self::pace::Pace;
pub(super) use self::removal::{remove, remove_of};
