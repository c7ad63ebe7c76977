//! ICC profiles: the tags that a program needs to show colours stay, text and unknown tags become empty of words.
//!
//! The profile keeps its size and its tag table, so that nothing else has to move. Source: ICC.1 sections 7 to 10;
//! (0028,2000) is not listed in Table E.1-1, its text may still name a person or a place.

/// Tags whose data are numbers that colour management needs.
const COLOUR: [&[u8; 4]; 27] = [
    b"rXYZ", b"gXYZ", b"bXYZ", b"wtpt", b"bkpt", b"rTRC", b"gTRC", b"bTRC", b"kTRC", b"A2B0",
    b"A2B1", b"A2B2", b"B2A0", b"B2A1", b"B2A2", b"gamt", b"chad", b"lumi", b"meas", b"tech",
    b"D2B0", b"D2B1", b"D2B2", b"B2D0", b"B2D1", b"B2D2", b"cicp",
];
const HEADER: usize = 128;

fn u32_at(bytes: &[u8], at: usize) -> Option<usize> {
    let field = bytes.get(at..)?.first_chunk::<4>()?;
    match usize::try_from(u32::from_be_bytes(*field)) {
        Ok(n) => Some(n),
        Err(_) => None,
    }
}

/// The profile without words; `None` when the bytes are no ICC profile and nothing of them can be kept.
#[must_use]
pub fn neutralise(profile: &[u8]) -> Option<Vec<u8>> {
    let size = u32_at(profile, 0)?;
    let count = u32_at(profile, HEADER)?;
    let table_end = HEADER.checked_add(4)?.checked_add(count.checked_mul(12)?)?;
    if profile.get(36..40)? != b"acsp" || size > profile.len() || table_end > size || count > 200 {
        return None;
    }
    let mut out = vec![0u8; profile.len()];
    copy(profile, &mut out, 0, 48)?;
    copy(profile, &mut out, 64, 16)?;
    copy(profile, &mut out, HEADER, table_end.checked_sub(HEADER)?)?;
    let mut words = Vec::new();
    for index in 0..count {
        let entry = HEADER.checked_add(4)?.checked_add(index.checked_mul(12)?)?;
        let signature = profile.get(entry..)?.first_chunk::<4>()?;
        let (at, length) = (
            u32_at(profile, entry.checked_add(4)?)?,
            u32_at(profile, entry.checked_add(8)?)?,
        );
        if at < table_end || at.checked_add(length)? > size || length < 8 {
            return None;
        }
        if COLOUR.contains(&signature) && is_numbers(*profile.get(at..)?.first_chunk::<4>()?) {
            copy(profile, &mut out, at, length)?;
        } else {
            words.push((at, length));
        }
    }
    // behind the colours: a text tag that shares bytes with a colour must not blank them
    for (at, length) in words {
        if out
            .get(at..at.checked_add(length)?)?
            .iter()
            .all(|&b| b == 0)
        {
            blank(profile, &mut out, at, length)?;
        }
    }
    Some(out)
}

/// Types of tag data that hold numbers only.
fn is_numbers(kind: [u8; 4]) -> bool {
    [
        b"XYZ ", b"curv", b"para", b"mft1", b"mft2", b"mAB ", b"mBA ", b"sf32", b"meas", b"sig ",
        b"mpet", b"cicp",
    ]
    .contains(&&kind)
}

/// Writes the shortest valid data of the tag's own type.
fn blank(profile: &[u8], out: &mut [u8], at: usize, length: usize) -> Option<()> {
    let kind = profile.get(at..)?.first_chunk::<4>()?;
    if [
        b"desc", b"text", b"mluc", b"sig ", b"dict", b"view", b"pseq", b"data", b"dtim",
    ]
    .contains(&kind)
    {
        copy(profile, out, at, 4)?;
    }
    let field = |out: &mut [u8], offset: usize, value: u32| {
        if offset.checked_add(4)? <= length {
            let from = at.checked_add(offset)?;
            out.get_mut(from..from.checked_add(4)?)?
                .copy_from_slice(&value.to_be_bytes());
        }
        Some(())
    };
    match kind {
        b"desc" => field(out, 8, 1),
        b"mluc" => field(out, 12, 12),
        _ => Some(()),
    }
}

fn copy(from: &[u8], to: &mut [u8], at: usize, length: usize) -> Option<()> {
    let end = at.checked_add(length)?;
    to.get_mut(at..end)?.copy_from_slice(from.get(at..end)?);
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile(tags: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
        let mut table = u32::try_from(tags.len()).unwrap().to_be_bytes().to_vec();
        let mut data = Vec::new();
        for (signature, bytes) in tags {
            let at = 132 + tags.len() * 12 + data.len();
            table.extend_from_slice(*signature);
            table.extend_from_slice(&u32::try_from(at).unwrap().to_be_bytes());
            table.extend_from_slice(&u32::try_from(bytes.len()).unwrap().to_be_bytes());
            data.extend_from_slice(bytes);
        }
        let mut out = vec![0u8; 128];
        out[36..40].copy_from_slice(b"acsp");
        out[84..100].copy_from_slice(b"CANARY-ICC-HEADR");
        out.extend(table);
        out.extend(data);
        let size = u32::try_from(out.len()).unwrap();
        out[0..4].copy_from_slice(&size.to_be_bytes());
        out
    }

    #[test]
    fn words_go_and_colours_stay() {
        let xyz = b"XYZ \0\0\0\0\0\0\x6f\xa2\0\0\x38\xf5\0\0\x03\x90";
        let input = profile(&[
            (b"desc", b"desc\0\0\0\0\0\0\0\x0bCANARY-PN-1\0"),
            (b"rXYZ", xyz),
            (b"cprt", b"text\0\0\0\0CANARY-PN-2\0"),
            (b"zzzz", b"data\0\0\0\0CANARY-PN-3\0"),
            (b"gXYZ", b"text\0\0\0\0CANARY-PN-4\0"),
        ]);
        let out = neutralise(&input).unwrap();
        assert_eq!(out.len(), input.len());
        assert!(!out.windows(6).any(|w| w == b"CANARY"));
        assert!(out.windows(xyz.len()).any(|w| w == xyz));
    }

    #[test]
    fn what_is_no_profile_is_not_kept() {
        assert!(neutralise(b"").is_none());
        assert!(neutralise(&[0; 200]).is_none());
        assert!(neutralise(b"\0\0\0\x80CANARY").is_none());
    }
}
