//! DA and DT values (PS3.5 section 6.2) in their forms, old ones included.

use jiff::civil::Date;

/// A date with the form it was written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DaValue {
    /// The day.
    pub date: Date,
    /// Written `YYYY.MM.DD` (ACR-NEMA).
    pub dotted: bool,
}

/// How exact the date part of a DT is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Precision {
    /// `YYYY`
    Year,
    /// `YYYYMM`
    Month,
    /// `YYYYMMDD` and more.
    Day,
}

/// The date part of a DT; the rest stays as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DtValue {
    /// The day; the middle of its period where the precision is less.
    pub date: Date,
    /// How exact it is.
    pub precision: Precision,
    /// Bytes of the date part.
    pub length: usize,
}

fn number(digits: &[u8]) -> Option<i16> {
    digits.iter().try_fold(0i16, |sum, b| {
        let digit = char::from(*b).to_digit(10)?;
        sum.checked_mul(10)?
            .checked_add(i16::try_from(digit).unwrap_or(0))
    })
}

fn day(year: &[u8], month: &[u8], day: &[u8]) -> Option<Date> {
    let small = |digits: &[u8]| {
        number(digits).and_then(|n| match i8::try_from(n) {
            Ok(n) => Some(n),
            Err(_) => None,
        })
    };
    match Date::new(number(year)?, small(month)?, small(day)?) {
        Ok(date) if date.year() >= 1 => Some(date),
        Ok(_) | Err(_) => None,
    }
}

/// Reads `YYYYMMDD` or `YYYY.MM.DD`, without padding.
#[must_use]
pub fn parse_da(value: &[u8]) -> Option<DaValue> {
    match value.len() {
        8 => Some(DaValue {
            date: day(value.get(..4)?, value.get(4..6)?, value.get(6..8)?)?,
            dotted: false,
        }),
        10 if value.get(4) == Some(&b'.') && value.get(7) == Some(&b'.') => Some(DaValue {
            date: day(value.get(..4)?, value.get(5..7)?, value.get(8..10)?)?,
            dotted: true,
        }),
        _ => None,
    }
}

/// Reads the date part of `YYYY[MM[DD[HH[MM[SS[.F]]]]]][&ZZXX]`, without padding.
#[must_use]
pub fn parse_dt(value: &[u8]) -> Option<DtValue> {
    let digits = value.iter().take_while(|b| b.is_ascii_digit()).count();
    let rest = value.get(digits..)?;
    let (fraction, zone) = match rest.first() {
        Some(b'.') => {
            let n = rest
                .get(1..)?
                .iter()
                .take_while(|b| b.is_ascii_digit())
                .count();
            (Some(n), rest.get(n.checked_add(1)?..)?)
        }
        Some(_) | None => (None, rest),
    };
    let zone_fits = match zone {
        [] => true,
        [b'+' | b'-', hours @ ..] => hours.len() == 4 && hours.iter().all(u8::is_ascii_digit),
        _ => false,
    };
    let fraction_fits = fraction.is_none_or(|n| digits == 14 && (1..=6).contains(&n));
    if !zone_fits || !fraction_fits || value.len() > 26 {
        return None;
    }
    let year = value.get(..4)?;
    let (date, precision, length) = match digits {
        4 => (day(year, b"07", b"01")?, Precision::Year, 4),
        6 => (day(year, value.get(4..6)?, b"15")?, Precision::Month, 6),
        8 | 10 | 12 | 14 => (
            day(year, value.get(4..6)?, value.get(6..8)?)?,
            Precision::Day,
            8,
        ),
        _ => return None,
    };
    Some(DtValue {
        date,
        precision,
        length,
    })
}
