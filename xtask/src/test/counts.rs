//! How many tests ran, read from the closing lines of cargo test and pytest.

/// Numbers of tests.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    pub passed: u64,
    pub failed: u64,
    pub skipped: u64,
}

impl Counts {
    /// Adds a line of `cargo test`: `test result: ok. 5 passed; 0 failed; 1 ignored; …`.
    pub fn add_cargo(&mut self, line: &str) {
        if let Some((_, counts)) = line
            .strip_prefix("test result:")
            .and_then(|rest| rest.split_once(". "))
        {
            self.add_words(counts, ';');
        }
    }

    /// Adds a line of pytest: `=== 5 passed, 1 skipped in 0.30s ===`.
    pub fn add_pytest(&mut self, line: &str) {
        let closing = line.trim_matches(|c| c == '=' || c == ' ');
        if let Some((counts, seconds)) = closing.rsplit_once(" in ")
            && seconds
                .split(['s', ' '])
                .next()
                .is_some_and(|number| number.parse::<f64>().is_ok())
        {
            self.add_words(counts, ',');
        }
    }

    fn add_words(&mut self, counts: &str, separator: char) {
        for count in counts.split(separator) {
            let mut words = count.split_whitespace();
            let (Some(Ok(number)), Some(what)) = (words.next().map(str::parse::<u64>), words.next()) else {
                continue;
            };
            match what {
                "passed" | "xfailed" => self.passed += number,
                "failed" | "error" | "errors" | "xpassed" => self.failed += number,
                "ignored" | "skipped" => self.skipped += number,
                _ => {}
            }
        }
    }
}

impl std::fmt::Display for Counts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} passed, {} failed, {} skipped",
            self.passed, self.failed, self.skipped
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closing_lines_of_cargo_test() {
        let mut counts = Counts::default();
        counts.add_cargo("running 6 tests");
        counts.add_cargo(
            "test result: ok. 5 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s",
        );
        counts.add_cargo(
            "test result: FAILED. 2 passed; 3 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1s",
        );
        assert_eq!(
            counts,
            Counts {
                passed: 7,
                failed: 3,
                skipped: 1
            }
        );
    }

    #[test]
    fn closing_lines_of_pytest() {
        let mut counts = Counts::default();
        counts.add_pytest("SKIPPED [1] tests/test_a.py:3: 5 failed in a comment");
        counts.add_pytest("======= 1 failed, 12 passed, 2 skipped, 1 error in 3.27s =======");
        counts.add_pytest("4 passed in 75.10s (0:01:15)");
        assert_eq!(
            counts,
            Counts {
                passed: 16,
                failed: 2,
                skipped: 2
            }
        );
    }
}
