//! Sending a file in pieces, so that a slow client holds only one of them in memory.

use std::io::{Error, Read};

use actix_web::web::{Bytes, block};
use futures_util::Stream;
use futures_util::stream::try_unfold;

/// The bytes that are read and sent at a time.
pub(crate) const PIECE: u64 = 64 * 1024;

/// Reads a file in pieces, on threads that may block on the disk.
pub(crate) fn pieces<F: Read + Send + 'static>(
    file: F,
) -> impl Stream<Item = Result<Bytes, Error>> + 'static {
    try_unfold(file, |mut file| async {
        let read = block(move || {
            let mut piece = Vec::new();
            Read::by_ref(&mut file).take(PIECE).read_to_end(&mut piece)?;
            Ok::<_, Error>((piece, file))
        });
        let (piece, file) = read.await.map_err(Error::other)??;
        Ok((!piece.is_empty()).then(|| (Bytes::from(piece), file)))
    })
}
