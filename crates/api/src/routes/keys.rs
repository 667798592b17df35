//! API keys: list, create, read, revoke.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, delete, get, post};
use bams_app::NAME_LENGTH;
use bams_app::managing::{KeyFields, Managing, key_version};
use bams_storage::{ApiKey, Database, KeyFilter, KeyText, Role, key, keys};
use serde::Serialize;
use utoipa::ToSchema;

use crate::answer::changed::{ChangeAnswer, Changing, answered, respond};
use crate::answer::list::{List, Listed, PageQuery, Pages};
use crate::answer::page;
use crate::clock;
use crate::extract::body::{BodyFields, body};
use crate::extract::conditions::{Conditions, IfMatch, ToRevoke, etag};
use crate::extract::filters::{Filters, filter};
use crate::extract::idempotency::IdempotencyKey;
use crate::extract::json::JsonBody;
use crate::extract::principal::Principal;
use crate::extract::query::Params;
use crate::paths;
use crate::problem::ApiError;
use crate::problem::responses::{ChangeRefusals, KeyRefusals};
use crate::random;
use crate::timestamp;
use crate::words::{orders, words};

words! {
    /// What a key may do.
    RoleName: Role = Role::ALL.map(|it| (it.name(), it))
}

/// A key, without its secret.
#[derive(Serialize, ToSchema)]
pub(crate) struct Key {
    /// What names it in lists and logs: the text between the first two underscores.
    #[schema(example = "4f1d0a7be2c35968")]
    id: String,
    /// Who or what it is for.
    #[schema(example = "nightly reports")]
    name: String,
    /// What it may do.
    #[schema(value_type = RoleName, example = "viewer")]
    role: &'static str,
    /// The only campaign whose conversions it reports, with the role `postback`; null is all.
    #[schema(example = json!(null))]
    campaign_id: Option<u32>,
    /// When it was made.
    #[schema(format = DateTime, example = "2026-02-20T09:15:00Z")]
    created_at: String,
    /// From when on it is refused; null is never.
    #[schema(format = DateTime, example = "2027-01-01T00:00:00Z")]
    expires_at: Option<String>,
    /// Since when it is refused; null if it was not revoked.
    #[schema(format = DateTime, example = "2026-06-01T08:00:00Z")]
    revoked_at: Option<String>,
    /// When it was last used, give or take a minute; null if never.
    #[schema(format = DateTime, example = "2026-02-21T16:40:00Z")]
    last_used_at: Option<String>,
}

impl From<ApiKey> for Key {
    fn from(key: ApiKey) -> Self {
        Self {
            id: key.id,
            name: key.name,
            role: key.role.name(),
            campaign_id: key.campaign.map(|it| it.0),
            created_at: timestamp::text(key.created_at),
            expires_at: key.expires_at.map(timestamp::text),
            revoked_at: key.revoked_at.map(timestamp::text),
            last_used_at: key.last_used_at.map(timestamp::text),
        }
    }
}

/// A new key, with what proves it.
#[derive(Serialize, ToSchema)]
pub(crate) struct CreatedKey {
    #[serde(flatten)]
    key: Key,
    /// The text to send as `Authorization: Bearer …`. Nobody sees it again: only its hash is
    /// kept. Null when the request was sent again with the same `Idempotency-Key`.
    #[schema(example = "bams_4f1d0a7be2c35968_…")]
    secret: Option<String>,
}

body! {
    /// A key to create.
    NewKey: KeyFields = BodyFields::<KeyFields>::default()
        .line("name", &NAME_LENGTH, "Who or what it is for.", |it| &mut it.name)
        .needed(true)
        .word::<RoleName>("role", "What it may do.", |it| &mut it.role)
        .needed(true)
        .moment_or_null(
            "expires_at",
            "From when on it is refused; never if missing.",
            |it| &mut it.expires_at,
        )
        .number_or_null(
            "campaign_id",
            1..=u32::MAX,
            "The only campaign whose conversions it reports, with the role `postback`; all if missing.",
            |it| &mut it.campaign_id,
        ),
    example: { "name": "nightly reports", "role": "viewer" }
}

words! {
    /// What keys are sorted by.
    KeySortName: ((), bool) = orders([("created_at", ())])
}

filter! {
    /// Which keys.
    KeysQuery: KeyFilter = Filters::<KeyFilter>::default().word::<RoleName>(
        "role",
        "Only keys of this role.",
        "viewer",
        |it, role| it.role = Some(role),
    )
}

/// A page, by its component's name.
type KeyList = List<Key>;

impl Listed for Key {
    type Order = KeySortName;

    const PAGES: Pages = Pages {
        name: "KeyList",
        about: "A page of keys.",
        items: "The keys, in the order asked for.",
        sort: "With `-` the newest first.",
        sort_example: "created_at",
        cursor_example: "WyJjcmVhdGVkX2F0IiwxNzcxNTc4OTAwMDAwLCI0ZjFkMGE3YmUyYzM1OTY4Il0",
    };
}

/// List keys
///
/// Without their secrets, which nobody knows.
#[utoipa::path(
    tag = "keys",
    operation_id = "list_keys",
    params(KeysQuery, PageQuery<Key>),
    responses((status = OK, description = "A page of keys", body = KeyList), KeyRefusals),
    security(("key" = ["admin"])),
)]
#[get("/keys")]
pub(crate) async fn list_keys(
    _principal: Principal,
    request: HttpRequest,
    mut params: Params,
    database: Data<Database>,
) -> Result<HttpResponse, ApiError> {
    let (filter, page) = (params.filter::<KeysQuery>(), params.page::<Key>());
    params.finish()?;
    let found = keys(&database, &filter, &page).await?;
    Ok(page::answer(&request, found, &page, Key::from))
}

/// Create a key
///
/// Answers its secret, this once.
#[utoipa::path(
    tag = "keys",
    operation_id = "create_key",
    params(IdempotencyKey),
    request_body = NewKey,
    responses((status = CREATED, description = "The new key", body = CreatedKey), ChangeRefusals),
    security(("key" = ["admin"])),
)]
#[post("/keys")]
pub(crate) async fn create_key(
    changing: Changing,
    body: JsonBody,
    managing: Data<Managing>,
) -> Result<HttpResponse, ApiError> {
    let body = body.object()?;
    let text = KeyText::random(&mut random::rng());
    let secret = text.reveal();
    let (draft, once) = (body.draft::<NewKey>(), changing.once(&body, |key| created(key, None)));
    let now = clock::unix_millis();
    let made = managing.create_key(changing.by(), text, draft, once, now).await?;
    Ok(answered(made, |key| created(key, Some(secret))))
}

/// Returns the answer to a new key: its secret once, and never from what is kept.
fn created(key: &ApiKey, secret: Option<String>) -> ChangeAnswer {
    let location = paths::of(paths::KEY, &key.id);
    ChangeAnswer::created(location, None, &CreatedKey { key: key.clone().into(), secret })
}

/// Read a key
#[utoipa::path(
    tag = "keys",
    operation_id = "read_key",
    params(("key_id" = String, Path, description = "The key's id", max_length = 64, example = "4f1d0a7be2c35968")),
    responses((status = OK, description = "The key", body = Key), KeyRefusals),
    security(("key" = ["admin"])),
)]
#[get("/keys/{key_id}")]
pub(crate) async fn read_key(
    _principal: Principal,
    conditions: Conditions,
    id: Path<String>,
    database: Data<Database>,
) -> Result<HttpResponse, ApiError> {
    let found = key(&database, &id).await?.ok_or(ApiError::UnknownKey)?;
    Ok(conditions.answer(&tag(&found), Key::from(found)))
}

/// Revoke a key
///
/// It is refused at once. Revoking again changes nothing.
#[utoipa::path(
    tag = "keys",
    operation_id = "revoke_key",
    params(
        ("key_id" = String, Path, description = "The key's id", max_length = 64, example = "4f1d0a7be2c35968"),
        IfMatch::<ToRevoke>,
    ),
    responses((status = OK, description = "The revoked key", body = Key), ChangeRefusals),
    security(("key" = ["admin"])),
)]
#[delete("/keys/{key_id}")]
pub(crate) async fn revoke_key(
    changing: Changing,
    id: Path<String>,
    conditions: Conditions,
    managing: Data<Managing>,
) -> Result<HttpResponse, ApiError> {
    let (by, precondition, now) = (changing.by(), conditions.precondition(), clock::unix_millis());
    let key = managing.revoke_key(by, id.into_inner(), precondition, now).await?;
    Ok(respond(ChangeAnswer::ok(Some(tag(&key)), &Key::from(key))))
}

/// Returns the tag of a key's version. Using a key does not change it.
fn tag(key: &ApiKey) -> String {
    etag(&key_version(key), key.last_used_at)
}
