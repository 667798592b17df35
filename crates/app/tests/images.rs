//! Images without a server, at a time of the test's choice.

use std::sync::Arc;
use std::time::Duration;

use bams_app::images::{
    AnnouncedImage, ImageFlaw, ImagesError, ImagesSettings, LARGEST_SIDE, TicketError, Tickets,
    UploadFlaw, Uploads,
};
use bams_domain::BannerId;
use bams_media::{
    Backend, Images, LocalImages, MediaType, NotAPicture, S3Images, S3Settings, SigningKey,
};
use bams_tests::S3;
use rand::SeedableRng;
use rand::rngs::StdRng;
use tempfile::TempDir;

/// 2026-01-01T10:05:00.250Z.
const NOW: i64 = 1_767_261_900_250;

/// How long an upload may take to begin, and then to be completed.
const TTL: Duration = Duration::from_mins(15);
const LAST_SECOND: i64 = 1_767_261_900 + 15 * 60 + 24 * 60 * 60;

const BANNER: BannerId = BannerId(141);

fn settings() -> ImagesSettings {
    let prefix = "p/".parse().unwrap();
    ImagesSettings { prefix, upload_ttl: TTL, max_bytes: 1_000, max_pixels: 90_000 }
}

/// Makes the structure of a PNG of this size.
fn png(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    bytes.extend(width.to_be_bytes().into_iter().chain(height.to_be_bytes()));
    bytes.extend(b"\x08\0\0\0\0:~\x9bU\0\0\0\nIDATx\x9cch\0\0\0\x82\0\x81w\xcdr\xb6");
    bytes.extend(b"\0\0\0\0IEND\xaeB`\x82");
    bytes
}

fn uploads(backend: Backend) -> Uploads {
    let images = Arc::new(Images::new(backend, Duration::from_mins(20)));
    let tickets = Tickets::new("a secret that nobody knows", &[]);
    Uploads::new(images, tickets, settings()).expect("a client")
}

fn local() -> (Uploads, TempDir) {
    let folder = TempDir::new().expect("a folder");
    let key = SigningKey::new("k1", b"0123456789abcdef").expect("a key");
    (
        uploads(Backend::Local(LocalImages::new(folder.path(), "https://pictures.example", key))),
        folder,
    )
}

fn bucket(s3: &S3) -> Uploads {
    let settings = S3Settings {
        bucket: s3.bucket().to_owned(),
        region: "eu-west-1".to_owned(),
        endpoint: Some(s3.endpoint()),
        path_style: true,
        access_key_id: S3::ACCESS_KEY.into(),
        secret_access_key: S3::SECRET_KEY.into(),
        session_token: None,
    };
    uploads(Backend::S3(S3Images::new(settings).expect("a bucket")))
}

fn announced(bytes: &[u8]) -> AnnouncedImage {
    AnnouncedImage { bytes: bytes.len(), sha256: None }
}

/// Returns the flaw of some bytes.
async fn flaw(uploads: &Uploads, bytes: Vec<u8>) -> ImageFlaw {
    match uploads.examine(bytes.into()).await {
        Err(ImagesError::Image(flaw)) => flaw,
        examined => panic!("{examined:?}"),
    }
}

#[tokio::test]
async fn an_image_is_looked_at_and_kept() {
    let (uploads, folder) = local();
    let bytes = png(300, 250);
    let image = uploads.examine(bytes.clone().into()).await.unwrap();
    assert_eq!((image.picture.width, image.picture.height), (300, 250));
    assert_eq!(image.picture.media_type, MediaType::Png);
    uploads.keep(&image).await.unwrap();
    let described = image.described();
    assert_eq!(described.bytes, Some(bytes.len() as u64));
    assert_eq!(std::fs::read(folder.path().join(described.key)).unwrap(), bytes);
}

#[tokio::test]
async fn what_is_too_large_or_no_image_is_not_taken() {
    let (uploads, folder) = local();
    let mut heavy = png(1, 1);
    heavy.resize(1_000, 0);
    assert!(uploads.examine(heavy.clone().into()).await.is_ok());
    heavy.push(0);
    assert_eq!(flaw(&uploads, heavy).await, ImageFlaw::TooLarge(1_000));

    assert!(uploads.examine(png(LARGEST_SIDE, 9).into()).await.is_ok());
    for (width, height) in [(LARGEST_SIDE + 1, 1), (1, LARGEST_SIDE + 1), (301, 300)] {
        let refused = flaw(&uploads, png(width, height)).await;
        assert_eq!(refused, ImageFlaw::TooManyPixels { width, height, most: 90_000 });
    }

    let whole = png(1, 1);
    for (bytes, reason, code) in [
        (Vec::new(), NotAPicture::Empty, "empty"),
        (b"<svg/>".to_vec(), NotAPicture::Unknown, "not_an_image"),
        (whole[..whole.len() - 1].to_vec(), NotAPicture::CutOff, "cut_off"),
    ] {
        let refused = flaw(&uploads, bytes).await;
        assert_eq!((refused, refused.code()), (ImageFlaw::NotAPicture(reason), code));
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "nothing is kept");
}

#[tokio::test]
async fn nothing_is_uploaded_to_a_folder() {
    let (uploads, _folder) = local();
    let mut random = StdRng::seed_from_u64(1);
    let invitation = uploads.invite(BANNER, &announced(b"x"), NOW, &mut random);
    assert!(matches!(invitation, Err(ImagesError::NotInS3(BANNER))), "{invitation:?}");
    let fetched = uploads.fetch(BANNER, "uploads/141/x", NOW).await;
    assert!(matches!(fetched, Err(ImagesError::NotInS3(BANNER))), "{fetched:?}");
}

#[tokio::test]
async fn an_invitation_ends_exactly_at_its_second() {
    let s3 = S3::start();
    let uploads = bucket(&s3);
    let bytes = png(300, 250);
    let mut random = StdRng::seed_from_u64(1);
    let invitation = uploads.invite(BANNER, &announced(&bytes), NOW, &mut random).unwrap();
    let fetch = async |millis| uploads.fetch(BANNER, invitation.key.as_str(), millis).await;

    let missing = fetch(NOW).await;
    assert!(matches!(missing, Err(ImagesError::NotUploaded)), "{missing:?}");
    s3.put(invitation.key.as_str(), &bytes);
    assert_eq!(fetch(LAST_SECOND * 1000 + 999).await.unwrap().picture.width, 300);
    let late = fetch(LAST_SECOND * 1000 + 1000).await;
    let expired = UploadFlaw::Ticket(TicketError::Expired);
    assert!(matches!(&late, Err(ImagesError::Upload(it)) if *it == expired), "{late:?}");
    let others = uploads.fetch(BannerId(142), invitation.key.as_str(), NOW).await;
    let not_issued = UploadFlaw::Ticket(TicketError::NotIssued);
    assert!(matches!(&others, Err(ImagesError::Upload(it)) if *it == not_issued), "{others:?}");
    assert!(s3.object(invitation.key.as_str()).is_some(), "a wrong key deletes nothing");
}

#[tokio::test]
async fn an_upload_that_is_not_what_was_announced_is_deleted() {
    let s3 = S3::start();
    let uploads = bucket(&s3);
    let whole = png(300, 250);
    let (length, code) = (UploadFlaw::OtherLength(whole.len()), "other_bytes");
    let not_an_image = UploadFlaw::Image(ImageFlaw::NotAPicture(NotAPicture::Unknown));
    let mut other = whole.clone();
    other[20] ^= 1;
    for (seed, (sha256, uploaded, expected, code)) in [
        (None, whole[1..].to_vec(), length, code),
        (None, [&whole[..], b"x"].concat(), length, code),
        (Some("0f".repeat(32)), other, UploadFlaw::OtherBytes, code),
        (None, vec![b'<'; whole.len()], not_an_image, "not_an_image"),
    ]
    .into_iter()
    .enumerate()
    {
        let announced = AnnouncedImage { bytes: whole.len(), sha256 };
        let mut random = StdRng::seed_from_u64(seed as u64);
        let key = uploads.invite(BANNER, &announced, NOW, &mut random).unwrap().key;
        s3.put(key.as_str(), &uploaded);
        match uploads.fetch(BANNER, key.as_str(), NOW).await {
            Err(ImagesError::Upload(flaw)) => assert_eq!((flaw, flaw.code()), (expected, code)),
            fetched => panic!("{fetched:?}"),
        }
        assert_eq!(s3.object(key.as_str()), None);
    }
}
