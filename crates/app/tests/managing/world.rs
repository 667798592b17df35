//! A store in a folder of its own, and the fields that tests send.

use bams_app::managing::{
    AttachmentFields, BannerFields, CampaignFields, Made, Managing, ManagingError,
};
use bams_app::{Draft, Violation};
use bams_domain::{BannerId, CampaignId, Status};
use bams_storage::{
    Actor, AttachmentSort, AuditEntry, AuditFilter, Banner, Campaign, CampaignFilter, CatalogSort,
    Claim, Database, Once, PageRequest, StoredAnswer, attachments, audit_log, campaigns,
};
use bams_tests::{MariaDb, patiently};
use tempfile::TempDir;

/// 2026-01-01T10:20:00Z.
pub(crate) const NOW: i64 = 1_767_262_800_000;

/// A store from which no process serves.
pub(crate) struct World {
    pub(crate) database: Database,
    pub(crate) managing: Managing,
    _folder: TempDir,
}

impl World {
    pub(crate) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}?mode=rwc", folder.path().join("bams.db").display());
        Self::at(&url, folder).await
    }

    /// Makes a world on each kind of database.
    pub(crate) async fn both() -> [Self; 2] {
        let mariadb = MariaDb::shared().database();
        [Self::new().await, Self::at(&mariadb, tempfile::tempdir().unwrap()).await]
    }

    async fn at(url: &str, folder: TempDir) -> Self {
        let database = patiently("connect", || Database::connect(url, 4)).await;
        database.migrate().await.unwrap();
        let managing = Managing::new(database.clone());
        Self { database, managing, _folder: folder }
    }

    /// Creates a campaign as [`ada`].
    pub(crate) async fn campaign(&self, name: &str) -> Campaign {
        let created = self.managing.create_campaign(ada(), named(name), None, NOW).await;
        made(created.unwrap())
    }

    /// Creates a banner as [`ada`].
    pub(crate) async fn banner(&self, name: &str) -> Banner {
        let said = BannerFields { name: Some(name.to_owned()), ..BannerFields::default() };
        made(self.managing.create_banner(ada(), said, None, NOW).await.unwrap())
    }

    /// Attaches banners to a campaign with a status.
    pub(crate) async fn attach(&self, campaign: CampaignId, banners: &[BannerId], status: Status) {
        let said = AttachmentFields {
            banner_ids: Some(banners.iter().map(|it| it.0).collect()),
            status: Some(status),
        };
        let attached = self.managing.attach_banners(ada(), campaign, said, None, NOW).await;
        attached.unwrap();
    }

    /// Returns the banners of a campaign with their statuses there.
    pub(crate) async fn attached(&self, campaign: CampaignId) -> Vec<(BannerId, Status)> {
        let page = PageRequest {
            sort: AttachmentSort::BannerId,
            descending: false,
            after: None,
            limit: 9999,
        };
        let found = attachments(&self.database, campaign, None, &page).await.unwrap();
        found.items.into_iter().map(|it| (it.banner, it.status)).collect()
    }

    /// Returns the names of all campaigns.
    pub(crate) async fn campaigns(&self) -> Vec<String> {
        let page = PageRequest { sort: CatalogSort::Id, descending: false, after: None, limit: 99 };
        let found = campaigns(&self.database, &CampaignFilter::default(), &page).await.unwrap();
        found.items.into_iter().map(|it| it.settings.name).collect()
    }

    /// Returns the audit log, oldest first.
    pub(crate) async fn log(&self) -> Vec<AuditEntry> {
        let page = PageRequest { sort: (), descending: false, after: None, limit: 99 };
        audit_log(&self.database, &AuditFilter::default(), &page).await.unwrap().items
    }

    /// Returns the entry of the audit log that was written last.
    pub(crate) async fn newest(&self) -> AuditEntry {
        self.log().await.into_iter().max_by_key(|entry| entry.id).unwrap()
    }
}

pub(crate) fn ada() -> Actor {
    Actor { id: "4f1d0a7be2c35968".to_owned(), name: "Ada".to_owned() }
}

pub(crate) fn named(name: &str) -> CampaignFields {
    CampaignFields { name: Some(name.to_owned()), ..CampaignFields::default() }
}

/// Returns what a request made just now.
pub(crate) fn made<T>(made: Made<T>) -> T {
    match made {
        Made::Now(made) => made,
        Made::Before(answer) => panic!("it was answered before: {answer:?}"),
    }
}

/// Returns a request with these contents that may be sent again, and whose answer `answer` makes.
pub(crate) fn once<T: 'static>(contents: &str, answer: fn(&T) -> String) -> Once<T> {
    let claim = Claim {
        key_id: ada().id,
        idempotency_key: "order 7".to_owned(),
        fingerprint: contents.to_owned(),
    };
    let stored =
        move |made: &T| StoredAnswer { code: 201, body: answer(made), ..StoredAnswer::default() };
    Once { claim, answer: Box::new(stored) }
}

/// Returns the places and codes of violations.
pub(crate) fn broken<T>(refused: Result<T, ManagingError>) -> Vec<(String, &'static str)> {
    match refused.map(drop) {
        Err(ManagingError::Invalid(violations)) => {
            violations.into_iter().map(|violation| (violation.pointer, violation.code)).collect()
        }
        other => panic!("expected broken rules, not {other:?}"),
    }
}

/// Returns fields of which some could not be read.
pub(crate) fn half_read<T>(said: T, unread: &[(&str, &'static str)]) -> Draft<T> {
    let violation = |it: &(&str, &'static str)| Violation {
        pointer: it.0.to_owned(),
        code: it.1,
        detail: String::new(),
    };
    Draft { said, violations: unread.iter().map(violation).collect() }
}
