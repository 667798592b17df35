//! What holds for any amount of money.

use bams_domain::Revenue;
use proptest::prelude::*;

proptest! {
    #[test]
    fn revenue_reads_what_it_writes(micros in 0..=i64::MAX) {
        let revenue = Revenue::from_micros(micros);
        prop_assert_eq!(revenue.to_string().parse(), Ok(revenue));
    }

    #[test]
    fn revenue_never_panics(text in "[-+0-9.e ]{0,24}") {
        let _ = text.parse::<Revenue>();
    }
}
