//! Sending bodies in pieces.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::web::Bytes;

/// The bytes that are sent at a time.
pub(super) const PIECE: usize = 32 * 1024;

/// Bytes that are all there. The HTTP layer copies what a body gives it, and would copy them all.
struct BodyPieces(Bytes);

/// Returns a body that gives at most one piece at once.
pub(super) fn in_pieces(body: BoxBody) -> BoxBody {
    let large = matches!(body.size(), BodySize::Sized(bytes) if bytes > PIECE as u64);
    if !large {
        return body;
    }
    match body.try_into_bytes() {
        Ok(bytes) => BoxBody::new(BodyPieces(bytes)),
        // It is a stream, which has pieces already.
        Err(body) => body,
    }
}

impl MessageBody for BodyPieces {
    type Error = Infallible;

    fn size(&self) -> BodySize {
        BodySize::Sized(self.0.len() as u64)
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        if self.0.is_empty() {
            return Poll::Ready(None);
        }
        let length = self.0.len().min(PIECE);
        Poll::Ready(Some(Ok(self.0.split_to(length))))
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use super::*;

    #[actix_web::test]
    async fn a_large_body_comes_in_small_pieces_and_whole() {
        let text: Vec<u8> = (0..100_000_u32).map(|number| number.to_le_bytes()[0]).collect();
        let mut body = Box::pin(in_pieces(BoxBody::new(text.clone())));
        assert_eq!(body.size(), BodySize::Sized(text.len() as u64));
        let mut sent = Vec::new();
        while let Some(piece) = poll_fn(|context| body.as_mut().poll_next(context)).await {
            let piece = piece.unwrap();
            assert!(piece.len() <= PIECE, "{}", piece.len());
            sent.extend_from_slice(&piece);
        }
        assert_eq!(sent, text);
    }
}
