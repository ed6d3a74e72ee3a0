//! When a connection stays, when it ends, and in which order it is served.

use super::case::Case;
use super::expect;
use super::failure::Failure;
use super::probe::Probe;
use super::request::Request;

pub(super) const CASES: &[Case] = &[
    Case::script("connection.is-kept-alive", "HTTP/1.1 keeps a connection for the next request", |probe| {
        let mut connection = probe.connect()?;
        expect::greeting(&connection.ask(&Request::get("/bob"))?, "bob")?;
        connection.expect_usable()
    }),
    Case::script(
        "connection.is-kept-alive-after-an-error",
        "a refusal is an answer like any other",
        |probe| {
            let mut connection = probe.connect()?;
            expect::status(&connection.ask(&Request::get("/a/b"))?, 404)?;
            connection.expect_usable()
        },
    ),
    Case::script("connection.close-is-honoured", "`Connection: close` closes after the answer", |probe| {
        greets_and_closes(probe, &Request::get("/bob").with("Connection: close"))
    }),
    Case::script(
        "connection.close-in-any-case",
        "`Connection: CLOSE` closes after the answer too",
        |probe| greets_and_closes(probe, &Request::get("/bob").with("Connection: CLOSE")),
    ),
    Case::script(
        "connection.close-among-others",
        "`Connection: keep-alive, close` closes after the answer too",
        |probe| greets_and_closes(probe, &Request::get("/bob").with("Connection: keep-alive, close")),
    ),
    Case::script("connection.close-in-a-second-field", "two Connection fields are one list", |probe| {
        let request = Request::get("/bob").with("Connection: keep-alive").with("Connection: close");
        greets_and_closes(probe, &request)
    }),
    Case::script(
        "connection.http10-is-kept-alive-if-asked",
        "HTTP/1.0 keeps the connection that asks for it",
        |probe| {
            let mut connection = probe.connect()?;
            let request = Request::get("/bob").http10().with("Connection: keep-alive");
            expect::greeting(&connection.ask(&request)?, "bob")?;
            connection.expect_usable()
        },
    ),
    Case::script("connection.http10-closes", "HTTP/1.0 closes unless asked to keep alive", |probe| {
        greets_and_closes(probe, &Request::get("/bob").http10())
    }),
    Case::script("connection.pipelines-two", "two requests in one write are answered in order", |probe| {
        pipelines(probe, &["bob", "alice"])
    }),
    Case::script(
        "connection.pipelines-three",
        "three requests in one write are answered in order",
        |probe| pipelines(probe, &["bob", "alice", "carol"]),
    ),
    Case::script(
        "connection.half-closed-is-answered",
        "a client that has said all still gets its answer",
        |probe| {
            let mut connection = probe.connect()?;
            connection.send(&Request::get("/bob").to_bytes())?;
            connection.shutdown_write()?;
            expect::greeting(&connection.receive()?, "bob")
        },
    ),
];

fn greets_and_closes(probe: &Probe, request: &Request) -> Result<(), Failure> {
    let mut connection = probe.connect()?;
    expect::greeting(&connection.ask(request)?, "bob")?;
    connection.expect_closed()
}

fn pipelines(probe: &Probe, names: &[&str]) -> Result<(), Failure> {
    let requests = names.iter().flat_map(|name| Request::get(&format!("/{name}")).to_bytes());
    let mut connection = probe.connect()?;
    connection.send(&requests.collect::<Vec<_>>())?;
    names.iter().try_for_each(|name| expect::greeting(&connection.receive()?, name))
}
