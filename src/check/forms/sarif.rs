//! SARIF 2.1.0 (OASIS): one run, one result for each finding, one notification for each file that could not be looked at.

use serde_json::{Value, json};

use super::super::rules;
use super::{FileResult, Form, MOST, Totals, level, not_looked_at, sentence, slashed};

/// SARIF.
#[derive(Default)]
pub struct Sarif {
    results: Vec<Value>,
    notifications: Vec<Value>,
    left_off: u64,
}

/// A relative reference (RFC 3986): what has a meaning in one is escaped.
fn uri(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            out.push('%');
            for half in [byte >> 4, byte & 15] {
                out.extend(char::from_digit(u32::from(half), 16).map(|c| c.to_ascii_uppercase()));
            }
        }
    }
    out
}

fn location(path: &str, place: Option<String>) -> Value {
    let mut location = json!({ "physicalLocation": { "artifactLocation": { "uri": uri(path) } } });
    if let (Some(place), Some(object)) = (place, location.as_object_mut()) {
        object.insert(
            "logicalLocations".to_owned(),
            json!([{ "fullyQualifiedName": place }]),
        );
    }
    location
}

fn sarif_level(confidence: rules::Confidence) -> &'static str {
    match level(confidence) {
        "notice" => "note",
        other => other,
    }
}

impl Form for Sarif {
    fn file(&mut self, result: &FileResult) -> String {
        let path = slashed(&result.path);
        for finding in &result.checked.findings {
            if self.results.len() >= MOST {
                self.left_off = self.left_off.saturating_add(1);
                continue;
            }
            let index = rules::ALL
                .iter()
                .position(|rule| rule.code == finding.rule.code);
            self.results.push(json!({
                "ruleId": finding.rule.code,
                "ruleIndex": index.unwrap_or_default(),
                "level": sarif_level(finding.rule.confidence),
                "message": { "text": sentence(finding) },
                "locations": [location(&path, Some(finding.place.to_string()))],
                "occurrenceCount": finding.count.max(1),
            }));
        }
        if let Some((code, message)) = &result.failure
            && self.notifications.len() < MOST
        {
            self.notifications.push(json!({
                "descriptor": { "id": code },
                "level": "error",
                "message": { "text": format!("not looked at to its end: {message}") },
                "locations": [location(&path, None)],
            }));
        }
        String::new()
    }

    fn end(&mut self, totals: &Totals) -> String {
        let rules: Vec<_> = rules::ALL
            .iter()
            .map(|rule| {
                json!({
                    "id": rule.code,
                    "shortDescription": { "text": rule.title },
                    "fullDescription": { "text": rule.rationale },
                    "help": { "text": format!("For example: {}", rule.example) },
                    "defaultConfiguration": { "level": sarif_level(rule.confidence) },
                    "properties": { "precision": match rule.confidence {
                        rules::Confidence::Certain => "very-high",
                        rules::Confidence::Likely => "high",
                        rules::Confidence::Possible => "medium",
                    } },
                })
            })
            .collect();
        let note = |id: &str, text: String| json!({ "descriptor": { "id": id }, "level": "note", "message": { "text": text } });
        let mut notifications = std::mem::take(&mut self.notifications);
        notifications.extend(
            not_looked_at(totals)
                .into_iter()
                .map(|what| note("not-looked-at", format!("not looked at: {what}"))),
        );
        if self.left_off > 0 {
            notifications.push(note(
                "left-off",
                format!("{} more findings are not listed", self.left_off),
            ));
        }
        let log = json!({
            "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
            "version": "2.1.0",
            "runs": [{
                "tool": { "driver": {
                    "name": "dcmscrub",
                    "semanticVersion": env!("CARGO_PKG_VERSION"),
                    "rules": rules,
                } },
                "invocations": [{
                    "executionSuccessful": totals.failed == 0,
                    "toolExecutionNotifications": notifications,
                }],
                "results": std::mem::take(&mut self.results),
            }],
        });
        format!("{log:#}\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_a_reference() {
        assert_eq!(uri("a b/ü:c#d?.dcm"), "a%20b/%C3%BC%3Ac%23d%3F.dcm");
    }
}
