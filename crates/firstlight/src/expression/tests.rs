use super::*;

fn kinds(name: &str) -> Option<(usize, Kind)> {
    Some(match name {
        "i" => (0, Kind::Integer),
        "x" => (1, Kind::Real),
        "s" => (2, Kind::Text),
        "b" => (3, Kind::Logical),
        "none" => (4, Kind::Integer),
        "DATE-OBS" => (5, Kind::Text),
        "sci.x@1" => (1, Kind::Real),
        _ => return None,
    })
}

fn cells(index: usize) -> Scalar<'static> {
    match index {
        0 => Scalar::Integer(7),
        1 => Scalar::Real(2.5),
        2 => Scalar::Text("F165LP".into()),
        3 => Scalar::Logical(true),
        5 => Scalar::Text("2015-03-03".into()),
        _ => Scalar::Null,
    }
}

fn value(text: &str) -> Scalar<'static> {
    Expression::parse(text)
        .and_then(|e| e.bind(kinds))
        .and_then(|b| b.value(&cells))
        .unwrap()
}

fn reason(text: &str) -> ExpressionError {
    Expression::parse(text)
        .and_then(|e| e.bind(kinds))
        .and_then(|b| b.value(&cells))
        .unwrap_err()
}

#[test]
fn arithmetic_binds_as_in_python() {
    for (text, expected) in [
        ("1 + 2 * 3", 7.0),
        ("(1 + 2) * 3", 9.0),
        ("-2 ** 2", -4.0),
        ("2 ** -1", 0.5),
        ("2 ** 3 ** 2", 512.0),
        ("10 - 4 - 3", 3.0),
        ("7 / 2", 3.5),
        ("-7 % 3", 2.0),
        ("7 % -3", -2.0),
        ("-7.5 % 2", 0.5),
        ("1e3 + .5", 1000.5),
        ("(i + x) / 2", 4.75),
        ("`sci.x@1` + sci.x@1", 5.0),
        ("max(i, x, none)", 7.0),
        ("min(3, 2)", 2.0),
        ("if(b, 1, 2)", 1.0),
        ("round(2.5) + floor(-0.5)", 1.0),
        ("degrees(atan2(1, 1))", 45.0),
        ("round(22.576500000000003, 4)", 22.5765),
        ("round(-1234.5, -2)", -1200.0),
        ("round(i, 2)", 7.0),
        ("round(x, 400) + round(1e300, -400)", 2.5),
    ] {
        assert_eq!(value(text).real(), Some(expected), "{text}");
    }
    assert_eq!(value("i * 2"), Scalar::Integer(14));
    assert_eq!(
        value("if(b, 1, 2.5)"),
        Scalar::Real(1.0),
        "one kind for the whole column"
    );
    assert_eq!(value("'a' + \"b\""), Scalar::Text("ab".into()));
}

#[test]
fn filters_compare_and_connect() {
    for text in [
        "x > 2 && s == 'F165LP'",
        "s = \"F165LP  \"",
        "2 < x < 3",
        "not 2 < x < 2.4",
        "i in (1, 7)",
        "i not in (1, 2)",
        "matches(s, 'F1?5*') and startswith(s, 'F1') or false",
        "contains(lower(s), 'lp')",
        "`DATE-OBS` >= '2015-01-01'",
        "isnull(none) && !isnull(x) && isnull(nan)",
        "b or none > 3",
        "coalesce(none, 4) == 4",
        "nan != nan",
        "int('12.7') == 12",
        "text(i) == '7'",
    ] {
        assert_eq!(value(text), Scalar::Logical(true), "{text}");
    }
    for text in [
        "x > 3",
        "s == 'F165'",
        "false && none > 3",
        "nan == nan",
        "2 < x < 2.4",
    ] {
        assert_eq!(value(text), Scalar::Logical(false), "{text}");
    }
}

#[test]
fn nulls_pass_through_unless_decided_otherwise() {
    for text in [
        "none + 1",
        "none > 3",
        "b and none > 3",
        "not (none > 3)",
        "s + null",
        "i in (1, none)",
        "5 % 0",
    ] {
        assert_eq!(value(text), Scalar::Null, "{text}");
    }
    let bound = Expression::parse("none > 3").and_then(|e| e.bind(kinds)).unwrap();
    assert!(!bound.holds(&cells).unwrap());
}

#[test]
fn errors_point_at_the_place() {
    for (text, column, part) in [
        ("x > ", 4, "ends where a value"),
        ("x > nothing", 4, "no column 'nothing'"),
        ("s > 3", 0, "text cannot be compared with a number"),
        ("x + s", 4, "'+' takes numbers, but this is text"),
        ("(x", 2, "')' is missing"),
        ("x y", 2, "operator is missing"),
        ("s == 'F1", 5, "closing ' is missing"),
        ("x ? 2", 2, "means nothing"),
        ("not x", 4, "takes true or false"),
        ("frobnicate(x)", 0, "no function 'frobnicate'"),
        ("sqrt(s)", 0, "sqrt takes one number"),
        ("12abc", 0, "backquotes"),
        ("i in 3", 5, "'(' is missing"),
        ("9223372036854775807 + i", 0, "overflows"),
        ("", 0, "ends where"),
    ] {
        let error = reason(text);
        assert!(error.reason.contains(part), "{text}: {}", error.reason);
        assert_eq!(error.column, column, "{text}");
    }
    assert!(reason(&"(".repeat(100_000)).reason.contains("nested too deeply"));
    assert!(reason(&"-".repeat(100_000)).reason.contains("nested too deeply"));
    assert!(reason(&"1+".repeat(100_000)).reason.contains("nested too deeply"));
}

#[test]
fn no_text_makes_the_parser_panic() {
    let pieces = [
        "x", "(", ")", "'", "`", "1", ".", "e", "+", "-", "**", "<", "in", "not", "é", ",", " ", "if(",
    ];
    let mut state = 1u32;
    for _ in 0..20_000 {
        let mut text = String::new();
        for _ in 0..8 {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            text.push_str(pieces[(state >> 16) as usize % pieces.len()]);
        }
        let _ = Expression::parse(&text)
            .and_then(|e| e.bind(kinds))
            .and_then(|b| b.value(&cells));
    }
}

#[test]
fn column_lists_split_outside_parentheses() {
    let list = ColumnSpec::parse_list("a, b,c=min(x, i) , `d-e`, f = s + ','").unwrap();
    let names: Vec<_> = list.iter().map(|c| c.name.as_str()).collect();
    assert_eq!(names, ["a", "b", "c", "d-e", "f"]);
    assert_eq!(
        list[2].expression.as_ref().map(Expression::text),
        Some("min(x, i)")
    );
    assert_eq!(list[4].expression.as_ref().unwrap().names(), ["s"]);
    assert!(list[3].expression.is_none());
    assert!(ColumnSpec::parse_list("=x").is_err());
}
