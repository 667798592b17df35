//! Durations in settings, such as "500ms" and "15m".

use std::fmt;
use std::ops::Deref;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

/// The seconds of a day.
const DAY: u64 = 24 * 60 * 60;

/// A duration in a configuration file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SettingDuration(pub(crate) Duration);

impl Deref for SettingDuration {
    type Target = Duration;

    fn deref(&self) -> &Duration {
        &self.0
    }
}

impl fmt::Display for SettingDuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Humantime's months and years are no multiples of days.
        let seconds = self.0.as_secs();
        if seconds > 0 && self.0.subsec_nanos() == 0 && seconds.is_multiple_of(DAY) {
            return write!(f, "{}days", seconds / DAY);
        }
        humantime::format_duration(self.0).fmt(f)
    }
}

impl<'de> Deserialize<'de> for SettingDuration {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let read = humantime::parse_duration(&text).map(Self);
        read.map_err(|error| D::Error::custom(format!("`{text}` is not a duration: {error}")))
    }
}

impl Serialize for SettingDuration {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_written_as_they_are_read() {
        for text in ["365days", "1days", "30m", "500ms", "0s", "1day 1h"] {
            let read = SettingDuration(humantime::parse_duration(text).unwrap());
            let again = humantime::parse_duration(&read.to_string()).unwrap();
            assert_eq!(again, *read, "{text}");
        }
        assert_eq!(SettingDuration(Duration::from_hours(365 * 24)).to_string(), "365days");
    }
}
