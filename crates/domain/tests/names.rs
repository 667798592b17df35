//! The public names and numbers, as other programs read them.
#![cfg(feature = "serde")]

use std::fmt::Debug;

use bams_domain::{
    BannerId, Basis, CampaignId, EmptyReason, EvidenceLabel, LeftOut, Measure, Performance, Policy,
    Quarter, Revenue, Rule, Slot, Status, VisitorId,
};
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
