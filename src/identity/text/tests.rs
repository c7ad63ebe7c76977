use super::*;
use crate::identity::known::Kind;

fn known(rows: &[(Kind, &str)]) -> KnownText {
    let mut known = KnownText::default();
    for (kind, text) in rows {
        known.add(*kind, text);
    }
    known
}

fn full(dates: DatesInText) -> How {
    How {
        depth: Depth::Full,
        dates,
        keeps_uids: false,
    }
}

fn check(known: &KnownText, rows: &[(&str, &str)]) {
    for (text, expected) in rows {
        let how = full(DatesInText::Cut);
        let cleaned = clean(text, known, &how);
        assert_eq!(cleaned.as_deref().unwrap_or(text), *expected, "{text}");
        let again = clean(expected, known, &how);
        assert_eq!(again, None, "again: {expected}");
    }
}

#[test]
fn known_names_go_in_every_form_and_the_matter_stays() {
    let known = known(&[
        (Kind::Name, "Müller-Lüdenscheidt^Jörg"),
        (Kind::Name, "O'SHAUGHNESSY^SIOBHAN^M"),
        (Kind::Name, "VAN DER BERGHE^WILLEM"),
        (Kind::Physician, "Halvorsen^Ingrid^^Dr"),
        (Kind::Id, "MRN0471104"),
        (Kind::Id, "123-45-6789"),
        (Kind::Organisation, "St Mary Regional Medical Center"),
    ]);
    check(
        &known,
        &[
            (
                "CT chest for Jörg MÜLLER-LÜDENSCHEIDT MRN MRN0471104",
                "CT chest",
            ),
            ("CT chest Muller Luedenscheidt, Joerg", "CT chest"),
            ("MR BRAIN W/O O'Shaughnessy, Siobhan", "MR BRAIN W/O"),
            ("MR BRAIN W/O OSHAUGHNESSY^S. M.", "MR BRAIN W/O"),
            ("Willem van der Berghe is a patient", "is a patient"),
            (
                "T2 sagittal (S. O'Shaughnessy) breath hold",
                "T2 sagittal breath hold",
            ),
            ("Axial 5mm ref by Dr. Halvorsen", "Axial 5mm"),
            ("HALVORSEN knee protocol", "knee protocol"),
            (
                "rec no. 123.456.789; T2 sagittal, breath hold",
                "T2 sagittal, breath hold",
            ),
            ("DWI b1000 #471104", "DWI b1000"),
            ("DWI b1000 123 456 789", "DWI b1000"),
            (
                "PET/CT whole body, St. Mary Regional Medical Center",
                "PET/CT whole body",
            ),
            ("AX T1 MPRAGE", "AX T1 MPRAGE"),
            ("BRAIN W/O CONTRAST", "BRAIN W/O CONTRAST"),
        ],
    );
}

#[test]
fn the_example_of_the_readme_is_true() {
    let known = known(&[(Kind::Name, "DOE^JANE"), (Kind::Id, "4711")]);
    check(&known, &[("CT chest for Jane DOE, MRN 4711", "CT chest")]);
}

#[test]
fn cuts_that_overlap_become_one_and_a_date_gives_way() {
    let cut = |range: Range<usize>, with: Option<&str>| Cut {
        range,
        with: with.map(str::to_owned),
    };
    let date = Some("2001");
    for (cuts, expected) in [
        (vec![cut(3..3, None)], vec![]),
        (
            vec![cut(4..6, None), cut(0..4, None)],
            vec![cut(0..4, None), cut(4..6, None)],
        ),
        (
            vec![cut(0..4, None), cut(2..6, None)],
            vec![cut(0..6, None)],
        ),
        (
            vec![cut(0..6, None), cut(2..4, None)],
            vec![cut(0..6, None)],
        ),
        (vec![cut(0..4, date)], vec![cut(0..4, date)]),
        (
            vec![cut(0..4, date), cut(0..4, date)],
            vec![cut(0..4, date)],
        ),
        (
            vec![cut(0..4, date), cut(0..4, None)],
            vec![cut(0..4, None)],
        ),
        (
            vec![cut(0..4, None), cut(0..4, date)],
            vec![cut(0..4, None)],
        ),
        (
            vec![cut(0..4, date), cut(2..6, date)],
            vec![cut(0..6, None)],
        ),
        (
            vec![cut(0..6, date), cut(2..4, None)],
            vec![cut(0..6, None)],
        ),
    ] {
        assert_eq!(disjoint(cuts.clone()), expected, "{cuts:?}");
    }
}

#[test]
fn a_date_does_not_move_into_a_month_that_is_somebodys_name() {
    let how = full(DatesInText::Shift(-31));
    let text = "prior April 20, 2019 lung";
    let moved = clean(text, &known(&[(Kind::Name, "DOE^JANE")]), &how);
    assert_eq!(moved.as_deref(), Some("prior March 20, 2019 lung"));
    let gone = clean(text, &known(&[(Kind::Name, "MARCH^LI")]), &how);
    assert_eq!(gone.as_deref(), Some("prior lung"));
}

#[test]
fn every_table_is_there() {
    assert!(is_ready());
}

#[test]
fn weak_words_are_names_only_in_a_context() {
    let brown = known(&[(Kind::Name, "BROWN^MAY")]);
    check(
        &brown,
        &[
            ("Brown fat", "Brown fat"),
            ("MAY PROTOCOL", "MAY PROTOCOL"),
            ("brown tumour of the jaw", "brown tumour of the jaw"),
            ("CT chest for May Brown", "CT chest"),
            ("MR BRAIN W/O BROWN, MAY", "MR BRAIN W/O"),
            (
                "Mr Brown's pelvis, hip prosthesis",
                "pelvis, hip prosthesis",
            ),
            ("Brown T2 FLAIR COR", "T2 FLAIR COR"),
            ("May tolerated the scan well", "tolerated the scan well"),
            ("knee, Brown", "knee"),
            ("CT chest M. Brown", "CT chest"),
        ],
    );
    let an = known(&[(Kind::Name, "Do^An"), (Kind::Name, "VAN DER BERGHE^WILLEM")]);
    check(
        &an,
        &[
            ("Do An liver protocol", "liver protocol"),
            ("Do T2 FLAIR COR", "T2 FLAIR COR"),
            ("an MRI to do", "an MRI to do"),
            ("knee of van der Berghe", "knee"),
        ],
    );
    let li = known(&[(Kind::Name, "Li^Wei")]);
    check(
        &li,
        &[
            ("Li T2 FLAIR COR", "T2 FLAIR COR"),
            ("Wei Li liver protocol", "liver protocol"),
            ("Mr Li's pelvis, hip prosthesis", "pelvis, hip prosthesis"),
            ("literature of weight", "literature of weight"),
        ],
    );
    let head = known(&[(Kind::Name, "HEAD^SMALL"), (Kind::Name, "Ng^Ah")]);
    check(
        &head,
        &[
            ("HEAD ROUTINE 5mm", "HEAD ROUTINE 5mm"),
            ("SMALL BOWEL FOLLOW THROUGH", "SMALL BOWEL FOLLOW THROUGH"),
            ("Ng tube placement", "Ng tube placement"),
            ("CT HEAD", "CT HEAD"),
            ("MR BRAIN W/O Head, Small", "MR BRAIN W/O"),
            ("Ng T2 FLAIR COR", "T2 FLAIR COR"),
            ("CT chest for Ng", "CT chest"),
        ],
    );
}

#[test]
fn names_in_every_script_are_found() {
    let names = [
        (
            "Yamada^Tarou=山田^太郎=やまだ^たろう",
            "山田太郎 胸部CT (やまだ たろう)",
            "胸部CT",
        ),
        ("Hong^Gildong=洪^吉洞=홍^길동", "홍길동 흉부 CT", "흉부 CT"),
        ("Wang^XiaoDong=王^小东", "王小东 胸部平扫", "胸部平扫"),
        (
            "Люксембург^Роза",
            "РОЗА ЛЮКСЕМБУРГ T2 sagittal",
            "T2 sagittal",
        ),
        (
            "Διονυσιος^Νικος",
            "Νίκος Διονύσιος T2 sagittal",
            "T2 sagittal",
        ),
        ("قباني^لنزار", "لنزار قباني T2 sagittal", "T2 sagittal"),
        (
            "Nguyễn^Thị Hồng",
            "Nguyen Thi Hong T2 sagittal",
            "T2 sagittal",
        ),
        (
            "Østergaard^Åse",
            "Aase Oestergaard T2 sagittal",
            "T2 sagittal",
        ),
    ];
    for (name, text, expected) in names {
        check(&known(&[(Kind::Name, name)]), &[(text, expected)]);
    }
}

#[test]
fn shapes_go_without_being_known() {
    check(
        &known(&[]),
        &[
            ("knee pain, call (501) 555-0142", "knee pain"),
            (
                "send to jane.12@examplemail.org after liver protocol",
                "after liver protocol",
            ),
            (
                "Dictated by Dr. Okonkwo on 12.03.2019. Kernel B30f, pitch 1.2.",
                "Dictated. Kernel B30f, pitch 1.2.",
            ),
            (
                "Discussed with Dr. Szymanski by phone 555.014.7733; mail copy to a@b.org. SSN 123-45-6789. Mild degenerative change L4/L5.",
                "Discussed; mail. Mild degenerative change L4/L5.",
            ),
            ("CT for Kowalczyk, liver protocol", "CT, liver protocol"),
            (
                "CT for staging, liver protocol",
                "CT for staging, liver protocol",
            ),
            ("CT for Staging", "CT for Staging"),
            (
                "Compare with study 1.2.840.99.1.2.3.4.5 of last year",
                "Compare with study of last year",
            ),
            ("Siemens B30f 3.0 mm", "Siemens B30f 3.0 mm"),
            (
                "Lives at 1261 Leawood Street, Little Rock AR 72223. Impression: nodule.",
                "Impression: nodule.",
            ),
        ],
    );
}

#[test]
fn a_url_goes_whole_with_a_dot_in_its_host_or_without() {
    check(
        &known(&[]),
        &[
            ("stored at http://pacs.hospital.example/view", "stored"),
            ("stored at http://pacs01/view?x=1", "stored"),
            (
                "HTTPS://PACS01:8443/wado?studyUID=7 knee protocol",
                "knee protocol",
            ),
            ("knee, ftp://archive/in/7?a=b&c=d protocol", "knee protocol"),
            ("sent by dicom://pacs01:104 knee", "sent by knee"),
            ("see www.klinik-muster.example knee", "see knee"),
            ("queue a://b of the log", "queue a://b of the log"),
            ("ratio http:// 3 mm", "ratio http:// 3 mm"),
            // a scheme of numbers is a URI too: it is the whole value
            ("http://pacs01/view?x=1", "http://pacs01/view?x=1"),
        ],
    );
}

#[test]
fn dates_move_or_go_and_births_always_go() {
    let known = known(&[(Kind::BirthDate, "19430217"), (Kind::Date, "20240131")]);
    let shift = full(DatesInText::Shift(-10));
    for (text, cut, moved) in [
        (
            "Follow up 2024-01-31, compare with prior",
            "Follow up, compare with prior",
            "Follow up 2024-01-21, compare with prior",
        ),
        (
            "staging DOB 17.02.1943 lung",
            "staging lung",
            "staging lung",
        ),
        ("prior 03/04/2019 lung", "prior lung", "prior lung"),
        (
            "prior March 20, 2019 lung",
            "prior lung",
            "prior March 10, 2019 lung",
        ),
    ] {
        assert_eq!(
            clean(text, &known, &full(DatesInText::Cut)).as_deref(),
            Some(cut)
        );
        assert_eq!(clean(text, &known, &shift).as_deref(), Some(moved));
    }
    // a label is cleaned of what is known only
    assert_eq!(clean("Build 20190304", &known, &How::KNOWN), None);
    assert_eq!(
        clean("Build 20240131 of lung", &known, &How::KNOWN).as_deref(),
        Some("Build of lung")
    );
}

#[test]
fn descriptions_of_examinations_stay_whole() {
    let known = known(&[
        (Kind::Name, "KOWALCZYK^ZBIGNIEW"),
        (Kind::Id, "4711042"),
        (Kind::Physician, "Baker^Rose"),
        (Kind::Physician, "Parkinson^Young^^Dr"),
    ]);
    for text in [
        "Baker cyst",
        "Rose Bengal hepatobiliary",
        "Parkinson DAT",
        "Young adult hip",
        "Waters view",
        "Hodgkin staging",
        "LAO 30 CRAN 20",
        "t2_tse_tra_p2_320",
        "Grant-in-aid phantom QA",
        "COR STIR LONG AXIS",
        "Dixon water only",
        "White matter disease",
        "Wilms tumour follow up",
        "NM Bone Scan Whole Body",
        "Marshall plan shoulder arthrogram",
        "3 PLANE LOC",
        "CT CHEST W/CONTRAST",
        "ep2d_diff_3scan_trace_p2",
        "C-SPINE LAT",
        "Lung Bone Plus 1.25 mm",
        "SAG T1 SE",
        "MR. BRAIN",
        "Ref. to 2 phases; 10 % of peak",
        "ABD 3 PHASE 5.0 B30s",
        "for evaluation of Crohn disease",
        "Processed by Syngo",
        "with Contrast and without",
    ] {
        assert_eq!(clean(text, &known, &full(DatesInText::Cut)), None, "{text}");
    }
}

#[test]
fn names_of_one_character_go_with_their_others() {
    let known = known(&[(Kind::Name, "Kwon^Hyejeong=權^惠貞=권^혜정")]);
    check(&known, &[("權惠貞 흉부 CT (권 혜정)", "흉부 CT")]);
    check(&known, &[("STANDARD\\1,1", "STANDARD\\1,1")]);
}

mod properties {
    use proptest::prelude::*;

    use super::*;

    const PHRASES: [&str; 10] = [
        "CT chest",
        "T2 FLAIR COR",
        "knee pain, left",
        "Follow up 2019-03-04",
        "lung nodule 12 mm",
        "for",
        "seen by Dr",
        "b1000",
        "(prior)",
        "12.03.2019.",
    ];

    /// A name in one of the forms that people write it in.
    fn form(n: u8, family: &str, given: &str) -> String {
        let capital = |name: &str| {
            let mut chars = name.chars();
            chars.next().map_or_else(String::new, |first| {
                first.to_uppercase().chain(chars).collect()
            })
        };
        let (family_c, given_c) = (capital(family), capital(given));
        match n % 12 {
            0 => format!("{given_c} {family_c}"),
            1 => format!("{family_c}, {given_c}"),
            2 => format!("{}^{}", family.to_uppercase(), given.to_uppercase()),
            3 => format!("{family}_{given}"),
            4 => format!("{given_c}-{family_c}"),
            5 => format!("{}. {family_c}", given_c.chars().next().unwrap_or('x')),
            6 => format!("{family_c}'s"),
            7 => format!("{family}{given}"),
            8 => format!("{family_c}2"),
            9 => family_c
                .chars()
                .flat_map(|c| if c == 'e' { vec!['é'] } else { vec![c] })
                .collect(),
            10 => format!("({given_c}/{family_c})"),
            _ => family.to_uppercase(),
        }
    }

    proptest! {
        #[test]
        fn no_known_name_or_number_survives(
            family in "[b-df-hj-np-tv-z][aeiou][b-df-hj-np-tv-z][aeiou][b-z]{2,5}",
            given in "[b-df-hj-np-tv-z][aeiou][b-df-hj-np-tv-z][aeiou][b-z]{1,4}",
            number in 1_000_000u32..99_999_999,
            parts in proptest::collection::vec((any::<u8>(), 0usize..PHRASES.len()), 1..6),
        ) {
            prop_assume!(!words::classes(&family).is_listed() && !words::classes(&given).is_listed());
            let number = number.to_string();
            let known = known(&[(Kind::Name, &format!("{family}^{given}")), (Kind::Id, &number)]);
            let mut text = String::new();
            for (n, phrase) in &parts {
                let grouped = format!("{}-{} {}", &number[..2], &number[2..5], &number[5..]);
                let id = match n % 3 { 0 => number.clone(), 1 => grouped, _ => format!("00{number}") };
                text.push_str(PHRASES[*phrase]);
                text.push(' ');
                text.push_str(&form(*n, &family, &given));
                text.push_str([" ", "; ", " - "][usize::from(n % 3)]);
                text.push_str(&id);
                text.push(' ');
            }
            let cleaned = clean(&text, &known, &full(DatesInText::Cut)).unwrap_or(text.clone());
            let folded = fold::fold(&cleaned);
            prop_assert!(!folded.contains(&family) && !folded.contains(&given), "{text:?} -> {cleaned:?}");
            let digits: String = cleaned.chars().filter(char::is_ascii_digit).collect();
            prop_assert!(!digits.contains(&number), "{text:?} -> {cleaned:?}");
        }

        #[test]
        fn cleaned_text_is_clean(text in "[A-Za-z0-9 .,:;()#@/^_é山-]{0,80}", words in proptest::collection::vec(0usize..PHRASES.len(), 0..4)) {
            let known = known(&[(Kind::Name, "KOWALCZYK^MAY"), (Kind::Id, "4711042"), (Kind::Date, "20190304")]);
            let mut text = text;
            for word in words {
                text.push_str(" May Kowalczyk ");
                text.push_str(PHRASES[word]);
            }
            let how = full(DatesInText::Cut);
            if let Some(cleaned) = clean(&text, &known, &how) {
                prop_assert!(cleaned.chars().count() <= text.chars().count(), "{text:?} -> {cleaned:?}");
                prop_assert_eq!(clean(&cleaned, &known, &how), None, "{:?} -> {:?}", text, cleaned);
            }
        }

        #[test]
        fn no_text_makes_it_fail(text in any::<String>(), days in -3650i64..0) {
            let known = known(&[(Kind::Name, "Müller^Jörg=山田^太郎"), (Kind::Address, "Elm Road 5, 12345 Town")]);
            for dates in [DatesInText::Cut, DatesInText::Shift(days)] {
                let cleaned = clean(&text, &known, &full(dates));
                prop_assert!(cleaned.is_none_or(|cleaned| !fold::fold(&cleaned).contains("muller")));
            }
        }
    }
}

/// (what is known, text, what is left; the same where nothing goes)
type Row<'t> = (&'t [(Kind, &'t str)], &'t str, &'t str);

#[test]
fn names_and_numbers_go_up_to_their_bounds_and_no_further() {
    const PATIENT: &[(Kind, &str)] = &[(Kind::Name, "KOWALCZYK^ZBIGNIEW")];
    const TWO: &[(Kind, &str)] = &[
        (Kind::Name, "KOWALCZYK^ZBIGNIEW"),
        (Kind::Physician, "DOE^JANE"),
    ];
    const WEAK: &[(Kind, &str)] = &[(Kind::Name, "BROWN^MAY")];
    const DUTCH: &[(Kind, &str)] = &[(Kind::Name, "VAN DER BERGHE^WILLEM")];
    const SHORT: &[(Kind, &str)] = &[(Kind::Name, "LI NA^X"), (Kind::Name, "LU^ANN")];
    const MARKS: &[(Kind, &str)] = &[(Kind::Name, "Bru\u{308}ckmann^X")];
    const PLACE: &[(Kind, &str)] = &[
        (Kind::Station, "QVX RTZ"),
        (Kind::Station, "QVXZ"),
        (Kind::Station, "QV ZK"),
    ];
    const NUMBERS: &[(Kind, &str)] = &[(Kind::Id, "12AB345678"), (Kind::Phone, "+49 621 4471104")];
    let rows: &[Row<'_>] = &[
        // a long number beside a name is the person's
        (
            PATIENT,
            "CT chest Kowalczyk (00155021) contrast",
            "CT chest contrast",
        ),
        (
            PATIENT,
            "CT chest Kowalczyk 12345 contrast",
            "CT chest 12345 contrast",
        ),
        (
            PATIENT,
            "CT Kowalczyk thorax 155021 view",
            "CT thorax 155021 view",
        ),
        (
            PATIENT,
            "CT chest 00155021 contrast",
            "CT chest 00155021 contrast",
        ),
        // initials are those of their person
        (TWO, "CT Kowalczyk Z of today", "CT of today"),
        (TWO, "CT Kowalczyk J of today", "CT J of today"),
        (TWO, "CT J.D. view", "CT view"),
        (TWO, "CT J.K. view", "CT J.K. view"),
        // ordinary words are a name beside each other
        (WEAK, "brown may protocol", "protocol"),
        (WEAK, "brown fat may be seen", "brown fat may be seen"),
        (DUTCH, "signal van der low", "signal van der low"),
        // forms that are too short to tell
        (SHORT, "lina protocol", "lina protocol"),
        (SHORT, "luann protocol", "luann protocol"),
        (MARKS, "CT Brückmann view", "CT view"),
        (PLACE, "scan QVX RTZ view", "scan view"),
        (PLACE, "scan QVX     RTZ view", "scan QVX     RTZ view"),
        (PLACE, "scan QVXZ view", "scan view"),
        (PLACE, "scan QV ZK view", "scan view"),
        // a UID in a text goes, a value that is one names a scheme
        (PLACE, "see 1.2.276.0.7230010.3.1.4 again", "see again"),
        (PLACE, "1.2.276.0.7230010.3.1.4", "1.2.276.0.7230010.3.1.4"),
        (NUMBERS, "scan 345678 view", "scan view"),
        (NUMBERS, "scan 4471104 view", "scan view"),
        (NUMBERS, "scan 471104 view", "scan 471104 view"),
        // a title is in front of its name
        (&[], "CT Dr. Quillonsky view", "CT view"),
        (&[], "CT Dr - Quillonsky view", "CT Dr - Quillonsky view"),
    ];
    let mut faults = Vec::new();
    for (people, text, left) in rows {
        let cleaned = clean(text, &known(people), &full(DatesInText::Cut));
        let cleaned = cleaned.as_deref().unwrap_or(text);
        if cleaned != *left {
            faults.push(format!("{text} -> {cleaned}, not {left}"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    let label = clean("CT chest Kowalczyk 00155021", &known(PATIENT), &How::KNOWN);
    assert_eq!(
        label.as_deref(),
        Some("CT chest 00155021"),
        "a label keeps its numbers"
    );
    let moved = clean(
        "prior Sept 20, 2019 lung",
        &known(&[]),
        &full(DatesInText::Shift(-10)),
    );
    assert_eq!(moved.as_deref(), Some("prior Sep 10, 2019 lung"));
}
