//! Preamble and File Meta Information, written anew (PS3.10 section 7.1; PS3.15 E.1.1 item 7).

use crate::action::sequence::{New, element};
use crate::dicom::element::Encoding;
use crate::dicom::{Tag, Vr};

/// Our Implementation Class UID, from a UUID made for this program.
pub const IMPLEMENTATION_CLASS_UID: &str = "2.25.202164910325176328480261933417160745129";
/// Our Implementation Version Name.
pub const IMPLEMENTATION_VERSION_NAME: &str = concat!("DCMSCRUB_", env!("CARGO_PKG_VERSION"));

/// 128 zero bytes, the prefix, and group 0002 with nothing of the input but SOP Class and transfer syntax. A UID that
/// neither the data set nor the input's own group 0002 has is not invented: it would name an instance that is not there.
#[must_use]
pub fn head(sop_class: &str, new_sop_instance: &str, transfer_syntax: &str) -> Vec<u8> {
    let mut group = Vec::with_capacity(256);
    for new in [
        New(Tag(0x0002, 0x0001), Vr::OB, &[0, 1]),
        New(Tag(0x0002, 0x0002), Vr::UI, sop_class.as_bytes()),
        New(Tag(0x0002, 0x0003), Vr::UI, new_sop_instance.as_bytes()),
        New(Tag(0x0002, 0x0010), Vr::UI, transfer_syntax.as_bytes()),
        New(
            Tag(0x0002, 0x0012),
            Vr::UI,
            IMPLEMENTATION_CLASS_UID.as_bytes(),
        ),
        New(
            Tag(0x0002, 0x0013),
            Vr::SH,
            IMPLEMENTATION_VERSION_NAME.as_bytes(),
        ),
    ] {
        if new.1 == Vr::UI && new.2.is_empty() {
            continue;
        }
        group.extend(element(Encoding::ExplicitLe, &new));
    }
    let length = u32::try_from(group.len()).unwrap_or(0).to_le_bytes();
    let mut out = vec![0u8; 128];
    out.extend_from_slice(b"DICM");
    out.extend(element(
        Encoding::ExplicitLe,
        &New(Tag(0x0002, 0x0000), Vr::UL, &length),
    ));
    out.extend(group);
    out
}
