//! The numbers of `/metrics` as a message of OTLP.

use super::exposition::{Buckets, Data, Family, Labels, Sample};
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::common::v1::{AnyValue, InstrumentationScope, KeyValue, any_value};
use opentelemetry_proto::tonic::metrics::v1::{
    AggregationTemporality, Gauge, Histogram, HistogramDataPoint, Metric, NumberDataPoint, ResourceMetrics,
    ScopeMetrics, Sum, metric, number_data_point,
};
use opentelemetry_proto::tonic::resource::v1::Resource;

/// Everything counts since then, in nanoseconds since 1970.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    pub(super) since: u64,
    pub(super) now: u64,
}

pub(super) fn message(families: Vec<Family>, resource: Resource, span: Span) -> ExportMetricsServiceRequest {
    let scope = InstrumentationScope {
        name: "hub".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        ..InstrumentationScope::default()
    };
    let metrics = families.into_iter().map(|family| metric(family, span)).collect();
    let scopes = ScopeMetrics { scope: Some(scope), metrics, schema_url: String::new() };
    let resource_metrics =
        ResourceMetrics { resource: Some(resource), scope_metrics: vec![scopes], schema_url: String::new() };
    ExportMetricsServiceRequest { resource_metrics: vec![resource_metrics] }
}

fn metric(family: Family, span: Span) -> Metric {
    let cumulative = AggregationTemporality::Cumulative.into();
    let data = match family.data {
        Data::Counter(samples) => metric::Data::Sum(Sum {
            data_points: samples.into_iter().map(|sample| number(sample, span)).collect(),
            aggregation_temporality: cumulative,
            is_monotonic: true,
        }),
        // A state holds now, not since then.
        Data::Gauge(samples) => metric::Data::Gauge(Gauge {
            data_points: samples
                .into_iter()
                .map(|sample| number(sample, Span { since: 0, ..span }))
                .collect(),
        }),
        Data::Histogram(all) => metric::Data::Histogram(Histogram {
            data_points: all.into_iter().map(|buckets| histogram(buckets, span)).collect(),
            aggregation_temporality: cumulative,
        }),
    };
    let unit = if family.name.ends_with("_seconds") { "s" } else { "1" };
    Metric {
        unit: unit.to_owned(),
        name: family.name,
        description: family.help,
        metadata: Vec::new(),
        data: Some(data),
    }
}

fn number(sample: Sample, span: Span) -> NumberDataPoint {
    NumberDataPoint {
        attributes: attributes(sample.labels),
        start_time_unix_nano: span.since,
        time_unix_nano: span.now,
        value: Some(number_data_point::Value::AsDouble(sample.value)),
        ..NumberDataPoint::default()
    }
}

/// Prometheus counts in a bucket what is in those before it, and OTLP does not.
fn histogram(buckets: Buckets, span: Span) -> HistogramDataPoint {
    let mut before = 0;
    let mut own = |up_to: u64| up_to.saturating_sub(std::mem::replace(&mut before, up_to));
    HistogramDataPoint {
        bucket_counts: buckets.up_to.iter().map(|(_, count)| own(*count)).collect(),
        explicit_bounds: buckets
            .up_to
            .iter()
            .map(|(bound, _)| *bound)
            .filter(|bound| bound.is_finite())
            .collect(),
        attributes: attributes(buckets.labels),
        start_time_unix_nano: span.since,
        time_unix_nano: span.now,
        count: buckets.count,
        sum: Some(buckets.sum),
        ..HistogramDataPoint::default()
    }
}

fn attributes(labels: Labels) -> Vec<KeyValue> {
    let pair = |(key, value)| KeyValue {
        key,
        value: Some(AnyValue { value: Some(any_value::Value::StringValue(value)) }),
        key_strindex: 0,
    };
    labels.into_iter().map(pair).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_bucket_holds_its_own_and_the_last_one_what_is_beyond_all_bounds() {
        let up_to = vec![(0.1, 2), (1.0, 2), (5.0, 7), (f64::INFINITY, 9)];
        let buckets = Buckets { labels: vec![], up_to, sum: 40.5, count: 9 };
        let point = histogram(buckets, Span { since: 1, now: 2 });
        assert_eq!(point.bucket_counts, [2, 0, 5, 2]);
        assert_eq!(point.explicit_bounds, [0.1, 1.0, 5.0]);
        assert_eq!((point.count, point.sum), (9, Some(40.5)));
        assert_eq!(point.bucket_counts.iter().sum::<u64>(), point.count);
    }
}
