//! Examples of whole JSON bodies, which are put together from the examples of their parts.

use serde_json::{Value, json};

use super::conventions::fields;

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
