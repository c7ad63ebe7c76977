//! The header of one instance: what a CT scanner and the systems behind it write, with values that belong together.

use super::people::{Person, mixed, one_of};
use super::{Place, Stored, Study};

/// Of the File Meta Information, in place of what fixtures have there.
pub const META: &str = "0002,0013 SH EXPORT_5_2\n0002,0016 AE ARCHIVE01";

/// A registered root is not needed for files that stay here.
const ROOT: &str = "1.2.999.7.3.1.4.73491";

const CT: &str = "1.2.840.10008.5.1.4.1.1.2";
const ENHANCED_CT: &str = "1.2.840.10008.5.1.4.1.1.2.1";
const SLIDE: &str = "1.2.840.10008.5.1.4.1.1.77.1.6";

/// What all files of this department have.
const DEPARTMENT: &str = "
0008,0070 LO Fixture Scanners
0008,0080 LO St Botolph General Hospital
0008,0081 ST 4 Infirmary Road, Thornbury
0008,1010 SH CTROOM02
0008,1040 LO Radiology North
0008,1090 LO Discovery 730
0018,1000 LO 0073491CT
0018,1002 UI 1.2.999.7.3.1.4.73491.1
0018,1020 LO gmp_hde.4
0018,1030 LO 5.1 THORAX ROUTINE
0018,1200 DA 20230106
0018,1201 TM 071412
0018,700A SH DET-20417
0040,0241 AE CTROOM02
0040,0242 SH CTROOM02
0040,0243 SH North
0032,1033 LO Ward 7";

/// How the pictures were taken.
const ACQUISITION: &str = "
0008,0008 CS ORIGINAL\\PRIMARY\\AXIAL
0018,0015 CS CHEST
0018,0022 CS HELICAL MODE
0018,0050 DS 1.250000
0018,0060 DS 120
0018,0088 DS 1.000000
0018,0090 DS 500.000000
0018,1100 DS 360.000000
0018,1110 DS 949.075012
0018,1111 DS 541.000000
0018,1120 DS 0.000000
0018,1130 DS 138.000000
0018,1140 CS CW
0018,1150 IS 569
0018,1160 SH BODY FILTER
0018,1170 IS 48000
0018,1190 DS 1.200000
0018,1210 SH LUNG
0018,5100 CS FFS
0018,9305 FD 0.5
0018,9306 FD 0.625
0018,9307 FD 40
0018,9309 FD 110
0018,9310 FD 55
0018,9311 FD 1.375
0018,9323 CS XYZ_EC
0018,9324 FD 11.23
0018,9345 FD 12.04
0020,0037 DS 1.000000\\0.000000\\0.000000\\0.000000\\1.000000\\0.000000
0020,1040 LO SN
0028,0030 DS 0.703125\\0.703125
0028,0106 US 120
0028,0107 US 1180
0028,1050 DS -600\\40
0028,1051 DS 1500\\350
0028,1052 DS -1024
0028,1053 DS 1
0028,1054 LO HU
0028,1055 LO WINDOW1\\WINDOW2
0028,2110 CS 00
0054,0081 US 0";

const SLIDE_ACQUISITION: &str = "
0008,0008 CS DERIVED\\PRIMARY\\VOLUME\\NONE
0018,0015 CS BREAST
0040,0512 LO S-2023-4471-A1
0048,0006 UL 5120
0048,0007 UL 5000
0048,0010 CS YES
0048,0011 CS TILED_FULL
0028,2110 CS 01";

/// One instance of a study.
pub struct Instance<'s> {
    study: &'s Study,
    place: Place,
    person: Person,
    /// Differs from file to file.
    random: u64,
}

impl<'s> Instance<'s> {
    pub fn new(study: &'s Study, place: Place) -> Self {
        let Place {
            patient,
            study: examination,
            series,
            number,
        } = place;
        let which = [patient, examination, series, number]
            .iter()
            .fold(7, |before, n| mixed(before, u64::from(*n)));
        Self {
            study,
            place,
            person: Person::new(study.seed, patient),
            random: mixed(study.seed, which),
        }
    }

    /// All of it, as the text of the writer.
    pub fn texts(&self) -> Vec<String> {
        let mut texts = vec![
            DEPARTMENT.to_owned(),
            self.who(),
            self.what(),
            self.when(),
            self.order(),
            self.picture(),
            self.doses(),
            self.codes(),
            self.private(),
            self.further(),
        ];
        match (self.study.stored, self.study.frames) {
            (Stored::Tiles, _) => texts.push(SLIDE_ACQUISITION.to_owned()),
            (Stored::Native | Stored::Deflated, 1) => texts.push(ACQUISITION.to_owned()),
            (Stored::Native | Stored::Deflated, _) => {
                texts.extend([ACQUISITION.to_owned(), self.functional_groups()]);
            }
        }
        texts
    }

    fn is_enhanced(&self) -> bool {
        self.study.stored != Stored::Tiles && self.study.frames > 1
    }

    fn sop_class(&self) -> &'static str {
        match self.study.stored {
            Stored::Tiles => SLIDE,
            Stored::Native | Stored::Deflated if self.is_enhanced() => ENHANCED_CT,
            Stored::Native | Stored::Deflated => CT,
        }
    }

    fn uid(&self, kind: u32, numbers: &[u32]) -> String {
        let start = format!("{ROOT}.{kind}.{}{:04}", self.day(), self.study.seed);
        numbers
            .iter()
            .fold(start, |uid, n| format!("{uid}.{}", n + 1))
    }

    fn examination(&self) -> u32 {
        self.place.patient * self.study.studies + self.place.study
    }

    fn day(&self) -> String {
        let n = mixed(self.study.seed, u64::from(self.examination()) + 1000);
        format!(
            "20{:02}{:02}{:02}",
            15 + n % 9,
            1 + (n >> 8) % 12,
            1 + (n >> 16) % 28
        )
    }

    /// A time of the examination's day, `after` seconds from its beginning.
    fn time(&self, after: u64) -> String {
        let n = mixed(self.study.seed, u64::from(self.examination()) + 2000);
        let second = 7 * 3600 + n % 30_000 + after;
        format!(
            "{:02}{:02}{:02}.{:06}",
            second / 3600 % 24,
            second / 60 % 60,
            second % 60,
            self.random % 1_000_000
        )
    }

    fn who(&self) -> String {
        let person = &self.person;
        let age = 2023_u32.saturating_sub(person.birth[..4].parse().unwrap_or(0));
        format!(
            "0008,0005 CS {}
             0010,0010 PN {}
             0010,0020 LO {}
             0010,0021 LO ST BOTOLPH
             0010,0030 DA {}
             0010,0040 CS {}
             0010,1000 LO {}
             0010,1010 AS {age:03}Y
             0010,1020 DS 1.{}
             0010,1030 DS {}.5
             0010,1040 LO {}
             0010,2154 SH {}
             0010,2180 SH {}
             0010,21B0 LT {}
             0010,4000 LT {}",
            person.charset(),
            person.name(),
            person.id,
            person.birth,
            person.sex,
            10_000_000 + self.person.id.parse::<u64>().unwrap_or(0) / 7,
            52 + self.place.patient % 40,
            48 + self.place.patient % 52,
            person.address,
            person.phone,
            one_of(
                &["teacher", "retired", "bus driver", "student", "engineer"],
                u64::from(self.place.patient)
            ),
            person.history("12.03.2021"),
            one_of(
                &["", "speaks little English", "pacemaker", "claustrophobic"],
                u64::from(self.place.patient)
            ),
        )
    }

    fn what(&self) -> String {
        let Place {
            patient,
            study,
            series,
            number,
        } = self.place;
        let modality = if self.study.stored == Stored::Tiles {
            "SM"
        } else {
            "CT"
        };
        let title = one_of(
            &[
                "CT Thorax with contrast",
                "CT Abdomen/Pelvis",
                "CT Thorax HR",
                "CT angiography",
            ],
            u64::from(patient + study),
        );
        let part = one_of(
            &[
                "Scout",
                "THORAX 1.25 LUNG",
                "THORAX 2.5 STD",
                "COR MPR",
                "ABD ven.",
            ],
            u64::from(series),
        );
        format!(
            "0008,0016 UI {}
             0008,0018 UI {}
             0008,0050 SH A{:07}
             0008,0060 CS {modality}
             0008,1030 LO {title}
             0008,103E LO {part}
             0018,0010 LO Iomeprol 350
             0018,1040 LO IV
             0020,000D UI {}
             0020,000E UI {}
             0020,0010 SH {}
             0020,0011 IS {}
             0020,0012 IS {}
             0020,0013 IS {}
             0020,0052 UI {}
             0020,4000 LT {}
             0020,1002 IS {}",
            self.sop_class(),
            self.uid(1, &[patient, study, series, number]),
            2_300_000 + self.examination(),
            self.uid(2, &[patient, study]),
            self.uid(3, &[patient, study, series]),
            41_000 + self.examination(),
            series + 1,
            series + 1,
            number + 1,
            self.uid(4, &[patient, study]),
            self.person.comment(self.random),
            self.study.files / self.study.all_series().max(1),
        )
    }

    fn when(&self) -> String {
        let day = self.day();
        let begun = u64::from(self.place.series) * 60;
        let taken = begun + u64::from(self.place.number) / 8;
        format!(
            "0008,0012 DA {day}
             0008,0013 TM {}
             0008,0014 UI {ROOT}.9
             0008,0020 DA {day}
             0008,0021 DA {day}
             0008,0022 DA {day}
             0008,0023 DA {day}
             0008,002A DT {day}{}
             0008,0030 TM {}
             0008,0031 TM {}
             0008,0032 TM {}
             0008,0033 TM {}
             0040,0244 DA {day}
             0040,0245 TM {}",
            self.time(taken + 20),
            self.time(taken),
            self.time(0),
            self.time(begun),
            self.time(taken),
            self.time(taken + 3),
            self.time(0),
        )
    }

    fn order(&self) -> String {
        let person = &self.person;
        let (patient, study) = (self.place.patient, self.place.study);
        let order = 880_000 + self.examination();
        format!(
            "0008,0090 PN {}
             0008,1048 PN {}
             0008,1050 PN {}
             0008,1060 PN {}
             0008,1070 PN Attenborough^K
             0032,1032 PN {}
             0032,1060 LO CT Thorax for {}
             0040,0253 SH {order}
             0040,0254 LO CT Thorax
             0040,1001 SH RP{order}
             0040,2016 LO PL{order}
             0040,2017 LO FL{order}
             0040,0275 SQ
             >item
             >0040,0007 LO Thorax routine
             >0040,0009 SH SPS{order}
             >0040,1001 SH RP{order}
             >0040,0008 SQ
             >>item
             >>0008,0100 SH CTTHX
             >>0008,0102 SH 99BOTOLPH
             >>0008,0104 LO CT Thorax
             0008,1111 SQ
             >item
             >0008,1150 UI 1.2.840.10008.3.1.2.3.3
             >0008,1155 UI {}",
            person.doctor,
            person.other_doctor(1),
            person.other_doctor(2),
            person.other_doctor(3),
            person.doctor,
            one_of(
                &["staging", "follow-up", "Dr. Whitcombe", "pain"],
                u64::from(patient)
            ),
            self.uid(5, &[patient, study]),
        )
    }

    fn picture(&self) -> String {
        let tiles = self.study.stored == Stored::Tiles;
        let Study {
            rows,
            columns,
            frames,
            ..
        } = self.study;
        let (bits, stored) = if tiles { (8, 8) } else { (16, 12) };
        let slice = f64::from(self.place.number) * 1.25 - 143.75;
        let mut text = format!(
            "0028,0002 US 1
             0028,0004 CS MONOCHROME2
             0028,0010 US {rows}
             0028,0011 US {columns}
             0028,0100 US {bits}
             0028,0101 US {stored}
             0028,0102 US {}
             0028,0103 US 0
             0028,0301 CS NO
             0018,1151 IS {}
             0018,1152 IS {}
             0020,0032 DS -180.000000\\-171.400000\\{slice:.6}
             0020,1041 DS {slice:.3}",
            stored - 1,
            180 + self.random % 220,
            90 + self.random % 110,
        );
        if *frames > 1 {
            text += &format!("\n0028,0008 IS {frames}");
        }
        text
    }

    /// References to the pictures before, as viewers and archives want them.
    fn doses(&self) -> String {
        let Place {
            patient,
            study,
            series,
            number,
        } = self.place;
        let mut text = String::from("0008,1140 SQ");
        for back in 1..=3 {
            let other = self.uid(1, &[patient, study, series, number.saturating_sub(back)]);
            text += &format!("\n>item\n>0008,1150 UI {CT}\n>0008,1155 UI {other}");
        }
        text += "\n0018,9346 SQ\n>item\n>0008,0100 SH 113691\n>0008,0102 SH DCM\n>0008,0104 LO IEC Body Dosimetry Phantom";
        text
    }

    /// Codes inside codes: (0008,0121) Equivalent Code Sequence.
    fn codes(&self) -> String {
        let mut text = String::from("0008,1032 SQ");
        for level in 1..=self.study.depth {
            let arrows = ">".repeat(usize::try_from(level).unwrap_or(1));
            if level > 1 {
                text += &format!("\n{}0008,0121 SQ", &arrows[1..]);
            }
            for item in 0..self.study.on_level {
                let n = level * 1000 + item;
                text += &format!(
                    "\n{arrows}item\n{arrows}0008,0100 SH C{n}\n{arrows}0008,0102 SH 99BOTOLPH\n{arrows}0008,0104 LO Thorax protocol {n}"
                );
            }
        }
        text
    }

    /// Private blocks of up to 200 data elements; one creator is in the table of safe private attributes.
    fn private(&self) -> String {
        let mut text = String::new();
        let blocks = [
            (0x0019, "GEMS_ACQU_01"),
            (0x0021, "FIXTURE_RELA_01"),
            (0x0027, "FIXTURE_IMAG_01"),
            (0x0043, "FIXTURE_PARM_01"),
        ];
        let per_block = self.study.private.div_ceil(4).clamp(1, 200);
        for (block, first) in (0..self.study.private)
            .step_by(usize::try_from(per_block).unwrap_or(1))
            .enumerate()
        {
            let block = u32::try_from(block).unwrap_or(0);
            let (group, creator) = one_of(&blocks, u64::from(block));
            let number = 0x10 + block / 4;
            text += &format!("{group:04X},{number:04X} LO {creator}\n");
            for low in first..(first + per_block).min(self.study.private) {
                text += &self.private_line(group, number * 0x100 + 0x20 + low - first, low);
            }
        }
        text
    }

    fn private_line(&self, group: u32, element: u32, n: u32) -> String {
        let value = match n % 6 {
            // as the table of safe private attributes has them
            _ if group == 0x0019 => format!("DS {}.{:06}", n * 7, self.random % 1_000_000),
            0 => format!("DS {}.{:06}", n * 3, self.random % 1_000_000),
            1 => format!("SL {}", self.random % 70_000),
            2 => format!(
                "LO {} {}",
                one_of(&["HELICAL", "HISPEED", "16.75 IQ"], u64::from(n)),
                n
            ),
            3 => format!(
                "SH {}",
                one_of(&["CT01_OC0", "NONE", "0.625"], u64::from(n))
            ),
            4 => format!("US {}", n % 4096),
            _ => format!("FL {}", f64::from(n) * 0.25),
        };
        format!("{group:04X},{element:04X} {value}\n")
    }

    /// Other names and numbers that this person has gone by.
    fn further(&self) -> String {
        let mut text = String::new();
        if self.study.identifiers == 0 {
            return text;
        }
        text += "0010,1002 SQ\n";
        for n in 0..self.study.identifiers {
            let number =
                mixed(u64::from(self.place.patient), u64::from(n)) % 90_000_000 + 10_000_000;
            text += &format!(
                ">item\n>0010,0020 LO H{number}\n>0010,0021 LO SITE {}\n>0010,0022 CS TEXT\n",
                n % 40
            );
        }
        text
    }

    /// (5200,9230): one item for each frame.
    fn functional_groups(&self) -> String {
        let day = self.day();
        let mut text = String::from(
            "5200,9229 SQ
             >item
             >0018,9321 SQ
             >>item
             >>0018,9328 FD 512
             >>0018,9330 FD 260
             >>0018,9332 FD 133
             >0028,9110 SQ
             >>item
             >>0018,0050 DS 1.25
             >>0028,0030 DS 0.703125\\0.703125
             5200,9230 SQ\n",
        );
        for frame in 0..self.study.frames {
            let (seconds, slice) = (u64::from(frame) / 8, f64::from(frame) * 1.25);
            text += &format!(
                ">item
                 >0020,9111 SQ
                 >>item
                 >>0018,9074 DT {day}{}
                 >>0018,9151 DT {day}{}
                 >>0018,9220 FD 500
                 >>0020,9056 SH 1
                 >>0020,9057 UL {}
                 >>0020,9156 US 1
                 >0020,9113 SQ
                 >>item
                 >>0020,0032 DS -180\\-171.4\\{slice:.3}
                 >0020,9116 SQ
                 >>item
                 >>0020,0037 DS 1\\0\\0\\0\\1\\0
                 >0018,9326 SQ
                 >>item
                 >>0018,9313 FD 0\\0\\{slice}\n",
                self.time(seconds),
                self.time(seconds),
                frame + 1,
            );
        }
        text
    }
}
