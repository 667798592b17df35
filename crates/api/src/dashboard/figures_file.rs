//! The figures of a view as a file for spreadsheets: the report that REST answers, for a session instead
//! of a key.

use super::desk::{Answer, Desk};
use super::fields::encoded;
use super::period::ChosenPeriod;
use super::zone::date_input;
use crate::extract::query::Params;
use crate::routes::reports::performance_report;

/// Where the files are.
const ADDRESS: &str = "/dashboard/performance";

/// Answers a report with the parameters of REST.
pub(super) async fn read(desk: Desk, params: Params) -> Answer {
    performance_report(&desk.request, params, &desk.parts.database).await
}

/// Returns the address of what was achieved in all hours so far, by a dimension such as `banner` and
/// with more parameters.
pub(crate) fn address(group_by: &str, more: &[(&str, &str)]) -> String {
    let fixed = [("group_by", group_by), ("format", "csv"), ("money", "decimal"), ("bom", "true")];
    let pairs = fixed.iter().chain(more).filter(|it| !it.1.is_empty());
    let pairs: Vec<String> =
        pairs.map(|(name, value)| format!("{name}={}", encoded(value))).collect();
    format!("{ADDRESS}?{}", pairs.join("&"))
}

/// Returns the address of what was achieved in a period. The period before stands beside it if both are
/// complete: a piece of a day is compared with no whole one.
pub(crate) fn of_period(group_by: &str, period: &ChosenPeriod, more: &[(&str, &str)]) -> String {
    let (first, last) = period.ends();
    let (first, last) = (date_input(first), date_input(last));
    let is_complete = period.span.compared() == Some(period.span.whole());
    let within = [
        ("from", first.as_str()),
        ("to", last.as_str()),
        ("time_zone", period.zone.name()),
        ("compare", if is_complete { "previous" } else { "" }),
    ];
    address(group_by, &[&within[..], more].concat())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dashboard::fields::Fields;
    use crate::dashboard::zone::Zone;

    /// 2026-03-18T10:22:04Z.
    const NOW: i64 = 1_773_829_324_000;

    #[test]
    fn only_complete_periods_stand_beside_the_one_before() {
        let told = |choice: &str| {
            let asked = Fields::new(vec![("period".to_owned(), choice.to_owned())]);
            let zone = Zone::named("Europe/Amsterdam").unwrap();
            of_period("day", &ChosenPeriod::asked(&asked, &zone, NOW), &[("campaign_id", "12")])
        };
        let begins = "/dashboard/performance?group_by=day&format=csv&money=decimal&bom=true&from=2026%2D03%2D";
        let zone = "&time_zone=Europe%2FAmsterdam";
        assert_eq!(
            told("7d"),
            format!("{begins}11&to=2026%2D03%2D17{zone}&compare=previous&campaign_id=12")
        );
        assert_eq!(told("today"), format!("{begins}18&to=2026%2D03%2D18{zone}&campaign_id=12"));
    }
}
