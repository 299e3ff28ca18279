//! The rules for one reference type.

use super::expression::Expression;
use super::hooks::{Fallback, Precondition};
use super::literal::Literal;
use super::mapping::{Mapping, names};
use super::outcome::{Outcome, Reason};
use super::parameters::{Keywords, Parameters};
use super::selector::{Chosen, Failure, Selector, Setting, Substitution};
use crate::Result;

/// An rmap, ready to be asked.
#[derive(Debug)]
pub(super) struct ReferenceRules {
    pub name: String,
    selector: Selector,
    omit: Option<Expression>,
    relevance: Option<Expression>,
    /// Keywords that count only where a condition holds.
    parkey_relevance: Vec<(usize, Expression)>,
    /// Keywords that rules carry for people, and that never count.
    comments: Vec<usize>,
    /// All keywords that it asks for.
    keywords: Vec<usize>,
    precondition: Option<Precondition>,
    fallback: Option<Fallback>,
    /// Whether having no file is a failure, rather than a sign that none is needed.
    required: bool,
}

/// Names that stand for "does not apply" in place of a file or mapping.
pub(super) fn is_not_applicable(name: &str) -> bool {
    matches!(name, "N/A" | "TEMP_N/A" | "n/a" | "temp_n/a")
}

/// Names that stand for "say nothing of this type".
pub(super) fn is_omitted(name: &str) -> bool {
    matches!(name, "OMIT" | "TEMP_OMIT" | "omit")
}

impl ReferenceRules {
    /// Builds the rules of a mapping, whose keywords join those of its instrument.
    pub fn build(mapping: &Mapping, keywords: &mut Keywords) -> Result<Self> {
        mapping.check_kind("reference")?;
        let (instrument, filekind) = (mapping.required("instrument")?, mapping.required("filekind")?);
        let parkey = parkey(mapping)?;
        let mut asked: Vec<String> = parkey.concat();
        let switch = mapping
            .header_text("reffile_switch")
            .unwrap_or("NONE")
            .to_uppercase();
        if switch != "NONE" {
            asked.push(switch);
        }
        asked.extend(mapping.header_names("extra_keys")?);
        let places: Vec<usize> = asked.iter().map(|name| keywords.place(name)).collect();
        let comments = mapping.header_names("comment_parkeys")?;
        let comments = comments.iter().map(|name| keywords.place(name)).collect();
        let substitutions = substitutions(mapping)?;
        let merge = mapping
            .header("merge_overlaps")
            .map(|value| value.plain().to_uppercase());
        let mut setting = Setting {
            keywords,
            parkey: &parkey,
            substitutions: &substitutions,
            merge_overlaps: merge.is_none_or(|value| value == "TRUE" || value == "1"),
        };
        let selector =
            Selector::build(&mapping.selector, 0, &mut setting).map_err(|fault| mapping.fault(&fault))?;
        let (precondition, fallback) = hooks(mapping, &instrument, &filekind);
        let demand = mapping
            .header_text("reffile_required")
            .unwrap_or("NONE")
            .to_uppercase();
        Ok(Self {
            name: mapping.name.clone(),
            selector,
            omit: condition(mapping, "rmap_omit", &asked)?,
            relevance: condition(mapping, "rmap_relevance", &asked)?,
            parkey_relevance: parkey_relevance(mapping, &asked, keywords)?,
            comments,
            keywords: places,
            precondition,
            fallback,
            required: demand == "YES" || demand == "NONE",
        })
    }

    /// The best reference; `None` where the rules say nothing of this type for these values.
    pub fn best(&self, parameters: &Parameters) -> Option<Outcome> {
        let whole = |name: &str| parameters.get(name).map(str::to_owned);
        // A condition that cannot be told neither omits a type nor makes it irrelevant.
        if self
            .omit
            .as_ref()
            .is_some_and(|omit| omit.evaluate(&whole).is_ok_and(|value| value.holds()))
        {
            return None;
        }
        if self
            .relevance
            .as_ref()
            .is_some_and(|relevant| relevant.evaluate(&whole).is_ok_and(|value| !value.holds()))
        {
            return Some(Outcome::NotApplicable);
        }
        match self.select(parameters) {
            Ok(Chosen::One(name)) if is_not_applicable(name) => Some(Outcome::NotApplicable),
            Ok(Chosen::One(name)) if is_omitted(name) => None,
            Ok(Chosen::One(name)) => Some(Outcome::File(name.to_owned())),
            Ok(Chosen::Many(names)) => Some(Outcome::Files(names.into_iter().map(str::to_owned).collect())),
            Err(None) => Some(Outcome::NotApplicable),
            Err(Some(reason)) => Some(Outcome::NotFound(reason)),
        }
    }

    /// The choice, or why there is none; no reason means that none is needed.
    fn select(&self, before: &Parameters) -> Result<Chosen<'_>, Option<Reason>> {
        let mut parameters = before.clone();
        if let Some(hook) = self.precondition {
            hook.apply(&mut parameters)?;
        }
        self.drop_irrelevant(&mut parameters, false)?;
        let failure = match self.selector.choose(&parameters) {
            Ok(chosen) => return Ok(chosen),
            Err(failure) => failure,
        };
        if needs_no_reference(&parameters) {
            return Err(None);
        }
        let mut reason = failure.reason;
        if let Some(hook) = self.fallback {
            let mut parameters = before.clone();
            hook.apply(&mut parameters)?;
            let second = self.drop_irrelevant(&mut parameters, true).map_err(Failure::end);
            match second.and_then(|()| self.selector.choose(&parameters)) {
                Ok(chosen) => return Ok(chosen),
                Err(failure) => reason = failure.reason,
            }
        }
        Err(self.required.then_some(reason))
    }

    /// Sets keywords that do not count to `N/A`. Conditions see the instrument's keywords, or `own_keywords` alone.
    fn drop_irrelevant(&self, parameters: &mut Parameters, own_keywords: bool) -> Result<(), Reason> {
        let mut dropped = self.comments.clone();
        let lookup = |name: &str| {
            let place = parameters.keywords.find(name)?;
            let visible = !own_keywords || self.keywords.contains(&place);
            visible.then(|| parameters.at(place).to_owned())
        };
        for (place, condition) in &self.parkey_relevance {
            if !self.comments.contains(place) && !condition.evaluate(&lookup).map_err(Reason::Other)?.holds()
            {
                dropped.push(*place);
            }
        }
        for place in dropped {
            parameters.set_at(place, "N/A");
        }
        Ok(())
    }

    /// All files that the rules can come to.
    pub fn files(&self) -> Vec<&str> {
        let mut found = Vec::new();
        self.selector.files(&mut found);
        found.retain(|name| !is_not_applicable(name) && !is_omitted(name));
        found
    }
}

/// WFC exposures with half gains are engineering data, for which there are no references.
fn needs_no_reference(parameters: &Parameters) -> bool {
    let gain = parameters.get("CCDGAIN").and_then(super::condition::real);
    parameters.get("DETECTOR") == Some("WFC") && gain.is_some_and(|gain| gain == 0.5 || gain == 1.4)
}

/// The keywords of each level of selectors.
fn parkey(mapping: &Mapping) -> Result<Vec<Vec<String>>> {
    let wrong = || mapping.content("'parkey' in its header must be a tuple of tuples of keywords");
    let levels = mapping
        .header("parkey")
        .and_then(Literal::items)
        .ok_or_else(wrong)?;
    levels
        .iter()
        .map(|level| names(level).ok_or_else(wrong))
        .collect()
}

fn substitutions(mapping: &Mapping) -> Result<Vec<Substitution>> {
    let generic = || {
        vec![(
            Literal::Text("GENERIC".to_owned()),
            Literal::Text("N/A".to_owned()),
        )]
    };
    let mut all = vec![
        ("META.SUBARRAY.NAME".to_owned(), generic()),
        ("SUBARRAY".to_owned(), generic()),
    ];
    let wrong = || mapping.content("'substitutions' in its header must be a dictionary of dictionaries");
    if let Some(own) = mapping.header("substitutions") {
        let Literal::Dict(own) = own else {
            return Err(wrong());
        };
        for (keyword, values) in own {
            let (Some(keyword), Literal::Dict(values)) = (keyword.text(), values) else {
                return Err(wrong());
            };
            all.push((keyword.to_owned(), values.clone()));
        }
    }
    Ok(all)
}

/// A condition on the type as a whole. What is not in parentheses is read in lower case, as it always was.
fn condition(mapping: &Mapping, key: &str, keywords: &[String]) -> Result<Option<Expression>> {
    let Some(text) = mapping.header_text(key) else {
        return Ok(None);
    };
    let text = if text.starts_with('(') && text.ends_with(')') {
        text.to_owned()
    } else {
        text.to_lowercase()
    };
    let text = if key == "rmap_relevance" {
        text.replace("always", "True")
    } else {
        text
    };
    expression(mapping, key, &text, keywords).map(Some)
}

fn expression(mapping: &Mapping, key: &str, text: &str, keywords: &[String]) -> Result<Expression> {
    let mut text = text.to_owned();
    for dotted in keywords.iter().filter(|name| name.contains('.')) {
        text = text.replace(dotted.as_str(), &dotted.replace('.', "_"));
    }
    Expression::parse(&text).map_err(|fault| {
        mapping.content(format!(
            "the condition '{text}' of {key} is not understood: {}",
            fault.reason
        ))
    })
}

/// Conditions by keyword, of the keywords that are asked for.
fn parkey_relevance(
    mapping: &Mapping,
    asked: &[String],
    keywords: &Keywords,
) -> Result<Vec<(usize, Expression)>> {
    let wrong = || mapping.content("'parkey_relevance' in its header must be a dictionary of conditions");
    let Some(own) = mapping.header("parkey_relevance") else {
        return Ok(Vec::new());
    };
    let Literal::Dict(own) = own else {
        return Err(wrong());
    };
    let mut conditions: Vec<(usize, Expression)> = Vec::new();
    for (keyword, text) in own {
        let (Some(keyword), Some(text)) = (keyword.text(), text.text()) else {
            return Err(wrong());
        };
        let condition = expression(mapping, keyword, text, asked)?;
        if !asked.iter().any(|name| name.eq_ignore_ascii_case(keyword)) {
            continue;
        }
        if let Some(place) = keywords.find(&keyword.to_uppercase()) {
            conditions.retain(|(known, _)| *known != place);
            conditions.push((place, condition));
        }
    }
    Ok(conditions)
}

fn hooks(mapping: &Mapping, instrument: &str, filekind: &str) -> (Option<Precondition>, Option<Fallback>) {
    let own = match mapping.header("hooks") {
        Some(Literal::Dict(own)) if !own.is_empty() => Some(own),
        _ => None,
    };
    let name = |kind: &str| match own {
        None => format!("{kind}_{instrument}_{filekind}_v1"),
        Some(own) => {
            let named = own
                .iter()
                .find(|(key, _)| key.text() == Some(kind))
                .and_then(|(_, name)| name.text());
            named.unwrap_or(kind).to_owned()
        }
    };
    (
        Precondition::named(instrument, &name("precondition_header")),
        Fallback::named(instrument, &name("fallback_header")),
    )
}
