//! Images that banners get.

use std::fs::read_dir;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bams_app::images::{ImagesError, ImagesSettings, Tickets, Uploads};
use bams_app::managing::{
    AnnouncedFields, BannerFields, BannerImages, ManagingError, Precondition, UploadedFields,
};
use bams_domain::BannerId;
use bams_media::{Backend, Images, LocalImages, MediaType, SigningKey};
use rand::SeedableRng;
use rand::rngs::StdRng;
use tempfile::TempDir;

use crate::world::{NOW, World, ada, broken, half_read, made};

const MAX_BYTES: usize = 1_000;

/// A PNG of 300 × 250 pixels, as far as its structure tells.
const PNG: &[u8] =
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x01\x2c\0\0\0\xfa\x08\0\0\0\0:~\x9bU\0\0\0\n\
    IDATx\x9cch\0\0\0\x82\0\x81w\xcdr\xb6\0\0\0\0IEND\xaeB`\x82";

/// A banner, and what gives it images in a folder.
async fn studio(world: &World) -> (BannerId, BannerImages, TempDir) {
    let folder = TempDir::new().unwrap();
    let key = SigningKey::new("k1", b"0123456789abcdef").unwrap();
    let local = LocalImages::new(folder.path(), "https://pictures.example", key);
    let images = Arc::new(Images::new(Backend::Local(local), Duration::from_mins(20)));
    let settings = ImagesSettings {
        prefix: "p/".parse().unwrap(),
        upload_ttl: Duration::from_mins(15),
        max_bytes: MAX_BYTES,
        max_pixels: 90_000,
    };
    let tickets = Tickets::new("a secret that nobody knows", &[]);
    let uploads = Arc::new(Uploads::new(images, tickets, settings).unwrap());
    let said = BannerFields { name: Some("Blue".to_owned()), ..BannerFields::default() };
    let banner = made(world.managing.create_banner(ada(), said, None, NOW).await.unwrap());
    (banner.id, BannerImages::new(world.managing.clone(), uploads), folder)
}

fn is_empty(folder: &Path) -> bool {
    read_dir(folder).unwrap().next().is_none()
}

#[tokio::test]
async fn nothing_is_kept_for_a_change_that_is_refused() {
    let world = World::new().await;
    let (banner, images, folder) = studio(&world).await;
    let replace = async |id: BannerId, precondition: Precondition, bytes: &'static [u8]| {
        images.replace(ada(), id, precondition, bytes.into(), NOW).await.map(made)
    };
    let other = Precondition::Seen(vec![2.into()]);
    let outdated = replace(banner, other, PNG).await;
    assert!(matches!(outdated, Err(ManagingError::Outdated { .. })), "{outdated:?}");
    let unknown = replace(BannerId(banner.0 + 1), Precondition::Anything, PNG).await;
    assert!(matches!(unknown, Err(ManagingError::UnknownBanner(_))), "{unknown:?}");
    let junk = replace(banner, Precondition::Anything, b"no image").await;
    assert!(matches!(junk, Err(ManagingError::Images(ImagesError::Image(_)))), "{junk:?}");
    assert!(is_empty(folder.path()));
    let shown = replace(banner, Precondition::Seen(vec![1.into()]), PNG).await.unwrap();
    assert_eq!((shown.settings.width, shown.settings.height), (Some(300), Some(250)));
    assert!(shown.image.is_some() && !is_empty(folder.path()));
}

#[tokio::test]
async fn what_is_said_of_an_upload_is_checked_before_where_images_lie() {
    let world = World::new().await;
    let (banner, images, _folder) = studio(&world).await;
    let invite = async |draft| {
        images.invite(ada(), banner, draft, None, NOW, &mut StdRng::seed_from_u64(1)).await
    };
    let said = AnnouncedFields {
        media_type: None,
        bytes: Some(u32::try_from(MAX_BYTES).unwrap() + 1),
        sha256: Some(Some("A".repeat(64))),
    };
    let expected = [
        ("/media_type", "unknown_value"),
        ("/bytes", "out_of_range"),
        ("/sha256", "invalid_value"),
    ];
    let refused = invite(half_read(said, &expected[..1])).await;
    assert_eq!(broken(refused), expected.map(|(pointer, code)| (pointer.to_owned(), code)));
    let nothing = invite(AnnouncedFields::default().into()).await;
    let missing = ["/media_type", "/bytes"].map(|it| (it.to_owned(), "missing"));
    assert_eq!(broken(nothing), missing);
    let fine =
        AnnouncedFields { media_type: Some(MediaType::Png), bytes: Some(1), sha256: Some(None) };
    let refused = invite(fine.into()).await;
    let not_in_s3 =
        |it: &ManagingError| matches!(it, ManagingError::Images(ImagesError::NotInS3(_)));
    assert!(refused.as_ref().is_err_and(not_in_s3), "{refused:?}");
    let unnamed = UploadedFields { key: Some(" ".to_owned()) };
    let refused = images.complete(ada(), banner, Precondition::Anything, unnamed, None, NOW).await;
    assert_eq!(broken(refused), [("/key".to_owned(), "out_of_range")]);
}
