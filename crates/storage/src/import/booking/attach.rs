//! Creating the campaigns and banners that a file mentions.

use std::collections::{BTreeSet, HashSet};

use bams_domain::{BannerId, CampaignId, Status};
use sea_orm::sea_query::ExprTrait;
use sea_orm::{ColumnTrait, Condition, DbErr, EntityTrait, QueryFilter, QuerySelect};

use super::ledger::Ledger;
use crate::catalog::{self, BannerImage, BannerSettings, CampaignSettings, attachments};
use crate::database::insert::ROWS;
use crate::entity::{banner, campaign, campaign_banner, performance};
use crate::error::{Attempt, StorageError};

/// How many campaigns' pairs are looked up together.
const CAMPAIGNS_TOGETHER: usize = 50;

/// The most pairs that one import remembers as attached: about 5 MiB.
const REMEMBERED: usize = 400_000;

impl Ledger {
    /// Creates the campaigns and banners of sorted pairs that do not exist, and attaches each
    /// banner to its campaign, unless the pair has performance from before: then somebody has
    /// detached it.
    ///
    /// Existing rows stay as they are, even if another node creates them at this moment.
    pub(super) async fn attach(
        &mut self,
        mut pairs: Vec<(CampaignId, BannerId)>,
    ) -> Result<(), StorageError> {
        pairs.retain(|pair| !self.attached.contains(pair));
        let numbers = pairs.iter().map(|it| (i64::from(it.0.0), i64::from(it.1.0))).collect();
        self.attach_missing(numbers).await.attempt("create campaigns and banners")?;
        if self.attached.len() + pairs.len() > REMEMBERED {
            self.attached.clear();
        }
        self.attached.extend(pairs);
        Ok(())
    }

    async fn attach_missing(&self, pairs: Vec<(i64, i64)>) -> Result<(), DbErr> {
        let mut missing = self.not_attached(pairs).await?;
        let detached = self.achieved(&missing).await?;
        missing.retain(|pair| !detached.contains(pair));
        if missing.is_empty() {
            return Ok(());
        }
        self.create_campaigns(missing.iter().map(|it| it.0).collect()).await?;
        self.create_banners(missing.iter().map(|it| it.1).collect()).await?;
        let rows = missing.into_iter().filter_map(|(campaign, banner)| {
            let campaign = CampaignId(campaign.try_into().ok()?);
            let banner = BannerId(banner.try_into().ok()?);
            Some(attachments::new_row(campaign, banner, Status::Active, self.now_unix_ms))
        });
        self.insert_missing(rows).await
    }

    /// Returns the pairs among sorted ones that are not attached. Only these are inserted, because
    /// inserting all would lock existing rows in MySQL for as long as the import takes.
    async fn not_attached(&self, pairs: Vec<(i64, i64)>) -> Result<Vec<(i64, i64)>, DbErr> {
        let mut missing = Vec::new();
        let campaigns: Vec<_> = pairs.chunk_by(|one, next| one.0 == next.0).collect();
        for some in campaigns.chunks(CAMPAIGNS_TOGETHER) {
            let pairs = some.concat();
            let attached = self.attached_of(some.iter().map(|it| it[0].0), &pairs).await?;
            missing.extend(pairs.into_iter().filter(|pair| !attached.contains(pair)));
        }
        Ok(missing)
    }

    /// Returns the attached pairs of a few campaigns: all of them, if these are not many more than
    /// the sorted ones in question, else only those.
    async fn attached_of(
        &self,
        campaigns: impl Iterator<Item = i64>,
        pairs: &[(i64, i64)],
    ) -> Result<HashSet<(i64, i64)>, DbErr> {
        use campaign_banner::{Column, Entity};
        let pair = (Column::CampaignId, Column::BannerId);
        let query = || Entity::find().select_only().columns([pair.0, pair.1]);
        let few = 4 * pairs.len();
        let some = query().filter(pair.0.is_in(campaigns)).limit(few as u64 + 1);
        let all: Vec<(i64, i64)> = some.into_tuple().all(&self.transaction).await?;
        if all.len() <= few {
            return Ok(all.into_iter().collect());
        }
        let mut attached = HashSet::new();
        for chunk in pairs.chunks(ROWS) {
            let known = query().filter(any_of(chunk, pair)).into_tuple::<(i64, i64)>();
            attached.extend(known.all(&self.transaction).await?);
        }
        Ok(attached)
    }

    /// Returns the pairs among sorted ones that have performance from before this file, which has
    /// not written any for pairs that are not attached.
    async fn achieved(&self, pairs: &[(i64, i64)]) -> Result<HashSet<(i64, i64)>, DbErr> {
        use performance::{Column, Entity};
        let pair = (Column::CampaignId, Column::BannerId);
        let mut achieved = HashSet::new();
        for chunk in pairs.chunks(ROWS) {
            let query = Entity::find().select_only().columns([pair.0, pair.1]).distinct();
            let known = query.filter(any_of(chunk, pair)).into_tuple::<(i64, i64)>();
            achieved.extend(known.all(&self.transaction).await?);
        }
        Ok(achieved)
    }

    async fn create_campaigns(&self, mut ids: BTreeSet<i64>) -> Result<(), DbErr> {
        let all: Vec<i64> = ids.iter().copied().collect();
        for chunk in all.chunks(ROWS) {
            let ids_of_all = campaign::Entity::find().select_only().column(campaign::Column::Id);
            let known = ids_of_all.filter(campaign::Column::Id.is_in(chunk.iter().copied()));
            for id in known.into_tuple::<i64>().all(&self.transaction).await? {
                ids.remove(&id);
            }
        }
        let rows = ids.into_iter().filter_map(|id| {
            let settings = CampaignSettings::named(format!("Campaign {id}"));
            let id = CampaignId(id.try_into().ok()?);
            Some(catalog::campaign::new_row(Some(id), &settings, self.now_unix_ms))
        });
        self.insert_missing(rows).await
    }

    async fn create_banners(&self, mut ids: BTreeSet<i64>) -> Result<(), DbErr> {
        let all: Vec<i64> = ids.iter().copied().collect();
        for chunk in all.chunks(ROWS) {
            let ids_of_all = banner::Entity::find().select_only().column(banner::Column::Id);
            let known = ids_of_all.filter(banner::Column::Id.is_in(chunk.iter().copied()));
            for id in known.into_tuple::<i64>().all(&self.transaction).await? {
                ids.remove(&id);
            }
        }
        let rows = ids.into_iter().filter_map(|id| {
            let id = BannerId(id.try_into().ok()?);
            Some(new_banner(id, None, (self.default_key)(id), self.now_unix_ms))
        });
        self.insert_missing(rows).await
    }
}

/// Returns the condition that two columns are one of sorted pairs of campaign and banner.
fn any_of<C: ColumnTrait>(pairs: &[(i64, i64)], (campaign, banner): (C, C)) -> Condition {
    let campaigns = pairs.chunk_by(|one, next| one.0 == next.0);
    campaigns.fold(Condition::any(), |any, pairs| {
        let banners = pairs.iter().map(|it| it.1);
        any.add(campaign.eq(pairs[0].0).and(banner.is_in(banners)))
    })
}

/// Returns the row of a banner that a file mentions.
pub(super) fn new_banner(
    id: BannerId,
    name: Option<String>,
    key: String,
    now: i64,
) -> banner::ActiveModel {
    let name = name.unwrap_or_else(|| format!("Banner {id}"));
    let (settings, image) = (BannerSettings::named(name), BannerImage::of_key(key));
    catalog::banner::new_row(Some(id), &settings, Some(&image), now)
}
