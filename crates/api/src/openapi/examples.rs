//! Examples of whole JSON bodies, which are put together from the examples of their parts, and of what
//! may be left out, which are told in words: Swagger UI fills in and sends every other example.

use serde_json::{Value, json};

use super::conventions::{entries, fields};

/// Adds an example to each JSON request and answer of a document that has none of its own.
pub(super) fn apply(document: &mut Value) {
    let schemas = document["components"]["schemas"].clone();
    for (_, operations) in fields(document, "/paths") {
        for (_, operation) in fields(operations, "") {
            show(operation.pointer_mut("/requestBody/content/application~1json"), &schemas);
            for (_, response) in fields(operation, "/responses") {
                show(response.pointer_mut("/content/application~1json"), &schemas);
            }
        }
    }
}

/// Turns the examples of optional parameters and of optional fields of forms into words.
pub(super) fn tell_optional(document: &mut Value) {
    let schemas = document["components"]["schemas"].clone();
    let mut forms = Vec::new();
    for (_, operations) in fields(document, "/paths") {
        for (_, operation) in fields(operations, "") {
            for parameter in entries(operation, "/parameters") {
                if parameter["required"] != true {
                    tell(parameter);
                }
            }
            let place = "/requestBody/content/multipart~1form-data/schema/$ref";
            let form = operation.pointer(place).and_then(Value::as_str);
            forms.extend(form.map(|it| it.trim_start_matches('#').to_owned()));
        }
    }
    for form in forms {
        let needed = document.pointer(&format!("{form}/required")).cloned().unwrap_or_default();
        let is_needed =
            |name: &str| needed.as_array().is_some_and(|all| all.contains(&name.into()));
        for (name, field) in fields(document, &format!("{form}/properties")) {
            if !is_needed(name) {
                tell(field);
                leave_empty(field, &schemas);
            }
        }
    }
}

/// Moves an example to the end of the description.
fn tell(described: &mut Value) {
    let Some(example) = described.as_object_mut().and_then(|it| it.remove("example")) else {
        return;
    };
    let about = described["description"].as_str().unwrap_or_default().trim_end_matches('.');
    described["description"] = json!(format!("{about}. Example: `{}`", written(&example)));
}

/// Describes a field of a form as one that is empty at first. Without an example Swagger UI makes one up and
/// sends it, and beside a reference it sees none.
fn leave_empty(field: &mut Value, schemas: &Value) {
    if let Some(name) = field["$ref"].as_str().and_then(|reference| reference.rsplit('/').next()) {
        let about = field["description"].clone();
        *field = schemas[name].clone();
        field["description"] = about;
    }
    field["example"] = json!("");
}

/// Returns a value as it is written into a query, a header or a form.
fn written(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(entries) => entries.iter().map(written).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    }
}

fn show(content: Option<&mut Value>, schemas: &Value) {
    let Some(content) = content.filter(|content| content.get("example").is_none()) else { return };
    content["example"] = of(&content["schema"], schemas);
}

/// Returns the example of a schema: its own, or that of its parts, or `null` if it has none.
fn of(schema: &Value, schemas: &Value) -> Value {
    if let Some(name) = schema["$ref"].as_str().and_then(|reference| reference.rsplit('/').next()) {
        return of(&schemas[name], schemas);
    }
    let own = ["/example", "/examples/0", "/const", "/enum/0", "/default"];
    if let Some(own) = own.iter().find_map(|place| schema.pointer(place)) {
        return own.clone();
    }
    let mut choices = schema["oneOf"].as_array().into_iter().flatten();
    if let Some(choice) = choices.find(|choice| choice["type"] != "null") {
        return of(choice, schemas);
    }
    if let Some(parts) = schema["allOf"].as_array() {
        let parts = parts.iter().map(|part| of(part, schemas));
        let fields = parts.filter_map(|it| it.as_object().cloned()).flatten();
        return Value::Object(fields.collect());
    }
    if let Some(properties) = schema["properties"].as_object() {
        let shown = properties.iter().map(|(name, it)| (name.clone(), of(it, schemas)));
        return Value::Object(shown.collect());
    }
    match schema.get("items") {
        Some(items) => json!([of(items, schemas)]),
        None if schema["type"] == "boolean" => json!(true),
        None => Value::Null,
    }
}
