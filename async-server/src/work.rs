//! The async form of a request's work: the task waits and asks, and gives its thread back meanwhile.

use std::sync::Arc;

use contract::{InFlight, Reply, Upstream, WorkFlags, burn, limits};
use reqwest::Client;
use reqwest::redirect::Policy;
use thiserror::Error;

use crate::Options;
use crate::wait::wait;

/// The upstream client could not be made.
#[derive(Debug, Error)]
#[error("cannot set up the client of --upstream: {0}")]
pub struct WorkError(reqwest::Error);

/// The work a request does before it is answered; clones share the client of the upstream.
#[derive(Debug, Clone)]
pub(crate) struct Work(Arc<Parts>);

#[derive(Debug)]
struct Parts {
    flags: WorkFlags,
    block_the_loop: bool,
    gauge: Option<Arc<InFlight>>,
    asking: Option<Asking>,
}

#[derive(Debug)]
struct Asking {
    upstream: Upstream,
    client: Client,
}

impl Work {
    pub(crate) fn new(options: &Options) -> Result<Self, WorkError> {
        let flags = &options.work;
        let asking = flags.upstream.clone().map(|upstream| {
            let client = Client::builder()
                .timeout(flags.upstream_timeout)
                .redirect(Policy::none())
                .no_proxy()
                .build()
                .map_err(WorkError)?;
            Ok(Asking { upstream, client })
        });
        Ok(Work(Arc::new(Parts {
            flags: flags.clone(),
            block_the_loop: options.block_the_loop,
            gauge: options.gauge.clone(),
            asking: asking.transpose()?,
        })))
    }

    /// This, unless there is nothing to do.
    pub(crate) fn if_any(&self) -> Option<&Self> {
        let Work(parts) = self;
        (parts.gauge.is_some() || !parts.flags.is_nothing()).then_some(self)
    }

    /// Does the work and returns what to answer: `greeting`, or what the upstream made of the name in `path`.
    ///
    /// CPU work stays on the task's thread, as in a handler that computes its answer: nobody else runs there meanwhile.
    pub(crate) async fn perform(&self, path: &str, greeting: Reply) -> Reply {
        let Work(parts) = self;
        let _at_work = parts.gauge.as_deref().map(InFlight::enter);
        let io_wait = parts.flags.wait_for(path);
        if parts.block_the_loop {
            #[expect(
                clippy::disallowed_methods,
                reason = "the blocking wait is the mistake that is being measured"
            )]
            std::thread::sleep(io_wait);
        } else if !io_wait.is_zero() {
            // Boxed, as the call below: a future is as large as its largest wait, and each request moves its own.
            Box::pin(wait(io_wait)).await;
        }
        burn(parts.flags.cpu_work);
        match &parts.asking {
            None => greeting,
            Some(asking) => Box::pin(asking.ask(path)).await.unwrap_or_else(|instead| instead),
        }
    }
}

impl Asking {
    /// The greeting, or the reply that says why there is none.
    async fn ask(&self, path: &str) -> Result<Reply, Reply> {
        let url = self.upstream.url_for(path)?;
        let failure = |error: reqwest::Error| {
            if error.is_timeout() { Upstream::SLOW } else { Upstream::DOWN }
        };
        let mut response = self.client.get(url).send().await.map_err(failure)?;
        let mut body = Vec::new();
        // What is too long is not read to its end: the reply is decided by then.
        while body.len() <= limits::UPSTREAM_BYTES
            && let Some(chunk) = response.chunk().await.map_err(failure)?
        {
            body.extend_from_slice(&chunk);
        }
        Ok(Upstream::reply(response.status().as_u16(), body))
    }
}
