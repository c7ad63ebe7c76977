//! A plan as a table that a person can read: each data element in its place, what becomes of it, and who asked for it.
//!
//! Owns: the form. No value stands in it, and no width of a terminal plays a part.

use std::fmt::Write;

use super::words::{counted, grouped};
use crate::plan::Step;
use crate::profile::hold::Hold;

/// Characters of the first column; what is longer moves the others.
const WIDEST: usize = 64;
/// Characters of the column with the action.
const ACTION: usize = 11;

/// What an action means in the sums at the end, in their order.
const SUMS: [(&str, &str); 11] = [
    ("keep", "kept"),
    ("remove", "removed"),
    ("remove item", "removed with an item of a report"),
    ("empty", "emptied"),
    ("dummy", "given a dummy value"),
    ("uid", "with another UID"),
    ("hash", "given a code"),
    ("shift-date", "with a moved date"),
    ("clean", "cleaned"),
    ("replace", "replaced"),
    ("insert", "added"),
];

/// Steps that change something, with the sequences around them.
pub fn changed(steps: &[Step]) -> impl Iterator<Item = &Step> {
    let mut around: Vec<&Step> = Vec::new();
    steps.iter().flat_map(move |step| {
        around.retain(|outer| is_inside(step, outer));
        if step.action != "keep" {
            around.push(step);
            return std::mem::take(&mut around);
        }
        around.push(step);
        Vec::new()
    })
}

/// The first stands in an item of the second.
fn is_inside(step: &Step, outer: &Step) -> bool {
    step.path
        .strip_prefix(outer.path.as_str())
        .is_some_and(|rest| rest.starts_with('['))
}

/// The table: all steps, or those that change something; the sums are of all.
#[must_use]
pub fn table(steps: &[Step], only_changed: bool, held: &[&Hold]) -> String {
    let rows: Vec<&Step> = if only_changed {
        changed(steps).collect()
    } else {
        steps.iter().collect()
    };
    let mut lines: Vec<(String, Option<&Step>)> = Vec::new();
    let mut around: Vec<&str> = Vec::new();
    for step in rows {
        let mut parts: Vec<&str> = step.path.split('.').collect();
        let tag = parts.pop().unwrap_or_default();
        let same = around
            .iter()
            .zip(&parts)
            .take_while(|(a, b)| a == b)
            .count();
        for (depth, part) in parts.iter().enumerate().skip(same) {
            let item = part.find('[').and_then(|at| part.get(at..));
            let margin = "  ".repeat(depth.saturating_mul(2).saturating_add(1));
            lines.push((format!("{margin}{}", item.unwrap_or_default()), None));
        }
        let margin = "  ".repeat(parts.len().saturating_mul(2));
        let words = format!("{margin}{tag} {} {}", step.vr, step.keyword);
        lines.push((words.trim_end().to_owned(), Some(step)));
        around = parts;
    }
    let width = lines
        .iter()
        .map(|(words, _)| words.chars().count())
        .filter(|n| *n <= WIDEST)
        .max()
        .unwrap_or(0);
    let mut out = String::new();
    for (words, step) in &lines {
        let Some(step) = step else {
            out.push_str(words);
            out.push('\n');
            continue;
        };
        let why = match &step.why {
            Some(why) => format!("{}: {why}", step.rule),
            None => step.rule.clone(),
        };
        // writing to a string cannot fail
        if writeln!(out, "{words:<width$}  {:<ACTION$}  {why}", step.action).is_err() {
            break;
        }
    }
    out.push('\n');
    out.push_str(&sums(steps));
    for hold in held {
        if write!(out, "\nheld back ({}): {}", hold.code, hold.reason).is_err() {
            break;
        }
    }
    if held.is_empty() {
        out.push_str("\nnot held back");
    }
    out
}

/// `92 data elements: 50 kept, 21 removed`
fn sums(steps: &[Step]) -> String {
    let there = steps.iter().filter(|step| step.action != "insert").count();
    let count = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
    let parts: Vec<String> = SUMS
        .iter()
        .map(|(action, words)| {
            let n = steps.iter().filter(|step| step.action == *action).count();
            (count(n), words)
        })
        .filter(|(n, _)| *n > 0)
        .map(|(n, words)| format!("{} {words}", grouped(n)))
        .collect();
    format!(
        "{}: {}",
        counted(count(there), "data element", "data elements"),
        parts.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(path: &str, keyword: &'static str, vr: &'static str, action: &'static str) -> Step {
        Step {
            path: path.to_owned(),
            keyword,
            vr,
            action,
            rule: "E.1-1 X".to_owned(),
            why: (action == "hash").then(|| "rooms are compared".to_owned()),
        }
    }

    fn steps() -> Vec<Step> {
        vec![
            step("(0008,0060)", "Modality", "CS", "keep"),
            step("(0008,1010)", "StationName", "SH", "hash"),
            step("(0008,1115)", "ReferencedSeriesSequence", "SQ", "keep"),
            step(
                "(0008,1115)[0].(0008,1140)",
                "ReferencedImageSequence",
                "SQ",
                "keep",
            ),
            step(
                "(0008,1115)[0].(0008,1140)[0].(0008,1155)",
                "ReferencedSOPInstanceUID",
                "UI",
                "uid",
            ),
            step(
                "(0008,1115)[1].(0008,1150)",
                "ReferencedSOPClassUID",
                "UI",
                "keep",
            ),
            step("(0012,0062)", "PatientIdentityRemoved", "CS", "insert"),
            step("(0029,1010)", "", "OB", "remove"),
        ]
    }

    #[test]
    fn a_plan_is_a_table_with_sums() {
        let expected = "\
(0008,0060) CS Modality                          keep         E.1-1 X
(0008,1010) SH StationName                       hash         E.1-1 X: rooms are compared
(0008,1115) SQ ReferencedSeriesSequence          keep         E.1-1 X
  [0]
    (0008,1140) SQ ReferencedImageSequence       keep         E.1-1 X
      [0]
        (0008,1155) UI ReferencedSOPInstanceUID  uid          E.1-1 X
  [1]
    (0008,1150) UI ReferencedSOPClassUID         keep         E.1-1 X
(0012,0062) CS PatientIdentityRemoved            insert       E.1-1 X
(0029,1010) OB                                   remove       E.1-1 X

7 data elements: 4 kept, 1 removed, 1 with another UID, 1 given a code, 1 added
not held back";
        assert_eq!(table(&steps(), false, &[]), expected);
    }

    #[test]
    fn what_stays_is_left_out_but_for_the_sequences_around_a_change() {
        let all = steps();
        let paths: Vec<&str> = changed(&all).map(|step| step.path.as_str()).collect();
        assert_eq!(
            paths,
            [
                "(0008,1010)",
                "(0008,1115)",
                "(0008,1115)[0].(0008,1140)",
                "(0008,1115)[0].(0008,1140)[0].(0008,1155)",
                "(0012,0062)",
                "(0029,1010)",
            ]
        );
        let hold = Hold::unmapped();
        let table = table(&all, true, &[&hold]);
        assert!(
            !table.contains("Modality") && table.contains("4 kept"),
            "{table}"
        );
        assert!(table.ends_with(
            "held back (unmapped-patient): the list of pseudonyms has no entry for this patient"
        ));
    }
}
