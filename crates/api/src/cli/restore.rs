//! `bams restore`.

use std::path::PathBuf;

use bams_app::backup::{Replaced, Restore, StorePlaces};
use clap::Args;

use super::backup::{name_tools, told};
use super::{DONE, FAILED, Outcome, Unprinted, print, tell};
use crate::assembly::places;
use crate::config::{Settings, in_full};
use crate::timestamp;

#[derive(Args)]
#[command(after_help = ABOUT)]
pub(super) struct RestoreCommand {
    /// A file that `bams backup` made
    file: PathBuf,
    /// Replace what is there; without it that is only named
    #[arg(long)]
    force: bool,
}

const ABOUT: &str = "\
Stop every program that serves the store first. The whole file is checked before anything changes.
The database comes to the place in database.url and the signing key beside it; images are added to
media.local.path. If it is interrupted while it changes names, the store is not served until it has
been done again. Run it as the user who serves, and `bams verify` afterwards.";

impl RestoreCommand {
    pub(super) async fn run(self, settings: &Settings) -> Outcome {
        let Some(places) = places::of_store(settings) else { return Ok(name_tools(settings)) };
        let restore = Restore::begin(&in_full(&self.file), places.clone()).await?;
        let contents = restore.contents().clone();
        let file = self.file.display();
        let (made, version) = (timestamp::text(contents.made_at), &contents.version);
        print(&format!("{file}: made {made} by bams {version}: {}", told(&contents)))?;
        name_replaced(&places, restore.replaced())?;
        if !restore.replaced().is_nothing() && !self.force {
            tell("Nothing was changed: `bams restore --force` replaces it.");
            return Ok(FAILED);
        }
        restore.put_in_place().await?;
        match (contents.key, &places.key) {
            (false, Some(_)) => tell(
                "The backup has no signing key: set secrets.signing_key to what it was, or links and \
                 images from before stay shut.",
            ),
            (true, None) => tell(
                "secrets.signing_key is set, so the key of the backup was left out: links and images \
                 from before stay shut unless it is the same.",
            ),
            _ => {}
        }
        tell("Restored. `bams verify` checks that all counts add up.");
        Ok(DONE)
    }
}

fn name_replaced(places: &StorePlaces, replaced: &Replaced) -> Result<(), Unprinted> {
    let Replaced { database, held, key, images } = replaced;
    if *database {
        let place = places.database.display();
        match held {
            Some(held) => {
                let (campaigns, banners) = (held.campaigns, held.banners);
                print(&format!("replaces {place}: {campaigns} campaigns, {banners} banners"))?;
            }
            None => print(&format!("replaces {place}, which is no store that can be read"))?,
        }
    }
    if let (true, Some(place)) = (key, &places.key) {
        print(&format!("replaces {}, another signing key", place.display()))?;
    }
    if let (1.., Some(place)) = (images, &places.images) {
        print(&format!("replaces {images} images in {}", place.display()))?;
    }
    Ok(())
}
