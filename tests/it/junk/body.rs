//! Bodies that look like what an operation takes, with junk in their fields.

use serde_json::{Map, Value, json};

use super::bytes::Bytes;

/// What an operation takes as its body.
pub(super) enum Body {
    /// JSON with these fields, and an example of each.
    Json(Map<String, Value>),
    /// A form with these fields, and an example of each.
    Form(Map<String, Value>),
    Image,
}

impl Body {
    /// What the document says that an operation takes.
    pub(super) fn of(document: &Value, operation: &Value) -> Option<Self> {
        let content = operation["requestBody"]["content"].as_object()?;
        let (media_type, described) = content.iter().next()?;
        let fields = fields(document, &described["schema"]);
        Some(match media_type.as_str() {
            "multipart/form-data" => Self::Form(fields),
            "application/octet-stream" => Self::Image,
            _ => Self::Json(fields),
        })
    }

    pub(super) fn content_type(&self) -> &'static str {
        match self {
            Self::Json(_) => "application/json",
            Self::Form(_) => "multipart/form-data; boundary=junk",
            Self::Image => "application/octet-stream",
        }
    }

    /// A body, now and then nothing but junk.
    pub(super) fn fill(&self, bytes: &mut Bytes, good: &[&str]) -> Vec<u8> {
        match self {
            _ if bytes.chance(10) => bytes.junk(good),
            Self::Json(fields) => json_of(fields, bytes, good),
            Self::Form(fields) => form(fields, bytes, good),
            Self::Image => image(bytes, good),
        }
    }
}

/// The fields that a schema or one of its choices has, with examples; null where there is none.
fn fields(document: &Value, schema: &Value) -> Map<String, Value> {
    let choices = schema["oneOf"].as_array().into_iter().flatten();
    let schemas = std::iter::once(schema).chain(choices).map(|it| {
        let name = it["$ref"].as_str().and_then(|it| it.rsplit('/').next());
        name.map_or(it, |name| &document["components"]["schemas"][name])
    });
    let mut fields = Map::new();
    for schema in schemas {
        for (name, described) in schema["properties"].as_object().into_iter().flatten() {
            let examples = [&described["example"], &schema["example"][name]];
            let example = examples.into_iter().find(|it| !it.is_null()).cloned();
            fields.insert(name.clone(), example.unwrap_or_default());
        }
    }
    fields
}

fn json_of(fields: &Map<String, Value>, bytes: &mut Bytes, good: &[&str]) -> Vec<u8> {
    let mut object = Map::new();
    for (field, example) in fields {
        if bytes.chance(60) && !example.is_null() {
            object.insert(field.clone(), example.clone());
        } else if bytes.chance(60) {
            object.insert(field.clone(), value(field, bytes, good));
        }
    }
    serde_json::to_vec(&object).unwrap()
}

fn value(field: &str, bytes: &mut Bytes, good: &[&str]) -> Value {
    match bytes.below(8) {
        0 => Value::Null,
        1 => json!(bytes.next()),
        2 => json!(i64::from_ne_bytes(bytes.next().to_ne_bytes())),
        3 => json!([bytes.junk_text(good), 1]),
        4 => json!([1, 2]),
        5 => json!({ "id": bytes.junk_text(good), "campaign_id": 1, "count": bytes.below(99) }),
        6 if field.ends_with("url") => json!("https://shop.example/?c={click_id}"),
        _ => json!(bytes.junk_text(good)),
    }
}

/// A form whose file begins like one that could be imported.
fn form(fields: &Map<String, Value>, bytes: &mut Bytes, good: &[&str]) -> Vec<u8> {
    let mut form = Vec::new();
    for (field, example) in fields {
        if example.is_null() && bytes.chance(80) {
            continue;
        }
        form.extend(format!("--junk\r\ncontent-disposition: form-data; name={field}").into_bytes());
        if field == "file" {
            form.extend(b"; filename=clicks_1.csv\r\n\r\nclick_id,banner_id,campaign_id\n");
            form.extend(b"1,101,1\n".repeat(bytes.below(3)));
        } else {
            form.extend(b"\r\n\r\n");
        }
        if field != "file" && bytes.chance(80) {
            form.extend(example.to_string().trim_matches('"').bytes());
        } else {
            form.extend(bytes.junk(good));
        }
        form.extend(b"\r\n");
    }
    form.extend(b"--junk--\r\n");
    form
}

/// Something that begins like an image.
fn image(bytes: &mut Bytes, good: &[&str]) -> Vec<u8> {
    let beginnings: [&[u8]; 5] = [
        b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x01\0\0\0\x01\x08\x06",
        b"\xff\xd8\xff\xc0\0\x11\x08\0\x01\0\x01",
        b"GIF89a\x01\0\x01\0\x80\0\0",
        b"RIFF\x1a\0\0\0WEBPVP8X\x0a\0\0\0",
        b"\0\0\0\x1cftypavif\0\0\0\0avifmif1",
    ];
    let mut image = bytes.one_of(&beginnings).to_vec();
    for _ in 0..4 {
        image.extend(bytes.junk(good));
    }
    image
}
