//! What can be known of settings that are refused.

use std::collections::HashMap;
use std::path::PathBuf;

use super::{LogFormat, LogSection, Overrides, environment, read_file};

/// Returns the settings of the log by default, in the format that refused settings ask for, as far as
/// that can be known.
pub(crate) fn log_of_refused(overrides: &Overrides) -> Option<LogSection> {
    log_format(overrides, &environment())
        .map(|format| LogSection { format, filter: "info".to_owned() })
}

/// Returns the format of the log that settings ask for which may be refused.
fn log_format(overrides: &Overrides, environment: &HashMap<String, String>) -> Option<LogFormat> {
    const SETTING: &str = "log.format";
    let of_pairs = overrides.pairs.iter().rfind(|(name, _)| name.eq_ignore_ascii_case(SETTING));
    let of_pairs = of_pairs.map(|(_, value)| value.clone());
    let of_file = || {
        let named = environment.get("BAMS_CONFIG").filter(|path| !path.is_empty());
        let path = overrides.file.clone().or(named.map(PathBuf::from))?;
        read_file(&path).ok()?.get_string(SETTING).ok()
    };
    let text = of_pairs.or_else(|| environment.get("BAMS__LOG__FORMAT").cloned()).or_else(of_file);
    text.and_then(|text| LogFormat::try_from(text).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refused_settings_say_how_their_refusal_is_logged() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("bams.toml");
        std::fs::write(&file, "[log]\nformat = \"JSON\"\n").unwrap();
        let of_file = Overrides { file: Some(file), ..<_>::default() };
        let pairs = vec![("log.format".to_owned(), "text".to_owned())];
        let of_pairs = Overrides { pairs, ..<_>::default() };
        let (json, odd) = (("BAMS__LOG__FORMAT", "json"), ("BAMS__LOG__FORMAT", "xml"));
        for (overrides, variable, format) in [
            (&of_file, ("PATH", "/bin"), Some(LogFormat::Json)),
            (&of_pairs, json, Some(LogFormat::Text)),
            (&Overrides::default(), json, Some(LogFormat::Json)),
            (&Overrides::default(), odd, None),
        ] {
            let (name, value) = variable;
            let environment = HashMap::from([(name.to_owned(), value.to_owned())]);
            assert_eq!(log_format(overrides, &environment), format, "{variable:?}");
        }
    }
}
