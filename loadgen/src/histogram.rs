//! Latency histograms: their one set of bounds, and their form in the record.
//!
//! Every histogram of the project is made here. Histograms of different bounds cannot be added exactly, so there is
//! one constant and no other way to make one.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hdrhistogram::Histogram;
use hdrhistogram::serialization::{Deserializer, Serializer, V2DeflateSerializer};

/// The range and precision of every latency histogram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HistogramBounds {
    /// The smallest value told apart from zero, in nanoseconds.
    pub lowest_ns: u64,
    /// The largest value, in nanoseconds; a longer one is recorded as this one, and counted.
    pub highest_ns: u64,
    /// Significant decimal digits: values are true to one part in a thousand.
    pub digits: u8,
}

/// 1 ns to 60 s, three digits.
pub const HISTOGRAM_BOUNDS: HistogramBounds =
    HistogramBounds { lowest_ns: 1, highest_ns: 60_000_000_000, digits: 3 };

/// A record whose histogram cannot be read back.
#[derive(Debug, thiserror::Error)]
#[error("the record's {field} is not a base64 V2-deflate histogram: {cause}; was the file cut or edited?")]
pub struct HistogramError {
    /// The field of the record.
    pub field: &'static str,
    /// What the decoder said.
    pub cause: String,
}

/// An empty histogram with the bounds of the house.
pub(crate) fn empty() -> Histogram<u64> {
    let HistogramBounds { lowest_ns, highest_ns, digits } = HISTOGRAM_BOUNDS;
    Histogram::new_with_bounds(lowest_ns, highest_ns, digits).expect("the bounds are valid constants")
}

/// The exchange form that other `HdrHistogram` tools read: V2 with deflate, in base64.
pub(crate) fn encode(histogram: &Histogram<u64>) -> String {
    let mut bytes = Vec::new();
    V2DeflateSerializer::new().serialize(histogram, &mut bytes).expect("a Vec takes every byte");
    STANDARD.encode(bytes)
}

/// Reads what `encode` wrote; `field` names the place in the record for the error's message.
pub(crate) fn decode(text: &str, field: &'static str) -> Result<Histogram<u64>, HistogramError> {
    let bad = |cause: String| HistogramError { field, cause };
    let bytes = STANDARD.decode(text).map_err(|error| bad(error.to_string()))?;
    let read: Histogram<u64> =
        Deserializer::new().deserialize(&mut bytes.as_slice()).map_err(|error| bad(error.to_string()))?;
    let mut histogram = empty();
    histogram.add(&read).map_err(|error| bad(error.to_string()))?;
    Ok(histogram)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_histogram_survives_the_exchange_form() {
        let mut histogram = empty();
        for value in [1, 999, 1_000_000, HISTOGRAM_BOUNDS.highest_ns] {
            histogram.record(value).expect("within the bounds");
        }
        assert_eq!(decode(&encode(&histogram), "histogram").expect("just encoded"), histogram);
    }

    #[test]
    fn a_cut_histogram_is_an_error_that_names_its_field() {
        let text = encode(&empty());
        let error = decode(&text[..text.len() / 2], "histogram_censored").expect_err("half of it");
        assert!(error.to_string().contains("histogram_censored"), "{error}");
    }
}
