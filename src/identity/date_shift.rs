//! Moving dates by whole days: DA and the date part of DT; times stay (PS3.15 E.3.6, Modified Dates).
//!
//! `20240131 -> 20220607`, `2024.01.31` keeps its dots, `202401` is moved from the middle of the month and stays a month.

use jiff::{ToSpan, civil::Date};

use crate::dicom::value::date::{Precision, parse_da, parse_dt};
use crate::dicom::{Vr, value::trim};

/// A value that cannot be read as a date, or leaves the years 1850 to 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a date that can be moved")]
pub struct NotADate;

/// Moves every value of a DA. Padding goes; empty values stay empty.
///
/// # Errors
/// [`NotADate`] when one of the values is none.
pub fn shift_da(value: &[u8], days: i64) -> Result<Vec<u8>, NotADate> {
    each(Vr::DA, value, |one| {
        let parsed = parse_da(one).ok_or(NotADate)?;
        let date = moved(parsed.date, days)?;
        let (year, month, day) = (date.year(), date.month(), date.day());
        Ok(if parsed.dotted {
            format!("{year:04}.{month:02}.{day:02}")
        } else {
            format!("{year:04}{month:02}{day:02}")
        }
        .into_bytes())
    })
}

/// Moves the date part of every value of a DT; precision, time, fraction and zone stay.
///
/// # Errors
/// [`NotADate`] when one of the values is none.
pub fn shift_dt(value: &[u8], days: i64) -> Result<Vec<u8>, NotADate> {
    each(Vr::DT, value, |one| {
        let parsed = parse_dt(one).ok_or(NotADate)?;
        let date = moved(parsed.date, days)?;
        let (year, month, day) = (date.year(), date.month(), date.day());
        let text = match parsed.precision {
            Precision::Year => format!("{year:04}"),
            Precision::Month => format!("{year:04}{month:02}"),
            Precision::Day => format!("{year:04}{month:02}{day:02}"),
        };
        Ok([
            text.as_bytes(),
            one.get(parsed.length..).unwrap_or_default(),
        ]
        .concat())
    })
}

fn moved(date: Date, days: i64) -> Result<Date, NotADate> {
    match date.checked_add(days.days()) {
        Ok(date) if date.year() >= 1850 => Ok(date),
        Ok(_) | Err(_) => Err(NotADate),
    }
}

fn each(
    vr: Vr,
    value: &[u8],
    shift: impl Fn(&[u8]) -> Result<Vec<u8>, NotADate>,
) -> Result<Vec<u8>, NotADate> {
    let mut out = Vec::with_capacity(value.len());
    for (index, one) in trim(vr, value).split(|&b| b == b'\\').enumerate() {
        if index > 0 {
            out.push(b'\\');
        }
        let one = trim(vr, one);
        if !one.is_empty() {
            out.extend(shift(one)?);
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn dates_keep_their_form() {
        let rows: &[(&[u8], i64, &[u8])] = &[
            (b"20240131", -31, b"20231231"),
            (b"2024.01.31", -31, b"2023.12.31"),
            (b"20240301\\20240229 ", -1, b"20240229\\20240228"),
            (b"", -5, b""),
            (b"20240101\\", -1, b"20231231\\"),
        ];
        for (value, days, expected) in rows {
            assert_eq!(shift_da(value, *days).unwrap(), *expected);
        }
        let rows: &[(&[u8], i64, &[u8])] = &[
            (
                b"20240131101530.123456+0100",
                -31,
                b"20231231101530.123456+0100",
            ),
            (b"202403", -30, b"202402"),
            (b"2024", -366, b"2023"),
            (b"2024013110-0530 ", -31, b"2023123110-0530"),
        ];
        for (value, days, expected) in rows {
            assert_eq!(shift_dt(value, *days).unwrap(), *expected);
        }
    }

    #[test]
    fn what_is_no_date_is_never_moved() {
        for value in [
            b"20230229".as_slice(),
            b"DOE",
            b"00000000",
            b"2024-01-01",
            b"20240101DOE",
            b"18500101\\DOE",
            b"18500102",
        ] {
            assert!(shift_da(value, -5).is_err());
        }
        for value in [
            b"20240131 DOE".as_slice(),
            b"2024013",
            b"20240131101530.1234567",
            b"20240131+01",
            b"DOE",
        ] {
            assert!(shift_dt(value, -5).is_err());
        }
    }

    proptest! {
        #[test]
        fn differences_of_dates_stay(a in 0i64..40_000, b in 0i64..40_000, days in -3650i64..0) {
            let start = jiff::civil::date(1900, 1, 1);
            let text = |n: i64| { let d = start.checked_add(n.days()).unwrap(); format!("{:04}{:02}{:02}", d.year(), d.month(), d.day()) };
            let back = |value: Vec<u8>| parse_da(&value).unwrap().date;
            let (x, y) = (back(shift_da(text(a).as_bytes(), days).unwrap()), back(shift_da(text(b).as_bytes(), days).unwrap()));
            prop_assert_eq!(i64::from(x.since(y).unwrap().get_days()), a - b);
        }

        #[test]
        fn no_bytes_make_it_fail_otherwise(bytes in proptest::collection::vec(any::<u8>(), 0..40), days in -3650i64..0) {
            let (da, dt) = (shift_da(&bytes, days), shift_dt(&bytes, days));
            prop_assert!(da.is_ok() || da.is_err());
            prop_assert!(dt.is_ok() || dt.is_err());
        }
    }
}
