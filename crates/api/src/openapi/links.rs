//! Links: what is created leads to every operation that takes its number.

use serde_json::{Value, json};

/// Links each operation that creates something at `<path>/{its id}` to what can be done with it.
pub(super) fn apply(document: &mut Value) {
    let Some(paths) = document["paths"].as_object() else { return };
    let mut links = Vec::new();
    for path in paths.keys() {
        let mut parameters = paths.keys().filter_map(|it| item_parameter(path, it));
        let Some(parameter) = parameters.next() else { continue };
        for status in ["201", "202"] {
            if paths[path]["post"]["responses"].get(status).is_some() {
                links.push((
                    path.clone(),
                    status,
                    targets(document, parameter),
                    parameter.to_owned(),
                ));
            }
        }
    }
    for (path, status, targets, parameter) in links {
        for target in targets {
            document["paths"][&path]["post"]["responses"][status]["links"][&target] = json!({
                "operationId": target,
                "parameters": { &parameter: "$response.body#/id" },
            });
        }
    }
}

/// The parameter that names one thing of the collection at `path`, if `item` is its address.
fn item_parameter<'a>(path: &str, item: &'a str) -> Option<&'a str> {
    let name = item.strip_prefix(path)?.strip_prefix("/{")?.strip_suffix('}')?;
    (!name.contains('/')).then_some(name)
}

/// The operations with this parameter in their path, in order.
fn targets(document: &Value, parameter: &str) -> Vec<String> {
    let paths = document["paths"].as_object().into_iter().flatten();
    let with_it = paths.filter(|it| it.0.contains(&format!("{{{parameter}}}")));
    let operations = with_it.filter_map(|it| it.1.as_object()).flat_map(serde_json::Map::values);
    let ids = operations.filter_map(|it| it["operationId"].as_str());
    ids.map(str::to_owned).collect()
}
