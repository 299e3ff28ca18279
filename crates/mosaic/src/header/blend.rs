//! One header of many.

use super::rules::Rule;
use firstlight_fits::{Card, Header, Value};

/// What the product says in place of differing values.
const MULTIPLE: &str = "MULTIPLE";

/// Blends headers of the same kind: the cards of the first, in its order and as they are, but for those that
/// describe one exposure alone and for values that follow from all inputs. Keywords that only later inputs have
/// are left out.
pub(super) fn blend(headers: &[&Header]) -> Header {
    let Some(first) = headers.first() else {
        return Header::new();
    };
    let mut blended = Header::new();
    for card in first.cards() {
        let keyword = card.keyword().to_owned();
        let rule = if card.is_commentary() {
            Rule::First
        } else {
            Rule::of(&keyword)
        };
        if rule == Rule::Remove {
            continue;
        }
        let value = combined(rule, &keyword, headers);
        let same = value.is_none() || card.value().ok().flatten() == value;
        let comment = card.comment();
        let replacement = value
            .filter(|_| !same)
            .and_then(|v| Card::new(&keyword, v, comment.as_deref()).ok());
        blended.push(replacement.unwrap_or_else(|| card.clone()));
    }
    blended
}

/// The value that follows from all headers; `None` leaves the first's card as it is.
fn combined(rule: Rule, keyword: &str, headers: &[&Header]) -> Option<Value> {
    let values: Vec<Value> = headers.iter().filter_map(|header| header.get(keyword)).collect();
    let numbers: Vec<f64> = values.iter().filter_map(Value::as_real).collect();
    if numbers.len() != values.len() && rule != Rule::SameOrMultiple {
        return None;
    }
    let whole = values.iter().all(|value| matches!(value, Value::Integer(_)));
    let number = |value: f64| {
        if whole {
            Value::Integer(value as i64)
        } else {
            Value::Real(value)
        }
    };
    match rule {
        Rule::First | Rule::Remove => None,
        Rule::SameOrMultiple => {
            let first = values.first()?;
            (!values.iter().all(|value| value == first)).then(|| Value::Text(MULTIPLE.to_owned()))
        }
        Rule::Largest => numbers.iter().copied().reduce(f64::max).map(number),
        Rule::Smallest => numbers.iter().copied().reduce(f64::min).map(number),
        Rule::Sum => (!numbers.is_empty()).then(|| number(numbers.iter().sum())),
        Rule::Mean => {
            let mean = numbers.iter().sum::<f64>() / numbers.len() as f64;
            (!numbers.is_empty()).then_some(Value::Real(mean))
        }
        Rule::One => Some(Value::Real(1.0)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(filter: &str, combined: i64, mean: f64, dark: f64) -> Header {
        let mut header = Header::new();
        header.set("FILTER1", filter, Some("element")).unwrap();
        header.set("NCOMBINE", combined, None).unwrap();
        header.set("GOODMEAN", mean, None).unwrap();
        header.set("GOODMAX", mean, None).unwrap();
        header.set("MEANDARK", dark, None).unwrap();
        header.set("PROPOSID", 9019, None).unwrap();
        header.push_commentary("HISTORY", "of the first").unwrap();
        header
    }

    #[test]
    fn values_follow_from_all_inputs() {
        let (a, b) = (header("F606W", 1, 2.0, 0.1), header("F606W", 2, 4.0, 0.3));
        let both = blend(&[&a, &b]);
        assert_eq!(both.text("FILTER1").as_deref(), Some("F606W"));
        assert_eq!(both.integer("NCOMBINE"), Some(3));
        assert_eq!(both.real("GOODMEAN"), Some(3.0));
        assert_eq!(both.real("GOODMAX"), Some(4.0));
        assert!(!both.contains("MEANDARK"));
        assert_eq!(both.integer("PROPOSID"), Some(9019));
        assert_eq!(both.commentary("HISTORY"), ["of the first"]);
        let mixed = blend(&[&a, &header("F330W", 1, 2.0, 0.1)]);
        assert_eq!(mixed.text("FILTER1").as_deref(), Some("MULTIPLE"));
        assert_eq!(
            mixed.card("FILTER1").unwrap().comment().as_deref(),
            Some("element")
        );
    }

    #[test]
    fn a_single_header_keeps_its_cards() {
        let a = header("F606W", 1, 2.0, 0.1);
        let blended = blend(&[&a]);
        let kept: Vec<_> = a
            .cards()
            .iter()
            .filter(|card| card.keyword() != "MEANDARK")
            .collect();
        assert_eq!(blended.cards().iter().collect::<Vec<_>>(), kept);
    }
}
