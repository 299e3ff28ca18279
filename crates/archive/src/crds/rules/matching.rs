//! `Match`: by header values that must agree, the rule that agrees in most of them first.

use super::condition::condition_value;
use super::dated::Dated;
use super::literal::Literal;
use super::matcher::{Matcher, Verdict, alternatives, condition_pattern, is_special};
use super::outcome::Reason;
use super::parameters::Parameters;
use super::selector::{Choice, Chosen, Failure, Selector, Setting};
use std::collections::{BTreeMap, HashMap};

/// Rules that each ask for one value, pattern or nothing of each parameter.
#[derive(Debug)]
pub(super) struct Match {
    parameters: Vec<usize>,
    valid: Vec<Valid>,
    /// In the order of their patterns.
    rules: Vec<(Vec<Matcher>, Choice)>,
    merge_overlaps: bool,
    index: Option<Index>,
}

/// The values that rules ask for of one parameter.
#[derive(Debug)]
struct Valid {
    /// Sorted; empty where any value may be asked for.
    values: Vec<String>,
    /// Whether some rule takes any value.
    open: bool,
    /// Values of headers that stand for others.
    substitutes: Vec<(String, String)>,
}

/// The rules that can match a value of the parameter that tells most of them apart.
#[derive(Debug)]
struct Index {
    which: usize,
    exact: HashMap<String, Vec<usize>>,
    others: Vec<usize>,
}

impl Match {
    pub fn build(
        parameters: Vec<usize>,
        chosen: Vec<(Literal, Choice)>,
        setting: &Setting,
    ) -> Result<Self, String> {
        let mut keyed: Vec<(Vec<String>, Choice)> = Vec::with_capacity(chosen.len());
        for (key, choice) in chosen {
            let patterns: Vec<String> = match &key {
                Literal::Tuple(items) => items.iter().map(condition_pattern).collect(),
                single => vec![condition_pattern(single)],
            };
            if patterns.len() != parameters.len() {
                return Err(format!(
                    "{} has {} values for {} keywords",
                    key.plain(),
                    patterns.len(),
                    parameters.len()
                ));
            }
            keyed.push((patterns, choice));
        }
        keyed.sort_by(|a, b| a.0.cmp(&b.0));
        if let Some([twice, _]) = keyed.windows(2).find(|pair| matches!(pair, [a, b] if a.0 == b.0)) {
            return Err(format!("({}) stands twice in the rules", twice.0.join(", ")));
        }
        let valid = (0..parameters.len())
            .map(|which| Valid::of(&keyed, which, setting.keywords.name(parameters[which]), setting))
            .collect();
        let mut rules = Vec::with_capacity(keyed.len());
        for (patterns, choice) in keyed {
            let matchers = patterns
                .iter()
                .map(|pattern| Matcher::parse(pattern, 0))
                .collect::<Result<_, _>>()?;
            rules.push((matchers, choice));
        }
        let index = Index::of(&rules, parameters.len());
        Ok(Self {
            parameters,
            valid,
            rules,
            merge_overlaps: setting.merge_overlaps,
            index,
        })
    }

    pub fn choices(&self) -> impl Iterator<Item = &Choice> {
        self.rules.iter().map(|(_, choice)| choice)
    }

    pub fn choose(&self, parameters: &Parameters) -> Result<Chosen<'_>, Failure> {
        for (place, valid) in self.parameters.iter().zip(&self.valid) {
            let value = parameters.at(*place);
            if !valid.allows(value, 0) {
                return Err(Failure::end(Reason::Value {
                    keyword: parameters.keywords.name(*place).to_owned(),
                    value: value.to_owned(),
                    known: valid.values.clone(),
                }));
            }
        }
        for (_, group) in self.groups(parameters) {
            match self.of_group(&group, parameters) {
                Err(failure) if failure.go_on => {}
                other => return other,
            }
        }
        Err(Failure::lookup(Reason::NoMatch))
    }

    /// Rules that match, by how well: those that agree in most parameters first.
    fn groups(&self, parameters: &Parameters) -> BTreeMap<i64, Vec<&Choice>> {
        let values: Vec<&str> = self
            .parameters
            .iter()
            .map(|place| parameters.at(*place))
            .collect();
        let mut groups: BTreeMap<i64, Vec<&Choice>> = BTreeMap::new();
        let mut consider = |rule: usize| {
            let Some((matchers, choice)) = self.rules.get(rule) else {
                return;
            };
            let mut weight = 0;
            for (matcher, value) in matchers.iter().zip(&values) {
                match matcher.verdict(value) {
                    Verdict::Match => weight -= 1,
                    Verdict::Indifferent => {}
                    Verdict::Mismatch => return,
                }
            }
            groups.entry(weight).or_default().push(choice);
        };
        match &self.index {
            Some(index) => index.candidates(&values, self.rules.len(), &mut consider),
            None => (0..self.rules.len()).for_each(consider),
        }
        groups
    }

    fn of_group<'a>(&self, group: &[&'a Choice], parameters: &Parameters) -> Result<Chosen<'a>, Failure> {
        match group {
            [one] => one.resolve(parameters),
            _ if !self.merge_overlaps => Err(Failure::end(Reason::Ambiguous)),
            [Choice::Nested(_), ..] => Dated::choose(&dated(group)?, parameters),
            _ => {
                let mut names = Vec::new();
                for choice in group {
                    names.extend(choice.resolve(parameters)?.names());
                }
                Ok(Chosen::Many(names))
            }
        }
    }
}

/// Selectors by date, which alone can be merged.
fn dated<'a>(group: &[&'a Choice]) -> Result<Vec<&'a Dated>, Failure> {
    let one = |choice: &&'a Choice| match choice {
        Choice::Nested(Selector::Dated(dated)) => Ok(dated),
        _ => Err(Failure::end(Reason::Ambiguous)),
    };
    group.iter().map(one).collect()
}

impl Valid {
    fn of(keyed: &[(Vec<String>, Choice)], which: usize, name: &str, setting: &Setting) -> Self {
        let patterns = || keyed.iter().filter_map(move |(patterns, _)| patterns.get(which));
        let mut values: Vec<String> = Vec::new();
        if !patterns().any(|pattern| is_special(pattern)) {
            values = patterns().flat_map(|pattern| alternatives(pattern)).collect();
            values.sort();
            values.dedup();
        }
        let open = values
            .iter()
            .any(|value| matches!(value.as_str(), "*" | "ANY" | "N/A"));
        let substitutes = setting
            .substitutions
            .iter()
            .rev()
            .find(|(keyword, _)| keyword == name);
        // Only texts: a header value does not stand for several.
        let texts = |pairs: &[(Literal, Literal)]| {
            let text = |(old, new): &(Literal, Literal)| Some((old.plain(), new.text()?.to_owned()));
            pairs.iter().filter_map(text).collect()
        };
        Self {
            values,
            open,
            substitutes: substitutes.map(|(_, pairs)| texts(pairs)).unwrap_or_default(),
        }
    }

    /// Whether a value occurs in the rules, or need not.
    fn allows(&self, value: &str, depth: usize) -> bool {
        let known = |value: &str| {
            self.values
                .binary_search_by(|known| known.as_str().cmp(value))
                .is_ok()
        };
        if known(value) || known(&condition_value(value)) || self.open || self.values.is_empty() {
            return true;
        }
        if depth > 16 {
            return false;
        }
        if let Some(negated) = value.strip_prefix("NOT") {
            return self.allows(negated.trim(), depth + 1);
        }
        if is_special(value) || matches!(value, "*" | "ANY" | "N/A") {
            return true;
        }
        if let [one] = &self.values[..]
            && one.contains(':')
        {
            let bounds: Option<Vec<f64>> = one.split(':').map(super::condition::real).collect();
            return match (bounds.as_deref(), super::condition::real(value)) {
                (Some([low, high]), Some(number)) => (*low..=*high).contains(&number),
                _ => false,
            };
        }
        let substitute = self.substitutes.iter().find(|(old, _)| old == value);
        substitute.is_some_and(|(_, new)| self.allows(new, depth + 1))
    }
}

impl Index {
    /// An index where there are rules enough to be worth it.
    fn of(rules: &[(Vec<Matcher>, Choice)], parameters: usize) -> Option<Self> {
        if rules.len() < 8 {
            return None;
        }
        let by = |which: usize| {
            let mut index = Self {
                which,
                exact: HashMap::new(),
                others: Vec::new(),
            };
            for (rule, (matchers, _)) in rules.iter().enumerate() {
                match matchers.get(which).and_then(Matcher::only_value) {
                    Some(value) => index.exact.entry(value.to_owned()).or_default().push(rule),
                    None => index.others.push(rule),
                }
            }
            index
        };
        let longest =
            |index: &Self| index.others.len() + index.exact.values().map(Vec::len).max().unwrap_or_default();
        (0..parameters).map(by).min_by_key(longest)
    }

    /// Calls `consider` with the rules that can match, in order.
    fn candidates(&self, values: &[&str], rules: usize, consider: &mut impl FnMut(usize)) {
        let value = values.get(self.which).copied().unwrap_or_default();
        if matches!(value, "*" | "N/A") {
            (0..rules).for_each(consider);
            return;
        }
        let exact = self.exact.get(value).map_or(&[][..], Vec::as_slice);
        let (mut a, mut b) = (exact.iter().peekable(), self.others.iter().peekable());
        loop {
            let next = match (a.peek(), b.peek()) {
                (Some(x), Some(y)) if x < y => a.next(),
                (Some(_), None) => a.next(),
                (_, Some(_)) => b.next(),
                (None, None) => return,
            };
            if let Some(rule) = next {
                consider(*rule);
            }
        }
    }
}
