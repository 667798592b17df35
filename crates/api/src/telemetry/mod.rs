//! What operators see: logs, and measurements in the text format of `OpenMetrics`.

mod durations;
mod exposition;
mod image_watch;
pub(crate) mod logs;
mod scrape;

pub(crate) use self::exposition::CONTENT_TYPE;
pub(crate) use self::image_watch::{ImageStorage, ImageWatch};
pub(crate) use self::scrape::{Metrics, SILENT};
