//! The blocking form of a request's work: the handling thread waits, burns and asks by itself.

use std::io::{self, Read};

use contract::{InFlight, Reply, Upstream, WorkFlags, burn, limits};
use reqwest::blocking::{Client, Response};
use reqwest::redirect::Policy;
use thiserror::Error;

/// The upstream client could not be made.
#[derive(Debug, Error)]
#[error("cannot set up the client of --upstream: {0}; raise `ulimit -n` or `ulimit -u`")]
pub struct WorkError(reqwest::Error);

/// The work a request does before it is answered.
///
/// Costs to know: `reqwest::blocking` is an async client inside. All calls of the process go through one hidden thread
/// with a tokio runtime; the handling thread sleeps until that thread hands the answer over, which costs two
/// switches of threads a call. A blocking server pays them because its users do.
#[derive(Debug, Default)]
pub struct Work {
    flags: WorkFlags,
    gauge: Option<InFlight>,
    asking: Option<Asking>,
}

#[derive(Debug)]
struct Asking {
    upstream: Upstream,
    /// Keeps connections to the upstream open between calls, as many as there were calls at the same time.
    client: Client,
}

impl Work {
    /// Makes ready what the work needs.
    ///
    /// # Errors
    ///
    /// [`WorkError`] when there is an upstream and the client's thread cannot start.
    pub fn new(flags: &WorkFlags) -> Result<Self, WorkError> {
        let asking = flags.upstream.clone().map(|upstream| {
            let client = Client::builder()
                .timeout(flags.upstream_timeout)
                .redirect(Policy::none())
                .no_proxy()
                .build()
                .map_err(WorkError)?;
            Ok(Asking { upstream, client })
        });
        Ok(Work { flags: flags.clone(), gauge: flags.gauge(), asking: asking.transpose()? })
    }

    /// Does the work on the calling thread and returns what to answer: `greeting`, or what the upstream made of the
    /// name in `path`.
    #[must_use]
    pub fn perform(&self, path: &str, greeting: Reply) -> Reply {
        let _at_work = self.gauge.as_ref().map(InFlight::enter);
        let wait = self.flags.wait_for(path);
        if !wait.is_zero() {
            #[expect(clippy::disallowed_methods, reason = "the wait is the work that is being measured")]
            std::thread::sleep(wait);
        }
        burn(self.flags.cpu_work);
        match &self.asking {
            None => greeting,
            Some(asking) => asking.ask(path).unwrap_or_else(|instead| instead),
        }
    }
}

impl Asking {
    /// The greeting, or the reply that says why there is none.
    fn ask(&self, path: &str) -> Result<Reply, Reply> {
        let url = self.upstream.url_for(path)?;
        let mut response = self.client.get(url).send().map_err(|error| failure(&error))?;
        let body = read(&mut response).map_err(|error| match error.kind() {
            io::ErrorKind::TimedOut => Upstream::SLOW,
            _ => Upstream::DOWN,
        })?;
        Ok(Upstream::reply(response.status().as_u16(), body))
    }
}

/// One byte more than is passed on, so that too long an answer is seen and no longer one is held.
fn read(response: &mut Response) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    response.take(limits::UPSTREAM_BYTES as u64 + 1).read_to_end(&mut body)?;
    Ok(body)
}

fn failure(error: &reqwest::Error) -> Reply {
    if error.is_timeout() { Upstream::SLOW } else { Upstream::DOWN }
}
