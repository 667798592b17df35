//! Banners as serving needs them, packed in pages.

use std::sync::Arc;

use bams_domain::{BannerId, LandingUrl, Size};

use super::banner_row::BannerRow;
use super::cached_text::CachedText;

/// One banner as serving needs it. Cheap to copy.
#[derive(Clone, Copy, Debug)]
pub struct ServedBanner<'a> {
    page: &'a BannerPage,
    index: usize,
}

/// Some banners, with their texts in one piece of memory, because a store may have millions. It is
/// immutable but for the texts that decisions prepare.
#[derive(Debug)]
pub(super) struct BannerPage {
    pub(super) entries: Box<[PageEntry]>,
    /// Which of them campaigns that have them may show. Beside the entries, each of which would take
    /// eight bytes more.
    pub(super) ready: Box<[bool]>,
    /// Where each of them leads: an index of `landing_urls`, or [`NOWHERE`].
    pub(super) leads: Box<[u8]>,
    /// The different addresses, of which a page has few.
    pub(super) landing_urls: Box<[Arc<LandingUrl>]>,
    /// The tags of those that have any, by index.
    pub(super) tags: Box<[(u8, BannerTags)]>,
    pub(super) texts: Box<str>,
}

/// The place of an address that a banner does not have.
pub(super) const NOWHERE: u8 = u8::MAX;

/// A banner in its page. Each of its texts ends at an index of the page's, and begins where the one
/// before ends.
#[derive(Debug)]
pub(super) struct PageEntry {
    pub(super) id: BannerId,
    /// In pixels, 0 if unknown, and so is the height.
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) name_end: u32,
    pub(super) alt_end: u32,
    pub(super) key_end: u32,
    pub(super) prepared: CachedText,
}

pub(super) type BannerTags = Arc<[String]>;

impl<'a> ServedBanner<'a> {
    pub(super) fn entry(self) -> &'a PageEntry {
        &self.page.entries[self.index]
    }

    fn text(self, start: u32, end: u32) -> &'a str {
        self.page.texts.get(start as usize..end as usize).unwrap_or_default()
    }

    /// Returns its number.
    pub fn id(self) -> BannerId {
        self.entry().id
    }

    /// Returns its name.
    pub fn name(self) -> &'a str {
        let before = self.index.checked_sub(1).map(|it| self.page.entries[it].key_end);
        self.text(before.unwrap_or(0), self.entry().name_end)
    }

    /// Returns the text for screen readers.
    pub fn alt(self) -> &'a str {
        self.text(self.entry().name_end, self.entry().alt_end)
    }

    /// Returns the object key of its image.
    pub fn image_key(self) -> &'a str {
        self.text(self.entry().alt_end, self.entry().key_end)
    }

    /// Returns the address that a click leads to.
    pub fn landing_url(self) -> Option<&'a Arc<LandingUrl>> {
        self.page.landing_urls.get(usize::from(self.page.leads[self.index]))
    }

    /// Returns its tags, for visitors' preferences.
    pub fn tags(self) -> &'a [String] {
        self.shared_tags().map_or(&[], |it| it)
    }

    /// Returns the same tags for another page, or `None` if there are none.
    pub(super) fn shared_tags(self) -> Option<&'a BannerTags> {
        let tags = &self.page.tags;
        let found = tags.binary_search_by_key(&self.index, |it| usize::from(it.0));
        found.ok().map(|it| &tags[it].1)
    }

    /// Returns the width in pixels, if known.
    pub fn width(self) -> Option<u32> {
        known(self.entry().width)
    }

    /// Returns the height in pixels, if known.
    pub fn height(self) -> Option<u32> {
        known(self.entry().height)
    }

    /// Returns its size, if both sides are known.
    pub fn size(self) -> Option<Size> {
        Some(Size { width: self.width()?, height: self.height()? })
    }

    /// Returns a text that the serving program prepares for it. It is forgotten when the banner changes.
    pub fn prepared(self) -> &'a CachedText {
        &self.entry().prepared
    }

    /// Returns true if campaigns that have it may show it.
    pub(super) fn is_ready(self) -> bool {
        self.page.ready[self.index]
    }

    /// Returns true if its row says nothing else to serving.
    pub(super) fn is(self, row: &BannerRow) -> bool {
        let BannerRow { id, status: _, name, alt, width, height, tags, landing_url, image_key } =
            row;
        let entry = self.entry();
        *id == entry.id
            && row.is_ready() == self.is_ready()
            && width.unwrap_or(0) == entry.width
            && height.unwrap_or(0) == entry.height
            && landing_url.as_ref() == self.landing_url()
            && *tags == self.tags()
            && *name == self.name()
            && *alt == self.alt()
            && image_key.as_deref().unwrap_or_default() == self.image_key()
    }
}

fn known(pixels: u32) -> Option<u32> {
    (pixels > 0).then_some(pixels)
}

impl BannerPage {
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Returns the banner at an index, which must exist.
    pub(super) fn at(&self, index: usize) -> ServedBanner<'_> {
        ServedBanner { page: self, index }
    }

    /// Returns the index of a banner among the first `sorted` ones, which are in the order of their
    /// numbers.
    pub(super) fn find(&self, banner: BannerId, sorted: usize) -> Option<usize> {
        let sorted = &self.entries[..sorted.min(self.entries.len())];
        sorted.binary_search_by_key(&banner, |it| it.id).ok()
    }
}
