//! Accepting connections, and the limits of each.

use std::fmt::Debug;
use std::io::Result;
use std::net::TcpListener;
use std::num::NonZero;
use std::time::Duration;

use actix_http::body::MessageBody;
use actix_http::{HttpService, Request, Response};
use actix_service::{
    IntoServiceFactory, Service, ServiceFactory, ServiceFactoryExt, fn_service, map_config,
};
use actix_web::Error;
use actix_web::dev::{AppConfig, Server};
use actix_web::rt::net::TcpStream;

use super::ServerSettings;
use super::capacity::connections;
use super::client::Client;

/// How long a client has to take the last bytes of a connection that ends.
const FAREWELL: Duration = Duration::from_secs(1);

/// The bytes that wait in the kernel for a client, without those on their way.
#[cfg(target_os = "linux")]
const UNSENT: u32 = 64 * 1024;

/// Starts the threads that answer with what `app` makes.
///
/// This is actix-web's own `HttpServer` with a [`Client`] around each connection.
pub(super) fn serve<F, I, S, B>(
    listener: TcpListener,
    settings: &ServerSettings,
    app: F,
) -> Result<Server>
where
    F: Fn() -> I + Send + Clone + 'static,
    I: IntoServiceFactory<S, Request>,
    S: ServiceFactory<Request, Config = AppConfig> + 'static,
    S::Error: Into<Error> + 'static,
    S::InitError: Debug,
    S::Response: Into<Response<B>> + 'static,
    <S::Service as Service<Request>>::Future: 'static,
    S::Service: 'static,
    B: MessageBody + 'static,
{
    let workers = match settings.workers {
        0 => std::thread::available_parallelism().map_or(1, NonZero::get),
        workers => workers,
    };
    let builder = Server::build()
        .workers(workers)
        .max_concurrent_connections(connections(settings.max_connections).div_ceil(workers))
        .disable_signals()
        .shutdown_timeout(settings.shutdown_timeout.as_secs().max(1));
    let stopping = builder.graceful_shutdown_signal();
    let &ServerSettings { keep_alive, header_timeout, send_timeout, .. } = settings;
    limit_sending(&listener, send_timeout)?;
    let address = listener.local_addr()?;
    let server = builder.listen("http", listener, move || {
        let stopping = stopping.clone();
        let stopped = stopping.clone();
        let answering = HttpService::build()
            .graceful_shutdown_signal(move || {
                let stopping = stopping.clone();
                async move { stopping.notified().await }
            })
            .keep_alive(keep_alive)
            .client_request_timeout(header_timeout)
            .client_disconnect_timeout(FAREWELL)
            .local_addr(address)
            .on_connect_ext(|client: &Client, data| {
                data.insert(client.demand());
            })
            .h1(map_config(
                app().into_factory().map_err(|error| error.into().error_response()),
                |()| AppConfig::default(),
            ));
        fn_service(move |stream: TcpStream| {
            let stopped = stopped.clone();
            async move {
                let peer = stream.peer_addr().ok();
                let until_stopped = async move { stopped.notified().await };
                Ok((Client::accepted(stream, send_timeout, until_stopped), peer))
            }
        })
        .and_then(answering)
    })?;
    Ok(server.run())
}

/// Limits what the kernel keeps for a client and how long. Connections inherit it from the
/// listener.
///
/// [`Client`] gives up clients that take nothing. This is about what is left to send when a
/// connection has ended.
#[cfg(target_os = "linux")]
fn limit_sending(listener: &TcpListener, send_timeout: Duration) -> Result<()> {
    let listener = socket2::SockRef::from(listener);
    listener.set_tcp_user_timeout(Some(send_timeout))?;
    listener.set_tcp_notsent_lowat(UNSENT)
}

#[cfg(not(target_os = "linux"))]
fn limit_sending(_: &TcpListener, _: Duration) -> Result<()> {
    Ok(())
}
