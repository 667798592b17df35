//! A server under load, and what that costs it.

use std::time::Duration;

use crate::load::{Answered, Load};
use crate::options::Options;
use bams_tests::process::processor_time;

/// One of the servers that are compared.
#[derive(Debug)]
pub(crate) struct Contender {
    load: Load,
    pid: u32,
    redis: Option<u32>,
}

/// What one round, or the medians of some, came to.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Cost {
    /// Requests answered in a second.
    pub(crate) per_second: f64,
    /// Processor time of the server for one request, in microseconds.
    pub(crate) server: f64,
    /// Processor time of Redis for one request, in microseconds.
    pub(crate) redis: f64,
    /// The time in which half of the answers came, in microseconds.
    pub(crate) p50: f64,
    /// The time in which 99 % of the answers came, in microseconds.
    pub(crate) p99: f64,
}

impl Contender {
    /// A server by its URL and process, asked for these campaigns.
    pub(crate) fn new(url: &str, pid: u32, campaigns: &[u32]) -> Self {
        Self { load: Load::new(url, campaigns), pid, redis: None }
    }

    /// Counts what a Redis server spends, too.
    pub(crate) fn with_redis(self, pid: u32) -> Self {
        Self { load: self.load.may_sleep(), redis: Some(pid), ..self }
    }

    async fn round(&mut self, time: Duration) -> Cost {
        let redis = || self.redis.map_or(Duration::ZERO, processor_time);
        let before = (processor_time(self.pid), redis());
        let Answered { time, latencies } = self.load.run(time).await;
        let redis = || self.redis.map_or(Duration::ZERO, processor_time);
        let requests = f64::from(u32::try_from(latencies.len()).expect("fewer than 2³²"));
        let percentile = |it: usize| micros(latencies[(latencies.len() - 1) * it / 100]);
        Cost {
            per_second: requests / time.as_secs_f64(),
            server: micros(processor_time(self.pid).saturating_sub(before.0)) / requests,
            redis: micros(redis().saturating_sub(before.1)) / requests,
            p50: percentile(50),
            p99: percentile(99),
        }
    }
}

/// Loads the servers by turns, so that noise hits all alike; the medians of each.
pub(crate) async fn compare<const N: usize>(
    mut contenders: [&mut Contender; N],
    options: &Options,
) -> [Cost; N] {
    for contender in &mut contenders {
        contender.round(options.warm_up()).await;
    }
    let mut rounds = [const { Vec::new() }; N];
    for _ in 0..options.rounds() {
        for (contender, rounds) in contenders.iter_mut().zip(&mut rounds) {
            rounds.push(contender.round(options.round()).await);
        }
    }
    rounds.map(|it| Cost {
        per_second: median(it.iter().map(|it| it.per_second)),
        server: median(it.iter().map(|it| it.server)),
        redis: median(it.iter().map(|it| it.redis)),
        p50: median(it.iter().map(|it| it.p50)),
        p99: median(it.iter().map(|it| it.p99)),
    })
}

/// The middle of some numbers; the upper one of two.
pub(crate) fn median(numbers: impl Iterator<Item = f64>) -> f64 {
    let mut numbers: Vec<f64> = numbers.collect();
    numbers.sort_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}
