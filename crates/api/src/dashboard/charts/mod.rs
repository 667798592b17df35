//! Charts as SVG. Their plots stretch, their text does not, and no style is written into them, because the
//! policy refuses those.

mod bars;
mod lines;
mod scale;
mod spark;
mod whisker;

pub(crate) use self::bars::{bar, funnel, quarter_bars};
pub(crate) use self::lines::{LineChart, line_chart};
pub(crate) use self::spark::spark;
pub(crate) use self::whisker::{Whiskers, interval_of_few, interval_text};
