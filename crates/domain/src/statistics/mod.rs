//! How far counts can be trusted: intervals around rates, and whether a ranking is more than chance.

mod evidence;
mod figure;
mod interval;
mod measure;
mod tail;

pub use evidence::{Evidence, EvidenceLabel};
pub use figure::Figure;
pub use interval::Interval;
pub use measure::Measure;
