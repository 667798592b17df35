//! Every banner of the store, in pages, each at a place that it keeps.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use bams_domain::BannerId;

use super::banner_row::BannerRow;
use super::page_builder::PageBuilder;
use super::served_banner::{BannerPage, ServedBanner};

/// The banners of a page. A change copies the page.
const PAGE: usize = 128;

/// The place of a banner in a table, and in those that follow it.
pub(super) type TablePlace = u32;

/// Every banner of the store, also those that are not shown, because links to them may still be on
/// pages. It is immutable, and copies share their pages.
#[derive(Clone, Debug, Default)]
pub(crate) struct BannerTable {
    /// All but the last one are full.
    pages: Vec<Arc<BannerPage>>,
    /// How many banners, from the first place on, are in the order of their numbers.
    sorted: usize,
    /// The places of the others.
    later: HashMap<BannerId, TablePlace>,
}

/// A table after some banners changed.
pub(super) struct EditedTable {
    pub(super) table: BannerTable,
    /// The banners that campaigns may show now and could not before, or the other way round.
    pub(super) switched: Vec<BannerId>,
}

impl BannerTable {
    /// Returns the banner at a place, which must be of this table or of one before it.
    pub(super) fn at(&self, place: TablePlace) -> ServedBanner<'_> {
        let place = place as usize;
        self.pages[place / PAGE].at(place % PAGE)
    }

    /// Returns a banner.
    pub(super) fn banner(&self, banner: BannerId) -> Option<ServedBanner<'_>> {
        Some(self.at(self.find(banner)?))
    }

    /// Returns the place of a banner.
    pub(super) fn find(&self, banner: BannerId) -> Option<TablePlace> {
        let sorted = &self.pages[..self.sorted.div_ceil(PAGE)];
        let after = sorted.partition_point(|it| it.at(0).id() <= banner);
        let found = after.checked_sub(1).and_then(|page| {
            let index = sorted[page].find(banner, self.sorted - page * PAGE)?;
            TablePlace::try_from(page * PAGE + index).ok()
        });
        found.or_else(|| self.later.get(&banner).copied())
    }

    /// Returns the place of a banner, which may be the one after another.
    pub(super) fn find_after(
        &self,
        last: Option<TablePlace>,
        banner: BannerId,
    ) -> Option<TablePlace> {
        let next = last.map_or(0, |it| it + 1);
        let is_next = (next as usize) < self.len() && self.at(next).id() == banner;
        if is_next { Some(next) } else { self.find(banner) }
    }

    fn len(&self) -> usize {
        let full = self.pages.len().saturating_sub(1);
        full * PAGE + self.pages.last().map_or(0, |it| it.len())
    }

    /// Returns the table after banners got these rows, or `None` if nothing of them is new.
    pub(super) fn with(&self, rows: impl IntoIterator<Item = BannerRow>) -> Option<EditedTable> {
        let mut changed: BTreeMap<usize, BTreeMap<usize, BannerRow>> = BTreeMap::new();
        let (mut new, mut switched) = (BTreeMap::new(), Vec::new());
        for row in rows {
            let Some(place) = self.find(row.id) else {
                new.insert(row.id, row);
                continue;
            };
            let known = self.at(place);
            if known.is_ready() != row.is_ready() {
                switched.push(row.id);
            }
            if !known.is(&row) {
                let place = place as usize;
                changed.entry(place / PAGE).or_default().insert(place % PAGE, row);
            }
        }
        if changed.is_empty() && new.is_empty() {
            return None;
        }
        let mut table = self.clone();
        for (page, rows) in changed {
            table.pages[page] = edited(&self.pages[page], &rows).finish();
        }
        table.append(new.into_values());
        Some(EditedTable { table, switched })
    }

    /// Adds banners that are not in the table.
    fn append(&mut self, rows: impl Iterator<Item = BannerRow>) {
        let first = self.len();
        let mut page = match self.pages.pop_if(|it| it.len() < PAGE) {
            Some(last) => edited(&last, &BTreeMap::new()),
            None => PageBuilder::default(),
        };
        for (place, row) in (first..).zip(rows) {
            page.push(&row);
            self.later.insert(row.id, TablePlace::try_from(place).unwrap_or(TablePlace::MAX));
            if page.len() == PAGE {
                self.pages.push(page.finish());
            }
        }
        if page.len() > 0 {
            self.pages.push(page.finish());
        }
    }
}

/// Returns a page in the making with what another one has, but for banners with new rows.
fn edited(page: &BannerPage, rows: &BTreeMap<usize, BannerRow>) -> PageBuilder {
    let mut edited = PageBuilder::default();
    for index in 0..page.len() {
        match rows.get(&index) {
            Some(row) => edited.push(row),
            None => edited.copy(page.at(index)),
        }
    }
    edited
}

/// A table in the making, of all banners in the order of their numbers.
#[derive(Default)]
pub(super) struct TableBuilder {
    table: BannerTable,
    page: PageBuilder,
}

impl TableBuilder {
    pub(super) fn push(&mut self, row: &BannerRow) {
        self.page.push(row);
        self.table.sorted += 1;
        if self.page.len() == PAGE {
            self.table.pages.push(self.page.finish());
        }
    }

    pub(super) fn finish(mut self) -> BannerTable {
        if self.page.len() > 0 {
            self.table.pages.push(self.page.finish());
        }
        self.table.pages.shrink_to_fit();
        self.table
    }
}
