//! Reading DICOM.
pub use dicom_core::{Tag, VR as Vr};
