//! The promises of the document about each operation, which are checked on all of them.

mod shown;

use std::collections::BTreeSet;

use serde_json::Value;

use crate::paths;
use crate::problem::KINDS;

pub(super) fn document() -> Value {
    serde_json::to_value(super::document().unwrap()).unwrap()
}

/// Returns every operation with its place.
pub(super) fn operations(document: &Value) -> Vec<(String, &Value)> {
    let paths = document["paths"].as_object().unwrap();
    let of_path = |(path, methods): (&String, &'_ Value)| -> Vec<_> {
        let path = path.clone();
        let methods = methods.as_object().unwrap().keys().cloned();
        methods.map(move |method| (path.clone(), method)).collect()
    };
    let places = paths.iter().flat_map(of_path);
    places.map(|(path, method)| (format!("{method} {path}"), &paths[&path][&method])).collect()
}

/// Fails with all faults at once.
fn none(faults: &[String]) {
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

fn fields(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

pub(super) fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

#[test]
fn operations_are_named_described_and_guarded() {
    let document = document();
    let described = |tag: &Value| {
        list(&document["tags"])
            .any(|known| known["name"] == *tag && known["description"].is_string())
    };
    let mut names = BTreeSet::new();
    let mut faults = Vec::new();
    for (place, operation) in operations(&document) {
        let mut fault = |what: &str| faults.push(format!("{place}: {what}"));
        let name = operation["operationId"].as_str().unwrap_or_default();
        let words = name.split('_').filter(|it| it.chars().all(|it| it.is_ascii_lowercase()));
        if words.filter(|word| !word.is_empty()).count() < 2 {
            fault("the operationId is not <verb>_<resource>");
        }
        if !names.insert(name.to_owned()) {
            fault("another operation has this operationId");
        }
        if operation["tags"].as_array().is_none_or(|tags| tags.len() != 1 || !described(&tags[0])) {
            fault("there is not exactly one tag with a description");
        }
        if operation["summary"]
            .as_str()
            .is_none_or(|summary| summary.is_empty() || summary.ends_with('.'))
        {
            fault("the summary is missing or a sentence");
        }
        let guarded = operation["responses"].get("401").is_some();
        let roles = &operation["security"][0]["key"];
        if guarded != roles.as_array().is_some_and(|roles| roles.len() == 1) {
            fault("401 and `security` with a role belong together");
        }
    }
    none(&faults);
}

#[test]
fn refusals_are_shared() {
    let document = document();
    let mut faults = Vec::new();
    for (place, operation) in operations(&document) {
        let own = operation["operationId"] == "read_readiness";
        for (status, response) in fields(&operation["responses"]) {
            let refusal = status.starts_with(['4', '5']);
            let shared = format!("#/components/responses/Problem{status}");
            if refusal && response["$ref"] != *shared && !own {
                faults.push(format!("{place}: {status} is not {shared}"));
            }
        }
    }
    none(&faults);
}

#[test]
fn references_and_links_lead_somewhere() {
    let document = document();
    let mut faults = Vec::new();
    check_references(&document, &document, &mut faults);
    let operations = operations(&document);
    let mut links = 0;
    for (place, operation) in &operations {
        for (_, response) in fields(&operation["responses"]) {
            for (name, link) in fields(&response["links"]) {
                links += 1;
                let target = operations
                    .iter()
                    .find(|(_, operation)| operation["operationId"] == link["operationId"]);
                let takes = |parameter: &String| {
                    target.is_some_and(|it| {
                        list(&it.1["parameters"]).any(|it| it["name"] == **parameter)
                    })
                };
                if !fields(&link["parameters"]).all(|(name, _)| takes(name)) {
                    faults.push(format!("{place}: the link {name} leads nowhere"));
                }
            }
        }
    }
    none(&faults);
    let linked = |name: &str| {
        let created = &document["paths"]["/api/v1/campaigns"]["post"]["responses"]["201"];
        created["links"][name]["parameters"]["campaign_id"] == "$response.body#/id"
    };
    assert!(links > 0 && linked("read_campaign") && linked("serve_campaign"));
}

fn check_references(value: &Value, document: &Value, faults: &mut Vec<String>) {
    if let Some(reference) = value["$ref"].as_str() {
        let place = reference.strip_prefix('#').and_then(|place| document.pointer(place));
        if place.is_none() {
            faults.push(format!("{reference} leads nowhere"));
        }
    }
    fields(value).map(|it| it.1).chain(list(value)).for_each(|it| {
        check_references(it, document, faults);
    });
}

#[test]
fn every_body_is_shown_whole() {
    let document = document();
    let mut faults = Vec::new();
    for (place, operation) in operations(&document) {
        let answers = fields(&operation["responses"])
            .map(|(status, answer)| (status.as_str(), &answer["content"]));
        for (what, contents) in answers.chain([("request", &operation["requestBody"]["content"])]) {
            let Some(content) = contents.get("application/json") else { continue };
            let example = &content["example"];
            if example.is_null() || has_empty_parts(example, &content["schema"], &document) {
                faults.push(format!("{place}: {what} is not shown: {example}"));
            }
        }
    }
    for (status, response) in fields(&document["components"]["responses"]) {
        let examples = &response["content"]["application/problem+json"]["examples"];
        for kind in KINDS {
            let of_status = *status == format!("Problem{}", kind.status.as_u16());
            let example = &examples[kind.code]["value"];
            if of_status && example["code"] != kind.code {
                faults.push(format!("{status}: {} is not shown", kind.code));
            }
            let with_errors =
                ["invalid_request", "import_refused", "changed_since"].contains(&kind.code);
            if of_status && with_errors && list(&example["errors"]).next().is_none() {
                faults.push(format!("{status}: {} shows no errors", kind.code));
            }
        }
    }
    none(&faults);
}

#[test]
fn every_address_that_others_know_is_documented() {
    let document = document();
    let documented = document["paths"].as_object().unwrap();
    let unknown = paths::DOCUMENTED.iter().filter(|path| !documented.contains_key(**path));
    none(&unknown.map(|path| format!("{path} is no path of the document")).collect::<Vec<_>>());
}

fn may_be_null(schema: &Value) -> bool {
    let types = list(&schema["type"]);
    types.chain([&schema["type"]]).any(|name| name == "null")
        || list(&schema["oneOf"]).any(|choice| choice["type"] == "null")
}

/// Returns true if an example lacks what its schema requires, or has null where that is not
/// allowed.
fn has_empty_parts(example: &Value, schema: &Value, document: &Value) -> bool {
    if let Some(reference) = schema["$ref"].as_str() {
        let place = document.pointer(reference.trim_start_matches('#'));
        return place.is_none_or(|target| has_empty_parts(example, target, document));
    }
    let missing =
        list(&schema["required"]).filter_map(Value::as_str).any(|name| example.get(name).is_none());
    let mut properties = fields(&schema["properties"]);
    missing
        || (example.is_null() && !may_be_null(schema))
        || properties.any(|(name, it)| {
            example.get(name).is_some_and(|part| has_empty_parts(part, it, document))
        })
        || schema
            .get("items")
            .is_some_and(|items| list(example).any(|part| has_empty_parts(part, items, document)))
}
