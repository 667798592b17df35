//! Values in the format of Prometheus.

use std::fmt;

use bams_storage::Distribution;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{DescriptorEncoder, MetricEncoder, NoLabelSet};
use prometheus_client::metrics::MetricType;
use prometheus_client::registry::Registry;

/// The content type of the format.
pub(crate) const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// The name and the value that distinguish the samples of a family, if there are several.
type SampleLabel = Option<(&'static str, &'static str)>;

/// Families of samples with unique names.
#[derive(Debug, Default)]
pub(super) struct Exposition(Vec<Family>);

#[derive(Debug)]
struct Family {
    name: &'static str,
    help: &'static str,
    samples: Vec<(SampleLabel, Value)>,
}

#[derive(Debug)]
enum Value {
    Counter(u64),
    Gauge(f64),
    Histogram { sum: f64, classes: Vec<(f64, u64)> },
}

impl Exposition {
    /// Adds a count that only grows. The format appends `_total` to its name.
    pub(super) fn counter(&mut self, name: &'static str, help: &'static str, value: u64) {
        self.add(name, help, [(None, Value::Counter(value))]);
    }

    /// Adds counts that only grow, with a label.
    pub(super) fn counters(
        &mut self,
        name: &'static str,
        help: &'static str,
        label: &'static str,
        values: impl IntoIterator<Item = (&'static str, u64)>,
    ) {
        let values =
            values.into_iter().map(|(it, value)| (Some((label, it)), Value::Counter(value)));
        self.add(name, help, values);
    }

    /// Adds a value of this moment.
    pub(super) fn gauge(&mut self, name: &'static str, help: &'static str, value: f64) {
        self.add(name, help, [(None, Value::Gauge(value))]);
    }

    /// Adds values of this moment, with a label.
    pub(super) fn gauges(
        &mut self,
        name: &'static str,
        help: &'static str,
        label: &'static str,
        values: impl IntoIterator<Item = (&'static str, f64)>,
    ) {
        let values = values.into_iter().map(|(it, value)| (Some((label, it)), Value::Gauge(value)));
        self.add(name, help, values);
    }

    /// Adds the sizes of values, each divided by `unit`.
    pub(super) fn histograms<'a>(
        &mut self,
        name: &'static str,
        help: &'static str,
        unit: f64,
        values: impl IntoIterator<Item = (SampleLabel, &'a Distribution)>,
    ) {
        let values = values.into_iter().map(|(label, it)| {
            let bound =
                |bound: Option<u64>| bound.map_or(f64::INFINITY, |bound| float(bound) / unit);
            let classes = it.classes().into_iter().map(|(it, count)| (bound(it), count)).collect();
            (label, Value::Histogram { sum: float(it.sum()) / unit, classes })
        });
        self.add(name, help, values);
    }

    /// Returns the text that Prometheus reads.
    pub(super) fn text(self) -> Result<String, fmt::Error> {
        let mut registry = Registry::with_prefix("bams");
        registry.register_collector(Box::new(self));
        let mut text = String::new();
        encode(&mut text, &registry)?;
        Ok(text)
    }

    fn add(
        &mut self,
        name: &'static str,
        help: &'static str,
        samples: impl IntoIterator<Item = (SampleLabel, Value)>,
    ) {
        self.0.push(Family { name, help, samples: samples.into_iter().collect() });
    }
}

impl Collector for Exposition {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        for Family { name, help, samples } in &self.0 {
            let Some((_, first)) = samples.first() else { continue };
            let mut family = encoder.encode_descriptor(name, help, None, first.kind())?;
            for (label, value) in samples {
                match label {
                    None => value.encode(&mut family)?,
                    Some(label) => value.encode(&mut family.encode_family(&[*label])?)?,
                }
            }
        }
        Ok(())
    }
}

impl Value {
    fn kind(&self) -> MetricType {
        match self {
            Self::Counter(_) => MetricType::Counter,
            Self::Gauge(_) => MetricType::Gauge,
            Self::Histogram { .. } => MetricType::Histogram,
        }
    }

    fn encode(&self, encoder: &mut MetricEncoder<'_>) -> Result<(), fmt::Error> {
        match self {
            Self::Counter(value) => encoder.encode_counter::<NoLabelSet, _, f64>(value, None),
            Self::Gauge(value) => encoder.encode_gauge(value),
            Self::Histogram { sum, classes } => {
                let count = classes.iter().map(|it| it.1).sum();
                encoder.encode_histogram::<NoLabelSet>(*sum, count, classes, None)
            }
        }
    }
}

/// Converts a count to Prometheus's only kind of number. Beyond 2⁵³ its last digits are lost.
#[expect(clippy::cast_precision_loss, reason = "the format has only floats")]
pub(super) fn float(count: u64) -> f64 {
    count as f64
}
