//! A small histogram for whoever watches a run: eight steps an octave, so that a value is known to 6 %.
//!
//! The real one has tens of thousands of places, too many to copy while a run goes on. This one costs an addition for
//! each answer, watched or not, and a few hundred stores every tick. Records know nothing of it.

/// Steps an octave, as a power of two.
const STEP_BITS: u32 = 3;
const STEPS: u64 = 1 << STEP_BITS;
/// Places up to 2³⁶ ns, 69 s; what is longer is counted in the last one.
pub(crate) const PLACES: usize = ((36 - STEP_BITS + 1) as usize) << STEP_BITS;

/// How many latencies fell into each place.
#[derive(Clone, Debug)]
pub(crate) struct Coarse(pub(crate) [u64; PLACES]);

impl Coarse {
    pub(crate) const EMPTY: Self = Self([0; PLACES]);

    pub(crate) fn record(&mut self, latency_ns: u64) {
        self.0[place(latency_ns)] += 1;
    }

    /// The latency in nanoseconds that the share `q` does not exceed: the middle of its place. `None` with fewer than
    /// `beyond` observations beyond it.
    pub(crate) fn percentile(&self, q: f64, beyond: u64) -> Option<u64> {
        let total: u64 = self.0.iter().sum();
        let left = (1.0 - q) * total as f64;
        if total == 0 || left + 1e-6 < beyond as f64 {
            return None;
        }
        let mut above = total;
        let place = self.0.iter().position(|count| {
            above -= count;
            above as f64 <= left
        })?;
        Some(u64::midpoint(lowest(place), lowest(place + 1)))
    }
}

/// Below `STEPS` each value has a place; above, its highest bit and the next three choose one.
fn place(value: u64) -> usize {
    let octave = value.max(STEPS).ilog2() - STEP_BITS;
    let place = u64::from(octave) * STEPS + (value >> octave);
    usize::try_from(place).unwrap_or(PLACES).min(PLACES - 1)
}

/// The smallest value of a place.
fn lowest(place: usize) -> u64 {
    let place = place as u64;
    match (place / STEPS).checked_sub(1) {
        None => place,
        Some(octave) => (STEPS + place % STEPS) << octave,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_in_order_and_an_eighth_of_an_octave_wide() {
        for index in 0..PLACES {
            let (low, high) = (lowest(index), lowest(index + 1));
            assert!(low < high && (high - low) * STEPS <= low.max(STEPS), "{low} {high}");
            assert_eq!((place(low), place(high - 1)), (index, index));
        }
        assert!(lowest(PLACES) > 60_000_000_000, "the longest latency has a place");
        assert_eq!(place(u64::MAX), PLACES - 1);
    }

    #[test]
    fn a_percentile_is_true_to_six_percent_or_is_not_given() {
        let mut coarse = Coarse::EMPTY;
        assert_eq!(coarse.percentile(0.5, 0), None);
        for latency_us in 1..=10_000 {
            coarse.record(latency_us * 1_000);
        }
        for (q, expected) in [(0.5, 5e6), (0.9, 9e6), (0.99, 9.9e6)] {
            let found = coarse.percentile(q, 100).expect("a hundred beyond") as f64;
            assert!((found / expected - 1.0).abs() <= 0.0625, "{q}: {found}");
        }
        assert_eq!(coarse.percentile(0.999, 100), None);
    }
}
