//! Observing modes: words, some of which are parameters with a value.

/// An observing mode, such as `acs,wfc1,fr656n#6560,mjd#53807.1`.
#[derive(Debug, Clone, PartialEq)]
pub struct Mode {
    /// In lower case, ascending; of parameters the name with its `#`.
    words: Vec<String>,
    parameters: Vec<(String, f64)>,
}

impl Mode {
    /// Reads words that are separated by commas or blanks.
    pub fn parse(text: &str) -> Self {
        let (mut words, mut parameters) = (Vec::new(), Vec::new());
        let separator = |c: char| c == ',' || c.is_whitespace();
        for word in text.split(separator).filter(|word| !word.is_empty()) {
            let word = word.to_ascii_lowercase();
            match word.split_once('#') {
                Some((name, value)) => {
                    let name = format!("{name}#");
                    if let Ok(value) = value.parse() {
                        parameters.push((name.clone(), value));
                    }
                    words.push(name);
                }
                None => words.push(word),
            }
        }
        words.sort();
        Self { words, parameters }
    }

    /// Whether both have the same words, whatever their parameters' values.
    pub fn is(&self, other: &Self) -> bool {
        self.words == other.words
    }

    /// The mode whatever the day.
    pub fn without_day(&self) -> Self {
        let mut mode = self.clone();
        mode.words.retain(|word| word != "mjd#");
        mode
    }

    /// The value of a parameter, by its name with `#`.
    pub fn parameter(&self, name: &str) -> Option<f64> {
        let found = self.parameters.iter().find(|(parameter, _)| parameter == name);
        found.map(|(_, value)| *value)
    }

    /// Its words, separated by commas.
    pub fn words(&self) -> String {
        self.words.join(",")
    }

    /// Those of `modes` that have most words in common with this one: eight at most, and how many more there are.
    pub fn nearest(&self, modes: &[Mode]) -> Vec<String> {
        let common = |mode: &&Mode| mode.words.iter().filter(|word| self.words.contains(word)).count();
        let mut ordered: Vec<&Mode> = modes.iter().collect();
        ordered.sort_by_key(|mode| (usize::MAX - common(mode), mode.words.len()));
        let mut found: Vec<String> = ordered.iter().take(8).map(|mode| mode.words()).collect();
        if ordered.len() > 8 {
            found.push(format!("and {} more", ordered.len() - 8));
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::Mode;

    #[test]
    fn words_are_the_same_in_any_order_and_case() {
        let header = Mode::parse("ACS WFC1 F502N FR656N#6560 MJD#53807.1000");
        assert!(header.is(&Mode::parse("acs,wfc1,fr656n#,f502n,MJD#")));
        assert!(!header.is(&Mode::parse("acs,wfc1,f502n,mjd#")));
        assert_eq!(header.parameter("fr656n#"), Some(6560.0));
        assert_eq!(header.parameter("mjd#"), Some(53807.1));
        assert!(header.without_day().is(&Mode::parse("acs,wfc1,f502n,fr656n#")));
    }

    #[test]
    fn the_modes_nearest_to_one_are_told_first() {
        let rows = ["acs,hrc,f606w", "acs,wfc1,f814w", "acs,wfc1,f606w,pol_v"].map(Mode::parse);
        let told = Mode::parse("ACS WFC1 F606W MJD#5").nearest(&rows);
        assert_eq!(told, ["acs,f606w,pol_v,wfc1", "acs,f606w,hrc", "acs,f814w,wfc1"]);
    }
}
