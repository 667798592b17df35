//! A text that is kept until some moment, beside the thing it describes.

use std::ops::Deref;
use std::sync::Arc;

use arc_swap::{ArcSwapOption, Guard};

/// A text that holds until some moment. It is kept beside the thing it describes, so that a
/// decision finds both in one place of memory.
///
/// This crate neither writes nor reads the text. It is dropped when the thing changes.
#[derive(Debug, Default)]
pub struct CachedText(ArcSwapOption<Cached>);

#[derive(Debug)]
struct Cached {
    until: i64,
    text: Box<str>,
}

/// The text of a [`CachedText`], which this dereferences to.
#[derive(Debug)]
pub struct CachedTextGuard(Guard<Option<Arc<Cached>>>);

impl CachedText {
    /// Returns the text that holds `until` some moment, and makes it with `prepare` if there is
    /// none.
    ///
    /// Fails with the error of `prepare`, and then keeps nothing. Never waits: two callers who find
    /// no text both make one.
    pub fn read<E>(
        &self,
        until: i64,
        prepare: impl FnOnce() -> Result<String, E>,
    ) -> Result<CachedTextGuard, E> {
        let cached = self.0.load();
        if cached.as_ref().is_some_and(|text| text.until == until) {
            return Ok(CachedTextGuard(cached));
        }
        let fresh = Some(Arc::new(Cached { until, text: prepare()?.into() }));
        self.0.store(fresh.clone());
        Ok(CachedTextGuard(Guard::from_inner(fresh)))
    }

    /// Returns another one with the text that this has now.
    pub(super) fn copy(&self) -> Self {
        Self(ArcSwapOption::new(self.0.load_full()))
    }
}

impl Deref for CachedTextGuard {
    type Target = str;

    fn deref(&self) -> &str {
        self.0.as_ref().map_or("", |it| &it.text)
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;

    #[test]
    fn a_text_is_prepared_once_for_each_moment() {
        let text = CachedText::default();
        let mut prepared = 0;
        let mut read = |until| {
            let prepare = || {
                prepared += 1;
                Ok::<_, Infallible>(format!("{prepared}. until {until}"))
            };
            text.read(until, prepare).unwrap().to_owned()
        };
        assert_eq!([read(7), read(7), read(8)], ["1. until 7", "1. until 7", "2. until 8"]);
    }

    #[test]
    fn what_cannot_be_prepared_is_tried_again() {
        let text = CachedText::default();
        assert_eq!(text.read(7, || Err("no key")).unwrap_err(), "no key");
        let prepare = || Ok::<_, &str>("found".to_owned());
        assert_eq!(&*text.read(7, prepare).unwrap(), "found");
    }
}
