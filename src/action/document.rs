//! D on (0042,0011) Encapsulated Document: a minimal valid document of the same kind (PS3.3 C.24.2).
//!
//! Text inside a document cannot be cleaned by tags, so nothing of it stays.

/// The stand-in for a document of this SOP Class, of an even number of bytes.
#[must_use]
pub fn stand_in(sop_class: &str) -> Vec<u8> {
    let mut bytes = match sop_class {
        "1.2.840.10008.5.1.4.1.1.104.2" => CDA.to_vec(),
        // binary STL: a header of 80 bytes and no triangle
        "1.2.840.10008.5.1.4.1.1.104.3" => vec![0; 84],
        "1.2.840.10008.5.1.4.1.1.104.4" => {
            b"# removed\nv 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n".to_vec()
        }
        "1.2.840.10008.5.1.4.1.1.104.5" => b"newmtl removed\nKd 0.5 0.5 0.5\n".to_vec(),
        _ => pdf(),
    };
    if bytes.len() % 2 == 1 {
        bytes.push(if bytes.first() == Some(&0) { 0 } else { b'\n' });
    }
    bytes
}

const CDA: &[u8] = b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ClinicalDocument xmlns=\"urn:hl7-org:v3\">\
<typeId root=\"2.16.840.1.113883.1.3\" extension=\"POCD_HD000040\"/><id nullFlavor=\"MSK\"/><code nullFlavor=\"MSK\"/>\
<effectiveTime nullFlavor=\"MSK\"/><confidentialityCode nullFlavor=\"MSK\"/></ClinicalDocument>\n";

/// One empty page, with a cross-reference table whose offsets are right.
fn pdf() -> Vec<u8> {
    let mut out = b"%PDF-1.4\n".to_vec();
    let mut offsets = Vec::new();
    for object in [
        "1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n",
        "2 0 obj\n<</Type/Pages/Kids[3 0 R]/Count 1>>\nendobj\n",
        "3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>\nendobj\n",
    ] {
        offsets.push(out.len());
        out.extend_from_slice(object.as_bytes());
    }
    let table = out.len();
    out.extend_from_slice(b"xref\n0 4\n0000000000 65535 f \n");
    for offset in offsets {
        out.extend_from_slice(format!("{offset:010} 00000 n \n").as_bytes());
    }
    out.extend_from_slice(
        format!("trailer\n<</Size 4/Root 1 0 R>>\nstartxref\n{table}\n%%EOF\n").as_bytes(),
    );
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stand_in_is_of_the_kind_of_the_document() {
        let pdf = stand_in("1.2.840.10008.5.1.4.1.1.104.1");
        assert!(pdf.starts_with(b"%PDF-1.4") && pdf.trim_ascii_end().ends_with(b"%%EOF"));
        assert!(stand_in("1.2.840.10008.5.1.4.1.1.104.2").starts_with(b"<?xml"));
        assert_eq!(stand_in("1.2.840.10008.5.1.4.1.1.104.3").len(), 84);
        for n in 1..=5 {
            assert_eq!(
                stand_in(&format!("1.2.840.10008.5.1.4.1.1.104.{n}")).len() % 2,
                0
            );
        }
    }
}
