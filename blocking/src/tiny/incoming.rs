//! One request: from the library's parts to the contract's answer, on the thread that may be held up by it.

use std::io::Write;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};

use contract::{AnnouncedBody, CONTENT_TYPE, Reply, SERVER, Status, Version, answer, path_of};
use tiny_http::{HTTPVersion, Header, Method, Request, Response};

use super::body::{Rest, read_and_forget};
use super::inbox::Inbox;
use super::shared::Returned;
use crate::Work;

/// One request, not yet answered.
pub struct Incoming<'a> {
    request: Request,
    body_is_read: bool,
    inbox: &'a Inbox,
}

impl<'a> Incoming<'a> {
    pub(super) fn new(returned: Returned, inbox: &'a Inbox) -> Self {
        Incoming { request: returned.request, body_is_read: returned.body_is_read, inbox }
    }

    /// Does the work of the request if it is to be greeted, then answers it.
    ///
    /// A request whose body has still to come is given to a janitor: to be answered there, or to come back to a
    /// handler once it is complete. So the caller is held up by the work only, and by a client that does not
    /// read its answers.
    ///
    /// A client that has gone away is not an error: nobody is left to tell. A panic ends this request only; else
    /// the thread would go, and the server would be one short without anybody noticing.
    pub fn serve(self, work: &Work) {
        if catch_unwind(AssertUnwindSafe(|| self.answer(work))).is_err() {
            eprintln!("warning: survived a panic in a request");
        }
    }

    fn answer(self, work: &Work) {
        let (mut reply, announced) = decide(&self.request);
        let rest = if self.body_is_read { Rest::Nothing } else { Rest::of(&self.request, announced) };
        let Incoming { request, inbox, .. } = self;
        if rest == Rest::Unread {
            return read_elsewhere(request, inbox);
        }
        if reply.status == Status::Ok {
            let path = path_of(request.url()).unwrap_or_default();
            reply = work.perform(path, reply);
        }
        match rest {
            Rest::Nothing | Rest::Unread => respond(request, reply),
            Rest::Draining => inbox.janitors.hand_over(move || respond(request, reply)),
            Rest::Undroppable => inbox.janitors.hand_over(move || respond_and_keep(request, &reply)),
        }
    }
}

/// Has the body read by a janitor; a complete request comes back to a handler, since its work is a handler's.
fn read_elsewhere(mut request: Request, inbox: &Inbox) {
    let place = inbox.shared.keep_place(&request);
    inbox.janitors.hand_over(move || match read_and_forget(&mut request) {
        Ok(()) => place.give_back(request),
        Err(refusal) => {
            respond(request, refusal);
            drop(place);
        }
    });
}

fn decide(request: &Request) -> (Reply, AnnouncedBody) {
    let target = request.url();
    let version = match request.http_version() {
        HTTPVersion(1, 1) => Version::Http11,
        _ => Version::Http10,
    };
    let mut facts = contract::Request::new(request.method().as_str(), path_of(target), target.len(), version);
    for header in request.headers() {
        facts.add_field(header.field.as_str().as_str(), header.value.as_bytes());
    }
    (answer(&facts), facts.announced_body())
}

/// Answers, and drains what is left of the body.
fn respond(request: Request, reply: Reply) {
    let allow = reply.allow();
    let mut response = Response::from_data(reply.body.into_owned()).with_status_code(reply.status.code());
    response.add_header(header("Server", SERVER));
    response.add_header(header("Content-Type", CONTENT_TYPE));
    if let Some(methods) = allow {
        response.add_header(header("Allow", methods));
    }
    // A client that has gone away takes its answer's failure with it.
    let _ = request.respond(response);
}

/// Answers a request that must never be dropped.
///
/// `upgrade` is the one way to write an answer that leaves the request's reader alive. It writes an `Upgrade`
/// field, which any answer may have, and no length, which this one must have: so the length goes in as part of
/// that field's value, for which the library has no check (tiny-http#288). What it returns owns the connection.
/// It is forgotten: reading from it to the end would drop the reader, and dropping the reader aborts.
fn respond_and_keep(request: Request, reply: &Reply) {
    let sends_body = *request.method() != Method::Head;
    let fields = format!("HTTP/1.1\r\nConnection: close\r\nContent-Length: {}", reply.body.len());
    let response = Response::empty(reply.status.code())
        .with_header(header("Server", SERVER))
        .with_header(header("Content-Type", CONTENT_TYPE));
    let mut connection = request.upgrade(&fields, response);
    if sends_body {
        // As above: nobody is left to tell.
        let _ = connection.write_all(reply.body.as_bytes()).and_then(|()| connection.flush());
    }
    mem::forget(connection);
}

fn header(name: &str, value: &str) -> Header {
    Header::from_bytes(name, value).expect("names and values are ASCII constants of the contract")
}
