//! Where examples are, and where they must not be.

use serde_json::{Map, Value};

use super::{document, fields, list, none, operations};

#[test]
fn everything_has_an_example() {
    let document = document();
    let mut faults = Vec::new();
    for (place, operation) in operations(&document) {
        for parameter in list(&operation["parameters"]) {
            if !is_shown(parameter, parameter["required"] == true) {
                faults.push(format!("{place}: parameter {} has no example", parameter["name"]));
            }
        }
        let answers = fields(&operation["responses"]).filter(|(status, _)| status.starts_with('2'));
        let answers = answers.map(|(status, answer)| (status.as_str(), &answer["content"]));
        for (what, contents) in answers.chain([("request", &operation["requestBody"]["content"])]) {
            for (media_type, content) in fields(contents) {
                let binary =
                    media_type.starts_with("image/") || media_type == "application/octet-stream";
                if media_type == "multipart/form-data" {
                    check_form(&content["schema"], &document, &place, &mut faults);
                } else if !binary && content.get("example").is_none() {
                    let from = format!("{place}: {what}");
                    check_examples(&content["schema"], &document, &from, &mut faults);
                }
            }
        }
    }
    let problem = &document["components"]["schemas"]["Problem"];
    check_examples(problem, &document, "Problem", &mut faults);
    none(&faults);
}

/// Returns true if an example is where it belongs: with what must be sent as a value, which Swagger UI
/// fills in, and with what may be left out in words.
fn is_shown(part: &Value, is_needed: bool) -> bool {
    let in_words = part["description"].as_str().is_some_and(|it| it.contains("Example: `"));
    if is_needed {
        part.get("example").is_some()
    } else {
        in_words && part.get("example").is_none()
    }
}

/// Checks that a schema, or all of its parts, have examples. A word or a switch is its own.
fn check_examples(schema: &Value, document: &Value, place: &str, faults: &mut Vec<String>) {
    if let Some(reference) = schema["$ref"].as_str() {
        let name = reference.trim_start_matches('#');
        return check_examples(&document.pointer(name).unwrap().clone(), document, place, faults);
    }
    let said =
        ["example", "examples", "enum", "const"].iter().any(|word| schema.get(word).is_some());
    if said || schema["type"] == "boolean" {
        return;
    }
    let choices = list(&schema["oneOf"]).filter(|choice| choice["type"] != "null");
    let parts: Vec<&Value> = choices.chain(list(&schema["allOf"])).collect();
    let properties = schema["properties"].as_object();
    let items = schema.get("items");
    if parts.is_empty() && properties.is_none_or(Map::is_empty) && items.is_none() {
        faults.push(format!("{place} has no example"));
    }
    for part in parts.into_iter().chain(items) {
        check_examples(part, document, place, faults);
    }
    for (name, property) in properties.into_iter().flatten() {
        check_examples(property, document, &format!("{place}.{name}"), faults);
    }
}

fn check_form(schema: &Value, document: &Value, place: &str, faults: &mut Vec<String>) {
    let reference = schema["$ref"].as_str().unwrap_or_default().trim_start_matches('#');
    let form = document.pointer(reference).unwrap_or(schema);
    for (name, field) in fields(&form["properties"]) {
        let is_needed = list(&form["required"]).any(|needed| needed == name.as_str());
        let about = field["description"].as_str().unwrap_or_default();
        let is_told = about.contains("Example: `") || field.get("enum").is_some();
        let is_shown = if is_needed {
            field.get("example").is_some()
        } else {
            is_told && field["example"] == ""
        };
        if !is_shown {
            faults.push(format!("{place}: the field {name} has no example"));
        }
    }
}

#[test]
fn examples_of_requests_are_not_over() {
    let document = document();
    let mut faults = Vec::new();
    for (place, operation) in operations(&document) {
        let example = &operation["requestBody"]["content"]["application/json"]["example"];
        for (name, value) in fields(example) {
            if name.ends_with("_at") && value.is_string() {
                faults.push(format!("{place}: {name} will be over one day"));
            }
        }
    }
    none(&faults);
}
