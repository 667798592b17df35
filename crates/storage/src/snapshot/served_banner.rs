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
    entries: Box<[PageEntry]>,
    /// Which of them campaigns that have them may show. Beside the entries, each of which would take
    /// eight bytes more.
    ready: Box<[bool]>,
    texts: Box<str>,
}

/// A banner in its page. Each of its texts ends at an index of the page's, and begins where the one
/// before ends.
#[derive(Debug)]
struct PageEntry {
    id: BannerId,
    /// In pixels, 0 if unknown, and so is the height.
    width: u32,
    height: u32,
    name_end: u32,
    alt_end: u32,
    key_end: u32,
    landing_url: Option<Arc<LandingUrl>>,
    tags: Option<Arc<BannerTags>>,
    prepared: CachedText,
}

#[derive(Debug)]
struct BannerTags(Box<[String]>);

impl<'a> ServedBanner<'a> {
    fn entry(self) -> &'a PageEntry {
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
        self.entry().landing_url.as_ref()
    }

    /// Returns its tags, for visitors' preferences.
    pub fn tags(self) -> &'a [String] {
        self.entry().tags.as_ref().map_or(&[], |it| &it.0)
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
            && *landing_url == entry.landing_url
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

/// A page in the making.
#[derive(Default)]
pub(super) struct PageBuilder {
    entries: Vec<PageEntry>,
    ready: Vec<bool>,
    texts: String,
}

impl PageBuilder {
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Adds a banner, for which no text is prepared.
    pub(super) fn push(&mut self, row: &BannerRow) {
        let tags = || Arc::new(BannerTags(row.tags.as_slice().into()));
        let [name_end, alt_end, key_end] =
            self.add([&row.name, &row.alt, row.image_key.as_deref().unwrap_or_default()]);
        self.ready.push(row.is_ready());
        self.entries.push(PageEntry {
            id: row.id,
            width: row.width.unwrap_or(0),
            height: row.height.unwrap_or(0),
            name_end,
            alt_end,
            key_end,
            landing_url: row.landing_url.clone(),
            tags: (!row.tags.is_empty()).then(tags),
            prepared: CachedText::default(),
        });
    }

    /// Adds a banner of another page as it is, with its prepared text.
    pub(super) fn copy(&mut self, banner: ServedBanner<'_>) {
        let [name_end, alt_end, key_end] =
            self.add([banner.name(), banner.alt(), banner.image_key()]);
        let entry = banner.entry();
        let PageEntry { id, width, height, .. } = *entry;
        self.ready.push(banner.is_ready());
        self.entries.push(PageEntry {
            id,
            width,
            height,
            name_end,
            alt_end,
            key_end,
            landing_url: entry.landing_url.clone(),
            tags: entry.tags.clone(),
            prepared: entry.prepared.copy(),
        });
    }

    fn add(&mut self, texts: [&str; 3]) -> [u32; 3] {
        texts.map(|text| {
            self.texts.push_str(text);
            u32::try_from(self.texts.len()).unwrap_or(u32::MAX)
        })
    }

    /// Returns the page, and begins the next one.
    pub(super) fn finish(&mut self) -> Arc<BannerPage> {
        let Self { entries, ready, texts } = std::mem::take(self);
        let (entries, ready) = (entries.into(), ready.into());
        Arc::new(BannerPage { entries, ready, texts: texts.into() })
    }
}

#[cfg(test)]
mod tests {
    use bams_domain::Status;

    use super::*;

    fn row() -> BannerRow {
        BannerRow {
            id: BannerId(5),
            status: Status::Active,
            name: "Shoes".to_owned(),
            alt: "Blue shoes".to_owned(),
            width: Some(300),
            height: None,
            tags: vec!["summer".to_owned()],
            landing_url: "https://example.com/".parse().ok().map(Arc::new),
            image_key: Some("a.png".to_owned()),
        }
    }

    #[test]
    fn a_banner_is_what_its_row_says_and_has_its_own_texts() {
        let mut page = PageBuilder::default();
        page.push(&BannerRow { id: BannerId(4), image_key: None, ..row() });
        page.push(&row());
        let page = page.finish();
        let banner = page.at(1);
        assert_eq!((banner.name(), banner.alt()), ("Shoes", "Blue shoes"));
        assert_eq!((banner.image_key(), banner.tags().len()), ("a.png", 1));
        assert_eq!((banner.width(), banner.height(), banner.size()), (Some(300), None, None));
        assert!(banner.is_ready() && !page.at(0).is_ready());
    }

    #[test]
    fn banners_differ_by_what_they_show_and_not_by_what_was_prepared() {
        let mut page = PageBuilder::default();
        page.push(&row());
        let page = page.finish();
        let known = page.at(0);
        known.prepared().read(7, || Ok::<_, ()>("said before".to_owned())).unwrap();
        assert!(known.is(&row()));
        for other in [
            BannerRow { id: BannerId(6), ..row() },
            BannerRow { status: Status::Paused, ..row() },
            BannerRow { name: "Other".to_owned(), ..row() },
            BannerRow { alt: "Other".to_owned(), ..row() },
            BannerRow { landing_url: None, ..row() },
            BannerRow { tags: vec!["other".to_owned()], ..row() },
            BannerRow { width: Some(1), ..row() },
            BannerRow { height: Some(1), ..row() },
            BannerRow { image_key: Some("b.png".to_owned()), ..row() },
            BannerRow { image_key: None, ..row() },
        ] {
            assert!(!known.is(&other), "{other:?}");
        }
    }

    #[test]
    fn a_copy_keeps_the_prepared_text() {
        let mut page = PageBuilder::default();
        page.push(&row());
        let first = page.finish();
        first.at(0).prepared().read(7, || Ok::<_, ()>("kept".to_owned())).unwrap();
        page.copy(first.at(0));
        let second = page.finish();
        assert!(second.at(0).is(&row()));
        let text = second.at(0).prepared().read(7, || Err("made again"));
        assert_eq!(text.as_deref(), Ok("kept"));
    }
}
