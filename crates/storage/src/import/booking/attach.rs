//! Creating the campaigns and banners that a file mentions.

use std::collections::{BTreeSet, HashSet};

use bams_domain::{BannerId, CampaignId, Status};
use sea_orm::sea_query::ExprTrait;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter,
    QuerySelect, Statement,
};

use super::rows::insert_missing;
use crate::catalog::{self, BannerImage, BannerSettings, CampaignSettings, attachments};
use crate::database::insert::ROWS;
use crate::entity::{banner, campaign, campaign_banner, performance};
use crate::error::{Attempt, StorageError};
use crate::import::options::DefaultKey;
use crate::performance::staged_sums::COUNTING;

const ACTION: &str = "create campaigns and banners";

/// How many campaigns' pairs are looked up together.
const CAMPAIGNS_TOGETHER: usize = 50;

/// The most pairs that one import remembers: about 5 MiB.
const REMEMBERED: usize = 400_000;

/// A campaign and a banner by their numbers.
pub(super) type Pair = (i64, i64);

/// The pairs of a file that were looked up before.
#[derive(Default)]
pub(super) struct Pairs(HashSet<(CampaignId, BannerId)>);

impl Pairs {
    /// Returns those of some sorted pairs that must be attached: those that are not, and have no
    /// performance from before, because then somebody has detached them. Each pair is looked up once,
    /// mostly.
    pub(super) async fn missing<C: ConnectionTrait>(
        &mut self,
        database: &C,
        mut pairs: Vec<(CampaignId, BannerId)>,
    ) -> Result<Vec<Pair>, StorageError> {
        pairs.retain(|pair| !self.0.contains(pair));
        let numbers = pairs.iter().map(|it| (i64::from(it.0.0), i64::from(it.1.0))).collect();
        let mut missing = not_attached(database, numbers).await.attempt(ACTION)?;
        let detached = achieved(database, &missing).await.attempt(ACTION)?;
        missing.retain(|pair| !detached.contains(pair));
        if self.0.len() + pairs.len() > REMEMBERED {
            self.0.clear();
        }
        self.0.extend(pairs);
        Ok(missing)
    }
}

/// Creates the campaigns and banners of pairs that do not exist, and attaches each banner to its
/// campaign.
///
/// Existing rows stay as they are, even if another node creates them at this moment.
pub(super) async fn attach(
    transaction: &DatabaseTransaction,
    pairs: &[Pair],
    default_key: &DefaultKey,
    now: i64,
) -> Result<(), StorageError> {
    if pairs.is_empty() {
        return Ok(());
    }
    let create = async {
        create_campaigns(transaction, pairs.iter().map(|it| it.0).collect(), now).await?;
        let banners = pairs.iter().map(|it| it.1).collect();
        create_banners(transaction, banners, default_key, now).await?;
        let rows = pairs.iter().filter_map(|&(campaign, banner)| {
            let campaign = CampaignId(campaign.try_into().ok()?);
            let banner = BannerId(banner.try_into().ok()?);
            Some(attachments::new_row(campaign, banner, Status::Active, now))
        });
        insert_missing(transaction, rows).await
    };
    create.await.attempt(ACTION)
}

/// Returns the pairs among sorted ones that are not attached. Only these are inserted, because
/// inserting all would lock existing rows in MySQL for as long as the import takes.
async fn not_attached<C: ConnectionTrait>(
    database: &C,
    pairs: Vec<Pair>,
) -> Result<Vec<Pair>, DbErr> {
    let mut missing = Vec::new();
    let campaigns: Vec<_> = pairs.chunk_by(|one, next| one.0 == next.0).collect();
    for some in campaigns.chunks(CAMPAIGNS_TOGETHER) {
        let pairs = some.concat();
        let attached = attached_of(database, some.iter().map(|it| it[0].0), &pairs).await?;
        missing.extend(pairs.into_iter().filter(|pair| !attached.contains(pair)));
    }
    Ok(missing)
}

/// Returns the attached pairs of a few campaigns: all of them, if these are not many more than
/// the sorted ones in question, else only those.
async fn attached_of<C: ConnectionTrait>(
    database: &C,
    campaigns: impl Iterator<Item = i64>,
    pairs: &[Pair],
) -> Result<HashSet<Pair>, DbErr> {
    use campaign_banner::{Column, Entity};
    let pair = (Column::CampaignId, Column::BannerId);
    let query = || Entity::find().select_only().columns([pair.0, pair.1]);
    let few = 4 * pairs.len();
    let some = query().filter(pair.0.is_in(campaigns)).limit(few as u64 + 1);
    let all: Vec<Pair> = some.into_tuple().all(database).await?;
    if all.len() <= few {
        return Ok(all.into_iter().collect());
    }
    let mut attached = HashSet::new();
    for chunk in pairs.chunks(ROWS) {
        let known = query().filter(any_of(chunk, pair)).into_tuple::<Pair>();
        attached.extend(known.all(database).await?);
    }
    Ok(attached)
}

/// Returns the pairs among sorted ones that have performance from before this file, which has
/// not written any for pairs that are not attached.
async fn achieved<C: ConnectionTrait>(
    database: &C,
    pairs: &[Pair],
) -> Result<HashSet<Pair>, DbErr> {
    use performance::{Column, Entity};
    let pair = (Column::CampaignId, Column::BannerId);
    let mut achieved = HashSet::new();
    for chunk in pairs.chunks(ROWS) {
        let query = Entity::find().select_only().columns([pair.0, pair.1]).distinct();
        let known = query.filter(any_of(chunk, pair)).into_tuple::<Pair>();
        achieved.extend(known.all(database).await?);
    }
    if !pairs.is_empty() {
        let sql = format!("SELECT DISTINCT campaign_id, banner_id FROM {COUNTING}");
        let statement = Statement::from_string(database.get_database_backend(), sql);
        for row in database.query_all_raw(statement).await? {
            let known: Pair = row.try_get_many_by_index()?;
            achieved.extend(pairs.binary_search(&known).is_ok().then_some(known));
        }
    }
    Ok(achieved)
}

async fn create_campaigns(
    transaction: &DatabaseTransaction,
    mut ids: BTreeSet<i64>,
    now: i64,
) -> Result<(), DbErr> {
    let all: Vec<i64> = ids.iter().copied().collect();
    for chunk in all.chunks(ROWS) {
        let ids_of_all = campaign::Entity::find().select_only().column(campaign::Column::Id);
        let known = ids_of_all.filter(campaign::Column::Id.is_in(chunk.iter().copied()));
        for id in known.into_tuple::<i64>().all(transaction).await? {
            ids.remove(&id);
        }
    }
    let rows = ids.into_iter().filter_map(|id| {
        let settings = CampaignSettings::named(format!("Campaign {id}"));
        let id = CampaignId(id.try_into().ok()?);
        Some(catalog::campaign::new_row(Some(id), &settings, now))
    });
    insert_missing(transaction, rows).await
}

async fn create_banners(
    transaction: &DatabaseTransaction,
    mut ids: BTreeSet<i64>,
    default_key: &DefaultKey,
    now: i64,
) -> Result<(), DbErr> {
    let all: Vec<i64> = ids.iter().copied().collect();
    for chunk in all.chunks(ROWS) {
        let ids_of_all = banner::Entity::find().select_only().column(banner::Column::Id);
        let known = ids_of_all.filter(banner::Column::Id.is_in(chunk.iter().copied()));
        for id in known.into_tuple::<i64>().all(transaction).await? {
            ids.remove(&id);
        }
    }
    let rows = ids.into_iter().filter_map(|id| {
        let id = BannerId(id.try_into().ok()?);
        Some(new_banner(id, default_key(id), now))
    });
    insert_missing(transaction, rows).await
}

/// Returns the condition that two columns are one of sorted pairs of campaign and banner.
fn any_of<C: ColumnTrait>(pairs: &[Pair], (campaign, banner): (C, C)) -> Condition {
    let campaigns = pairs.chunk_by(|one, next| one.0 == next.0);
    campaigns.fold(Condition::any(), |any, pairs| {
        let banners = pairs.iter().map(|it| it.1);
        any.add(campaign.eq(pairs[0].0).and(banner.is_in(banners)))
    })
}

/// Returns the row of a banner that a file mentions.
fn new_banner(id: BannerId, key: String, now: i64) -> banner::ActiveModel {
    let settings = BannerSettings::named(format!("Banner {id}"));
    let image = BannerImage::of_key(key);
    catalog::banner::new_row(Some(id), &settings, Some(&image), now)
}
