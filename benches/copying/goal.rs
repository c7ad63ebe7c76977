//! Figures that are to be reached.

use serde::Serialize;

use crate::page::digits;

/// One of them, ready to be printed.
#[derive(Serialize)]
pub struct Goal {
    what: &'static str,
    limit: String,
    value: String,
    pub is_reached: bool,
}

/// What was not measured is not reached.
pub fn at_most(what: &'static str, value: Option<f64>, limit: f64, unit: &str) -> Goal {
    Goal {
        what,
        limit: format!("at most {}{unit}", short(limit)),
        value: value.map_or("not measured".to_owned(), |value| {
            format!("{}{unit}", digits(value))
        }),
        is_reached: value.is_some_and(|value| value <= limit),
    }
}

/// The same from below.
pub fn at_least(what: &'static str, value: Option<f64>, limit: f64) -> Goal {
    Goal {
        limit: format!("at least {}", short(limit)),
        is_reached: value.is_some_and(|value| value >= limit),
        ..at_most(what, value, limit, "")
    }
}

/// A limit as people say it.
fn short(limit: f64) -> String {
    format!("{}", (limit * 10.0).round() / 10.0)
}
