//! The sums of what `cargo test` prints.

/// Tests by outcome.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    pub(crate) passed: usize,
    pub(crate) failed: usize,
    /// The names, with the reasons where they are stated.
    pub(crate) ignored: Vec<String>,
}

impl Counts {
    /// Takes in a line of output.
    pub(crate) fn read(&mut self, line: &str) {
        if let Some(result) = line.strip_prefix("test result: ") {
            self.passed += number_before(result, " passed");
            self.failed += number_before(result, " failed");
        } else if let Some(test) = line.strip_prefix("test ")
            && let Some((name, reason)) = test.split_once(" ... ignored")
        {
            self.ignored.push(format!("{name}{reason}"));
        }
    }

    /// `N passed, N failed`, and how many were skipped, if any were. It stands alone on its line.
    pub(crate) fn line(&self, failed_steps: usize, skipped_steps: usize) -> String {
        let mut line = format!("{} passed, {} failed", self.passed, self.failed + failed_steps);
        let skipped = self.ignored.len() + skipped_steps;
        if skipped > 0 {
            line.push_str(&format!(", {skipped} skipped"));
        }
        line
    }
}

fn number_before(text: &str, word: &str) -> usize {
    let before = text.split(word).next().unwrap_or_default();
    let digits = before.rsplit(|c: char| !c.is_ascii_digit()).next().unwrap_or_default();
    if text.contains(word) { digits.parse().unwrap_or(0) } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outcomes_are_summed_over_binaries_and_ignored_tests_are_named() {
        let output = "running 3 tests\n\
            test a::b ... ok\n\
            test c ... ignored, takes an hour\n\
            test d ... FAILED\n\
            test result: FAILED. 11 passed; 1 failed; 1 ignored; 0 measured; 2 filtered out; finished in 0.01s\n\
            test result: ok. 120 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 3.01s\n";
        let mut counts = Counts::default();
        output.lines().for_each(|line| counts.read(line));
        assert_eq!(counts.ignored, ["c, takes an hour"]);
        assert_eq!(counts.line(0, 0), "131 passed, 1 failed, 1 skipped");
        assert_eq!(counts.line(2, 1), "131 passed, 3 failed, 2 skipped");
        counts.ignored.clear();
        assert_eq!(counts.line(0, 0), "131 passed, 1 failed");
    }
}
