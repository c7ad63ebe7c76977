//! The UID registry of PS3.6. Registered UIDs name what the standard defines and are never replaced.

use super::find;
use super::generated::uids::UIDS;

/// One registered UID.
#[derive(Debug)]
pub struct Registered {
    /// The UID.
    pub uid: &'static str,
    /// `SOP Class`, `Transfer Syntax`...
    pub kind: &'static str,
    /// Name.
    pub name: &'static str,
}

/// All of them, sorted.
pub fn all() -> impl Iterator<Item = &'static Registered> {
    UIDS.iter()
}

/// The entry of a UID, by exact match and not by prefix.
#[must_use]
pub fn registered(uid: &str) -> Option<&'static Registered> {
    find(&UIDS, &uid, |entry| entry.uid)
}

/// All registered UIDs begin so (PS3.6 table A-1).
const ROOT: &str = "1.2.840.10008.";

/// True for a registered UID.
#[must_use]
pub fn is_registered(uid: &str) -> bool {
    uid.starts_with(ROOT) && registered(uid).is_some()
}

/// What a registered UID names: `SOP Class`, `Transfer Syntax`...
#[must_use]
pub fn kind(uid: &str) -> Option<&'static str> {
    registered(uid).map(|entry| entry.kind)
}
