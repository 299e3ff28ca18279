//! Names that are near to a name that there is not.

/// The names nearest to `name`, best first, three at most: those that begin alike, or differ in a few letters.
pub(super) fn near<'a>(name: &str, names: &[&'a str]) -> Vec<&'a str> {
    let plain = |text: &str| -> String {
        let letters = text.chars().filter(|c| c.is_alphanumeric());
        letters.flat_map(char::to_lowercase).collect()
    };
    let wanted = plain(name);
    let allowed = (wanted.chars().count() / 3).max(1);
    let mut ranked: Vec<(usize, &str)> = Vec::new();
    for &other in names {
        let there = plain(other);
        let part = wanted.len() >= 3 && (there.contains(&wanted) || wanted.contains(&there));
        let distance = distance(&wanted, &there);
        if part || distance <= allowed {
            ranked.push((distance, other));
        }
    }
    ranked.sort_by_key(|(distance, _)| *distance);
    ranked.into_iter().take(3).map(|(_, name)| name).collect()
}

/// A clause with the nearest names, or with all of them where none is near.
pub(super) fn suggestion(name: &str, names: &[&str]) -> String {
    match near(name, names).as_slice() {
        [] => format!("there are {}", names.join(", ")),
        near => format!("did you mean {}?", near.join(" or ")),
    }
}

/// How many letters are to be put in, taken out or changed (Levenshtein's distance).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let changed = diagonal + usize::from(from != *to);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn misspelt_names_are_recognised() {
        let names = [
            "obs_id",
            "obsid",
            "t_exptime",
            "proposal_id",
            "filters",
            "intentType",
        ];
        assert_eq!(near("exptime", &names), ["t_exptime"]);
        assert_eq!(near("propsal_id", &names), ["proposal_id"]);
        assert_eq!(near("filter", &names), ["filters"]);
        assert_eq!(near("intent_type", &names), ["intentType"]);
        assert!(near("zzz", &names).is_empty());
        assert!(suggestion("zzz", &names).starts_with("there are obs_id, "));
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("kitten", "sitting"), 3);
    }
}
