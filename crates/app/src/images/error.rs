//! Why an image is not taken.

use bams_domain::BannerId;
use bams_media::{MediaError, NotAPicture};

use super::LARGEST_SIDE;
use super::ticket::TicketError;

/// Why an image does not become a banner's.
#[derive(Debug, thiserror::Error)]
pub enum ImagesError {
    /// The bytes that were sent are not acceptable.
    #[error(transparent)]
    Image(ImageFlaw),
    /// The upload that was named is not acceptable.
    #[error(transparent)]
    Upload(#[from] UploadFlaw),
    /// Nothing was uploaded yet under the key.
    #[error("nothing was uploaded under this key")]
    NotUploaded,
    /// Images of this banner do not lie in S3, so that nothing can be uploaded there.
    #[error("the image of banner {0} does not lie in S3: send its bytes instead")]
    NotInS3(BannerId),
    /// S3 cannot be reached, or does not answer.
    #[error("could not {action} in S3")]
    StoreUnavailable {
        /// What was attempted, such as `store an image`.
        action: &'static str,
        /// What went wrong; without the URL, which is signed.
        source: reqwest::Error,
    },
    /// S3 answered that it does not do it.
    #[error("S3 answered {status} when asked to {action}")]
    StoreRefused {
        /// What was attempted.
        action: &'static str,
        /// The HTTP status of its answer.
        status: u16,
    },
    /// The folder refused, or nothing can be signed.
    #[error(transparent)]
    Media(#[from] MediaError),
    /// The task that looked at the image, or wrote it, ended before it was done.
    #[error("could not look at an image")]
    Interrupted(#[from] tokio::task::JoinError),
}

/// What is wrong with the bytes of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImageFlaw {
    /// They are no image, or not all of one.
    #[error(transparent)]
    NotAPicture(#[from] NotAPicture),
    /// There are more than this many.
    #[error("an image has at most {0} bytes")]
    TooLarge(usize),
    /// It is larger than what browsers should have to show.
    #[error(
        "the image has {width} × {height} pixels; at most {most} are taken, and at most \
         {LARGEST_SIDE} on a side"
    )]
    TooManyPixels {
        /// Its width.
        width: u32,
        /// Its height.
        height: u32,
        /// How many pixels are taken.
        most: u64,
    },
}

impl ImageFlaw {
    /// Returns a stable word for programs.
    pub fn code(self) -> &'static str {
        match self {
            Self::NotAPicture(NotAPicture::Empty) => "empty",
            Self::NotAPicture(NotAPicture::Unknown) => "not_an_image",
            Self::NotAPicture(NotAPicture::NoSize) => "no_size",
            Self::NotAPicture(NotAPicture::CutOff) => "cut_off",
            Self::TooLarge(_) => "too_large",
            Self::TooManyPixels { .. } => "too_many_pixels",
        }
    }
}

/// What is wrong with an upload to S3, or with the key that names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UploadFlaw {
    /// The key lets nothing be uploaded.
    #[error(transparent)]
    Ticket(#[from] TicketError),
    /// More or fewer bytes were announced.
    #[error("what was uploaded has not {0} bytes")]
    OtherLength(usize),
    /// Other bytes were announced.
    #[error("what was uploaded has another SHA-256")]
    OtherBytes,
    /// What was announced was uploaded, and is not acceptable.
    #[error(transparent)]
    Image(#[from] ImageFlaw),
}

impl UploadFlaw {
    /// Returns a stable word for programs.
    pub fn code(self) -> &'static str {
        match self {
            Self::Ticket(error) => error.code(),
            Self::OtherLength(_) | Self::OtherBytes => "other_bytes",
            Self::Image(flaw) => flaw.code(),
        }
    }
}
