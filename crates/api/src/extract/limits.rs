//! Limits on requests: by address, by key, and by attempts with forged keys.

use std::net::IpAddr;
use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::dev::ServiceRequest;
use bams_app::Rate;
use bams_storage::{ApiKey, Proof, StorageError};

use super::address::Addresses;
use crate::clock;
use crate::config::LimitsSection;
use crate::paths;
use crate::problem::ApiError;

/// How many seconds' worth of requests are admitted at once.
const BURST: u32 = 2;

/// The requests of load balancers, and clicks, which always lead on because tracking decides
/// whether they count.
const UNLIMITED: [&str; 3] = [paths::LIVENESS, paths::READINESS, paths::CLICK];

/// The limits of this node.
pub(crate) struct Limits {
    addresses: Rate,
    keys: Rate,
    failures: Rate,
    visitor_changes: Rate,
    callers: Addresses,
}

impl Limits {
    /// Makes the configured limits, for callers with these addresses.
    pub(crate) fn new(settings: &LimitsSection, callers: Addresses) -> Self {
        let per_second = |events: u32| {
            Rate::new(events.saturating_mul(BURST), Duration::from_secs(BURST.into()))
        };
        let per_minute = |events: u32| Rate::new(events, Duration::from_mins(1));
        Self {
            addresses: per_second(settings.address_per_second),
            keys: per_second(settings.key_per_second),
            failures: per_minute(settings.key_failures_per_minute),
            visitor_changes: per_minute(settings.visitor_changes_per_minute),
            callers,
        }
    }

    /// Counts a request towards its address.
    pub(crate) fn admit(&self, request: &ServiceRequest) -> Result<(), ApiError> {
        if !self.addresses.is_limited() {
            return Ok(());
        }
        let unlimited = UNLIMITED.iter().any(|it| paths::leads_to(it, request.path()));
        match self.callers.of(request.request()) {
            Some(address) if !unlimited => admitted(&self.addresses, &address),
            _ => Ok(()),
        }
    }

    /// Counts a request towards its key, by the key's public half.
    pub(crate) fn admit_key(&self, id: &str) -> Result<(), ApiError> {
        admitted(&self.keys, &id)
    }

    /// Returns the key that somebody at an address proves to have, and whether it was only recalled, or
    /// `None` if there is no such key. Counts a forged one towards the address, and fails if that has
    /// tried too many.
    pub(crate) async fn prove(
        &self,
        address: Option<IpAddr>,
        proof: impl Future<Output = Result<Proof, StorageError>>,
    ) -> Result<Option<(ApiKey, bool)>, ApiError> {
        self.may_try(address)?;
        Ok(match proof.await? {
            Proof::Valid(key) => Some((key, false)),
            Proof::Recalled(key) => Some((key, true)),
            Proof::Lapsed => None,
            Proof::Wrong => {
                self.note_failure(address);
                None
            }
        })
    }

    /// Fails if this address may not try a key now.
    pub(crate) fn may_try(&self, address: Option<IpAddr>) -> Result<(), ApiError> {
        let looked =
            address.map_or(Ok(()), |address| self.failures.look(&address, clock::unix_millis()));
        looked.map_err(|wait| ApiError::TooManyRequests { wait })
    }

    /// Counts a forged key towards the address that tried it.
    pub(crate) fn note_failure(&self, address: Option<IpAddr>) {
        if let Some(address) = address {
            // If this was one too many, the next attempt is refused.
            let _ = self.failures.admit(&address, clock::unix_millis());
        }
    }

    /// Counts a change of a visitor's data towards its address, because a client with many cookies
    /// must not push out everybody else's preferences.
    pub(crate) fn admit_visitor_change(&self, request: &HttpRequest) -> Result<(), ApiError> {
        self.address(request).map_or(Ok(()), |address| admitted(&self.visitor_changes, &address))
    }

    /// Returns the address of a request's client, or `None` if it cannot be known.
    pub(crate) fn address(&self, request: &HttpRequest) -> Option<IpAddr> {
        self.callers.of(request)
    }
}

fn admitted(rate: &Rate, key: &impl std::hash::Hash) -> Result<(), ApiError> {
    let admitted = rate.admit(key, clock::unix_millis());
    admitted.map_err(|wait| ApiError::TooManyRequests { wait })
}
