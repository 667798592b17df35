//! A store with campaigns and banners, and the use cases on it.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use bams_app::Visitor;
use bams_app::serving::{Ask, Decided, DecidedSpot, DecisionCounters, Serving, ServingError};
use bams_app::tracking::{
    Caller, LinkValidity, Tokens, Tracking, TrackingCounters, Traffic, TrafficSettings,
};
use bams_domain::{BannerId, CampaignId, Policy, Quarter, Revenue, Slot, Status, VisitorId};
use bams_media::{Backend, Images, LocalImages, S3Images, S3Settings, SigningKey};
use bams_storage::{
    BannerRecord, Booked, CampaignRecord, Catalog, Conversion, Database, Events, HistorySettings,
    Showing, Snapshots, VisitorHistory, Visitors,
};
use rand::SeedableRng;
use rand::rngs::StdRng;
use tempfile::TempDir;

const SECRET: &str = "0123456789abcdef0123456789abcdef";

/// 2026-01-01T00:00:00Z, in unix milliseconds.
const DAY: i64 = 1_767_225_600_000;

/// How long links count.
pub(crate) const LINK_TTL: Duration = Duration::from_hours(1);

/// Returns a moment of 2026-01-01 in unix milliseconds, written like `10:14:59.999`.
pub(crate) fn at(time: &str) -> i64 {
    let numbers: Vec<i64> = time.split([':', '.']).map(|it| it.parse().unwrap()).collect();
    let [hours, minutes, seconds, millis] = numbers[..] else { panic!("{time}") };
    DAY + ((hours * 60 + minutes) * 60 + seconds) * 1000 + millis
}

/// A node with its use cases.
pub(crate) struct World {
    pub(crate) serving: Serving,
    pub(crate) tracking: Tracking,
    pub(crate) database: Database,
    rng: StdRng,
    _folder: TempDir,
}

impl World {
    /// Makes a world with this catalogue, in which no banner has been shown yet.
    pub(crate) async fn new(catalog: Catalog) -> Self {
        Self::with(catalog, TrafficSettings::default()).await
    }

    /// Makes the same with limits and bots.
    pub(crate) async fn with(catalog: Catalog, traffic: TrafficSettings) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}?mode=rwc", folder.path().join("bams.db").display());
        let database = Database::connect(&url, 4).await.unwrap();
        database.migrate().await.unwrap();
        catalog.write(&database, DAY).await.unwrap();

        let lifetime = Duration::from_hours(24);
        let settings = HistorySettings { lifetime, memory_bytes: 1 << 20, redis: None };
        let history = VisitorHistory::open(&settings).await.unwrap();
        let snapshots = Snapshots::load(database.clone()).await.unwrap();
        let visitors = Visitors::load(database.clone(), lifetime, 100, &history).await.unwrap();
        let key = SigningKey::new("a", SECRET.as_bytes()).unwrap();
        let backend = LocalImages::new(folder.path(), "http://localhost", key);
        let (events, writer) = Events::open(database.clone(), 1000);
        tokio::spawn(writer.run());
        let tracking = Tracking {
            tokens: Tokens::new(SECRET, &[]),
            events,
            snapshots: Arc::clone(&snapshots),
            traffic: Traffic::new(&traffic),
            validity: LinkValidity::new(LINK_TTL, None),
            counters: TrackingCounters::default(),
        };
        let serving = Serving {
            snapshots,
            history,
            visitors: Arc::new(visitors),
            images: Arc::new(Images::new(Backend::Local(backend), Duration::from_mins(15))),
            missing: Arc::default(),
            counters: Arc::new(DecisionCounters::default()),
        };
        Self { serving, tracking, database, rng: StdRng::seed_from_u64(1), _folder: folder }
    }

    /// Moves its images into a bucket without credentials.
    pub(crate) fn without_credentials(mut self) -> Self {
        let bucket = S3Images::new(S3Settings {
            bucket: "images".to_owned(),
            region: "us-east-1".to_owned(),
            endpoint: None,
            path_style: false,
            access_key_id: String::new(),
            secret_access_key: String::new().into(),
            session_token: None,
        });
        let backend = Backend::S3(bucket.unwrap());
        self.serving.images = Arc::new(Images::new(backend, Duration::from_mins(15)));
        self
    }

    /// Refreshes the snapshot.
    pub(crate) async fn refresh(&self) {
        self.tracking.events.flush().await;
        self.serving.snapshots.refresh().await.unwrap();
    }

    /// Decides for a request with one spot for each of these campaigns.
    pub(crate) async fn decide(
        &mut self,
        visitor: Visitor,
        campaigns: &[u32],
        now: i64,
    ) -> Result<Decided, ServingError> {
        let ask = |campaign: &u32| Ask::of(CampaignId(*campaign));
        let asks: Vec<_> = campaigns.iter().map(ask).collect();
        self.decide_for(visitor, &asks, now).await
    }

    /// Decides for a request with these spots.
    pub(crate) async fn decide_for(
        &mut self,
        visitor: Visitor,
        asks: &[Ask],
        now: i64,
    ) -> Result<Decided, ServingError> {
        self.serving.decide(visitor, asks, &BTreeSet::new(), now, &mut self.rng).await
    }

    /// Returns what an untracked visitor sees of one campaign.
    pub(crate) async fn show(&mut self, campaign: u32, now: i64) -> DecidedSpot {
        let decided = self.decide(Visitor::Untracked, &[campaign], now).await.unwrap();
        decided.spots.into_iter().next().unwrap()
    }

    /// Returns the token of a banner that was shown at a moment. Each number is another showing.
    pub(crate) fn token(&self, campaign: u32, banner: u32, number: u8, made: i64) -> String {
        let token = self.tracking.tokens.token(&showing(campaign, banner, number, made), POLICY);
        String::from_utf8(token.to_vec()).unwrap()
    }

    /// Clicks on several showings of a banner, at one moment.
    pub(crate) async fn click(&self, campaign: u32, banner: u32, times: u8, now: i64) {
        for number in 0..times {
            let token = self.token(campaign, banner, number, now);
            self.tracking.click(&token, &Caller::default(), now).await.unwrap();
        }
        // A click may lead on before it is stored.
        self.tracking.events.flush().await;
    }

    /// Clicks on a banner and converts, at one moment.
    pub(crate) async fn convert(&self, campaign: u32, banner: u32, now: i64) {
        self.click(campaign, banner, 1, now).await;
        let sale = sale("order-1", showing(campaign, banner, 0, now).click_id(), now);
        let booked = self.tracking.conversions(vec![sale]).await.unwrap();
        assert_eq!(booked, [Booked::Counted]);
    }

    /// Returns the counted clicks on a campaign's banners in a quarter.
    pub(crate) async fn clicks_in(&self, campaign: u32, quarter: Quarter) -> u64 {
        self.tracking.events.flush().await;
        let ranking =
            bams_storage::ranking(&self.database, CampaignId(campaign), quarter, |_, _| false)
                .await;
        let banners = ranking.unwrap().unwrap().banners;
        banners.iter().map(|it| it.performance.clicks).sum()
    }
}

const POLICY: Policy = Policy::RevenueLadder;

/// Makes one of many showings of a banner at one moment.
pub(crate) fn showing(campaign: u32, banner: u32, number: u8, made: i64) -> Showing {
    let decision =
        uuid::Builder::from_unix_timestamp_millis(made.cast_unsigned(), &[number; 10]).into_uuid();
    Showing { decision, banner: BannerId(banner), campaign: CampaignId(campaign) }
}

/// Makes a conversion that earned one unit of the currency.
pub(crate) fn sale(id: &str, click: String, now: i64) -> Conversion {
    Conversion {
        id: id.to_owned(),
        click,
        revenue: Revenue::from_micros(1_000_000),
        slot: Slot::at(now.div_euclid(1000)),
        told_time: false,
        only: None,
    }
}

/// Makes one of some visitors.
pub(crate) fn visitor(number: u8) -> VisitorId {
    VisitorId::from_random_bytes([number; 16])
}

/// Makes an active campaign without an end.
pub(crate) fn campaign(id: u32) -> CampaignRecord {
    CampaignRecord {
        id: CampaignId(id),
        name: format!("Campaign {id}"),
        status: Status::Active,
        starts_at: None,
        ends_at: None,
        policy: POLICY,
        tags: Vec::new(),
    }
}

/// Makes an active banner with an image and a landing URL.
pub(crate) fn banner(id: u32) -> BannerRecord {
    BannerRecord {
        id: BannerId(id),
        name: format!("Banner {id}"),
        status: Status::Active,
        landing_url: Some("https://shop.example/?click={click_id}".to_owned()),
        alt: String::new(),
        size: Some((300, 250)),
        tags: Vec::new(),
        image_key: Some(format!("banners/{id}.png")),
    }
}

/// Makes campaigns that all show the same banners.
pub(crate) fn catalog(
    campaigns: impl IntoIterator<Item = CampaignRecord>,
    banners: impl IntoIterator<Item = BannerRecord>,
) -> Catalog {
    let campaigns: Vec<_> = campaigns.into_iter().collect();
    let banners: Vec<_> = banners.into_iter().collect();
    let pairs =
        campaigns.iter().flat_map(|campaign| banners.iter().map(|banner| (campaign.id, banner.id)));
    Catalog { attached: pairs.collect(), campaigns, banners }
}

/// Returns the banners that a spot shows, by id.
pub(crate) fn shown(spot: &DecidedSpot) -> Vec<u32> {
    let mut shown: Vec<_> = spot.banners.iter().map(|it| it.banner.0).collect();
    shown.sort_unstable();
    shown
}
