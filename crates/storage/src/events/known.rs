//! What the store knows about some conversions before they are booked.

use std::collections::{BTreeSet, HashMap, HashSet};

use bams_domain::{CampaignId, Slot};
use sea_orm::DatabaseTransaction;

use super::batch::Sale;
use super::event::{Conversion, ConversionFault, ConversionFlaw};
use super::raw_events::{self, ClickRow, ConversionKey, ConversionRow};
use super::used_ids;
use crate::error::StorageError;
use crate::performance::raw_rows::kept_from;

/// What the store knows about the conversions of some sales.
pub(super) struct KnownSales {
    /// The clicks that they name, as far as they exist and count.
    pub(super) clicks: HashMap<String, ClickRow>,
    /// The conversions with these ids, in any campaign.
    taken: HashMap<ConversionKey, ConversionRow>,
    /// The hashes of ids that are summed up.
    used: HashSet<i64>,
    /// The first slot whose raw rows are all kept, if not all are.
    from: Option<Slot>,
}

impl KnownSales {
    pub(super) async fn of(
        transaction: &DatabaseTransaction,
        sales: &[Sale],
    ) -> Result<Self, StorageError> {
        let all = || sales.iter().flat_map(|it| &it.conversions);
        let click_ids: BTreeSet<&str> = all().map(|it| it.click.as_str()).collect();
        let clicks = raw_events::clicks_by_id(transaction, &click_ids).await?;
        let ids: BTreeSet<&str> = all().map(|it| it.id.as_str()).collect();
        let taken = raw_events::conversions_by_id(transaction, &ids).await?;
        let from = kept_from(transaction).await?;
        let mut known = Self { clicks, taken, used: HashSet::new(), from };
        if known.from.is_some() {
            let hashes = all().filter_map(|it| known.hash(it));
            known.used = used_ids::among(transaction, hashes).await?;
        }
        Ok(known)
    }

    /// Returns the hash that tells whether a conversion is summed up: its own, or that of a click that is
    /// not there.
    fn hash(&self, conversion: &Conversion) -> Option<i64> {
        match self.clicks.get(&conversion.click) {
            Some(click) => Some(used_ids::of_conversion(&conversion.id, click.campaign.0.into())),
            None => used_ids::of_click(&conversion.click),
        }
    }

    /// Returns true if the id of a conversion belongs to an import that does not count yet.
    pub(super) fn is_staged(&self, conversion: &Conversion) -> bool {
        let campaign = self.clicks.get(&conversion.click).map(|click| click.campaign);
        let key = campaign.map(|campaign| (conversion.id.clone(), campaign));
        key.and_then(|key| self.taken.get(&key)).is_some_and(|known| known.staged)
    }

    /// Takes the id of a conversion. Returns false if it was taken.
    pub(super) fn take(&mut self, conversion: &Conversion, campaign: CampaignId) -> bool {
        let key = (conversion.id.clone(), campaign);
        let is_new = !self.taken.contains_key(&key);
        if is_new {
            self.taken.insert(key, ConversionRow::of(conversion));
        }
        is_new
    }

    /// Returns true if some ids of conversions have been summed up.
    pub(super) async fn are_used(
        &self,
        transaction: &DatabaseTransaction,
        keys: &[(&str, CampaignId)],
    ) -> Result<bool, StorageError> {
        if keys.is_empty() || kept_from(transaction).await?.is_none() {
            return Ok(false);
        }
        let hashes =
            keys.iter().map(|(id, campaign)| used_ids::of_conversion(id, campaign.0.into()));
        Ok(!used_ids::among(transaction, hashes).await?.is_empty())
    }

    /// Returns the faults of the conversions of one sale. A key may repeat within a sale if the
    /// contents are the same.
    pub(super) fn faults(&self, conversions: &[Conversion]) -> Vec<ConversionFault> {
        let mut faults = Vec::new();
        let mut earlier: HashMap<ConversionKey, ConversionRow> = HashMap::new();
        for (index, conversion) in conversions.iter().enumerate() {
            let mut fault = |flaw| faults.push(ConversionFault { index, flaw });
            let click = self.clicks.get(&conversion.click);
            let allowed = |click: &&ClickRow| conversion.only.is_none_or(|it| it == click.campaign);
            let Some(click) = click.filter(allowed) else {
                fault(if click.is_none() {
                    self.missing(conversion)
                } else {
                    ConversionFlaw::UnknownClick
                });
                continue;
            };
            let key = (conversion.id.clone(), click.campaign);
            if let Some(known) = self.taken.get(&key).or_else(|| earlier.get(&key)) {
                if !known.says_the_same(conversion) {
                    fault(ConversionFlaw::Conflict);
                }
            } else if self.hash(conversion).is_some_and(|hash| self.used.contains(&hash)) {
                fault(ConversionFlaw::UsedId);
            } else if self.from.is_some_and(|from| conversion.slot < from) {
                fault(ConversionFlaw::OldTime);
            }
            earlier.entry(key).or_insert_with(|| ConversionRow::of(conversion));
        }
        faults
    }

    /// Returns why a click is not there.
    fn missing(&self, conversion: &Conversion) -> ConversionFlaw {
        match self.from {
            Some(from) if used_ids::is_gone(&conversion.click, from, &self.used) => {
                ConversionFlaw::OldClick
            }
            _ => ConversionFlaw::UnknownClick,
        }
    }
}
