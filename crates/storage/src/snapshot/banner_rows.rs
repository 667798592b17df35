//! Reading banners from SQL.

use std::collections::HashMap;

use bams_domain::{BannerId, CampaignId};
use futures_util::TryStreamExt;
use futures_util::future::join;
use sea_orm::sea_query::{Expr, Query};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbBackend, QueryFilter, QueryOrder,
};

use super::banner_row::{BannerColumns, BannerFlaw, BannerReader, BannerRow, select};
use super::banner_table::{BannerTable, TableBuilder};
use super::packed_banners::{BannerSpan, PackedBanners};
use crate::database::which_campaigns::WhichCampaigns;
use crate::entity::{banner, campaign_banner};
use crate::error::{Attempt, StorageError};

const ACTION: &str = "load banners";

/// Banners whose rows cannot be read, and why. They are errors of their campaigns only.
pub(super) type UnreadableBanners = HashMap<BannerId, StorageError>;

/// Some rows.
#[derive(Default)]
pub(super) struct BannerRows {
    pub(super) read: Vec<BannerRow>,
    pub(super) flawed: Vec<BannerFlaw>,
}

impl BannerRows {
    /// Returns the rows of which a table learns, and the banners that cannot be read. Those stay as the
    /// table knows them.
    pub(super) fn news(self, table: &BannerTable) -> (Vec<BannerRow>, UnreadableBanners) {
        let (mut news, mut unreadable) = (self.read, UnreadableBanners::new());
        for BannerFlaw { leads, error } in self.flawed {
            unreadable.insert(leads.id, error);
            if table.find(leads.id).is_none() {
                news.push(leads);
            }
        }
        (news, unreadable)
    }
}

/// Reads every banner. SQLite packs the next ones while these are taken; a server takes longer to pack
/// rows than to send them.
pub(super) async fn all(
    transaction: &DatabaseTransaction,
) -> Result<(BannerTable, UnreadableBanners), StorageError> {
    let mut all = AllBanners::default();
    if transaction.get_database_backend() != DbBackend::Sqlite {
        all.take_rows(transaction, &BannerSpan::whole()).await?;
        return Ok((all.table.finish(), all.unreadable));
    }
    let mut waiting = Some(BannerSpan::first(transaction).await?);
    let mut read: Option<(BannerSpan, PackedBanners)> = None;
    while waiting.is_some() || read.is_some() {
        let reading = async {
            let Some(span) = waiting.take() else { return Ok(None) };
            let packed = span.packed(transaction).await?;
            let next = span.next(transaction).await?;
            Ok::<_, StorageError>(Some((span, packed, next)))
        };
        let taking = async { read.take().filter(|(_, packed)| !all.take_packed(packed)) };
        let (reading, not_taken) = join(reading, taking).await;
        if let Some((span, _)) = not_taken {
            all.take_rows(transaction, &span).await?;
        }
        if let Some((span, packed, next)) = reading? {
            (read, waiting) = (Some((span, packed)), next);
        }
    }
    Ok((all.table.finish(), all.unreadable))
}

/// Every banner in the making, in the order of the numbers.
#[derive(Default)]
struct AllBanners {
    reader: BannerReader,
    table: TableBuilder,
    unreadable: UnreadableBanners,
}

impl AllBanners {
    /// Takes packed rows, or returns false if they have to be read one after the other.
    fn take_packed(&mut self, packed: &PackedBanners) -> bool {
        let Some(rows) = packed.rows() else { return false };
        for row in rows {
            self.take(row);
        }
        true
    }

    /// Reads the rows of a span one after the other.
    async fn take_rows(
        &mut self,
        transaction: &DatabaseTransaction,
        span: &BannerSpan,
    ) -> Result<(), StorageError> {
        let query = select().filter(span.limits()).order_by_asc(banner::Column::Id);
        let query = query.into_tuple::<BannerColumns>();
        let mut rows = query.stream(transaction).await.attempt(ACTION)?;
        while let Some(row) = rows.try_next().await.attempt(ACTION)? {
            self.take(row);
        }
        Ok(())
    }

    fn take<T: AsRef<str> + Into<String>>(&mut self, row: BannerColumns<T>) {
        match self.reader.read(row) {
            Some(Ok(row)) => self.table.push(&row),
            Some(Err(flaw)) => {
                self.table.push(&flaw.leads);
                self.unreadable.insert(flaw.leads.id, flaw.error);
            }
            None => {}
        }
    }
}

/// Reads the banners attached to any of a few hundred campaigns.
pub(super) async fn of_campaigns(
    transaction: &DatabaseTransaction,
    campaigns: &[CampaignId],
) -> Result<BannerRows, StorageError> {
    let mut ids = Query::select();
    ids.column(campaign_banner::Column::BannerId).from(campaign_banner::Entity);
    let limits = WhichCampaigns::These(campaigns).limits(campaign_banner::Column::CampaignId);
    if let Some(limits) = limits {
        ids.and_where(limits);
    }
    limited(transaction, banner::Column::Id.in_subquery(ids)).await
}

/// Reads a few hundred banners.
pub(super) async fn these(
    transaction: &DatabaseTransaction,
    banners: &[BannerId],
) -> Result<BannerRows, StorageError> {
    limited(transaction, banner::Column::Id.is_in(banners.iter().map(|it| it.0))).await
}

async fn limited(
    transaction: &DatabaseTransaction,
    limits: Expr,
) -> Result<BannerRows, StorageError> {
    let query = select().filter(limits).into_tuple::<BannerColumns>();
    let (mut reader, mut rows) = (BannerReader::default(), BannerRows::default());
    for row in query.all(transaction).await.attempt(ACTION)? {
        match reader.read(row) {
            Some(Ok(row)) => rows.read.push(row),
            Some(Err(flaw)) => rows.flawed.push(*flaw),
            None => {}
        }
    }
    Ok(rows)
}
