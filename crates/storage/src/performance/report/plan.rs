//! Which tables a report reads, and for which slots: always the coarsest that can answer.

use bams_domain::Slot;

use super::query::{Dimension, ReportQuery};
use super::stretches::Stretch;
use crate::performance::condensed::DAY;
use crate::performance::roll_up::RollUp;
use crate::performance::roll_ups::Mark;

/// The tables that have the counts of a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// A roll-up.
    RollUp(RollUp),
    /// Banners and slots.
    Slots,
    /// Of those, what is not in roll-ups.
    Open,
    /// Sums of imports that are not yet in performance.
    Staged,
}

/// A part of a report: rows of one source, moved to what they are compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ReportPart {
    pub(super) source: Source,
    /// The slots, and how they are moved.
    pub(super) stretch: Stretch,
}

/// What a store has, at the moment of a report.
#[derive(Clone, Copy)]
pub(super) struct StoredRange {
    /// The first slot that performance still has as such.
    pub(super) condensed: Option<Slot>,
    /// The mark of roll-ups.
    pub(super) mark: Mark,
    /// The first slot of roll-ups.
    pub(super) first: Option<i64>,
    /// True if there are events that do not count.
    pub(super) filtered: bool,
    /// True if there are sums of imports that are not yet in performance.
    pub(super) staged: bool,
}

/// Returns true if a report tells banners apart, or leaves some out.
pub(super) fn has_banners(query: &ReportQuery, dimensions: &[Dimension]) -> bool {
    dimensions.contains(&Dimension::Banner) || !query.banners.is_empty()
}

/// Returns the parts that are together everything in the scope of a report, each once. Fails with the
/// first slot that is kept as such, if the report needs earlier ones.
pub(super) fn parts(
    query: &ReportQuery,
    dimensions: &[Dimension],
    stretches: &[Stretch],
    kept: &StoredRange,
) -> Result<Vec<ReportPart>, Slot> {
    let (days, slots) = tables(query, dimensions);
    let mut plan = ReportPlan { kept, days, slots, parts: Vec::new() };
    for stretch in stretches {
        plan.add(stretch, dimensions)?;
    }
    Ok(plan.parts)
}

/// Returns the roll-up that has whole days, and the one that has slots, if any.
fn tables(query: &ReportQuery, dimensions: &[Dimension]) -> (RollUp, Option<RollUp>) {
    let quarters = dimensions.contains(&Dimension::Quarter) || !query.quarters.is_empty();
    let campaigns = dimensions.contains(&Dimension::Campaign) || !query.campaigns.is_empty();
    match (has_banners(query, dimensions), campaigns) {
        (true, _) if quarters => (RollUp::BannerQuarters, None),
        (true, _) => (RollUp::BannerDays, None),
        (false, true) => (RollUp::CampaignDays, Some(RollUp::CampaignSlots)),
        (false, false) => (RollUp::Slots, Some(RollUp::Slots)),
    }
}

struct ReportPlan<'a> {
    kept: &'a StoredRange,
    days: RollUp,
    slots: Option<RollUp>,
    parts: Vec<ReportPart>,
}

impl ReportPlan<'_> {
    fn add(&mut self, stretch: &Stretch, dimensions: &[Dimension]) -> Result<(), Slot> {
        let Stretch { from, to, shift, ahead, .. } = *stretch;
        let torn = shift.rem_euclid(DAY) != 0 || ahead.rem_euclid(DAY) != 0;
        let by_slot =
            dimensions.contains(&Dimension::Hour) || (torn && dimensions.contains(&Dimension::Day));
        if self.kept.staged {
            self.push(Source::Staged, stretch, from, to);
        }
        // Whole days begin at the first midnight and end at the last one.
        let begin = from.map(|slot| slot + (-slot).rem_euclid(DAY));
        let end = to.map(|slot| slot - slot.rem_euclid(DAY));
        let is_empty = begin.zip(end).is_some_and(|(begin, end)| begin >= end);
        if by_slot || is_empty {
            return self.add_slots(stretch, from, to);
        }
        if from != begin {
            self.add_slots(stretch, from, begin)?;
        }
        self.push(Source::RollUp(self.days), stretch, begin, end);
        self.add_open(stretch, begin, end);
        if end != to {
            self.add_slots(stretch, end, to)?;
        }
        Ok(())
    }

    /// Adds slots that are needed as such.
    fn add_slots(
        &mut self,
        stretch: &Stretch,
        from: Option<i64>,
        to: Option<i64>,
    ) -> Result<(), Slot> {
        let StoredRange { condensed, mark, .. } = *self.kept;
        let first = match self.slots {
            Some(_) => mark.hours_from(condensed),
            None => condensed,
        };
        if let Some(first) = first
            && from.is_none_or(|slot| slot < first.number())
        {
            return Err(first);
        }
        match self.slots {
            Some(slots) => {
                self.push(Source::RollUp(slots), stretch, from, to);
                self.add_open(stretch, from, to);
            }
            None => self.push(Source::Slots, stretch, from, to),
        }
        Ok(())
    }

    /// Adds what roll-ups lack in some slots.
    fn add_open(&mut self, stretch: &Stretch, from: Option<i64>, to: Option<i64>) {
        if to.is_none_or(|slot| !self.kept.mark.has_passed(slot)) {
            self.push(Source::Open, stretch, from, to);
        }
    }

    fn push(&mut self, source: Source, stretch: &Stretch, from: Option<i64>, to: Option<i64>) {
        self.parts.push(ReportPart { source, stretch: Stretch { from, to, ..*stretch } });
    }
}

impl ReportPart {
    /// Returns true if its rows are so many of a roll-up that they are read fastest in the order of
    /// their keys, without a look into the index by slot for each.
    pub(super) fn is_wide(&self, kept: &StoredRange) -> bool {
        let (Some(from), Some(to)) = (self.stretch.from, self.stretch.to) else { return true };
        let first = kept.first.unwrap_or(0);
        (to - from) * 4 > kept.mark.day() + DAY - first
    }
}
