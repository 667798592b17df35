//! The conventions of every operation, which are written once: headers, conditions, and that
//! undescribed fields are refused.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::{Header, Object, Type};

/// The largest `u32`.
const LARGEST: u32 = u32::MAX;

/// The form whose unknown fields are ignored.
const TOLERANT: &str = "UploadForm";

/// The place of an operation's answer.
const ANSWER: &str = "/responses/200/content/application~1json/schema";

/// Returns the headers to which responses refer.
pub(super) fn headers() -> Vec<(&'static str, Header)> {
    let header = |description: &str, example: Value| {
        let schema = match example {
            Value::Number(_) => Object::with_type(Type::Integer),
            _ => Object::with_type(Type::String),
        };
        let typed = HeaderBuilder::new().schema(Some(schema));
        typed.description(Some(description)).example(Some(example)).build()
    };
    vec![
        ("Allow", header("The methods this address takes", json!("GET, HEAD"))),
        ("ETag", header("The version, for `If-Match` and `If-None-Match`", json!("\"3\""))),
        (
            "Idempotency-Replayed",
            header("`true` if this answers a request that was sent before", json!("true")),
        ),
        (
            "Link",
            header(
                "`rel=\"next\"` leads to the next page; missing on the last one",
                json!("</api/v1/campaigns?cursor=WyJpZCIsMTIsMTJd>; rel=\"next\""),
            ),
        ),
        ("Location", header("Where the new thing is", json!("/api/v1/campaigns/12"))),
        ("Retry-After", header("After how many seconds to try again", json!(5))),
        ("WWW-Authenticate", header("How to show a key", json!("Bearer realm=\"bams\""))),
    ]
}

/// Applies the conventions to a document.
pub(super) fn apply(document: &mut Value) {
    refuse_unknown_fields(document);
    widen_numbers(document);
    name_bytes(document);
    let versioned = versioned_paths(document);
    let answer_of = |path: &String| document["paths"][path]["get"].pointer(ANSWER).cloned();
    let versioned_things: Vec<Value> = versioned.iter().filter_map(answer_of).collect();
    let Some(paths) = document["paths"].as_object_mut() else { return };
    let addresses: Vec<String> = paths.keys().cloned().collect();
    for (path, operations) in paths {
        let own = versioned.contains(path);
        let read = operations["get"].pointer(ANSWER).cloned();
        let items = addresses.iter().any(|address| address.starts_with(&format!("{path}/{{")));
        for (method, operation) in fields(operations, "") {
            for parameter in entries(operation, "/parameters") {
                never_null(&mut parameter["schema"]);
            }
            optional_body(operation);
            let get = method == "get";
            let single = get && path.ends_with('}') && operation["security"].is_array();
            if single || (own && get) {
                add_condition(operation);
            }
            // A resource that is gone for good has no version.
            let remains = method != "delete" || operation.pointer(ANSWER) == read.as_ref();
            let own = own || (takes(operation, "If-Match") && remains);
            let (replayable, paged) =
                (takes(operation, "Idempotency-Key"), takes(operation, "cursor"));
            for (status, response) in fields(operation, "/responses") {
                let created = matches!(status.as_str(), "201" | "202");
                let answer = response.pointer("/content/application~1json/schema");
                let is_versioned = answer.is_some_and(|it| versioned_things.contains(it));
                let said = [
                    (
                        "ETag",
                        ((own || single) && status == "200") || (is_versioned && status == "201"),
                    ),
                    ("Idempotency-Replayed", replayable && status.starts_with('2')),
                    ("Link", paged && status == "200"),
                    ("Location", created && (items || is_versioned)),
                ];
                for (name, _) in said.iter().filter(|it| it.1) {
                    let header = json!({ "$ref": format!("#/components/headers/{name}") });
                    response["headers"][name] = header;
                }
            }
        }
    }
}

/// Marks every object in a body as having no fields but the described ones.
fn refuse_unknown_fields(document: &mut Value) {
    let paths = document["paths"].as_object().into_iter().flatten();
    let operations = paths.filter_map(|it| it.1.as_object()).flat_map(Map::values);
    let mut bodies = BTreeSet::new();
    for content in
        operations.filter_map(|operation| operation["requestBody"]["content"].as_object())
    {
        for content in content.values() {
            collect(&content["schema"], &document["components"]["schemas"], &mut bodies);
        }
    }
    for name in bodies {
        let schema = &mut document["components"]["schemas"][&name];
        if name != TOLERANT && schema["type"] == "object" {
            schema["additionalProperties"] = json!(false);
        }
    }
}

/// Adds the names of all schemas to which one leads.
fn collect(schema: &Value, schemas: &Value, names: &mut BTreeSet<String>) {
    if let Some(name) = schema["$ref"].as_str().and_then(|reference| reference.rsplit('/').next())
        && names.insert(name.to_owned())
    {
        collect(&schemas[name], schemas, names);
    }
    let properties = schema["properties"].as_object().into_iter().flat_map(Map::values);
    let choices = schema["oneOf"].as_array().into_iter().flatten();
    for part in properties.chain(choices).chain(schema.get("items")) {
        collect(part, schemas, names);
    }
}

/// Widens formats: `int32` has a sign and our numbers of things have none, so their format is the
/// next larger one.
fn widen_numbers(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            let wide = fields.get("maximum").is_none_or(|maximum| maximum.as_u64() > Some(1 << 31));
            if fields.get("format").is_some_and(|format| format == "int32") && wide {
                fields.insert("format".to_owned(), json!("int64"));
                fields.insert("maximum".to_owned(), json!(LARGEST));
            }
            fields.values_mut().for_each(widen_numbers);
        }
        Value::Array(values) => values.iter_mut().for_each(widen_numbers),
        _ => {}
    }
}

/// Describes images as bytes instead of lists of numbers.
fn name_bytes(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (name, content) in members.iter_mut() {
                let bytes = name.starts_with("image/") || name == "application/octet-stream";
                if bytes && content["schema"]["type"] == "array" {
                    content["schema"] = json!({ "type": "string", "format": "binary" });
                }
                name_bytes(content);
            }
        }
        Value::Array(values) => values.iter_mut().for_each(name_bytes),
        _ => {}
    }
}

/// Returns the paths of resources that are changed with `If-Match`.
fn versioned_paths(document: &Value) -> Vec<String> {
    let paths = document["paths"].as_object().into_iter().flatten();
    let versioned = paths.filter(|(_, operations)| takes(&operations["patch"], "If-Match"));
    versioned.map(|it| it.0.clone()).collect()
}

fn takes(operation: &Value, parameter: &str) -> bool {
    operation["parameters"].as_array().into_iter().flatten().any(|known| known["name"] == parameter)
}

/// Removes null from the types of a parameter, which is there or not but never null.
fn never_null(schema: &mut Value) {
    if let Some(types) = schema.pointer_mut("/type").and_then(Value::as_array_mut) {
        types.retain(|name| name != "null");
        if let [only] = types.as_slice() {
            schema["type"] = only.clone();
        }
    }
    without_null(schema);
}

/// Turns "this or null" into "this".
fn without_null(schema: &mut Value) {
    let Some(choices) = schema.pointer_mut("/oneOf").and_then(Value::as_array_mut) else { return };
    choices.retain(|choice| choice["type"] != "null");
    if let [only] = choices.as_slice() {
        *schema = only.clone();
    }
}

/// Removes null from a body that may be missing.
fn optional_body(operation: &mut Value) {
    for (_, content) in fields(operation, "/requestBody/content") {
        without_null(&mut content["schema"]);
    }
}

/// Adds `If-None-Match` to reading one resource.
fn add_condition(operation: &mut Value) {
    if let Some(parameters) = operation.pointer_mut("/parameters").and_then(Value::as_array_mut) {
        parameters.push(json!({
            "name": "If-None-Match",
            "in": "header",
            "description": "The `ETag` of the version that is known already",
            "required": false,
            "schema": { "type": "string" },
            "example": "\"2\"",
        }));
    }
    operation["responses"]["304"] = json!({
        "description": "It is still that version",
        "headers": { "ETag": { "$ref": "#/components/headers/ETag" } },
    });
}

/// Returns the fields of the object at `pointer`, if there is one.
pub(super) fn fields<'a>(
    value: &'a mut Value,
    pointer: &str,
) -> impl Iterator<Item = (&'a String, &'a mut Value)> {
    value.pointer_mut(pointer).and_then(Value::as_object_mut).into_iter().flatten()
}

/// Returns the entries of the list at `pointer`, if there is one.
pub(super) fn entries<'a>(
    value: &'a mut Value,
    pointer: &str,
) -> impl Iterator<Item = &'a mut Value> {
    value.pointer_mut(pointer).and_then(Value::as_array_mut).into_iter().flatten()
}
