//! The public names and numbers, as other programs read them.
#![cfg(feature = "serde")]

use std::fmt::Debug;

use bams_domain::{
    BannerId, BannerPerformance, Basis, CampaignId, EmptyReason, Evidence, EvidenceLabel, History,
    Interval, Ladder, LandingUrl, LeftOut, Measure, Page, Performance, Policy, Preferences,
    Quarter, Revenue, Rule, Schedule, Selected, Size, Slot, Status, VisitorId, select,
};
use rand::{SeedableRng, rngs::StdRng};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, from_value, json, to_value};

fn check<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T, expected: &Value) {
    assert_eq!(to_value(value).unwrap(), *expected);
    assert_eq!(T::deserialize(expected).unwrap(), *value);
}

#[test]
fn values_are_written_plainly() {
    check(&CampaignId(12), &json!(12));
    check(&BannerId(141), &json!(141));
    check(&Slot::from_number(3), &json!(3));
    check(&Revenue::from_micros(1_173_893), &json!(1_173_893));
    check(&VisitorId::from_random_bytes([0; 16]), &json!("00000000-0000-4000-8000-000000000000"));
    check(
        &Performance {
            impressions: 4,
            clicks: 3,
            conversions: 2,
            revenue: Revenue::from_micros(1),
        },
        &json!({"impressions": 4, "clicks": 3, "conversions": 2, "revenue_micros": 1}),
    );
}

#[test]
fn results_are_written_as_a_whole() {
    let row = |banner, clicks, conversions| BannerPerformance {
        banner: BannerId(banner),
        performance: Performance { clicks, conversions, ..Performance::default() },
    };
    let ladder = Ladder::rank([row(1, 0, 0), row(2, 3, 0), row(3, 1, 1)]);
    let written = json!({
        "rule": "revenue_then_clicks",
        "converting_banners": 1,
        "banners": [
            {"banner": 3, "basis": "revenue"},
            {"banner": 2, "basis": "clicks"},
            {"banner": 1, "basis": "random"},
        ],
    });
    assert_eq!(to_value(&ladder).unwrap(), written);
    assert_eq!(
        to_value(Policy::default().prepare([row(1, 0, 0), row(2, 3, 0), row(3, 1, 1)])).unwrap(),
        written
    );

    let shown = Selected { banner: BannerId(3), rank: 1, basis: Basis::Revenue };
    let selected = json!({"banner": 3, "rank": 1, "basis": "revenue"});
    check(&shown, &selected);
    check(
        &Page { picks: vec![2, 0], new_cycle_from: 1 },
        &json!({"picks": [2, 0], "new_cycle_from": 1}),
    );
    check(
        &Schedule { starts_at: Some(1), ends_at: None },
        &json!({"starts_at": 1, "ends_at": null}),
    );
    check(&Interval { low: 0.25, high: 0.5 }, &json!({"low": 0.25, "high": 0.5}));
    check(
        &row(7, 1, 0),
        &json!({"banner": 7, "performance": to_value(row(7, 1, 0).performance).unwrap()}),
    );
    let evidence = Evidence::of(&[]);
    assert_eq!(from_value::<Evidence>(to_value(evidence).unwrap()).unwrap(), evidence);
    let selection = select(&ladder, &mut History::default(), None, &mut StdRng::seed_from_u64(1));
    assert_eq!(to_value(&selection).unwrap()["banners"].as_array().unwrap().len(), 3);
}

#[test]
fn what_is_read_keeps_its_rules() {
    let history = History::from_parts([9, 7].map(BannerId).into(), 1, 2);
    check(&history, &json!({"seen": [9, 7], "previous": 1, "pages": 2}));
    let beyond: History = from_value(json!({"seen": [9], "previous": 5, "pages": 1})).unwrap();
    assert_eq!(beyond.previous(), [BannerId(9)]);

    let preferences = Preferences::new(vec!["travel".to_owned()], vec![], vec![BannerId(7)]);
    let written = json!({"preferred_tags": ["travel"], "blocked_tags": [], "hidden_banners": [7]});
    check(&preferences, &written);
    let unsorted: Preferences = from_value(json!({"hidden_banners": [9, 7, 9]})).unwrap();
    assert_eq!(unsorted.hidden_banners(), [7, 9].map(BannerId));

    check(&Size { width: 300, height: 250 }, &json!("300x250"));
    assert!(from_value::<Size>(json!("300 x 250")).is_err());
    let url = "https://shop.example/?c={click_id}";
    check(&url.parse::<LandingUrl>().unwrap(), &json!(url));
    assert!(from_value::<LandingUrl>(json!("javascript:alert(1)")).is_err());
}

#[test]
fn a_quarter_is_a_number_from_one_to_four() {
    for quarter in Quarter::ALL {
        check(&quarter, &json!(quarter.number()));
        assert_eq!(Quarter::try_from(quarter.number()), Ok(quarter));
    }
    for number in [0, 5, 255] {
        let refusal = from_value::<Quarter>(json!(number)).unwrap_err();
        assert_eq!(refusal.to_string(), format!("a quarter is 1, 2, 3 or 4, not {number}"));
    }
}

#[test]
fn names_are_the_same_with_and_without_serde() {
    for (rule, name) in Rule::ALL.into_iter().zip([
        "top_ten_by_revenue",
        "all_by_revenue",
        "revenue_then_clicks",
        "clicks_then_random",
    ]) {
        assert_eq!(rule.name(), name);
        check(&rule, &json!(name));
    }
    for (basis, name) in Basis::ALL.into_iter().zip(["revenue", "clicks", "random", "new_cycle"]) {
        assert_eq!(basis.name(), name);
        check(&basis, &json!(name));
    }
    for reason in EmptyReason::ALL {
        check(&reason, &json!(reason.name()));
    }
    for reason in LeftOut::ALL {
        check(&reason, &json!(reason.name()));
    }
    for status in Status::ALL {
        check(&status, &json!(status.name()));
    }
    for policy in Policy::ALL {
        check(&policy, &json!(policy.name()));
        assert_eq!(policy.name().parse(), Ok(policy));
    }
    for label in EvidenceLabel::ALL {
        check(&label, &json!(label.name()));
    }
    for measure in Measure::ALL {
        check(&measure, &json!(measure.name()));
    }
}
