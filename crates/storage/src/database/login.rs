//! Logins that MySQL and its driver cannot agree on, in words for those who run BAMS.

use sea_orm::sqlx::Error as SqlxError;
use sea_orm::{DbErr, SqlxMySqlError};

use crate::trouble::sqlx_error;

/// MySQL's code for a server that lets nobody in without TLS.
const TLS_REQUIRED: u16 = 3159;

const WITHOUT_TLS: &str = "its user logs in by caching_sha2_password or sha256_password, which take a \
     password over TLS only: let the server offer TLS and the URL have no ssl-mode=disabled, or let \
     the user log in by mysql_native_password (ALTER USER … IDENTIFIED WITH mysql_native_password \
     BY …)";

const UNKNOWN_METHOD: &str = "its user logs in by a method that BAMS does not know: let the user log in \
     by caching_sha2_password or mysql_native_password (ALTER USER … IDENTIFIED WITH … BY …)";

const ONLY_TLS: &str = "the server lets nobody in without TLS: leave ssl-mode=disabled out of the URL, and \
     let the server have a certificate";

/// Returns what can be done about a login that failed, if there is more to say than the error does.
pub(super) fn advice(error: &DbErr) -> Option<&'static str> {
    match sqlx_error(error)? {
        SqlxError::Configuration(inner) if inner.to_string().starts_with("RSA auth") => {
            Some(WITHOUT_TLS)
        }
        SqlxError::Protocol(text) if text.starts_with("unknown authentication plugin") => {
            Some(UNKNOWN_METHOD)
        }
        SqlxError::Database(inner) => {
            let number = inner.try_downcast_ref::<SqlxMySqlError>().map(SqlxMySqlError::number);
            number.filter(|it| *it == TLS_REQUIRED).map(|_| ONLY_TLS)
        }
        _ => None,
    }
}
