//! Roles of the attributes of VR UI: which name instances and which name classes.

use dicom_core::Tag;

use super::find;
use super::generated::ui_roles::ROLES;

/// What is done with the values of a UI attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UiRole {
    /// Names an instance, an entity or a site.
    Replace,
    /// Names a class or something of the standard's structure.
    Keep,
    /// Names an instance that may be a well-known one.
    ReplaceUnlessWellKnown,
}

/// The role of an attribute.
#[must_use]
pub fn role(tag: Tag) -> Option<UiRole> {
    find(&ROLES, &tag, |entry| entry.0).map(|entry| entry.1)
}
