//! Three pages for one visitor: `cargo run -p bams-domain --example choose_banners`.

use bams_domain::{BannerId, BannerPerformance, History, Ladder, Performance, Revenue, select};
use rand::{SeedableRng, rngs::StdRng};

#[expect(clippy::print_stdout, reason = "an example shows what it does")]
fn main() {
    // Twelve banners: the first three converted, the next four were clicked, the others never.
    let ladder = Ladder::rank((1..=12).map(|id| {
        let conversions = u64::from(id <= 3);
        let revenue = Revenue::from_micros(if id <= 3 { i64::from(id) * 1_250_000 } else { 0 });
        let clicks = if id <= 7 { u64::from(id) * 10 } else { 0 };
        let performance = Performance { impressions: 1000, clicks, conversions, revenue };
        BannerPerformance { banner: BannerId(id), performance }
    }));

    let mut history = History::default();
    let mut rng = StdRng::seed_from_u64(2026);
    for page in 1..=3 {
        let selection = select(&ladder, &mut history, None, &mut rng);
        println!("page {page}, {}:", selection.rule);
        for shown in selection.banners {
            println!("  banner {:>2}  rank {:>2}  {}", shown.banner, shown.rank, shown.basis);
        }
    }
}
