//! The demo's throw-away store: a folder with a database and images.

use std::error::Error;
use std::fmt::Write;
use std::sync::Arc;

use bams_domain::Policy;
use bams_domain::Quarter;
use bams_storage::{
    BannerRecord, CampaignRecord, Catalog, Database, ImportFile, ImportKind, ImportOptions,
    ImportProgress, ImportState, Imports,
};
use tempfile::TempDir;

use super::banner_image::draw;
use super::world::{DemoBanner, DemoCampaign, world};
use crate::clock;
use crate::config::{ImageBackend, Settings};
use crate::routes::demo_shop;

/// A folder that is gone when the demo ends.
pub(crate) struct Demo {
    folder: TempDir,
}

impl Demo {
    /// Makes the folder and points the settings to it: nothing else is touched.
    pub(crate) fn prepare(settings: &mut Settings) -> std::io::Result<Self> {
        let folder = tempfile::Builder::new().prefix("bams-demo-").tempdir()?;
        let database = folder.path().join("bams.db");
        settings.database.url = format!("sqlite://{}?mode=rwc", database.display()).into();
        settings.redis.url = String::new().into();
        settings.media.backend = ImageBackend::Local;
        settings.media.local.path = folder.path().join("images");
        Ok(Self { folder })
    }

    /// Fills the store. Banners lead to the demo's own shop at
    /// `public_url`.
    pub(crate) async fn fill(
        &self,
        database: &Database,
        imports: &Imports,
        public_url: &str,
    ) -> Result<(), Box<dyn Error>> {
        let now = clock::unix_millis();
        let campaigns = world(clock::unix_seconds());
        catalog(&campaigns, public_url).write(database, now).await?;
        self.draw_images(&campaigns)?;
        for quarter in Quarter::ALL {
            let book = async |kind, text: &str| book(imports, kind, quarter, text, now).await;
            let Books { impressions, clicks, conversions } = books(&campaigns, quarter);
            book(ImportKind::Impressions, &impressions).await?;
            book(ImportKind::Clicks, &clicks).await?;
            book(ImportKind::Conversions, &conversions).await?;
        }
        Ok(())
    }

    fn draw_images(&self, campaigns: &[DemoCampaign]) -> std::io::Result<()> {
        let folder = self.folder.path().join("images");
        std::fs::create_dir_all(&folder)?;
        for banner in campaigns.iter().flat_map(|it| &it.banners) {
            let image = draw(banner.product, banner.width, banner.height, banner.image_seed);
            std::fs::write(folder.join(image_key(banner)), image)?;
        }
        Ok(())
    }
}

fn image_key(banner: &DemoBanner) -> String {
    format!("banner_{}.png", banner.id)
}

fn catalog(campaigns: &[DemoCampaign], public_url: &str) -> Catalog {
    let texts = |tags: &[&str]| tags.iter().map(|it| (*it).to_owned()).collect();
    let of_campaign = |campaign: &DemoCampaign| CampaignRecord {
        id: campaign.id,
        name: campaign.name.to_owned(),
        status: campaign.status,
        starts_at: campaign.schedule.starts_at.map(|it| it * 1000),
        ends_at: campaign.schedule.ends_at.map(|it| it * 1000),
        policy: Policy::default(),
        tags: texts(&campaign.tags),
    };
    let of_banner = |banner: &DemoBanner| BannerRecord {
        id: banner.id,
        name: banner.name.clone(),
        status: bams_domain::Status::Active,
        landing_url: Some(demo_shop::url(public_url, &banner.leads_to.0, &banner.leads_to.1)),
        alt: banner.alt.clone(),
        size: Some((banner.width, banner.height)),
        tags: texts(&banner.tags),
        image_key: Some(image_key(banner)),
    };
    let attached = |campaign: &DemoCampaign| {
        let id = campaign.id;
        campaign.banners.iter().map(move |banner| (id, banner.id)).collect::<Vec<_>>()
    };
    Catalog {
        campaigns: campaigns.iter().map(of_campaign).collect(),
        banners: campaigns.iter().flat_map(|it| it.banners.iter().map(of_banner)).collect(),
        attached: campaigns.iter().flat_map(attached).collect(),
    }
}

/// One quarter's files.
struct Books {
    impressions: String,
    clicks: String,
    conversions: String,
}

/// The demo's performance as the files that would have led to it, so that `bams verify` finds
/// what it expects.
fn books(campaigns: &[DemoCampaign], quarter: Quarter) -> Books {
    let mut impressions = "banner_id,campaign_id\n".to_owned();
    let mut clicks = "click_id,banner_id,campaign_id\n".to_owned();
    let mut conversions = "conversion_id,click_id,revenue\n".to_owned();
    // Ids are unique across quarters.
    let mut next_id = u64::from(quarter.number()) * 10_000_000;
    for campaign in campaigns {
        for achieved in campaign.performance.iter().filter(|it| it.quarter == quarter) {
            let (banner, performance) = (achieved.banner, achieved.performance);
            for _ in 0..performance.impressions {
                let _ = writeln!(impressions, "{banner},{}", campaign.id);
            }
            for number in 0..performance.clicks {
                next_id += 1;
                let _ = writeln!(clicks, "{next_id},{banner},{}", campaign.id);
                if number < performance.conversions {
                    let revenue = share(&performance, number);
                    let _ = writeln!(conversions, "{next_id},{next_id},{revenue}");
                }
            }
        }
    }
    Books { impressions, clicks, conversions }
}

/// What one of the conversions earned: an equal share, the first one with what is left over.
fn share(performance: &bams_domain::Performance, number: u64) -> bams_domain::Revenue {
    let (micros, conversions) =
        (performance.revenue.micros(), performance.conversions.cast_signed());
    let rest = if number == 0 { micros % conversions } else { 0 };
    bams_domain::Revenue::from_micros(micros / conversions + rest)
}

async fn book(
    imports: &Imports,
    kind: ImportKind,
    quarter: Quarter,
    text: &str,
    now: i64,
) -> Result<(), Box<dyn Error>> {
    let mut file = tempfile::tempfile()?;
    std::io::Write::write_all(&mut file, text.as_bytes())?;
    let name = format!("{kind}_{quarter}.csv");
    let options = ImportOptions { kind: Some(kind), quarter: Some(quarter), ..<_>::default() };
    let progress = Arc::new(ImportProgress::default());
    let file = ImportFile::new(file, &name);
    let report = imports.import(file, options, now, progress).await?;
    if report.state == ImportState::Completed {
        return Ok(());
    }
    Err(format!("the demo's {name} was refused: {:?}", report.errors).into())
}
