//! `JUnit` XML: one test case for each file.

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::{FileResult, Form, MOST, Totals, not_looked_at, sentence, slashed};

/// `JUnit`.
#[derive(Default)]
pub struct Junit {
    cases: Vec<TestCase>,
    left_off: u64,
    bad_left_off: u64,
}

impl Form for Junit {
    fn file(&mut self, result: &FileResult) -> String {
        let is_bad = !result.checked.findings.is_empty() || result.failure.is_some();
        if self.cases.len() >= MOST {
            self.left_off = self.left_off.saturating_add(1);
            self.bad_left_off = self.bad_left_off.saturating_add(u64::from(is_bad));
            return String::new();
        }
        let status = if let Some((code, message)) = &result.failure {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
            let mut lines: Vec<String> = result.checked.findings.iter().map(sentence).collect();
            lines.push(format!("not looked at to its end: {message}"));
            status
                .set_type(*code)
                .set_message(message.clone())
                .set_description(lines.join("\n"));
            status
        } else if let Some(first) = result.checked.findings.first() {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            let lines: Vec<String> = result.checked.findings.iter().map(sentence).collect();
            status
                .set_type(first.rule.code)
                .set_message(sentence(first))
                .set_description(lines.join("\n"));
            status
        } else {
            TestCaseStatus::success()
        };
        let mut case = TestCase::new(slashed(&result.path), status);
        case.set_classname("dcmscrub check");
        self.cases.push(case);
        String::new()
    }

    fn end(&mut self, totals: &Totals) -> String {
        let mut suite = TestSuite::new("dcmscrub check");
        suite.add_test_cases(std::mem::take(&mut self.cases));
        if self.left_off > 0 {
            let text = format!(
                "{} more files are not listed, {} of them with findings",
                self.left_off, self.bad_left_off
            );
            let mut status = if self.bad_left_off > 0 {
                TestCaseStatus::non_success(NonSuccessKind::Failure)
            } else {
                TestCaseStatus::skipped()
            };
            status.set_message(text);
            suite.add_test_case(TestCase::new("files that are not listed", status));
        }
        let notes = not_looked_at(totals);
        if !notes.is_empty() {
            suite.set_system_out(format!("not looked at: {}", notes.join("; ")));
        }
        let mut report = Report::new("dcmscrub");
        report.add_test_suite(suite);
        // of texts that the library has made fit for XML
        report.to_string().unwrap_or_default()
    }
}
