//! Packing banners into pages.

use std::sync::Arc;

use bams_domain::LandingUrl;

use super::banner_row::BannerRow;
use super::cached_text::CachedText;
use super::served_banner::{BannerPage, BannerTags, NOWHERE, PageEntry, ServedBanner};

/// A page in the making.
#[derive(Default)]
pub(super) struct PageBuilder {
    entries: Vec<PageEntry>,
    ready: Vec<bool>,
    leads: Vec<u8>,
    landing_urls: Vec<Arc<LandingUrl>>,
    tags: Vec<(u8, BannerTags)>,
    texts: String,
}

impl PageBuilder {
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Adds a banner, for which no text is prepared.
    pub(super) fn push(&mut self, row: &BannerRow) {
        let tags = (!row.tags.is_empty()).then(|| row.tags.as_slice().into());
        self.lead(row.landing_url.as_ref(), tags);
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
            prepared: CachedText::default(),
        });
    }

    /// Adds a banner of another page as it is, with its prepared text.
    pub(super) fn copy(&mut self, banner: ServedBanner<'_>) {
        self.lead(banner.landing_url(), banner.shared_tags().cloned());
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
            prepared: entry.prepared.copy(),
        });
    }

    /// Adds where the next banner leads, and its tags.
    fn lead(&mut self, landing_url: Option<&Arc<LandingUrl>>, tags: Option<BannerTags>) {
        let known = &mut self.landing_urls;
        let place = landing_url.map(|url| {
            let found = known.iter().rposition(|it| Arc::ptr_eq(it, url) || it == url);
            found.unwrap_or_else(|| {
                known.push(Arc::clone(url));
                known.len() - 1
            })
        });
        self.leads.push(place.map_or(NOWHERE, within_page));
        self.tags.extend(tags.map(|tags| (within_page(self.entries.len()), tags)));
    }

    fn add(&mut self, texts: [&str; 3]) -> [u32; 3] {
        texts.map(|text| {
            self.texts.push_str(text);
            u32::try_from(self.texts.len()).unwrap_or(u32::MAX)
        })
    }

    /// Returns the page, and begins the next one.
    pub(super) fn finish(&mut self) -> Arc<BannerPage> {
        let Self { entries, ready, leads, landing_urls, tags, texts } = std::mem::take(self);
        Arc::new(BannerPage {
            entries: entries.into(),
            ready: ready.into(),
            leads: leads.into(),
            landing_urls: landing_urls.into(),
            tags: tags.into(),
            texts: texts.into(),
        })
    }
}

/// Returns an index of a page, which has fewer banners than a byte has values.
fn within_page(index: usize) -> u8 {
    u8::try_from(index).unwrap_or(NOWHERE)
}

#[cfg(test)]
mod tests {
    use bams_domain::{BannerId, Status};

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
    fn banners_of_a_page_lead_each_to_its_own_address_and_have_their_own_tags() {
        let mut page = PageBuilder::default();
        let urls = ["https://a.example/", "https://b.example/", "https://a.example/"];
        let leads = urls.map(|url| url.parse().ok().map(Arc::new));
        let leads = leads.into_iter().chain([None]).zip([vec![], vec!["b"], vec![], vec!["d"]]);
        for (landing_url, tags) in leads.clone() {
            let tags = tags.into_iter().map(str::to_owned).collect();
            page.push(&BannerRow { tags, landing_url, ..row() });
        }
        let page = page.finish();
        let mut copied = PageBuilder::default();
        (0..4).for_each(|index| copied.copy(page.at(index)));
        for page in [page, copied.finish()] {
            for (index, (landing_url, tags)) in leads.clone().enumerate() {
                assert_eq!(page.at(index).landing_url(), landing_url.as_ref());
                assert_eq!(page.at(index).tags(), tags);
            }
            assert_eq!(page.landing_urls.len(), 2);
        }
    }

    #[test]
    fn a_banner_takes_thirty_two_bytes_and_two() {
        assert_eq!(size_of::<PageEntry>(), 32);
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
