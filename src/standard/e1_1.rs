//! Table E.1-1.
/// Action codes of Table E.1-1a.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ActionCode { D, Z, X, K, C, U, ZD, XZ, XD, XZD, XZU }
/// The ten options that have a column in Table E.1-1, in column order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum ProfileOption { RetainSafePrivate, RetainUids, RetainDeviceIdentity, RetainInstitutionIdentity, RetainPatientCharacteristics, RetainLongitudinalFullDates, RetainLongitudinalModifiedDates, CleanDescriptors, CleanStructuredContent, CleanGraphics }
