//! Presigned URLs, sent to a server that verifies them.

mod server;

use std::time::Duration;

use bams_media::{LONGEST_LIFE, ObjectKey, S3Images, Secret, SignedUrl};
use reqwest::{Method, StatusCode};
use server::{BUCKET, Server};

const KEYS: [&str; 4] =
    ["image_141.png", "spring sale/été 猫.png", "a+b&c=d?e#f%g%2F~.png", "%2e%2e/(1)!*'.png"];

fn signed(images: &S3Images, method: &Method, key: &str) -> SignedUrl {
    let key: ObjectKey = key.parse().unwrap();
    match *method {
        Method::PUT => images.presign_put(&key, LONGEST_LIFE).unwrap(),
        _ => images.presign_get(&key, LONGEST_LIFE).unwrap(),
    }
}

#[tokio::test]
async fn get_fetches_and_put_stores_under_any_key_in_both_styles() {
    let server = Server::start().await;
    for images in [server.path_style(), server.in_host()] {
        for key in KEYS {
            let put = signed(&images, &Method::PUT, key).url;
            assert_eq!(server.send(Method::PUT, &put, "bytes of ".to_owned() + key).await.0, 200);
            let get = signed(&images, &Method::GET, key).url;
            let (status, body) = server.send(Method::GET, &get, "").await;
            assert_eq!((status, body), (StatusCode::OK, "bytes of ".to_owned() + key), "{get}");
        }
    }
}

#[tokio::test]
async fn the_key_names_the_stored_object_exactly() {
    let server = Server::start().await;
    for (images, key) in [(server.path_style(), "a b/ü%20.png"), (server.in_host(), "c d/ü%20.png")]
    {
        server.send(Method::PUT, &signed(&images, &Method::PUT, key).url, "here").await;
        assert_eq!(std::fs::read(server.folder().join(BUCKET).join(key)).unwrap(), b"here");
    }
}

#[tokio::test]
async fn a_request_other_than_the_signed_one_is_refused() {
    let server = Server::start().await;
    for images in [server.path_style(), server.in_host()] {
        for key in ["a.png", "b.png"] {
            let put = signed(&images, &Method::PUT, key).url;
            assert_eq!(server.send(Method::PUT, &put, "image").await.0, 200);
        }
        let get = signed(&images, &Method::GET, "a.png").url;
        let put = signed(&images, &Method::PUT, "a.png").url;
        assert_eq!(server.send(Method::GET, &get, "").await.0, 200);

        let forbidden = async |method: Method, url: String| {
            let (status, _) = server.send(method, &url, "").await;
            assert_eq!(status, StatusCode::FORBIDDEN, "{url}");
        };
        forbidden(Method::GET, get.replace("a.png", "b.png")).await;
        forbidden(Method::GET, get.replace("Expires=604800", "Expires=604799")).await;
        forbidden(Method::GET, get.split('?').next().unwrap().to_owned()).await;
        forbidden(Method::PUT, get).await;
        forbidden(Method::GET, put.clone()).await;
        forbidden(Method::DELETE, put).await;
    }
}

#[tokio::test]
async fn another_secret_or_id_is_refused() {
    let server = Server::start().await;
    let mut stranger = server.settings();
    stranger.secret_access_key = Secret::from("not the secret");
    let mut unknown = server.settings();
    unknown.access_key_id = "somebody".into();

    for settings in [stranger, unknown] {
        let url = signed(&S3Images::new(settings).unwrap(), &Method::GET, "a.png").url;
        assert_eq!(server.send(Method::GET, &url, "").await.0, 403);
    }
}

#[tokio::test]
async fn a_url_is_refused_after_the_moment_that_it_states() {
    let server = Server::start().await;
    let images = server.path_style();
    let key: ObjectKey = "a.png".parse().unwrap();
    server.send(Method::PUT, &signed(&images, &Method::PUT, "a.png").url, "image").await;

    let short = images.presign_get(&key, Duration::from_secs(1)).unwrap();
    let long = images.presign_get(&key, Duration::from_mins(1)).unwrap();
    assert!((58..=60).contains(&(long.expires_at - short.expires_at)));
    while server.send(Method::GET, &short.url, "").await.0 == 200 {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(server.send(Method::GET, &short.url, "").await.0, 403);
    assert_eq!(server.send(Method::GET, &long.url, "").await.0, 200);
}

#[tokio::test]
async fn a_session_token_is_part_of_what_is_signed() {
    let server = Server::start().await;
    for path_style in [true, false] {
        let mut settings = server.settings();
        settings.path_style = path_style;
        settings.session_token = Some("a token/with+signs==".into());
        let images = S3Images::new(settings).unwrap();
        server.send(Method::PUT, &signed(&images, &Method::PUT, "a.png").url, "image").await;

        let get = signed(&images, &Method::GET, "a.png").url;
        let token = "&X-Amz-Security-Token=a%20token%2Fwith%2Bsigns%3D%3D";
        assert!(get.contains(token), "{get}");
        assert_eq!(server.send(Method::GET, &get, "").await.0, 200);
        assert_eq!(server.send(Method::GET, &get.replace(token, ""), "").await.0, 403);
    }
}

#[tokio::test]
async fn an_endpoint_may_end_in_slashes() {
    let server = Server::start().await;
    let mut settings = server.settings();
    settings.endpoint = settings.endpoint.map(|endpoint| endpoint + "//");
    let images = S3Images::new(settings).unwrap();
    let put = signed(&images, &Method::PUT, "a.png").url;
    assert_eq!(server.send(Method::PUT, &put, "image").await.0, 200);
}
