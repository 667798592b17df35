//! A filled SQLite store that several servers open.

use std::path::Path;

use bams_tests::{Bams, BamsBuilder, Generated};

/// Campaigns of the ordinary store.
pub(crate) const CAMPAIGNS: u32 = 50;
/// Banners of each campaign.
pub(crate) const BANNERS: u32 = 400;
/// Impressions in each quarter of the ordinary store, as many as a client of that size has.
const IMPRESSIONS: u32 = 150_000;

/// A store in a folder of its own, which is gone when the value is dropped.
pub(crate) struct Store {
    bams: Bams,
}

impl Store {
    /// A store with what `write` puts into a folder.
    pub(crate) fn filled(write: impl FnOnce(&Path)) -> Self {
        let bams = Bams::builder().prepare();
        let data = bams.folder().join("data");
        write(&data);
        let outcome = bams.run([Path::new("import"), &data]);
        assert_eq!(outcome.code, 0, "{}{}", outcome.output, outcome.errors);
        Self { bams }
    }

    /// The ordinary store, with generated data, and its campaigns that fill a page of ten.
    pub(crate) fn ordinary() -> (Self, Vec<u32>) {
        let data = Generated::new(CAMPAIGNS, BANNERS, IMPRESSIONS);
        let store = Self::filled(|folder| data.write(folder));
        let top_ten = |it: &u32| (1..=4).all(|quarter| data.converting(*it, quarter) >= 10);
        (store, (1..=CAMPAIGNS).filter(top_ten).collect())
    }

    /// A server on this store, to be set up further.
    ///
    /// It answers requests in one thread, which leaves a core to the load generator.
    pub(crate) fn server(&self) -> BamsBuilder {
        let database =
            format!("sqlite://{}?mode=rwc", self.bams.folder().join("bams.db").display());
        Bams::builder().database(&database).set("server.workers", "1")
    }

    /// The folder, for files that belong to the store's measurement.
    pub(crate) fn folder(&self) -> &Path {
        self.bams.folder()
    }
}
