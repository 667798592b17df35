//! Errors of the configuration's reader, without the values that they repeat. Those may be secrets.

use config::ConfigError;

/// Returns the sentence about an error, with the place of the setting.
pub(super) fn told(error: &ConfigError) -> String {
    match error {
        ConfigError::At { error, origin, key } => {
            format!("{}{}", told(error), place(key.as_deref(), origin.as_deref()))
        }
        ConfigError::Type { expected, origin, key, .. } => {
            format!("expected {expected}{}", place(key.as_deref(), origin.as_deref()))
        }
        ConfigError::FileParse { uri, cause } => {
            let file = uri.as_ref().map(|uri| format!(" in {uri}")).unwrap_or_default();
            match cause.downcast_ref::<toml::de::Error>() {
                Some(flaw) => format!("{}{file}: {}", position(flaw), flaw.message()),
                None => format!("{cause}{file}"),
            }
        }
        ConfigError::Message(text) => match text.rsplit_once(", expected ") {
            Some((found, expected)) if found.starts_with("invalid ") => {
                format!("expected {expected}")
            }
            _ => text.clone(),
        },
        other => other.to_string(),
    }
}

fn place(key: Option<&str>, origin: Option<&str>) -> String {
    let of_key = key.map(|key| format!(" for `{key}`"));
    let in_origin = origin.map(|origin| format!(" in {origin}"));
    [of_key, in_origin].into_iter().flatten().collect()
}

/// Returns the first line of an error, which names the place. The others show the text there.
fn position(flaw: &toml::de::Error) -> String {
    flaw.to_string().lines().next().unwrap_or_default().to_owned()
}
