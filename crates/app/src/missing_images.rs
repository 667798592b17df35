//! The images that are not where they should be.

use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use bams_domain::{BannerId, CampaignId};
use bams_media::{Backend, Images, MediaError, ObjectKey};
use bams_storage::{ServedCampaign, Snapshots};
use tokio::sync::Notify;
use tokio::task::{JoinError, spawn_blocking};

/// A banner with the key of the image that is not there.
type MissingImage = (BannerId, Arc<str>);

/// The banners whose images this node was asked for and did not have.
///
/// A browser that asks is the first to notice, because a decision looks at no disk. Images of a bucket
/// never come by here.
#[derive(Debug, Default)]
pub struct MissingImages {
    keys: Mutex<BTreeSet<ObjectKey>>,
    banners: RwLock<HashMap<CampaignId, Vec<MissingImage>>>,
    /// True if there are some, so that a decision mostly asks nothing else.
    any: AtomicBool,
    noted: Notify,
}

impl MissingImages {
    /// Notes that there is no image under a key.
    pub fn note(&self, key: ObjectKey) {
        if self.keys().insert(key) {
            self.noted.notify_one();
        }
    }

    /// Waits until an image was noted.
    pub async fn noted(&self) {
        self.noted.notified().await;
    }

    /// Looks for the images again that were noted, and finds the banners that show them. Forgets those
    /// that are there by now or that no banner shows, and all if the folder itself is gone: then
    /// something else is wrong.
    pub async fn look(&self, images: &Arc<Images>, snapshots: &Snapshots) -> Result<(), JoinError> {
        let noted = self.keys().clone();
        if noted.is_empty() {
            return Ok(());
        }
        let images = Arc::clone(images);
        let looking = spawn_blocking(move || match images.backend() {
            Backend::Local(local) if local.folder().path().is_dir() => {
                let open = |key: &ObjectKey| local.folder().open(key);
                let is_missing =
                    |key: &ObjectKey| matches!(open(key), Err(MediaError::UnknownImage(_)));
                noted.into_iter().filter(is_missing).collect()
            }
            Backend::Local(_) | Backend::S3(_) => BTreeSet::new(),
        });
        let missing = looking.await?;
        let mut keys = self.keys();
        *keys = missing;
        self.find_banners(&mut keys, snapshots);
        Ok(())
    }

    /// Returns the banners of a campaign whose image is missing.
    pub fn of(&self, campaign: &ServedCampaign) -> Vec<BannerId> {
        let is_shown = |(banner, key): &&MissingImage| {
            campaign.banner(*banner).is_some_and(|it| *it.image_key() == **key)
        };
        self.noted_of(campaign.id, |noted| noted.iter().filter(is_shown).map(|it| it.0).collect())
    }

    /// Returns true if a banner's image, by its key, is missing in a campaign.
    pub fn has(&self, campaign: CampaignId, banner: BannerId, image_key: &str) -> bool {
        let is_it = |it: &MissingImage| it.0 == banner && *it.1 == *image_key;
        self.noted_of(campaign, |noted| noted.iter().any(is_it))
    }

    fn noted_of<T: Default>(
        &self,
        campaign: CampaignId,
        look: impl FnOnce(&[MissingImage]) -> T,
    ) -> T {
        if !self.any.load(Ordering::Relaxed) {
            return T::default();
        }
        let banners = self.banners.read().unwrap_or_else(PoisonError::into_inner);
        banners.get(&campaign).map(|noted| look(noted)).unwrap_or_default()
    }

    /// Finds the banners that show the images, and forgets images that no banner shows.
    fn find_banners(&self, keys: &mut BTreeSet<ObjectKey>, snapshots: &Snapshots) {
        let mut found: HashMap<CampaignId, Vec<MissingImage>> = HashMap::new();
        let mut shown = BTreeSet::new();
        for campaign in snapshots.current().campaigns() {
            for banner in campaign.banners() {
                if let Some(key) = keys.get(banner.image_key()) {
                    shown.insert(key.clone());
                    let noted = found.entry(campaign.id).or_default();
                    noted.push((banner.id(), Arc::from(banner.image_key())));
                }
            }
        }
        *keys = shown;
        self.any.store(!found.is_empty(), Ordering::Relaxed);
        *self.banners.write().unwrap_or_else(PoisonError::into_inner) = found;
    }

    fn keys(&self) -> MutexGuard<'_, BTreeSet<ObjectKey>> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
