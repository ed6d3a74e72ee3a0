//! What every answer carries: type, length and date, and a sentence when it is an error.

use super::case::Case;
use super::expect;
use super::failure::{Failure, quote};
use super::probe::Probe;
use super::request::{HOST, Request};

pub(super) const CASES: &[Case] = &[
    Case::script("answer.content-type", "a greeting is `text/plain; charset=utf-8`", |probe| {
        expect::media_type(&probe.ask(&Request::get("/World"))?)
    }),
    Case::script("answer.content-length", "a greeting announces its length, and is not chunked", |probe| {
        announces_length(probe, "/World", "13")
    }),
    Case::script("answer.content-length-counts-bytes", "a length is in bytes, not in characters", |probe| {
        announces_length(probe, "/%C3%A9", "10")
    }),
    Case::script("answer.date", "an answer has a date in the form of RFC 9110", |probe| {
        let response = probe.ask(&Request::get("/World"))?;
        let dated = response.field("date").is_some_and(is_imf_fixdate);
        expect::holds(
            dated,
            || "a date such as `Sun, 06 Nov 1994 08:49:37 GMT`".to_owned(),
            || quote(&response.head),
        )
    }),
    Case::script("error.404-is-a-sentence", "404 explains itself in one sentence of text/plain", |probe| {
        expect::sentence(&probe.ask(&Request::get("/a/b"))?, 404)
    }),
    Case::script("error.405-is-a-sentence", "405 explains itself in one sentence of text/plain", |probe| {
        expect::sentence(&probe.ask(&Request::new("POST", "/bob"))?, 405)
    }),
    Case::script("error.400-is-a-sentence", "400 explains itself in one sentence of text/plain", |probe| {
        expect::sentence(&probe.ask(&Request::get("/%00"))?, 400)
    }),
    Case::script("error.414-is-a-sentence", "414 explains itself in one sentence of text/plain", |probe| {
        expect::sentence(&probe.ask(&Request::get(&format!("/{}", "n".repeat(1_025))))?, 414)
    }),
    Case::script("error.413-is-a-sentence", "413 explains itself in one sentence of text/plain", |probe| {
        expect::sentence(&probe.ask(&Request::get("/bob").with("Content-Length: 65537"))?, 413)
    }),
    Case::script("error.431-is-a-sentence", "431 explains itself in one sentence of text/plain", |probe| {
        let field = format!("X-Fill: {}", "f".repeat(66 * 1_024));
        expect::sentence(&probe.ask(&Request::get("/bob").with(field))?, 431)
    }),
    Case::script(
        "error.of-101-fields-is-a-sentence",
        "too many fields are refused in one sentence",
        |probe| {
            let many =
                (0..100).fold(Request::get("/bob"), |request, n| request.with(format!("X-Fill-{n}: f")));
            expect::sentence(&probe.ask(&many)?, 431)
        },
    ),
    Case::script(
        "error.of-a-line-of-70-kib-is-a-sentence",
        "a line that no buffer holds is refused in one sentence",
        |probe| {
            expect::sentence(&probe.ask(&Request::get(&format!("/bob?{}", "q".repeat(70 * 1_024))))?, 414)
        },
    ),
    Case::script(
        "error.of-garbage-is-a-sentence",
        "what is no request is refused in one sentence",
        |probe| expect::sentence(&probe.send(b"this is not a request\r\n\r\n")?.1, 400),
    ),
    Case::script(
        "error.of-a-broken-field-is-a-sentence",
        "a field that is none is refused in one sentence",
        |probe| expect::sentence(&probe.ask(&Request::get("/bob").with("X Fill: f"))?, 400),
    ),
    Case::script(
        "error.of-an-unknown-version-is-a-sentence",
        "an unknown version is refused in one sentence",
        |probe| {
            let request = format!("GET /bob HTTP/1.2\r\n{}\r\n\r\n", HOST[0]);
            let response = probe.send(request.as_bytes())?.1;
            // Which status is said by the cases of versions.
            expect::sentence(&response, response.status)
        },
    ),
    Case::script(
        "error.of-garbage-behind-a-request-is-a-sentence",
        "what is no request is refused behind the answers that were due",
        |probe| {
            let mut connection = probe.connect()?;
            let mut bytes = Request::get("/bob").to_bytes();
            bytes.extend_from_slice(b"this is not a request\r\n\r\n");
            connection.send(&bytes)?;
            expect::greeting(&connection.receive()?, "bob")?;
            expect::sentence(&connection.receive()?, 400)
        },
    ),
];

fn announces_length(probe: &Probe, target: &str, length: &str) -> Result<(), Failure> {
    let response = probe.ask(&Request::get(target))?;
    expect::status(&response, 200)?;
    expect::field(&response, "content-length", length)
}

/// `Sun, 06 Nov 1994 08:49:37 GMT`: fixed columns, so that they are compared column by column.
fn is_imf_fixdate(text: &str) -> bool {
    const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let between = |columns: std::ops::Range<usize>, low: u16, high: u16| {
        let digits = &text[columns];
        digits.bytes().all(|byte| byte.is_ascii_digit())
            && digits.parse().is_ok_and(|number: u16| (low..=high).contains(&number))
    };
    text.is_ascii()
        && text.len() == 29
        && DAYS.contains(&&text[..3])
        && &text[3..5] == ", "
        && between(5..7, 1, 31)
        && &text[7..8] == " "
        && MONTHS.contains(&&text[8..11])
        && &text[11..12] == " "
        && between(12..16, 1970, 9999)
        && &text[16..17] == " "
        && between(17..19, 0, 23)
        && &text[19..20] == ":"
        && between(20..22, 0, 59)
        && &text[22..23] == ":"
        && between(23..25, 0, 60)
        && &text[25..] == " GMT"
}

#[cfg(test)]
mod tests {
    use super::is_imf_fixdate;

    #[test]
    fn only_the_fixed_form_is_a_date() {
        assert!(is_imf_fixdate("Sun, 06 Nov 1994 08:49:37 GMT"));
        for wrong in [
            "",
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun Nov  6 08:49:37 1994",
            "Sun, 6 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 08:49:37 CET",
            "Sun, 06 Nov 1994 24:49:37 GMT",
            "Sun, 06 nov 1994 08:49:37 GMT",
            "Sun, +6 Nov 1994 08:49:37 GMT",
        ] {
            assert!(!is_imf_fixdate(wrong), "{wrong}");
        }
    }
}
