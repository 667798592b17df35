//! The errors of images.

use bams_domain::BannerId;
use bams_media::{MediaError, NotAPicture};

use super::LARGEST_SIDE;
use super::ticket::TicketError;

/// Why an image is refused.
#[derive(Debug, thiserror::Error)]
pub enum ImagesError {
    /// The bytes of the image have a flaw.
    #[error(transparent)]
    Image(ImageFlaw),
    /// The upload has a flaw.
    #[error(transparent)]
    Upload(#[from] UploadFlaw),
    /// No object has the key of the upload yet.
    #[error("nothing was uploaded under this key")]
    NotUploaded,
    /// The images of this banner are in a folder, so that they cannot be uploaded to S3.
    #[error("the image of banner {0} does not lie in S3: send its bytes instead")]
    NotInS3(BannerId),
    /// S3 cannot be reached, or does not answer.
    #[error("could not {action} in S3")]
    StoreUnavailable {
        /// The attempted action, such as `store an image`.
        action: &'static str,
        /// The error of the client, without the URL, which is signed.
        source: reqwest::Error,
    },
    /// S3 refused.
    #[error("S3 answered {status} when asked to {action}")]
    StoreRefused {
        /// The attempted action.
        action: &'static str,
        /// The HTTP status of its answer.
        status: u16,
    },
    /// The folder refused, or URLs cannot be signed.
    #[error(transparent)]
    Media(#[from] MediaError),
    /// The task that examined or wrote the image panicked or was cancelled.
    #[error("could not look at an image")]
    Interrupted(#[from] tokio::task::JoinError),
}

/// What is wrong with the bytes of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImageFlaw {
    /// They are no image, or a part of one.
    #[error(transparent)]
    NotAPicture(#[from] NotAPicture),
    /// There are too many.
    #[error("an image has at most {0} bytes")]
    TooLarge(usize),
    /// The image has more pixels than browsers should have to show.
    #[error(
        "the image has {width} × {height} pixels; at most {most} are taken, and at most \
         {LARGEST_SIDE} on a side"
    )]
    TooManyPixels {
        /// Its width.
        width: u32,
        /// Its height.
        height: u32,
        /// The most pixels that are allowed.
        most: u64,
    },
}

impl ImageFlaw {
    /// Returns the stable word for programs.
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

/// What is wrong with an upload to S3 or with its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UploadFlaw {
    /// The key does not allow an upload.
    #[error(transparent)]
    Ticket(#[from] TicketError),
    /// The upload has more or fewer bytes than announced.
    #[error("what was uploaded has not {0} bytes")]
    OtherLength(usize),
    /// The upload has other bytes than announced.
    #[error("what was uploaded has another SHA-256")]
    OtherBytes,
    /// The image has a flaw, although it is the announced one.
    #[error(transparent)]
    Image(#[from] ImageFlaw),
}

impl UploadFlaw {
    /// Returns the stable word for programs.
    pub fn code(self) -> &'static str {
        match self {
            Self::Ticket(error) => error.code(),
            Self::OtherLength(_) | Self::OtherBytes => "other_bytes",
            Self::Image(flaw) => flaw.code(),
        }
    }
}
