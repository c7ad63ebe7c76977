//! The reader: whatever the bytes, it ends, stays inside them, and keeps what it is told to keep.

use dcmscrub::apply::to_bytes;
use dcmscrub::dicom::source::BytesSource;
use dcmscrub::dicom::walk::{Event, Walker};
use dcmscrub::plan::Detail;

use super::in_common::{LIMITS, data_set, element_of, keep_everything};

/// Walks the bytes as a file and as a bare data set.
pub fn run(bytes: &[u8]) {
    let Ok((part10, inside)) = data_set(bytes) else {
        return;
    };
    if !walk(&part10, &inside) {
        return;
    }
    let source = BytesSource(bytes);
    let Ok(plan) = keep_everything().plan(&source, Detail::Steps) else {
        return;
    };
    assert!(
        plan.edits.is_empty(),
        "a plan that keeps everything has an edit"
    );
    let out = to_bytes(&plan, &source, &LIMITS).expect("a copy in memory");
    let (_, kept) = data_set(&out).expect("a copy parses");
    assert!(kept == inside, "a copy differs");
}

/// Every place lies inside the bytes, in the order of the file, and no deeper than the bound. True where the walk ends well.
fn walk(part10: &dcmscrub::dicom::part10::Part10, bytes: &[u8]) -> bool {
    let source = BytesSource(bytes);
    let length = u64::try_from(bytes.len()).expect("64 bits");
    let mut walker = Walker::new(&source, part10.encoding, 0, LIMITS);
    let (mut last, mut open) = (0u64, 0i64);
    loop {
        let event = match walker.next_event() {
            Ok(Some(event)) => event,
            Ok(None) => break,
            Err(_) => return false,
        };
        assert!(walker.path().len() <= LIMITS.depth, "deeper than the bound");
        if let Some(element) = element_of(&event) {
            assert!(element.at >= last, "backwards");
            assert!(
                element.value_at >= element.at && element.value_at <= length,
                "a value outside"
            );
            assert!(
                element.end().is_none_or(|end| end <= length),
                "a value that ends outside"
            );
            last = element.at;
            if let Event::Element(element) = event {
                let charset = *walker.charset();
                if let Ok(value) = walker.value(&element) {
                    let parts: usize = charset.split_values(value).map(<[u8]>::len).sum();
                    assert!(parts <= value.len());
                    drop(charset.decode(element.vr, value));
                    let _judged = dcmscrub::dicom::value::is_valid(element.vr, value);
                }
            }
        }
        match event {
            Event::SequenceStart(_) | Event::ItemStart(_) | Event::FragmentsStart(_) => open += 1,
            Event::SequenceEnd(end) | Event::ItemEnd(end) | Event::FragmentsEnd(end) => {
                open -= 1;
                assert!(end.at <= end.end && end.end <= length, "an end outside");
            }
            Event::Padding { at, end } => {
                assert!(at <= end && end == length, "padding in the middle")
            }
            Event::Element(_) | Event::Fragment(_) => {}
        }
        assert!(open >= 0, "an end without a beginning");
    }
    assert_eq!(open, 0, "a beginning without an end");
    true
}
