//! The signed URLs that are handed out again.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use papaya::HashMap;

use crate::{ObjectKey, SignedUrl};

/// The URLs of the running window, by key. Reading takes no lock.
///
/// A URL is forgotten when a window begins and nobody asked for its key during the whole one before.
#[derive(Debug, Default)]
pub(crate) struct UrlCache {
    urls: HashMap<Arc<str>, CachedUrl>,
    /// The last window for which old URLs were removed.
    swept: AtomicI64,
}

#[derive(Debug)]
struct CachedUrl {
    window: i64,
    url: Arc<SignedUrl>,
}

impl UrlCache {
    /// Returns the URL of a key for a window, or `None` if there is none yet.
    pub(crate) fn find(&self, key: &str, window: i64) -> Option<Arc<SignedUrl>> {
        let urls = self.urls.pin();
        let found = urls.get(key)?;
        // A URL of the next window is as good: around the boundary two requests may read the time in
        // one order and arrive here in the other.
        (0..=1).contains(&found.window.wrapping_sub(window)).then(|| Arc::clone(&found.url))
    }

    /// Keeps a URL for the rest of its window.
    pub(crate) fn keep(&self, key: &ObjectKey, window: i64, url: Arc<SignedUrl>) {
        let urls = self.urls.pin();
        urls.insert(key.shared(), CachedUrl { window, url });
        if self.swept.swap(window, Ordering::Relaxed) != window {
            urls.retain(|_, cached| (-1..=1).contains(&cached.window.wrapping_sub(window)));
        }
    }

    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.urls.pin().len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keep(cache: &UrlCache, key: &str, window: i64) {
        let url = Arc::new(SignedUrl { url: format!("{key}?{window}"), expires_at: 0 });
        cache.keep(&key.parse().unwrap(), window, url);
    }

    fn find(cache: &UrlCache, key: &str, window: i64) -> Option<String> {
        cache.find(key, window).map(|it| it.url.clone())
    }

    #[test]
    fn a_url_is_found_in_its_own_window_only() {
        let cache = UrlCache::default();
        keep(&cache, "a", 7);
        assert_eq!(find(&cache, "a", 7).as_deref(), Some("a?7"));
        assert_eq!(find(&cache, "b", 7), None);
        assert_eq!(find(&cache, "a", 8), None);
        keep(&cache, "a", 8);
        assert_eq!(find(&cache, "a", 8).as_deref(), Some("a?8"));
    }

    #[test]
    fn a_request_that_is_a_moment_late_takes_the_newer_url() {
        let cache = UrlCache::default();
        keep(&cache, "a", 8);
        assert_eq!(find(&cache, "a", 7).as_deref(), Some("a?8"));
    }

    #[test]
    fn a_clock_that_was_far_ahead_leaves_nothing_behind() {
        let cache = UrlCache::default();
        keep(&cache, "a", 1000);
        assert_eq!(find(&cache, "a", 7), None);
        keep(&cache, "b", 7);
        assert_eq!(cache.len(), 1);
    }

    #[test]
    fn a_url_that_nobody_asks_for_is_forgotten() {
        let cache = UrlCache::default();
        keep(&cache, "asked", 1);
        keep(&cache, "forgotten", 1);
        keep(&cache, "asked", 2);
        assert_eq!(cache.len(), 2);
        keep(&cache, "asked", 3);
        assert_eq!(cache.len(), 1);
    }
}
