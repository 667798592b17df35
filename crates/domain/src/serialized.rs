//! How values are written and read by `serde` that must be checked when they are read, or that have a text
//! of their own.

use serde::ser::{SerializeSeq, SerializeStruct};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::{BannerId, Basis, History, Ladder, LandingUrl, Preferences, Prepared, Size};

/// Writes a type as its text, and reads it by parsing one.
macro_rules! as_text {
    ($($name:ident),+) => {
        $(impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
            }
        })+
    };
}

as_text!(LandingUrl, Size);

/// The parts of a [`History`].
#[derive(Serialize, Deserialize)]
#[serde(rename = "History")]
struct HistoryParts {
    seen: Vec<BannerId>,
    previous: usize,
    pages: u32,
}

impl Serialize for History {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (seen, previous) = (self.seen().to_vec(), self.previous().len());
        HistoryParts { seen, previous, pages: self.pages() }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for History {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let HistoryParts { seen, previous, pages } = HistoryParts::deserialize(deserializer)?;
        Ok(Self::from_parts(seen, previous, pages))
    }
}

/// The parts of [`Preferences`].
#[derive(Serialize, Deserialize)]
#[serde(rename = "Preferences", default)]
#[derive(Default)]
struct PreferenceParts {
    preferred_tags: Vec<String>,
    blocked_tags: Vec<String>,
    hidden_banners: Vec<BannerId>,
}

impl Serialize for Preferences {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let parts = PreferenceParts {
            preferred_tags: self.preferred_tags().to_vec(),
            blocked_tags: self.blocked_tags().to_vec(),
            hidden_banners: self.hidden_banners().to_vec(),
        };
        parts.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Preferences {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let PreferenceParts { preferred_tags, blocked_tags, hidden_banners } =
            PreferenceParts::deserialize(deserializer)?;
        Ok(Self::new(preferred_tags, blocked_tags, hidden_banners))
    }
}

/// The banners of a ladder, each with its basis.
struct Rungs<'a>(&'a Ladder);

#[derive(Serialize)]
struct SerializedRung {
    banner: BannerId,
    basis: Basis,
}

impl Serialize for Rungs<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(ladder) = self;
        let mut rungs = serializer.serialize_seq(Some(ladder.len()))?;
        for (index, &banner) in ladder.banners().iter().enumerate() {
            rungs.serialize_element(&SerializedRung { banner, basis: ladder.basis_at(index) })?;
        }
        rungs.end()
    }
}

/// A ladder is not read again: [`Ladder::rank`] makes it from performances.
impl Serialize for Ladder {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut ladder = serializer.serialize_struct("Ladder", 3)?;
        ladder.serialize_field("rule", &self.rule())?;
        ladder.serialize_field("converting_banners", &self.converting_banners())?;
        ladder.serialize_field("banners", &Rungs(self))?;
        ladder.end()
    }
}

impl Serialize for Prepared {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.ladder().serialize(serializer)
    }
}
