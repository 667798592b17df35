//! Lists show every row once, in order, also when rows are equal; filters filter.

use bams_domain::Status;
use bams_storage::{
    AttachmentSort, AuditFilter, BannerFilter, CampaignFilter, CatalogSort, Database, ListPage,
    PageRequest, attachments, audit_log, banners, campaigns,
};

use crate::stores::{Store, banner, campaign, catalog};

/// Reads a list to its end, a few rows at a time.
async fn whole<S: Copy, T>(
    (sort, descending): (S, bool),
    read: impl AsyncFn(&PageRequest<S>) -> ListPage<T>,
) -> Vec<T> {
    let mut request = PageRequest { sort, descending, after: None, limit: 3 };
    let mut all = Vec::new();
    loop {
        let page = read(&request).await;
        assert!(page.items.len() <= 3);
        all.extend(page.items);
        if page.next.is_none() {
            return all;
        }
        request.after = page.next;
    }
}

async fn fill(store: &Store) {
    let named = ["b", "Ä", "a", "b", "a", "c%_\\", "b", "A"];
    for (index, name) in named.iter().enumerate() {
        let mut campaign = campaign(u32::try_from(index).unwrap() + 1);
        campaign.name = (*name).to_owned();
        campaign.status = if index % 2 == 0 { Status::Active } else { Status::Paused };
        campaign.tags = vec![format!("t{index}"), "x\"y".to_owned()];
        store.write(catalog(campaign, [])).await;
    }
}

async fn found(database: &Database, filter: CampaignFilter) -> Vec<u32> {
    let read = async |page: &PageRequest<_>| campaigns(database, &filter, page).await.unwrap();
    whole((CatalogSort::Id, false), read).await.into_iter().map(|it| it.id.0).collect()
}

#[tokio::test]
async fn every_order_shows_every_campaign_once() {
    for store in Store::both().await {
        fill(&store).await;
        let list = async |sort, descending| -> Vec<u32> {
            let all = CampaignFilter::default();
            let read =
                async |page: &PageRequest<_>| campaigns(&store.database, &all, page).await.unwrap();
            whole((sort, descending), read).await.into_iter().map(|it| it.id.0).collect()
        };
        assert_eq!(list(CatalogSort::Id, false).await, [1, 2, 3, 4, 5, 6, 7, 8]);
        assert_eq!(list(CatalogSort::Id, true).await, [8, 7, 6, 5, 4, 3, 2, 1]);
        assert_eq!(list(CatalogSort::Name, false).await, [8, 3, 5, 1, 4, 7, 6, 2]);
        assert_eq!(list(CatalogSort::Name, true).await, [2, 6, 7, 4, 1, 5, 3, 8]);
        assert_eq!(list(CatalogSort::CreatedAt, false).await, [1, 2, 3, 4, 5, 6, 7, 8]);
        assert_eq!(list(CatalogSort::UpdatedAt, true).await, [8, 7, 6, 5, 4, 3, 2, 1]);
    }
}

#[tokio::test]
async fn filters_filter() {
    for store in Store::both().await {
        fill(&store).await;
        let database = &store.database;
        let paused = CampaignFilter { statuses: vec![Status::Paused], ..Default::default() };
        assert_eq!(found(database, paused).await, [2, 4, 6, 8]);
        let tag = |tag: &str| CampaignFilter { tag: Some(tag.into()), ..Default::default() };
        assert_eq!(found(database, tag("t3")).await, [4]);
        assert_eq!(found(database, tag("x\"y")).await.len(), 8);
        for part in ["t", "x", "y", "x\"", "T3", "%"] {
            assert_eq!(found(database, tag(part)).await, [0; 0], "{part}");
        }
        let name = |it: &str| CampaignFilter { name: Some(it.into()), ..Default::default() };
        assert_eq!(found(database, name("A")).await, [3, 5, 8]);
        assert_eq!(found(database, name("Ä")).await, [2]);
        assert_eq!(found(database, name("%_\\")).await, [6]);
        assert_eq!(found(database, name("' OR 1=1 --")).await, [0; 0]);
    }
}

#[tokio::test]
async fn banners_and_attachments_are_listed_too() {
    for store in Store::both().await {
        let mut bare = banner(5);
        bare.image_key = None;
        store.write(catalog(campaign(1), (1..=4).map(banner).chain([bare]))).await;
        store.write(catalog(campaign(2), [banner(9)])).await;
        let database = &store.database;
        let list = async |filter: BannerFilter| -> Vec<u32> {
            let read =
                async |page: &PageRequest<_>| banners(database, &filter, page).await.unwrap();
            whole((CatalogSort::Id, true), read).await.into_iter().map(|it| it.id.0).collect()
        };
        assert_eq!(list(BannerFilter::default()).await, [9, 5, 4, 3, 2, 1]);
        let of_two = BannerFilter { campaign: Some(2.into()), ..Default::default() };
        assert_eq!(list(of_two).await, [9]);
        let without = BannerFilter { has_image: Some(false), ..Default::default() };
        assert_eq!(list(without).await, [5]);

        let read = async |page: &PageRequest<_>| {
            attachments(database, 1.into(), Some(Status::Active), page).await.unwrap()
        };
        let attached = whole((AttachmentSort::CreatedAt, false), read).await;
        let ids: Vec<u32> = attached.iter().map(|it| it.banner.0).collect();
        assert_eq!(ids, [1, 2, 3, 4, 5]);
    }
}

#[tokio::test]
async fn the_audit_log_is_in_the_order_of_time_whatever_its_numbers_are() {
    for store in Store::both().await {
        for (id, at) in [(1, 40), (2, 10), (3, 30), (4, 30), (5, 20), (6, 50), (7, 30)] {
            let row = format!("({id}, {at}, 'ada', 'Ada', 'change', 'campaign', '1')");
            let columns = "id, at, actor_id, actor_name, action, subject_kind, subject_id";
            store.execute(&[&format!("INSERT INTO audit_log ({columns}) VALUES {row}")]).await;
        }
        let list = async |descending| -> Vec<i64> {
            let read = async |page: &PageRequest<_>| {
                audit_log(&store.database, &AuditFilter::default(), page).await.unwrap()
            };
            whole(((), descending), read).await.into_iter().map(|it| it.id).collect()
        };
        assert_eq!(list(false).await, [2, 5, 3, 4, 7, 1, 6], "{}", store.url);
        assert_eq!(list(true).await, [6, 1, 7, 4, 3, 5, 2], "{}", store.url);
    }
}
