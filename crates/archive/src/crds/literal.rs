//! Values as Python writes them, in which the official client keeps what the server said.

use serde_json::Value;

/// Writes a value as a Python literal, an entry of the outermost dictionary on each line.
pub(super) fn written(value: &Value) -> String {
    let Value::Object(entries) = value else {
        return of(value);
    };
    let lines: Vec<String> = entries
        .iter()
        .map(|(key, value)| format!("{}: {}", of(&Value::from(key.as_str())), of(value)))
        .collect();
    format!("{{{}}}\n", lines.join(",\n "))
}

fn of(value: &Value) -> String {
    match value {
        Value::Null => "None".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Array(items) => format!("[{}]", items.iter().map(of).collect::<Vec<_>>().join(", ")),
        Value::Object(entries) => {
            let entries = entries
                .iter()
                .map(|(key, value)| format!("{}: {}", Value::from(key.as_str()), of(value)));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
        }
        // JSON's texts and numbers are Python's as well.
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::rules::read_value as read;
    use super::*;
    use serde_json::json;

    #[test]
    fn what_python_prints_is_read() {
        let text = "{'a': [1, -2.5, (True, None)],\n 'long': 'one '\n         \"it's two\",\n 'é\\x41\\'': {}, 3: 'x',}\n";
        let value = read(text).unwrap();
        assert_eq!(
            value,
            json!({"a": [1, -2.5, [true, null]], "long": "one it's two", "éA'": {}, "3": "x"})
        );
    }

    #[test]
    fn what_is_written_is_read_again() {
        let value = json!({"a": [1, 2.5, true, null], "b": {"c": "it's \"ü\"\n"}, "d": false});
        let text = written(&value);
        assert!(
            text.contains("True") && text.contains("None") && text.contains("\n \"b\""),
            "{text}"
        );
        assert_eq!(read(&text).unwrap(), value);
    }

    #[test]
    fn nothing_is_evaluated_and_bad_text_is_refused() {
        for text in [
            "",
            "{",
            "{'a'}",
            "[1",
            "'x",
            "__import__('os')",
            "{'a': 1} x",
            "1e999",
            "{'a' 1}",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
        assert!(read(&"[".repeat(10_000)).is_err());
    }
}
