//! The roles of keys.

use std::str::FromStr;

use crate::alternatives::alternatives;

/// The role of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// Sends events, and nothing else.
    Ingest,
    /// Reports single conversions by a URL that contains the key, and nothing else.
    Postback,
    /// Reads what a node measures of itself, and nothing else.
    Metrics,
    /// Reads everything.
    Viewer,
    /// Reads everything and changes campaigns, banners and imports.
    Editor,
    /// Does everything, also keys, and reads the whole audit log.
    Admin,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 6] =
        [Self::Viewer, Self::Editor, Self::Admin, Self::Ingest, Self::Postback, Self::Metrics];

    /// Returns the name in JSON, on the command line and in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ingest => "ingest",
            Self::Postback => "postback",
            Self::Metrics => "metrics",
            Self::Viewer => "viewer",
            Self::Editor => "editor",
            Self::Admin => "admin",
        }
    }

    /// Returns true if a key of this role may do what needs `required`.
    ///
    /// Viewer, editor and admin include each other in this order. Events may be sent by ingest, and
    /// by editor and admin, who can import them in files. A key for postbacks stands in URLs that
    /// strangers' programs keep, so no other key is taken there, and it opens nothing else.
    pub fn may(self, required: Self) -> bool {
        match required {
            Self::Ingest => matches!(self, Self::Ingest | Self::Editor | Self::Admin),
            Self::Postback => self == Self::Postback,
            Self::Metrics => matches!(self, Self::Metrics | Self::Admin),
            Self::Viewer => matches!(self, Self::Viewer | Self::Editor | Self::Admin),
            Self::Editor => matches!(self, Self::Editor | Self::Admin),
            Self::Admin => self == Self::Admin,
        }
    }
}

/// The error of a text that names no role.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a role: use {known}", known = alternatives(Role::ALL.map(Role::name)))]
pub struct UnknownRole(pub String);

impl FromStr for Role {
    type Err = UnknownRole;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let known = Self::ALL.into_iter().find(|it| it.name() == name);
        known.ok_or_else(|| UnknownRole(name.to_owned()))
    }
}
