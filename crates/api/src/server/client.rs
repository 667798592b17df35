//! The client's end of a connection, which must read its answers, and lets other clients have their
//! turns.

use std::io::{Error, ErrorKind, Result};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use actix_web::rt::net::TcpStream;
use futures_util::future::LocalBoxFuture;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::demand::Demand;

/// A connection that is closed if its client does not read.
///
/// While the client takes nothing, nothing is read from it either. The HTTP layer itself would read
/// on, and would ask without a pause whether there is more once its buffer is full.
pub(super) struct Client<S = TcpStream> {
    stream: S,
    /// How long the client may take nothing of what is ready for it.
    patience: Duration,
    /// Runs while the client takes nothing, and ends if that lasts for too long.
    stalled: Option<LocalBoxFuture<'static, ()>>,
    demand: Rc<Demand>,
}

impl<S> Client<S> {
    pub(super) fn new(stream: S, patience: Duration) -> Self {
        Self { stream, patience, stalled: None, demand: Rc::default() }
    }

    /// Returns the demand on the client, which its requests set.
    pub(super) fn demand(&self) -> Rc<Demand> {
        Rc::clone(&self.demand)
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Client<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<Result<()>> {
        if self.stalled.is_some() {
            // The next successful write wakes this task.
            return Poll::Pending;
        }
        let wanted = ready!(self.demand.poll_wanted(context)).min(buffer.remaining());
        let mut part = ReadBuf::new(buffer.initialize_unfilled_to(wanted));
        ready!(Pin::new(&mut self.stream).poll_read(context, &mut part))?;
        let read = part.filled().len();
        buffer.advance(read);
        self.demand.note(read);
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Client<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<Result<usize>> {
        let this = &mut *self;
        if let Poll::Ready(written) = Pin::new(&mut this.stream).poll_write(context, bytes) {
            if this.stalled.take().is_some() {
                context.waker().wake_by_ref();
            }
            return Poll::Ready(written);
        }
        let patience = this.patience;
        let stalled = this.stalled.get_or_insert_with(|| Box::pin(tokio::time::sleep(patience)));
        ready!(stalled.as_mut().poll(context));
        Poll::Ready(Err(Error::new(ErrorKind::TimedOut, "the client does not read")))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::{Wake, Waker};

    use super::*;

    /// A stream whose other end sends without a pause, and takes something when it is told to.
    struct Greedy {
        takes: bool,
    }

    impl AsyncRead for Greedy {
        fn poll_read(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
            buffer: &mut ReadBuf<'_>,
        ) -> Poll<Result<()>> {
            buffer.put_slice(&vec![b'x'; buffer.remaining()]);
            Poll::Ready(Ok(()))
        }
    }

    impl AsyncWrite for Greedy {
        fn poll_write(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
            bytes: &[u8],
        ) -> Poll<Result<usize>> {
            if self.takes { Poll::Ready(Ok(bytes.len())) } else { Poll::Pending }
        }

        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<()>> {
            Poll::Ready(Ok(()))
        }

        fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<()>> {
            Poll::Ready(Ok(()))
        }
    }

    #[derive(Default)]
    struct Woken(AtomicUsize);

    impl Wake for Woken {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Reads until there is nothing for the moment, and returns the number of bytes.
    fn read(client: &mut Client<Greedy>, context: &mut Context<'_>) -> usize {
        let mut total = 0;
        loop {
            let mut bytes = [0; 300];
            let mut buffer = ReadBuf::new(&mut bytes);
            if Pin::new(&mut *client).poll_read(context, &mut buffer).is_pending() {
                return total;
            }
            total += buffer.filled().len();
        }
    }

    #[actix_web::test]
    async fn nothing_is_read_of_a_client_that_does_not_read() {
        let woken = Arc::new(Woken::default());
        let waker = Waker::from(Arc::clone(&woken));
        let context = &mut Context::from_waker(&waker);
        let calls = || woken.0.swap(0, Ordering::Relaxed);
        let mut client = Client::new(Greedy { takes: true }, Duration::from_hours(1));

        assert_eq!(read(&mut client, context), 1024);
        assert_eq!(calls(), 1, "it has another turn soon");
        client.stream.takes = false;
        assert!(Pin::new(&mut client).poll_write(context, b"answer").is_pending());
        for _ in 0..3 {
            assert_eq!(read(&mut client, context), 0);
        }
        assert_eq!(calls(), 0, "nobody asks again until it reads");
        client.stream.takes = true;
        assert!(Pin::new(&mut client).poll_write(context, b"answer").is_ready());
        assert_eq!(calls(), 1);
        assert_eq!(read(&mut client, context), 1024);
    }

    #[actix_web::test]
    async fn a_client_that_takes_nothing_is_given_up() {
        let mut client = Client::new(Greedy { takes: false }, Duration::from_millis(1));
        let write =
            |context: &mut Context<'_>| Pin::new(&mut client).poll_write(context, b"answer");
        let given_up = std::future::poll_fn(write).await.unwrap_err();
        assert_eq!(given_up.kind(), ErrorKind::TimedOut);
    }
}
