//! Prometheus' text format, read: what `/metrics` says is what goes out. It reads what this program writes.

use std::collections::BTreeMap;

/// One metric with all of its series.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Family {
    pub(super) name: String,
    pub(super) help: String,
    pub(super) data: Data,
}

/// The series of a metric.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Data {
    Counter(Vec<Sample>),
    Gauge(Vec<Sample>),
    Histogram(Vec<Buckets>),
}

/// Names and values of a series' labels.
pub(super) type Labels = Vec<(String, String)>;

/// A number.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Sample {
    pub(super) labels: Labels,
    pub(super) value: f64,
}

/// A histogram, each bucket with what is in those before it, as Prometheus counts.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Buckets {
    pub(super) labels: Labels,
    /// Upper bound and count, the last one without bound.
    pub(super) up_to: Vec<(f64, u64)>,
    pub(super) sum: f64,
    pub(super) count: u64,
}

/// Reads a text. What it does not understand it leaves out.
pub(super) fn read(text: &str) -> Vec<Family> {
    let (mut families, mut helps) = (Vec::new(), BTreeMap::new());
    let mut open: Option<(Family, BTreeMap<Labels, Buckets>)> = None;
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("# HELP ") {
            helps.extend(rest.split_once(' ').map(|(name, help)| (name.to_owned(), help.to_owned())));
        } else if let Some((name, kind)) = line.strip_prefix("# TYPE ").and_then(|rest| rest.split_once(' '))
        {
            families.extend(open.take().map(closed));
            let data = match kind {
                "counter" => Data::Counter(Vec::new()),
                "gauge" => Data::Gauge(Vec::new()),
                "histogram" => Data::Histogram(Vec::new()),
                _ => continue,
            };
            let help = helps.remove(name).unwrap_or_default();
            open = Some((Family { name: name.to_owned(), help, data }, BTreeMap::new()));
        } else if let Some((name, sample)) = sample(line)
            && let Some((family, buckets)) = &mut open
        {
            match &mut family.data {
                Data::Counter(samples) | Data::Gauge(samples) => samples.push(sample),
                Data::Histogram(_) => part(name.strip_prefix(family.name.as_str()), sample, buckets),
            }
        }
    }
    families.extend(open.map(closed));
    families
}

fn closed((mut family, buckets): (Family, BTreeMap<Labels, Buckets>)) -> Family {
    if let Data::Histogram(all) = &mut family.data {
        *all = buckets.into_values().collect();
    }
    family
}

/// Notes one line of a histogram.
fn part(ending: Option<&str>, mut sample: Sample, buckets: &mut BTreeMap<Labels, Buckets>) {
    let bound = sample.labels.iter().position(|(name, _)| name == "le").map(|at| sample.labels.remove(at).1);
    let labels = sample.labels.clone();
    let of = buckets.entry(sample.labels).or_insert_with(|| Buckets { labels, ..Buckets::default() });
    match (ending, bound) {
        (Some("_bucket"), Some(bound)) => {
            of.up_to.extend(number(&bound).map(|bound| (bound, whole(sample.value))))
        }
        (Some("_sum"), _) => of.sum = sample.value,
        (Some("_count"), _) => of.count = whole(sample.value),
        _ => {}
    }
}

/// A line such as `name{label="value"} 1`.
fn sample(line: &str) -> Option<(&str, Sample)> {
    let (series, value) = line.rsplit_once(' ')?;
    let value = number(value)?;
    match series.split_once('{') {
        None => Some((series, Sample { labels: Vec::new(), value })),
        Some((name, labels)) => Some((name, Sample { labels: pairs(labels.strip_suffix('}')?)?, value })),
    }
}

fn pairs(mut text: &str) -> Option<Labels> {
    let mut labels = Vec::new();
    while !text.is_empty() {
        let (name, rest) = text.split_once("=\"")?;
        let mut value = String::new();
        let mut letters = rest.char_indices();
        let end = loop {
            match letters.next()? {
                (end, '"') => break end,
                (_, '\\') => value.push(match letters.next()?.1 {
                    'n' => '\n',
                    other => other,
                }),
                (_, letter) => value.push(letter),
            }
        };
        labels.push((name.to_owned(), value));
        text = rest.get(end + 1..)?;
        text = text.strip_prefix(',').unwrap_or(text);
    }
    Some(labels)
}

/// Rust reads `+Inf` and `NaN` as Prometheus writes them.
fn number(text: &str) -> Option<f64> {
    text.parse().ok()
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "counts are whole and not negative"
)]
fn whole(value: f64) -> u64 {
    value as u64
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn counters_gauges_and_histograms_are_read() {
        let text = "# HELP a_total What a \\n says.\n# TYPE a_total counter\na_total{x=\"1\",y=\"b c\"} 3\na_total 4\n\n\
                    # TYPE g gauge\ng 0.5\n\n# HELP h_seconds Long.\n# TYPE h_seconds histogram\n\
                    h_seconds_bucket{r=\"a\",le=\"0.1\"} 1\nh_seconds_bucket{r=\"a\",le=\"+Inf\"} 3\n\
                    h_seconds_sum{r=\"a\"} 2.5\nh_seconds_count{r=\"a\"} 3\n";
        let [a, g, h] = read(text).try_into().unwrap();
        assert_eq!((a.name.as_str(), a.help.as_str()), ("a_total", "What a \\n says."));
        let labels = vec![("x".to_owned(), "1".to_owned()), ("y".to_owned(), "b c".to_owned())];
        let samples = vec![Sample { labels, value: 3.0 }, Sample { labels: vec![], value: 4.0 }];
        assert_eq!(a.data, Data::Counter(samples));
        assert_eq!(g.data, Data::Gauge(vec![Sample { labels: vec![], value: 0.5 }]));
        let buckets = Buckets {
            labels: vec![("r".to_owned(), "a".to_owned())],
            up_to: vec![(0.1, 1), (f64::INFINITY, 3)],
            sum: 2.5,
            count: 3,
        };
        assert_eq!(h.data, Data::Histogram(vec![buckets]));
    }

    #[test]
    fn a_label_that_needs_care_comes_back() {
        let labels = pairs(r#"a="x\"y\\z\nw",b="{,=} ""#).unwrap();
        assert_eq!(
            labels.iter().map(|(_, value)| value.as_str()).collect::<Vec<_>>(),
            ["x\"y\\z\nw", "{,=} "]
        );
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_harm(text in "[#a-z{}=\",\\\\ 0-9\n]{0,200}") {
            let _families = read(&text);
        }
    }
}
