//! Banners on pages of other sites: a script for their pages, or a page for their frames.

mod page;
mod script;

use actix_web::http::header::{HeaderValue, InvalidHeaderValue};
use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

pub(crate) use self::page::*;
pub(crate) use self::script::*;
use crate::origin;
use crate::views::embed::STYLE;

/// What both answer with, made once at start.
pub(crate) struct Embedding {
    /// The version of the script.
    script_tag: String,
    /// What the page may load, and that others may frame it.
    page_policy: HeaderValue,
}

impl Embedding {
    /// Prepares script and pages. The outside world reaches us at `public_url`; image URLs begin with
    /// `images`.
    pub(crate) fn new(public_url: &str, images: &str) -> Result<Self, InvalidHeaderValue> {
        let script = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(script::SCRIPT));
        let style = BASE64_STANDARD.encode(Sha256::digest(STYLE));
        // A page may be asked for by another name than the one in our links.
        let (origin, _) = origin::split(public_url);
        let ours = format!("'self' {origin}");
        let sources = if images == origin { ours.clone() } else { format!("{ours} {images}") };
        // Without `frame-ancestors`, whose `*` leaves out files on a disk and the pages of apps.
        let page_policy = format!(
            "default-src 'none'; script-src 'self'; style-src 'sha256-{style}'; \
             img-src {sources}; connect-src {ours}; \
             base-uri 'none'; form-action 'none'"
        );
        Ok(Self {
            script_tag: format!("\"{script}\""),
            page_policy: HeaderValue::try_from(page_policy)?,
        })
    }
}
