//! Examples: every JSON body is shown whole, put together from the examples of its parts.

use serde_json::{Value, json};

use super::conventions::fields;

/// Gives an example to each JSON request and answer of a document that has none of its own.
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
    let Some(content) = content.filter(|it| it.get("example").is_none()) else { return };
    content["example"] = of(&content["schema"], schemas);
}

/// The example of a schema: its own, or that of its parts; `null` if it has none.
fn of(schema: &Value, schemas: &Value) -> Value {
    if let Some(name) = schema["$ref"].as_str().and_then(|it| it.rsplit('/').next()) {
        return of(&schemas[name], schemas);
    }
    let own = ["/example", "/examples/0", "/const", "/enum/0", "/default"];
    if let Some(own) = own.iter().find_map(|it| schema.pointer(it)) {
        return own.clone();
    }
    let mut choices = schema["oneOf"].as_array().into_iter().flatten();
    if let Some(choice) = choices.find(|it| it["type"] != "null") {
        return of(choice, schemas);
    }
    if let Some(parts) = schema["allOf"].as_array() {
        let parts = parts.iter().map(|it| of(it, schemas));
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
