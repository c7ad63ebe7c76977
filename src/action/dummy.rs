//! D: a dummy value, valid for its VR, the same for everybody (PS3.15 E.1.1, action code D).
//!
//! `PatientSex F -> O`, `ContentDate 20240131 -> 19000101`, `DeviceSerialNumber 4711 -> REMOVED`.
//! Refuses sequences: they have items and no value.

use crate::dicom::{Tag, Vr};

/// Text of a dummy where any text may stand.
pub const TEXT: &str = "REMOVED";

const PATIENT_SEX: Tag = Tag(0x0010, 0x0040);

/// The dummy value of a data element, without padding; `None` for a sequence.
#[must_use]
pub fn dummy(tag: Tag, vr: Vr) -> Option<Vec<u8>> {
    if tag == PATIENT_SEX && vr == Vr::CS {
        return Some(b"O".to_vec());
    }
    of_vr(vr)
}

/// The dummy value of any data element with this VR, without padding; `None` for a sequence.
#[must_use]
pub fn of_vr(vr: Vr) -> Option<Vec<u8>> {
    let value: &[u8] = match vr {
        Vr::AE | Vr::LO | Vr::LT | Vr::PN | Vr::SH | Vr::ST | Vr::UC | Vr::UT => TEXT.as_bytes(),
        Vr::CS => b"OTHER",
        Vr::AS => b"000D",
        Vr::DA => b"19000101",
        Vr::DT => b"19000101000000",
        Vr::TM => b"000000",
        Vr::DS | Vr::IS => b"0",
        Vr::UR => b"urn:removed",
        Vr::UI => b"2.25.0",
        Vr::US | Vr::SS | Vr::OB | Vr::OW | Vr::UN => &[0; 2],
        Vr::UL | Vr::SL | Vr::FL | Vr::OF | Vr::OL | Vr::AT => &[0; 4],
        Vr::FD | Vr::OD | Vr::OV | Vr::SV | Vr::UV => &[0; 8],
        Vr::SQ => return None,
    };
    Some(value.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dicom::value;

    #[test]
    fn every_dummy_is_valid_for_its_vr() {
        for vr in [
            Vr::AE,
            Vr::LO,
            Vr::SH,
            Vr::PN,
            Vr::CS,
            Vr::AS,
            Vr::DA,
            Vr::DT,
            Vr::TM,
            Vr::DS,
            Vr::IS,
            Vr::UI,
            Vr::UT,
        ] {
            let bytes = dummy(Tag(0x0008, 0x0000), vr).unwrap();
            assert!(value::is_valid(vr, &bytes), "{vr:?}");
        }
        assert_eq!(dummy(PATIENT_SEX, Vr::CS).unwrap(), b"O");
        assert!(dummy(Tag(0x0008, 0x1110), Vr::SQ).is_none());
    }
}
