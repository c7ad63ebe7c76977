//! Facts of the DICOM standard (edition 2026d) as sorted tables. The interface that the other layers use.
pub mod e1_1; 
pub const EDITION: &str = "2026d";
