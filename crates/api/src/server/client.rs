//! The client's end of a connection, which must read its answers, and lets other clients have their
//! turns.

use std::cell::Cell;
use std::io::{Error, ErrorKind, Result};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use actix_web::rt::net::TcpStream;
use futures_util::future::LocalBoxFuture;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf, Take};

use super::demand::Demand;

/// How long a client may keep a server waiting that has stopped accepting, unless it sends or takes
/// [`BRISK`] bytes meanwhile.
const LAST: Duration = Duration::from_secs(2);
const BRISK: usize = 64 * 1024;

/// A connection that is closed if its client does not read, or if the server has stopped and only
/// waits for it.
///
/// While the client takes nothing, nothing is read from it either. The HTTP layer itself would read
/// on, and would ask without a pause whether there is more once its buffer is full.
pub(super) struct Client<S = TcpStream> {
    /// The connection, of which at most what is wanted is read.
    stream: Take<S>,
    /// How long the client may take nothing of what is ready for it.
    patience: Duration,
    /// Runs while the client takes nothing, and ends if that lasts for too long.
    stalled: Option<LocalBoxFuture<'static, ()>>,
    /// Ends when the server has stopped and the client was slow from then on.
    slow: LocalBoxFuture<'static, ()>,
    /// The bytes that went to or came from the client.
    moved: Rc<Cell<usize>>,
    demand: Rc<Demand>,
}

impl Client {
    /// Takes a connection in, on which nothing waits for the client's confirmation of what was sent
    /// before: otherwise the end of an answer would come a round trip late.
    pub(super) fn accepted(
        stream: TcpStream,
        patience: Duration,
        stopped: impl Future<Output = ()> + 'static,
    ) -> Self {
        let _ = stream.set_nodelay(true);
        Self::new(stream, patience, stopped)
    }
}

impl<S> Client<S> {
    /// Wraps a connection of a server that stops accepting when `stopped` ends.
    fn new(stream: S, patience: Duration, stopped: impl Future<Output = ()> + 'static) -> Self
    where
        S: AsyncRead,
    {
        let moved = Rc::new(Cell::new(0));
        let slow = Box::pin(slowness(stopped, Rc::clone(&moved), LAST));
        let stream = stream.take(0);
        Self { stream, patience, stalled: None, slow, moved, demand: Rc::default() }
    }

    /// Returns the error of a client that keeps a stopped server waiting, if it does.
    fn poll_slow(&mut self, context: &mut Context<'_>) -> Poll<Error> {
        ready!(self.slow.as_mut().poll(context));
        Poll::Ready(Error::new(ErrorKind::TimedOut, "the client is slow, and the server stops"))
    }

    fn note(&self, bytes: usize) {
        self.moved.set(self.moved.get().wrapping_add(bytes));
    }

    /// Returns the demand on the client, which its requests set.
    pub(super) fn demand(&self) -> Rc<Demand> {
        Rc::clone(&self.demand)
    }
}

/// Waits until the server has stopped and the client then moves too little.
async fn slowness(stopped: impl Future<Output = ()>, moved: Rc<Cell<usize>>, last: Duration) {
    stopped.await;
    loop {
        let before = moved.get();
        tokio::time::sleep(last).await;
        if moved.get().wrapping_sub(before) < BRISK {
            return;
        }
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
        let wanted = ready!(self.demand.poll_wanted(context));
        self.stream.set_limit(wanted as u64);
        let before = buffer.filled().len();
        if let Poll::Ready(read) = Pin::new(&mut self.stream).poll_read(context, buffer) {
            read?;
        } else {
            return self.poll_slow(context).map(Err);
        }
        let read = buffer.filled().len() - before;
        self.demand.note(read);
        self.note(read);
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Client<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<Result<usize>> {
        let this = &mut *self;
        if let Poll::Ready(written) = Pin::new(this.stream.get_mut()).poll_write(context, bytes) {
            if this.stalled.take().is_some() {
                context.waker().wake_by_ref();
            }
            this.note(*written.as_ref().unwrap_or(&0));
            return Poll::Ready(written);
        }
        if let Poll::Ready(slow) = this.poll_slow(context) {
            return Poll::Ready(Err(slow));
        }
        let patience = this.patience;
        let stalled = this.stalled.get_or_insert_with(|| Box::pin(tokio::time::sleep(patience)));
        ready!(stalled.as_mut().poll(context));
        Poll::Ready(Err(Error::new(ErrorKind::TimedOut, "the client does not read")))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(self.stream.get_mut()).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(self.stream.get_mut()).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};
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

    #[actix_web::test]
    async fn the_end_of_an_answer_waits_for_no_confirmation() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let _other = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (stream, _) = listener.accept().await.unwrap();
        let client = Client::accepted(stream, Duration::MAX, pending());
        assert!(client.stream.get_ref().nodelay().unwrap());
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
        let mut client = Client::new(Greedy { takes: true }, Duration::from_hours(1), pending());

        assert_eq!(read(&mut client, context), 1024);
        assert_eq!(calls(), 1, "it has another turn soon");
        client.stream.get_mut().takes = false;
        assert!(Pin::new(&mut client).poll_write(context, b"answer").is_pending());
        for _ in 0..3 {
            assert_eq!(read(&mut client, context), 0);
        }
        assert_eq!(calls(), 0, "nobody asks again until it reads");
        client.stream.get_mut().takes = true;
        assert!(Pin::new(&mut client).poll_write(context, b"answer").is_ready());
        assert_eq!(calls(), 1);
        assert_eq!(read(&mut client, context), 1024);
    }

    #[actix_web::test]
    async fn a_server_that_stops_waits_for_brisk_clients_only() {
        let last = Duration::from_millis(10);
        let moved = Rc::new(Cell::new(0));
        slowness(ready(()), Rc::clone(&moved), last).await;

        let mut slow = Box::pin(slowness(ready(()), Rc::clone(&moved), last));
        let begun = std::time::Instant::now();
        let brisk = std::future::poll_fn(|context: &mut Context<'_>| {
            moved.set(moved.get() + BRISK);
            let is_over = slow.as_mut().poll(context).is_ready();
            context.waker().wake_by_ref();
            match begun.elapsed() > 5 * last {
                true => Poll::Ready(!is_over),
                false if is_over => Poll::Ready(false),
                false => Poll::Pending,
            }
        });
        assert!(brisk.await, "who sends a lot may go on");
        slow.await;

        let mut client = Client::new(Greedy { takes: false }, Duration::from_hours(1), ready(()));
        client.slow = Box::pin(slowness(ready(()), Rc::clone(&client.moved), last));
        let write =
            |context: &mut Context<'_>| Pin::new(&mut client).poll_write(context, b"answer");
        let cut = std::future::poll_fn(write).await.unwrap_err();
        assert_eq!(cut.to_string(), "the client is slow, and the server stops");
    }

    #[actix_web::test]
    async fn a_client_that_takes_nothing_is_given_up() {
        let mut client = Client::new(Greedy { takes: false }, Duration::from_millis(1), pending());
        let write =
            |context: &mut Context<'_>| Pin::new(&mut client).poll_write(context, b"answer");
        let given_up = std::future::poll_fn(write).await.unwrap_err();
        assert_eq!(given_up.kind(), ErrorKind::TimedOut);
    }
}
