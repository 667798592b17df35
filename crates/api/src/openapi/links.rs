//! Links from what creates a resource to every operation that takes its number.

use serde_json::{Value, json};

/// Links each operation that creates a resource at `<path>/{its id}` to the operations on it.
pub(super) fn apply(document: &mut Value) {
    let Some(paths) = document["paths"].as_object() else { return };
    let mut links = Vec::new();
    for path in paths.keys() {
        let mut parameters = paths.keys().filter_map(|item| item_parameter(path, item));
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

/// Returns the parameter that names one resource of the collection at `path`, if `item` is its
/// address.
fn item_parameter<'a>(path: &str, item: &'a str) -> Option<&'a str> {
    let name = item.strip_prefix(path)?.strip_prefix("/{")?.strip_suffix('}')?;
    (!name.contains('/')).then_some(name)
}

/// Returns the operations with this parameter in their path, in order.
fn targets(document: &Value, parameter: &str) -> Vec<String> {
    let paths = document["paths"].as_object().into_iter().flatten();
    let with_it = paths.filter(|(path, _)| path.contains(&format!("{{{parameter}}}")));
    let operations = with_it.filter_map(|it| it.1.as_object()).flat_map(serde_json::Map::values);
    let ids = operations.filter_map(|operation| operation["operationId"].as_str());
    ids.map(str::to_owned).collect()
}
