//! Sums of performance and of filtered events that are coarser than both, from which reports are
//! made.
//!
//! They have what is before a mark: all closed slots, and up to some campaign those of the slot that
//! is being summed up. Events of the running slot cost nothing here, because only performance has
//! them. Who adds to an earlier slot adds to the roll-ups in the same transaction. So roll-ups and
//! the performance beyond the mark are together, at every moment, everything that counts.

mod adding;
mod advancing;
mod comparing;
mod mark;
mod mending;

pub(super) use self::adding::{add, add_filtered, adjust};
pub use self::advancing::roll_up;
pub(super) use self::comparing::{Compared, compare};
pub(crate) use self::mark::{KnownMark, Mark, Writer, join, mark};
pub(super) use self::mending::mend;
