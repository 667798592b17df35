//! Measures the real program beside ceilings of the same machine, and prints one table.
//!
//! `cargo bench -p bams-tests` measures everything that takes seconds. Arguments after `--`
//! choose: `decisions`, `scale`, `start`, `imports`, `events`, `reports`, `dashboard` name the parts to
//! measure, `--quick` spends less time on each, `--large` adds the store of 5,000 campaigns. `--weeks`
//! measures reports and pages over five weeks, `--weeks 1` over fewer; `--catalogue` a store of 5,000
//! campaigns, `--catalogue 500` a smaller one; `--verify` recomputing ten million clicks and conversions.
//! These measure nothing else unless it is named.
//!
//! Nothing here passes or fails: machines differ, and neighbours make noise. The ratios are
//! for people to read.

mod bare_commits;
mod bare_inserts;
mod by_sql;
mod catalogue;
mod ceiling;
mod connection;
mod contender;
mod csv;
mod dashboard;
mod decisions;
mod event_load;
mod events;
mod growth;
mod imports;
mod load;
mod machine;
mod options;
mod peak_memory;
mod reports;
mod scale;
mod spread_clicks;
mod start;
mod store;
mod table;
mod verify;
mod visits;
mod weeks;

use options::Options;
use table::Table;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let Some(ceiling) = ceiling::asked_for(&arguments) {
        return ceiling::serve(ceiling);
    }
    let options = Options::of(&arguments);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let table = runtime.expect("a runtime").block_on(measure(&options));
    table::print(&format!("{}\n{table}", machine::caption(&options)));
}

async fn measure(options: &Options) -> Table {
    let mut table = Table::default();
    if options.wants("decisions") {
        table.add(decisions::measure(options).await);
    }
    if options.wants("scale") {
        table.add(scale::measure(options).await);
    }
    if options.wants("start") {
        table.add(start::measure(options).await);
    }
    if options.wants("imports") {
        table.add(imports::measure(options).await);
    }
    if options.wants("events") {
        table.add(events::measure(options).await);
    }
    if options.wants("reports") {
        table.add(reports::measure(options).await);
    }
    if options.wants("dashboard") {
        table.add(dashboard::measure(options).await);
    }
    table.add(weeks::measure(options).await);
    table.add(catalogue::measure(options).await);
    table.add(verify::measure(options).await);
    table
}
