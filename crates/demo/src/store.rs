//! The demo's throw-away store: a folder with a database and images.

use std::fmt::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::{fs, io};

use bams_app::importing::{ImportEnding, ImportSeries, ImportingError};
use bams_app::managing::{
    AttachmentFields, BannerFields, CampaignFields, Managing, ManagingError, Precondition,
};
use bams_domain::Status;
use bams_storage::{
    Actor, Database, ImportFile, ImportKind, ImportOptions, ImportProgress, Imports, RowError,
};
use tempfile::TempDir;

use super::banner_image::draw;
use super::history::{hours, stopped_at};
use super::hour_files::{HourFiles, hour_files};
use super::world::{BROKEN, DemoBanner, DemoCampaign, world};

/// How long ago everything was made, in milliseconds.
const BEGUN: i64 = 90 * 86_400_000;

/// How long ago somebody sent a file that was refused, in milliseconds.
const REFUSED: i64 = 40 * 60_000;

/// A partner's file, of which half is wrong.
const REFUSED_FILE: &str = "conversion_id,click_id,revenue\n\
    P-1001,10000001,64.90\nP-1002,10000002,-12.00\nP-1003,77,31.50\nP-1004,10000004,59.00\n";

/// A folder that is removed when the demo ends.
#[derive(Debug)]
pub struct Demo {
    folder: TempDir,
}

/// Why the demo cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The system refused a file.
    #[error("could not write the demo's files")]
    File(#[from] io::Error),
    /// A campaign or a banner was refused.
    #[error(transparent)]
    Managing(#[from] ManagingError),
    /// A file could not be imported.
    #[error(transparent)]
    Importing(#[from] ImportingError),
    /// A file was made up wrongly.
    #[error("the demo's {name} was refused: {errors:?}")]
    Refused {
        /// The name of the file.
        name: String,
        /// The first of its errors.
        errors: Vec<RowError>,
    },
}

impl Demo {
    /// Makes an empty folder.
    pub fn begin() -> io::Result<Self> {
        Ok(Self { folder: tempfile::Builder::new().prefix("bams-demo-").tempdir()? })
    }

    /// Returns the URL of the demo's database, which is made when it is opened.
    pub fn database_url(&self) -> String {
        format!("sqlite://{}?mode=rwc", self.folder.path().join("bams.db").display())
    }

    /// Returns the folder of the demo's images.
    pub fn images(&self) -> PathBuf {
        self.folder.path().join("images")
    }

    /// Fills the database and the folder of images. Campaigns begin and end around `now`, and what they
    /// achieved is booked in the two months before. `landing_url` returns the address of a banner by the
    /// names of its campaign and its product, which have letters, digits and hyphens.
    pub async fn fill(
        &self,
        database: &Database,
        imports: &Imports,
        now: i64,
        landing_url: impl Fn(&str, &str) -> String,
    ) -> Result<(), DemoError> {
        let campaigns = world(now.div_euclid(1000));
        self.draw_images(&campaigns)?;
        let series = ImportSeries::begin(imports, ImportOptions::default()).await?;
        let begun = now - BEGUN;
        book(&series, "images.csv".to_owned(), &images(&campaigns), begun).await?;
        let managing = Managing::new(database.clone());
        for campaign in &campaigns {
            manage(&managing, campaign, &landing_url, begun).await?;
        }
        let hours = hours(now.div_euclid(1000));
        for (hour, files) in hours.iter().zip(hour_files(&campaigns, &hours)) {
            let at = hour.at * 1000;
            let HourFiles { impressions, clicks, conversions } = files;
            for (kind, text) in [
                (ImportKind::Impressions, impressions),
                (ImportKind::Clicks, clicks),
                (ImportKind::Conversions, conversions),
            ] {
                // A header alone is no file.
                if text.lines().nth(1).is_some() {
                    book(&series, format!("{kind}.csv"), &text, at).await?;
                }
            }
        }
        refuse(&series, now - REFUSED).await?;
        for campaign in campaigns.iter().filter(|it| it.id == BROKEN) {
            break_down(&managing, campaign, now).await?;
        }
        Ok(())
    }

    fn draw_images(&self, campaigns: &[DemoCampaign]) -> io::Result<()> {
        let folder = self.images();
        fs::create_dir_all(&folder)?;
        for banner in campaigns.iter().flat_map(|it| &it.banners) {
            let image = draw(banner.product, banner.width, banner.height, banner.image_seed);
            fs::write(folder.join(image_key(banner)), image)?;
        }
        Ok(())
    }
}

fn image_key(banner: &DemoBanner) -> String {
    format!("picture_{}.png", banner.id)
}

/// Returns the file by which banners get the numbers and images that the demo has for them.
fn images(campaigns: &[DemoCampaign]) -> String {
    let mut file = "id,url,name\n".to_owned();
    for banner in campaigns.iter().flat_map(|it| &it.banners) {
        let _ = writeln!(file, "{},{},{}", banner.id, image_key(banner), banner.name);
    }
    file
}

/// Makes a campaign, describes its banners and attaches them. Campaigns are made in the order of their
/// numbers.
async fn manage(
    managing: &Managing,
    campaign: &DemoCampaign,
    landing_url: impl Fn(&str, &str) -> String,
    now: i64,
) -> Result<(), ManagingError> {
    let texts = |tags: &[&str]| Some(tags.iter().map(|tag| (*tag).to_owned()).collect());
    let millis = |unix_seconds: Option<i64>| Some(unix_seconds.map(|it| it * 1000));
    let fields = CampaignFields {
        name: Some(campaign.name.to_owned()),
        status: Some(campaign.status),
        starts_at: millis(campaign.schedule.starts_at),
        ends_at: millis(campaign.schedule.ends_at),
        tags: texts(&campaign.tags),
        ..CampaignFields::default()
    };
    managing.create_campaign(by(), fields, None, now).await?;
    for banner in &campaign.banners {
        let (shop, product) = &banner.leads_to;
        let fields = BannerFields {
            landing_url: Some(Some(landing_url(shop, product))),
            alt: Some(banner.alt.clone()),
            width: Some(Some(banner.width)),
            height: Some(Some(banner.height)),
            tags: texts(&banner.tags),
            ..BannerFields::default()
        };
        managing.change_banner(by(), banner.id, Precondition::Anything, fields, now).await?;
    }
    if !campaign.banners.is_empty() {
        let numbers = campaign.banners.iter().map(|banner| banner.id.0).collect();
        let fields = AttachmentFields { banner_ids: Some(numbers), status: None };
        managing.attach_banners(by(), campaign.id, fields, None, now).await?;
    }
    Ok(())
}

/// Returns the author of the demo's changes.
fn by() -> Actor {
    Actor { id: "demo".to_owned(), name: "the demo".to_owned() }
}

/// Pauses the banners of a campaign as if somebody had done it yesterday, so that it shows nothing.
async fn break_down(
    managing: &Managing,
    campaign: &DemoCampaign,
    now: i64,
) -> Result<(), ManagingError> {
    let by = Actor { id: "demo".to_owned(), name: "Bo, marketing".to_owned() };
    for banner in &campaign.banners {
        let paused = BannerFields { status: Some(Status::Paused), ..BannerFields::default() };
        let (by, at) = (by.clone(), stopped_at(now.div_euclid(1000)) * 1000);
        managing.change_banner(by, banner.id, Precondition::Anything, paused, at).await?;
    }
    Ok(())
}

/// Sends a file that is refused, so that there is one to mend.
async fn refuse(series: &ImportSeries, at: i64) -> Result<(), DemoError> {
    let mut bytes = tempfile::tempfile()?;
    io::Write::write_all(&mut bytes, REFUSED_FILE.as_bytes())?;
    let file = ImportFile::new(bytes, "partner_conversions_2.csv");
    series.import(file, at, Arc::new(ImportProgress::default())).await?;
    Ok(())
}

async fn book(series: &ImportSeries, name: String, text: &str, now: i64) -> Result<(), DemoError> {
    let mut bytes = tempfile::tempfile()?;
    io::Write::write_all(&mut bytes, text.as_bytes())?;
    let file = ImportFile::new(bytes, &name);
    let imported = series.import(file, now, Arc::new(ImportProgress::default())).await?;
    if imported.ending == ImportEnding::Refused {
        return Err(DemoError::Refused { name, errors: imported.report.errors });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use bams_domain::{CampaignId, Quarter};
    use bams_storage::{count_differences, ranking};

    use super::*;

    /// 2026-01-01T10:05:00Z.
    const NOW: i64 = 1_767_261_900_000;

    #[tokio::test]
    async fn a_demo_is_filled_and_gone() {
        let demo = Demo::begin().unwrap();
        let database = Database::connect(&demo.database_url(), 4).await.unwrap();
        database.migrate().await.unwrap();
        let imports = Imports::new(database.clone(), |banner| format!("picture_{banner}.png"));
        demo.fill(&database, &imports, NOW, |_, product| format!("https://shop.example/{product}"))
            .await
            .unwrap();

        let ranking =
            ranking(&database, CampaignId(1), Quarter::First, |_, _| false).await.unwrap().unwrap();
        let impressions: u64 = ranking.banners.iter().map(|it| it.performance.impressions).sum();
        assert!(impressions > 1_000, "{impressions}");
        assert_eq!(count_differences(&database).await.unwrap(), 0);
        let images = fs::read_dir(demo.images()).unwrap().count();
        let banners: usize = world(NOW / 1000).iter().map(|it| it.banners.len()).sum();
        assert_eq!(images, banners);

        let folder = demo.folder.path().to_owned();
        database.close().await.unwrap();
        drop(demo);
        assert!(!folder.exists());
    }
}
