//! Time in the unit of the rules: quarters of the UTC hour, and single stretches of 15 minutes.

use std::fmt;

use thiserror::Error;

const SECONDS_PER_SLOT: i64 = 900;
const SLOTS_PER_HOUR: i64 = 4;

/// A quarter of the UTC hour: minutes 0–14, 15–29, 30–44 or 45–59.
///
/// Performance is compared within one quarter only. Serde writes a quarter as its number, 1 to 4.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "u8", into = "u8")
)]
pub enum Quarter {
    /// Minutes 0 to 14.
    First,
    /// Minutes 15 to 29.
    Second,
    /// Minutes 30 to 44.
    Third,
    /// Minutes 45 to 59.
    Fourth,
}

impl Quarter {
    /// The four quarters, from first to fourth.
    pub const ALL: [Self; 4] = [Self::First, Self::Second, Self::Third, Self::Fourth];

    /// Returns the quarter of the UTC hour at a moment, which may lie before 1970.
    ///
    /// ```
    /// use bams_domain::Quarter;
    ///
    /// assert_eq!(Quarter::at(0), Quarter::First);
    /// assert_eq!(Quarter::at(899), Quarter::First);
    /// assert_eq!(Quarter::at(900), Quarter::Second);
    /// assert_eq!(Quarter::at(-1), Quarter::Fourth);
    /// ```
    pub const fn at(unix_seconds: i64) -> Self {
        match unix_seconds.rem_euclid(3600) {
            0..900 => Self::First,
            900..1800 => Self::Second,
            1800..2700 => Self::Third,
            _ => Self::Fourth,
        }
    }

    /// Returns the quarter's number, 1 to 4.
    ///
    /// ```
    /// use bams_domain::Quarter;
    ///
    /// assert_eq!(Quarter::ALL.map(Quarter::number), [1, 2, 3, 4]);
    /// ```
    pub const fn number(self) -> u8 {
        match self {
            Self::First => 1,
            Self::Second => 2,
            Self::Third => 3,
            Self::Fourth => 4,
        }
    }

    /// Returns the quarter's index in [`Quarter::ALL`], 0 to 3, for arrays with one entry a quarter.
    ///
    /// ```
    /// use bams_domain::Quarter;
    ///
    /// assert_eq!(Quarter::ALL.map(Quarter::index), [0, 1, 2, 3]);
    /// ```
    pub const fn index(self) -> usize {
        match self {
            Self::First => 0,
            Self::Second => 1,
            Self::Third => 2,
            Self::Fourth => 3,
        }
    }
}

impl fmt::Display for Quarter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.number().fmt(formatter)
    }
}

impl From<Quarter> for u8 {
    fn from(quarter: Quarter) -> Self {
        quarter.number()
    }
}

impl TryFrom<u8> for Quarter {
    type Error = InvalidQuarter;

    fn try_from(number: u8) -> Result<Self, Self::Error> {
        match number {
            1 => Ok(Self::First),
            2 => Ok(Self::Second),
            3 => Ok(Self::Third),
            4 => Ok(Self::Fourth),
            _ => Err(InvalidQuarter(number)),
        }
    }
}

/// The error of a number other than 1, 2, 3 or 4 where a quarter is expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a quarter is 1, 2, 3 or 4, not {0}")]
pub struct InvalidQuarter(pub u8);

/// One concrete stretch of 15 minutes, numbered by unix seconds ÷ 900. It includes its start and
/// excludes its end.
///
/// ```
/// use bams_domain::{Quarter, Slot};
///
/// let slot = Slot::at(1_767_261_900); // 2026-01-01T10:05:00Z
/// assert_eq!(slot.quarter(), Quarter::First);
/// assert_eq!(slot.starts_at(), 1_767_261_600);
/// assert_eq!(slot.ends_at(), 1_767_262_500);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(transparent))]
pub struct Slot(i64);

impl Slot {
    /// Returns the slot that contains a moment.
    ///
    /// ```
    /// use bams_domain::Slot;
    ///
    /// assert_eq!(Slot::at(899), Slot::from_number(0));
    /// assert_eq!(Slot::at(900), Slot::from_number(1));
    /// assert_eq!(Slot::at(-1), Slot::from_number(-1));
    /// ```
    pub const fn at(unix_seconds: i64) -> Self {
        Self(unix_seconds.div_euclid(SECONDS_PER_SLOT))
    }

    /// Returns the slot of a quarter in the UTC hour of a moment. The slot may lie before or after that
    /// moment.
    ///
    /// Imported rows are booked this way: each row names its quarter, and the hour is that of the
    /// import.
    ///
    /// ```
    /// use bams_domain::{Quarter, Slot};
    ///
    /// let five_past_ten = 1_767_261_900;
    /// let slot = Slot::in_hour_of(five_past_ten, Quarter::Third);
    /// assert_eq!(slot.starts_at(), 1_767_263_400); // half past ten
    /// assert_eq!(slot.quarter(), Quarter::Third);
    /// ```
    pub const fn in_hour_of(unix_seconds: i64, quarter: Quarter) -> Self {
        let hour = unix_seconds.div_euclid(SECONDS_PER_SLOT * SLOTS_PER_HOUR);
        Self(hour * SLOTS_PER_HOUR + quarter.number() as i64 - 1)
    }

    /// Returns the slot with a stored number.
    ///
    /// ```
    /// use bams_domain::Slot;
    ///
    /// assert_eq!(Slot::from_number(7).number(), 7);
    /// ```
    pub const fn from_number(number: i64) -> Self {
        Self(number)
    }

    /// Returns the number of slots since 1970, negative before.
    ///
    /// ```
    /// use bams_domain::Slot;
    ///
    /// assert_eq!(Slot::at(3600).number(), 4);
    /// ```
    pub const fn number(self) -> i64 {
        self.0
    }

    /// Returns the quarter of the hour that the slot is.
    ///
    /// ```
    /// use bams_domain::{Quarter, Slot};
    ///
    /// assert_eq!(Slot::from_number(-1).quarter(), Quarter::Fourth);
    /// ```
    pub const fn quarter(self) -> Quarter {
        match self.0.rem_euclid(SLOTS_PER_HOUR) {
            0 => Quarter::First,
            1 => Quarter::Second,
            2 => Quarter::Third,
            _ => Quarter::Fourth,
        }
    }

    /// Returns the slot's first moment, in seconds since 1970. Saturates for numbers beyond any clock.
    ///
    /// ```
    /// use bams_domain::Slot;
    ///
    /// assert_eq!(Slot::from_number(2).starts_at(), 1800);
    /// ```
    pub const fn starts_at(self) -> i64 {
        self.0.saturating_mul(SECONDS_PER_SLOT)
    }

    /// Returns the first moment after the slot, in seconds since 1970: the start of the next slot.
    ///
    /// ```
    /// use bams_domain::Slot;
    ///
    /// assert_eq!(Slot::from_number(2).ends_at(), Slot::from_number(3).starts_at());
    /// ```
    pub const fn ends_at(self) -> i64 {
        self.starts_at().saturating_add(SECONDS_PER_SLOT)
    }
}

impl fmt::Display for Slot {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_and_quarters_agree_around_every_boundary() {
        for number in -9..9 {
            let slot = Slot::from_number(number);
            for moment in [slot.starts_at(), slot.starts_at() + 450, slot.ends_at() - 1] {
                assert_eq!(Slot::at(moment), slot, "{moment}");
                assert_eq!(Quarter::at(moment), slot.quarter(), "{moment}");
                assert_eq!(Slot::in_hour_of(moment, slot.quarter()), slot, "{moment}");
            }
        }
    }

    #[test]
    fn the_four_slots_of_an_hour_follow_each_other() {
        for moment in [-3600, -1, 0, 1_767_261_900, 3599] {
            let slots = Quarter::ALL.map(|quarter| Slot::in_hour_of(moment, quarter));
            for pair in slots.windows(2) {
                assert_eq!(pair[0].ends_at(), pair[1].starts_at(), "{moment}");
            }
            assert!(slots.contains(&Slot::at(moment)), "{moment}");
        }
    }

    #[test]
    fn moments_beyond_any_clock_do_not_panic() {
        for moment in [i64::MIN, i64::MAX] {
            assert_eq!(Slot::at(moment).quarter(), Quarter::at(moment));
            assert_eq!(Slot::in_hour_of(moment, Quarter::at(moment)), Slot::at(moment));
        }
        assert_eq!(Slot::from_number(i64::MIN).starts_at(), i64::MIN);
        assert_eq!(Slot::from_number(i64::MAX).starts_at(), i64::MAX);
        assert_eq!(Slot::from_number(i64::MAX).ends_at(), i64::MAX);
    }
}
