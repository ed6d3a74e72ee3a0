//! The blocking form of a request's work: the handling thread waits, burns and asks by itself.

use std::io::{self, Read};
use std::time::Duration;

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
    /// For the whole call, from its start to the last byte of the answer.
    timeout: Duration,
}

impl Work {
    /// Makes ready what the work needs.
    ///
    /// # Errors
    ///
    /// [`WorkError`] when there is an upstream and the client's thread cannot start.
    pub fn new(flags: &WorkFlags) -> Result<Self, WorkError> {
        let asking = flags.upstream.clone().map(|upstream| {
            let client = Client::builder().redirect(Policy::none()).no_proxy().build().map_err(WorkError)?;
            Ok(Asking { upstream, client, timeout: flags.upstream_timeout })
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
        // The timeout of a blocking client counts anew for each read of a body; that of a request goes with it to the async client
        // inside, which keeps it over head and body.
        let call = self.client.get(url).timeout(self.timeout);
        let mut response = call.send().map_err(|error| failure(&error))?;
        let body = read(&mut response).map_err(|error| read_failure(&error))?;
        Ok(Upstream::reply(response.status().as_u16(), body))
    }
}

/// One byte more than is passed on, so that too long an answer is seen and no longer one is held.
fn read(response: &mut Response) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    response.take(limits::UPSTREAM_BYTES as u64 + 1).read_to_end(&mut body)?;
    Ok(body)
}

/// reqwest wraps its errors for [`Read`], and gives all of them the same kind.
fn read_failure(error: &io::Error) -> Reply {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref());
    inner.map_or(Upstream::DOWN, failure)
}

fn failure(error: &reqwest::Error) -> Reply {
    if error.is_timeout() { Upstream::SLOW } else { Upstream::DOWN }
}
