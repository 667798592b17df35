//! What operators measure: counted here and elsewhere, written in the text format of `OpenMetrics`.

mod decisions;
mod exposition;
mod scrape;

pub(crate) use self::decisions::DecisionMetrics;
pub(crate) use self::exposition::CONTENT_TYPE;
pub(crate) use self::scrape::{Metrics, SILENT};
