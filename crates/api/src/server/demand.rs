//! The demand on a client: its next request, more of a body, or nothing.

use std::cell::{Cell, RefCell};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use actix_web::HttpMessage;
use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest};
use actix_web::error::PayloadError;
use actix_web::http::header::CONTENT_LENGTH;
use actix_web::web::Bytes;
use futures_util::Stream;

use super::pieces::PIECE;

/// The most bytes that are read at once of requests. The HTTP layer makes requests of all that it
/// gets, and each takes some kilobytes of memory.
const REQUESTS: usize = 1024;

/// The most bytes that are read at once of a body.
const BODY: usize = 64 * 1024;

/// How much may be read from a client.
///
/// The HTTP layer alone would read on while it answers, and queue what it gets.
#[derive(Default)]
pub(super) struct Demand {
    /// True while a request is being answered.
    answering: Cell<bool>,
    /// The bytes that were read since the demand was set.
    read: Cell<usize>,
    /// The bytes that are wanted while a request is being answered.
    wanted: Cell<usize>,
    /// Wakes the task that may not read now.
    reader: RefCell<Option<Waker>>,
}

impl Demand {
    /// Returns how many bytes may be read now. If there are none, wakes the task when it may go on.
    pub(super) fn poll_wanted(&self, context: &Context<'_>) -> Poll<usize> {
        let wanted = if self.answering.get() { self.wanted.get() } else { REQUESTS };
        match wanted.saturating_sub(self.read.get()) {
            0 if self.answering.get() => {
                *self.reader.borrow_mut() = Some(context.waker().clone());
                Poll::Pending
            }
            0 => {
                // Other clients have their turn first.
                self.read.set(0);
                context.waker().wake_by_ref();
                Poll::Pending
            }
            wanted => Poll::Ready(wanted),
        }
    }

    /// Notes that some bytes were read.
    pub(super) fn note(&self, bytes: usize) {
        self.read.set(self.read.get() + bytes);
    }

    fn want(&self, bytes: usize) {
        self.read.set(0);
        self.wanted.set(bytes);
        if let Some(reader) = self.reader.borrow_mut().take() {
            reader.wake();
        }
    }
}

/// A request that is being answered. Until this is dropped, only its body is read from its client.
pub(super) struct Answering(Option<Rc<Demand>>);

impl Answering {
    /// Begins to answer a request.
    pub(super) fn begin(request: &mut ServiceRequest) -> Self {
        let Some(demand) = request.conn_data::<Rc<Demand>>().map(Rc::clone) else {
            return Self(None);
        };
        demand.answering.set(true);
        demand.want(0);
        match request.take_payload() {
            Payload::None => {}
            payload => {
                let body = RequestBody { payload, left: length(request), demand: demand.clone() };
                request.set_payload(Payload::Stream { payload: Box::pin(body) });
            }
        }
        Self(Some(demand))
    }

    /// Returns a body that ends this when it was sent. A body that is complete already ends it now.
    pub(super) fn until_sent(self, body: BoxBody) -> BoxBody {
        let at_once = match body.size() {
            BodySize::None => true,
            BodySize::Sized(bytes) => bytes <= PIECE as u64,
            BodySize::Stream => false,
        };
        if at_once { body } else { BoxBody::new(Sending { body, _answering: self }) }
    }
}

impl Drop for Answering {
    fn drop(&mut self) {
        if let Some(demand) = &self.0 {
            demand.answering.set(false);
            demand.want(0);
        }
    }
}

/// Returns the length of a request's body, if the request has it.
fn length(request: &ServiceRequest) -> Option<usize> {
    request.headers().get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// A request's body, which is read on when somebody waits for it.
struct RequestBody {
    payload: Payload,
    /// The bytes that are still to come, if the client told their number.
    left: Option<usize>,
    demand: Rc<Demand>,
}

impl Stream for RequestBody {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Poll::Ready(piece) = Pin::new(&mut self.payload).poll_next(context) else {
            // Bytes that follow a body of known length are not read with it.
            self.demand.want(self.left.map_or(REQUESTS, |left| left.clamp(1, BODY)));
            return Poll::Pending;
        };
        if let (Some(Ok(piece)), Some(left)) = (&piece, &mut self.left) {
            *left = left.saturating_sub(piece.len());
        }
        Poll::Ready(piece)
    }
}

/// A body that is sent while nothing is read from its client.
struct Sending {
    body: BoxBody,
    _answering: Answering,
}

impl MessageBody for Sending {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.body).poll_next(context)
    }
}
