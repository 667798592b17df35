//! The size of a picture is the one that a browser shows.

use bams_tests::reqwest::Method;
use bams_tests::{Ask, Bams, Browser};
use serde_json::{Value, json};

use super::picture;
use crate::given::number;
use crate::person::Person;

/// Makes a picture of 30 × 20 pixels of each kind that a canvas can write.
const DRAW: &str = "const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [30, 20];
    canvas.getContext('2d').fillRect(0, 0, 30, 20);
    return ['image/jpeg', 'image/webp'].map((kind) =>
        [...atob(canvas.toDataURL(kind).split(',')[1])].map((it) => it.charCodeAt(0)));";

/// Shows a picture and returns its size.
const SHOW: &str = "const [bytes] = arguments;
    const image = new Image();
    image.src = URL.createObjectURL(new Blob([Uint8Array.from(bytes)]));
    return image.decode().then(() => [image.naturalWidth, image.naturalHeight]);";

/// One dot.
const GIF_WITHOUT_TRAILER: &[u8] =
    b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff\x2c\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0";

fn exif(orientation: u8) -> Vec<u8> {
    [&b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0"[..], &[orientation, 0, 0, 0, 0, 0, 0, 0]]
        .concat()
}

fn jpeg(drawn: &[u8], orientation: u8) -> Vec<u8> {
    let exif = [b"Exif\0\0", exif(orientation).as_slice()].concat();
    let length = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
    [&drawn[..2], b"\xff\xe1", &length, &exif, &drawn[2..]].concat()
}

/// A PNG with the metadata before or behind its pixels.
fn png(orientation: u8, is_before: bool) -> Vec<u8> {
    let drawn = picture(30, 20);
    let mut crc = flate2::Crc::new();
    let chunk = [b"eXIf", exif(orientation).as_slice()].concat();
    crc.update(&chunk);
    let length = u32::try_from(chunk.len() - 4).unwrap().to_be_bytes();
    let place = if is_before { 33 } else { drawn.len() - 12 };
    [&drawn[..place], &length, &chunk, &crc.sum().to_be_bytes(), &drawn[place..]].concat()
}

fn webp(drawn: &[u8], orientation: u8) -> Vec<u8> {
    let exif = exif(orientation);
    let length = |bytes: &[u8]| u32::try_from(bytes.len()).unwrap().to_le_bytes();
    let header = [&b"VP8X\x0a\0\0\0\x08\0\0\0"[..], &[29, 0, 0, 19, 0, 0]].concat();
    let pixels = if drawn[12..].starts_with(b"VP8X") { &drawn[30..] } else { &drawn[12..] };
    let whole = [b"WEBP", &header[..], pixels, b"EXIF", &length(&exif), &exif].concat();
    [b"RIFF", &length(&whole)[..], &whole].concat()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_size_of_a_picture_is_what_a_browser_shows() {
    let (bams, browser) = (Bams::builder().start().await, Browser::open().await);
    browser.goto("about:blank").await.unwrap();
    let drawn: Vec<Vec<u8>> = serde_json::from_value(browser.run(DRAW).await).unwrap();
    let person = Person::new(&bams, "editor");
    let banner = person.post("/banners", json!({ "name": "Turned" })).await.expect(201);
    let image = format!("/banners/{}/image", number(&banner["id"]));
    let mut turned = 0;
    for orientation in 1..=8 {
        for bytes in [
            jpeg(&drawn[0], orientation),
            png(orientation, true),
            png(orientation, false),
            webp(&drawn[1], orientation),
            GIF_WITHOUT_TRAILER.to_vec(),
        ] {
            let shown = browser.execute(SHOW, vec![json!(bytes)]).await.unwrap();
            let put = person.ask(Method::PUT, &image).body(bytes.clone());
            let stored: Value = put.answer().await.expect(200);
            let kind = &stored["image"]["media_type"];
            assert_eq!(json!([stored["width"], stored["height"]]), shown, "{kind} {orientation}");
            turned += u32::from(shown == json!([20, 30]));
        }
    }
    assert_eq!(turned, 8, "JPEG and PNG in the last four orientations");
}
