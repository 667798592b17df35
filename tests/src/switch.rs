//! An address that leads to one server now and to another later, as a balancer's does.

use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// A port on 127.0.0.1 that leads to another one. Connections that exist stay where they lead.
#[derive(Debug)]
pub struct Switch {
    port: u16,
    target: Arc<AtomicU16>,
    is_whole: watch::Sender<bool>,
    accepting: JoinHandle<()>,
}

impl Switch {
    /// Returns a port that leads to `target`.
    pub async fn to(target: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = listener.local_addr().expect("a bound port").port();
        let target = Arc::new(AtomicU16::new(target));
        let leads_to = Arc::clone(&target);
        let (is_whole, wire) = watch::channel(true);
        let accepting = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let target = leads_to.load(Ordering::Relaxed);
                tokio::spawn(relay(client, target, wire.clone()));
            }
        });
        Self { port, target, is_whole, accepting }
    }

    /// Returns the port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Lets new connections lead to another port.
    pub fn turn_to(&self, target: u16) {
        self.target.store(target, Ordering::Relaxed);
    }

    /// Loses every packet from now on, in both directions and without a word, as a cable that is cut.
    pub fn cut(&self) {
        self.is_whole.send_replace(false);
    }

    /// Delivers again, first of all what was sent meanwhile.
    pub fn mend(&self) {
        self.is_whole.send_replace(true);
    }
}

type Wire = watch::Receiver<bool>;

async fn relay(client: TcpStream, target: u16, mut wire: Wire) -> Option<()> {
    wire.wait_for(|is_whole| *is_whole).await.ok()?;
    let server = TcpStream::connect(("127.0.0.1", target)).await.ok()?;
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    tokio::join!(carry(from_client, to_server, wire.clone()), carry(from_server, to_client, wire));
    Some(())
}

/// Carries what one side says to the other one, its end included.
async fn carry(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    mut wire: Wire,
) -> Option<()> {
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let length = from.read(&mut buffer).await.unwrap_or(0);
        wire.wait_for(|is_whole| *is_whole).await.ok()?;
        if length == 0 {
            return to.shutdown().await.ok();
        }
        to.write_all(&buffer[..length]).await.ok()?;
    }
}

impl Drop for Switch {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}
