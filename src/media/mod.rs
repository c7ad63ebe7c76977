//! The index of a disc, built anew over cleaned files (PS3.3 Annex F, PS3.10, PS3.12).
