//! What a banner achieved in a period, in all its campaigns together.

use bams_app::reporting::Whose;
use bams_domain::BannerId;

use crate::dashboard::charts::{LineChart, line_chart};
use crate::dashboard::desk::Desk;
use crate::dashboard::fields::Fields;
use crate::dashboard::figures::{self, Card, cards};
use crate::dashboard::figures_file;
use crate::dashboard::period::PeriodView;
use crate::problem::ApiError;

/// The figures of a period with their chart.
pub(super) struct PeriodFigures {
    pub(super) period: PeriodView,
    pub(super) clock: String,
    pub(super) cards: Vec<Card>,
    pub(super) chart: LineChart,
    pub(super) chart_file: String,
}

/// Returns the figures of the period that an address asks for, as [`Desk::figures_of`] chooses it.
pub(super) async fn of(
    desk: &Desk,
    banner: BannerId,
    asked: &Fields,
) -> Result<PeriodFigures, ApiError> {
    let whose = Whose { campaign: None, banner: Some(banner) };
    let (period, told) = desk.figures_of(whose, asked).await?;
    let currency = desk.parts.dashboard.currency.as_str();
    let figure = figures::asked(asked);
    let words = [&*period.end(), &*period.before()];
    Ok(PeriodFigures {
        period: period.view(asked),
        clock: desk.browser.zone.clock(desk.now),
        cards: cards(&told, figure, asked, currency, false),
        chart: line_chart(&told, figure, period.span.step, words, currency),
        chart_file: figures_file::of_period(
            period.span.step.word(),
            &period,
            &[("banner_id", &banner.to_string())],
        ),
    })
}
