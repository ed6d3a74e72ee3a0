//! Numbers as a reader wants them: three figures that matter, a unit, thousands set apart.

use indicatif::HumanCount;

/// A count or a rate to the nearest whole number, with thousands set apart: `12,345`.
#[must_use]
pub fn grouped(value: f64) -> String {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "counts and rates, never below 0"
    )]
    HumanCount(value.round() as u64).to_string()
}

/// Three significant figures, without exponent: `0.123`, `1.23`, `12.3`, `123`, `1,234`.
#[must_use]
pub fn figures(value: f64) -> String {
    match value.abs() {
        v if v >= 99.95 => grouped(value),
        v if v >= 9.995 => format!("{value:.1}"),
        v if v >= 0.9995 => format!("{value:.2}"),
        _ => format!("{value:.3}"),
    }
}

/// Nanoseconds in the unit that suits them: `123 µs`, `1.23 ms`, `1.23 s`.
#[must_use]
pub fn latency(ns: u64) -> String {
    let ns = ns as f64;
    match ns {
        _ if ns < 1e3 => format!("{ns:.0} ns"),
        _ if ns < 999.5e3 => format!("{} µs", figures(ns / 1e3)),
        _ if ns < 999.5e6 => format!("{} ms", figures(ns / 1e6)),
        _ => format!("{} s", figures(ns / 1e9)),
    }
}

/// Bytes in MiB.
#[must_use]
pub fn mebibytes(bytes: f64) -> String {
    format!("{} MiB", figures(bytes / f64::from(1 << 20)))
}

/// Bytes in KiB.
#[must_use]
pub fn kibibytes(bytes: f64) -> String {
    format!("{} KiB", figures(bytes / 1_024.0))
}

/// Words as a line that a shell reads as these words.
#[must_use]
pub fn command_line(words: &[String]) -> String {
    let quoted = |word: &String| {
        let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_./@=,:%+".contains(letter);
        if !word.is_empty() && word.chars().all(plain) {
            word.clone()
        } else {
            format!("'{}'", word.replace('\'', r"'\''"))
        }
    };
    words.iter().map(quoted).collect::<Vec<_>>().join(" ")
}

/// A share as a signed percentage: `+1.2 %`, `−34 %`.
#[must_use]
pub fn signed_percent(share: f64) -> String {
    let percent = share * 100.0;
    let sign = if percent < 0.0 { '−' } else { '+' };
    let digits = usize::from(percent.abs() < 9.95);
    format!("{sign}{:.digits$} %", percent.abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_of_numbers() {
        for (value, expected) in [
            (0.0, "0.000"),
            (0.123_4, "0.123"),
            (0.999_9, "1.00"),
            (9.994, "9.99"),
            (9.996, "10.0"),
            (99.96, "100"),
            (1_234.4, "1,234"),
            (1_234_567.0, "1,234,567"),
        ] {
            assert_eq!(figures(value), expected);
        }
        assert_eq!(grouped(999.0), "999");
        for (ns, expected) in [
            (999, "999 ns"),
            (1_500, "1.50 µs"),
            (999_400, "999 µs"),
            (999_600, "1.00 ms"),
            (12_345_678, "12.3 ms"),
            (2_000_000_000, "2.00 s"),
        ] {
            assert_eq!(latency(ns), expected);
        }
        assert_eq!(mebibytes(3.5 * 1_048_576.0), "3.50 MiB");
        assert_eq!(kibibytes(1_536.0), "1.50 KiB");
        for (share, expected) in
            [(0.012_3, "+1.2 %"), (-0.34, "−34 %"), (0.0, "+0.0 %"), (-0.000_1, "−0.0 %")]
        {
            assert_eq!(signed_percent(share), expected);
        }
    }
}
