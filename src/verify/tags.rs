//! Attributes that several parts of the second reading ask for, by their keywords in PS3.6.

use crate::dicom::Tag;

/// SOP Class UID.
pub const SOP_CLASS_UID: Tag = Tag(0x0008, 0x0016);
/// SOP Instance UID.
pub const SOP_INSTANCE_UID: Tag = Tag(0x0008, 0x0018);
/// Referenced SOP Class UID.
pub const REFERENCED_SOP_CLASS_UID: Tag = Tag(0x0008, 0x1150);
/// Referenced SOP Instance UID.
pub const REFERENCED_SOP_INSTANCE_UID: Tag = Tag(0x0008, 0x1155);
/// Patient ID.
pub const PATIENT_ID: Tag = Tag(0x0010, 0x0020);
/// Study Instance UID.
pub const STUDY_INSTANCE_UID: Tag = Tag(0x0020, 0x000D);
/// Series Instance UID.
pub const SERIES_INSTANCE_UID: Tag = Tag(0x0020, 0x000E);
