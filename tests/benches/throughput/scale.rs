//! Whether a decision costs more where there are a hundred times as many campaigns.

use std::path::Path;

use bams_tests::Bams;

use crate::contender::{Contender, compare};
use crate::csv::{Kind, Record};
use crate::options::Options;
use crate::store::{BANNERS, CAMPAIGNS, Store};
use crate::table::{Row, count, micros, tell};

/// Campaigns of the large store.
const MANY: u32 = 100 * CAMPAIGNS;

/// The clicks of each campaign in each quarter, one for each of its first banners, and how many of
/// them led to a sale.
const CLICKS: u32 = 40;
const CONVERSIONS: u32 = 15;

pub(crate) async fn measure(options: &Options) -> Vec<Row> {
    if !options.large {
        return Vec::new();
    }
    tell("scale: filling the large store");
    let (small, large) = (store(CAMPAIGNS), store(MANY));
    let (small, large) = (small.server().start().await, large.server().start().await);
    let contender = |bams: &Bams, campaigns| {
        let campaigns: Vec<u32> = (1..=campaigns).collect();
        Contender::new(&bams.url(""), bams.pid(), &campaigns)
    };
    let [few, many] =
        compare([&mut contender(&small, CAMPAIGNS), &mut contender(&large, MANY)], options).await;
    vec![Row {
        what: format!("CPU time of a decision, {} campaigns × {BANNERS} banners", count(MANY)),
        measured: micros(many.server),
        beside: format!("{CAMPAIGNS} campaigns: {}", micros(few.server)),
        ratio: Some(many.server / few.server),
        target: "≤ 1.2",
    }]
}

fn store(campaigns: u32) -> Store {
    Store::filled(|folder| {
        for quarter in 1..=4 {
            write(&folder.join(quarter.to_string()), quarter, campaigns);
        }
    })
}

fn write(folder: &Path, quarter: u8, campaigns: u32) {
    let number = |campaign, banner| (u32::from(quarter) * 10_000 + campaign) * CLICKS + banner;
    // Fifty campaigns at a time share their banners.
    let record = move |campaign, banner| Record {
        number: number(campaign, banner),
        campaign,
        banner: 1 + campaign.div_ceil(CAMPAIGNS) * BANNERS + banner,
    };
    let of_each = |banners| {
        (1..=campaigns).flat_map(move |it| (0..banners).map(move |banner| record(it, banner)))
    };
    let shown = if quarter == 1 { BANNERS } else { 1 };
    Kind::Impressions.write(folder, quarter, of_each(shown));
    Kind::Clicks.write(folder, quarter, of_each(CLICKS));
    Kind::Conversions.write(folder, quarter, of_each(CONVERSIONS));
}
