//! Archives: any bytes are an archive within bounds or are refused, and an entry gives the bytes that its sum is of.

use std::io::Write;

use dcmscrub::batch::archive::{Archive, is_archive};

use super::clean::clean;
use super::in_common::{LIMITS, engines};

/// Opens the bytes as an archive, reads every entry and cleans it.
pub fn run(bytes: &[u8]) {
    let mut file = tempfile::tempfile().expect("a file");
    file.write_all(bytes).expect("a file");
    let named = is_archive(&file, std::path::Path::new("disc")).expect("a file that can be read");
    assert!(
        !named || bytes.starts_with(b"PK"),
        "an archive that begins as none"
    );
    let Ok(mut archive) = Archive::open(&file) else {
        return;
    };
    for index in 0..archive.len() {
        let Ok(Some(entry)) = archive.entry(index) else {
            continue;
        };
        if let Ok(start) = entry.start(132) {
            assert!(start.len() <= 132);
        }
        let Ok(content) = entry.with_bytes(&LIMITS, |source| {
            let mut content = vec![0u8; usize::try_from(source.len()).expect("bounded")];
            source
                .read_exact_at(&mut content, 0)
                .expect("it was unpacked");
            content
        }) else {
            continue;
        };
        assert_eq!(
            content.len() as u64,
            entry.size,
            "another size than the archive says"
        );
        clean(&engines()[0], &content);
    }
}
