//! The address of a database, whose password stays out of every message.

use std::fmt;
use std::fs::OpenOptions;
use std::path::Path;
use std::str::FromStr;

use sea_orm::sqlx::mysql::MySqlConnectOptions;
use sea_orm::sqlx::sqlite::SqliteConnectOptions;

use crate::server_url::{ENCODE, ServerUrl, UrlFlaw};

/// The address of a database: `sqlite://file?mode=rwc` or `mysql://user:password@host/database`.
///
/// Has no `Debug`, because it may hold a password. `Display` leaves that out.
#[derive(Clone)]
pub struct DatabaseAddress {
    /// The address without user and password.
    plain: String,
    login: Option<(String, Option<String>)>,
}

/// Why a text is no address of a database. Repeats nothing of it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidDatabaseAddress {
    /// It is the address of something else.
    #[error("must begin with sqlite:// or mysql://")]
    Scheme,
    /// The user or the password ends early.
    #[error("cannot be read: {ENCODE}")]
    Unencoded,
    /// It is malformed in another way.
    #[error("is not like mysql://user:password@host:3306/database: {ENCODE}")]
    Malformed,
    /// A part of it has a value that the driver does not know.
    #[error("cannot be used: {0}")]
    Option(String),
}

impl DatabaseAddress {
    /// Returns true if SQLite keeps the database.
    pub(super) fn is_sqlite(&self) -> bool {
        self.plain.starts_with("sqlite:")
    }

    /// Returns the address without user and password, for a driver that may log it.
    pub(super) fn plain(&self) -> &str {
        &self.plain
    }

    /// Adds user and password, as they are.
    pub(super) fn log_in(&self, options: MySqlConnectOptions) -> MySqlConnectOptions {
        let Some((user, password)) = &self.login else { return options };
        let options = if user.is_empty() { options } else { options.username(user) };
        match password {
            Some(password) => options.password(password),
            None => options,
        }
    }

    /// Makes the file of a new SQLite database, which only its owner can read. SQLite gives the
    /// files that it makes beside it the same permissions.
    ///
    /// Leaves a file that exists as it is. If the file cannot be made, SQLite says why.
    pub(super) fn make_private(&self) {
        let (file, query) = self.plain.split_once('?').unwrap_or((&self.plain, ""));
        let is_made = self.is_sqlite()
            && query.split('&').any(|option| option == "mode=rwc")
            && !file.ends_with(":memory:");
        if is_made && let Ok(options) = self.plain.parse::<SqliteConnectOptions>() {
            make_private(options.get_filename());
        }
    }
}

fn make_private(file: &Path) {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let _ = options.open(file);
}

impl FromStr for DatabaseAddress {
    type Err = InvalidDatabaseAddress;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.starts_with("sqlite:") {
            // A file has no password.
            let address = Self { plain: text.to_owned(), login: None };
            return check::<SqliteConnectOptions>(address);
        }
        if !text.starts_with("mysql://") {
            return Err(InvalidDatabaseAddress::Scheme);
        }
        let url = ServerUrl::split(text).map_err(|flaw| match flaw {
            UrlFlaw::Unencoded => InvalidDatabaseAddress::Unencoded,
            UrlFlaw::Malformed => InvalidDatabaseAddress::Malformed,
        })?;
        let plain = format!("{}://{}{}", url.scheme, url.host, url.tail);
        check::<MySqlConnectOptions>(Self { plain, login: url.login })
    }
}

/// Lets a driver read the part of an address that is no secret.
fn check<O: FromStr<Err: fmt::Display>>(
    address: DatabaseAddress,
) -> Result<DatabaseAddress, InvalidDatabaseAddress> {
    match address.plain.parse::<O>() {
        Ok(_) => Ok(address),
        Err(error) => Err(InvalidDatabaseAddress::Option(error.to_string())),
    }
}

impl fmt::Display for DatabaseAddress {
    /// Writes the address without user, password and options.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.plain.split('?').next().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_shown_without_its_secrets() {
        for (url, expected) in [
            ("sqlite://bams.db?mode=rwc", "sqlite://bams.db"),
            ("sqlite:///var/lib/bams.db", "sqlite:///var/lib/bams.db"),
            ("mysql://bams:se@cret@db:3306/bams?ssl-ca=x", "mysql://db:3306/bams"),
            ("mysql://bams:%2F%23%3F@db/bams", "mysql://db/bams"),
        ] {
            assert_eq!(url.parse::<DatabaseAddress>().unwrap().to_string(), expected);
        }
    }

    #[test]
    fn the_driver_gets_user_and_password_as_they_are() {
        let address: DatabaseAddress = "mysql://b%40ms:%2F%23@db/bams".parse().unwrap();
        let options = address.log_in(MySqlConnectOptions::new());
        assert_eq!(options.get_username(), "b@ms");
        assert!(!address.plain().contains("%2F"), "{}", address.plain());
    }

    #[test]
    fn a_refusal_repeats_no_secret() {
        for url in [
            "mysql://bams:se/cret@db/bams",
            "mysql://bams:12?cret@db/bams",
            "mysql://bams:cret",
            "mysql://bams:cret@db:port/bams",
            "mysql://bams:cret@d b/bams",
            "mysql://bams:cret@db/bams?ssl-mode=perhaps",
            "postgres://bams:cret@db/bams",
            "cret",
        ] {
            let refusal = url.parse::<DatabaseAddress>().err().expect(url).to_string();
            assert!(!refusal.contains("cret"), "{refusal}");
        }
    }
}
