//! Invented people, and what is written about them.

/// Numbers that look random and are the same every time (the finaliser of `SplitMix64`).
pub fn mixed(seed: u64, n: u64) -> u64 {
    let mut z = seed
        .wrapping_mul(0x9E37_79B9_7F4A_7C15)
        .wrapping_add(n.wrapping_mul(0xD1B5_4A32_D192_ED03));
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// One of these.
pub fn one_of<T: Copy>(choice: &[T], n: u64) -> T {
    let at = n % u64::try_from(choice.len()).unwrap_or(1);
    choice[usize::try_from(at).unwrap_or(0)]
}

const FAMILIES: [&str; 20] = [
    "Okonkwo",
    "Lindqvist",
    "Marchetti",
    "Vasquez",
    "Hartmann",
    "Abernathy",
    "Szymanski",
    "Novakova",
    "Baumgartner",
    "Castellanos",
    "Dlamini",
    "Eriksen",
    "Fujimoto",
    "Gallagher",
    "Hashemi",
    "Ivanchenko",
    "Jankowski",
    "Kristoffersen",
    "Leclercq",
    "M\u{fc}ller-Sch\u{f6}n",
];
const GIVEN: [&str; 16] = [
    "Adaeze",
    "Ingrid",
    "Paolo",
    "Lucia",
    "Greta",
    "Eleanor",
    "Zofia",
    "Bartholomew",
    "Cecilia",
    "Dagmar",
    "Emeka",
    "Fiorella",
    "Gunnar",
    "Hortense",
    "Ibrahim",
    "Jos\u{e9}phine",
];
const PHYSICIANS: [&str; 8] = [
    "Whitcombe^Rosalind^^Dr",
    "Achterberg^Pieter^^Prof",
    "Nkemelu^Obinna^^Dr",
    "Sandoval^Ximena^^Dr",
    "Thorvaldsen^Sigrid^^Dr",
    "Quarterman^Desmond^^Dr",
    "Ravindran^Lakshmi^^Dr",
    "Ostrowska^Halina^^Dr",
];
const STREETS: [&str; 6] = [
    "Quillfeather Lane",
    "Birkenallee",
    "Via dei Pellegrini",
    "Harbour Terrace",
    "Rue des Tanneurs",
    "Calle Mayor",
];
const TOWNS: [&str; 6] = [
    "Thornbury",
    "Ahrensfelde",
    "Montelupo",
    "Skagen",
    "Villeneuve",
    "Zamora",
];
const HISTORIES: [&str; 6] = [
    "Cough for three weeks, smoker, 20 pack years. No fever.",
    "Follow-up of a pulmonary nodule in the left upper lobe, seen on {before}.",
    "Mrs {family} fell down the stairs at home; pain of the left hip.",
    "Known renal insufficiency, creatinine 1.4 mg/dl. Allergy to contrast medium not known.",
    "Status after resection of the sigmoid colon. {given} {family} asks for a copy, phone {phone}.",
    "Exclusion of pulmonary embolism; D-dimers raised. Referred by Dr. {doctor}.",
];
const COMMENTS: [&str; 5] = [
    "Breath hold was not possible.",
    "Repeated because of motion, see series 2.",
    "{family}, {given}: contrast medium 80 ml, 3 ml/s, left arm.",
    "Thin slices were sent to the archive; report by {doctor} to follow.",
    "No contrast medium. Patient {id} was told about the dose.",
];

/// A person who is examined.
pub struct Person {
    pub family: &'static str,
    pub given: &'static str,
    pub id: String,
    pub birth: String,
    pub sex: &'static str,
    pub phone: String,
    pub address: String,
    pub doctor: &'static str,
    random: u64,
}

impl Person {
    pub fn new(seed: u64, patient: u32) -> Self {
        let n = u64::from(patient);
        let random = mixed(seed, n);
        let (year, month, day) = (
            1931 + random % 75,
            1 + (random >> 8) % 12,
            1 + (random >> 16) % 28,
        );
        Self {
            family: one_of(&FAMILIES, n * 7 + random % 3),
            given: one_of(&GIVEN, random >> 20),
            id: format!("{:08}", 40_000_000 + (random >> 24) % 49_000_000),
            birth: format!("{year}{month:02}{day:02}"),
            sex: one_of(&["F", "M"], random >> 4),
            phone: format!("+44 1632 96{:04}", (random >> 12) % 10_000),
            address: format!(
                "{} {}, {}",
                1 + random % 180,
                one_of(&STREETS, random >> 28),
                one_of(&TOWNS, random >> 32)
            ),
            doctor: one_of(&PHYSICIANS, random >> 36),
            random,
        }
    }

    /// Name and character set: a name that needs more than ASCII says so, in Latin-1 or in Unicode.
    pub fn charset(&self) -> &'static str {
        if self.name().is_ascii() {
            "ISO_IR 100"
        } else {
            "ISO_IR 192"
        }
    }

    pub fn name(&self) -> String {
        format!("{}^{}", self.family, self.given)
    }

    pub fn other_doctor(&self, n: u64) -> &'static str {
        one_of(&PHYSICIANS, (self.random >> 40).wrapping_add(n))
    }

    /// What the request says; in about half of them somebody is named.
    pub fn history(&self, before: &str) -> String {
        self.told(one_of(&HISTORIES, self.random >> 44), before)
    }

    /// What the operator wrote beside one picture.
    pub fn comment(&self, n: u64) -> String {
        self.told(one_of(&COMMENTS, n), "")
    }

    fn told(&self, text: &str, before: &str) -> String {
        let doctor = self.doctor.split('^').next().unwrap_or_default();
        [
            ("{family}", self.family),
            ("{given}", self.given),
            ("{phone}", &self.phone),
            ("{doctor}", doctor),
            ("{id}", &self.id),
            ("{before}", before),
        ]
        .iter()
        .fold(text.to_owned(), |text, (name, value)| {
            text.replace(name, value)
        })
    }
}
