//! An HTTP/1.1 load generator, closed and open loop, whose every number is true.
//!
//! # Costs and caveats first
//!
//! - **A closed loop flatters a slow server.** Each connection sends only when its last answer is in, so a stall stops
//!   the load instead of piling it up, and the latencies are those of a user who waits politely. The record therefore
//!   leaves `corrected` latency null. Compare throughput with it; judge latency in an open loop ([`Pacing::Open`]).
//! - **An open loop needs connections.** A due request that finds none free waits in one queue; the wait is in its
//!   corrected latency, and what still waits at the end is `unsent`. More are not opened.
//! - **An event loop that sleeps wakes up late**, by 5 to 100 µs, more on a virtual machine. That is in the corrected
//!   latency and told as `generator_lag`; spinning makes it less than 1 µs and costs a CPU.
//! - **The generator is part of what is measured.** It takes about as much CPU for a request as a fast server does. On
//!   the same core they share it. At saturation the latency includes the time an answer waits for its turn in the
//!   event loop. A run in which the generator is the limit says so: [`verdict`].
//! - **Percentiles are refused** where fewer than 100 observations lie beyond them, or where unfinished requests could
//!   move them: p99 needs 10,000 requests. See [`samples`].
//! - **Timeouts are seen at ticks**, up to 50 ms late. An answer that comes in that gap counts as an answer.
//! - **HTTP/1.1 only, one kind of request.** No pipelining, no redirects, no decompression; TLS through reqwest only.
//! - **[`Transport::Reqwest`] hides things.** Its pool gives any free connection to any caller, so `held` and `starved` are
//!   those of callers; a request that meets a connection the server has just closed is quietly sent again; a connect may
//!   be made for a request that another connection then serves. A request costs it ten times the CPU of the raw one.
//! - **Opening is slow on purpose**: one connection after another, each with a first answer. Ten thousand connections
//!   to a server that takes 10 ms take 100 s to open, unless they come in a burst ([`Opening::Burst`]).
//! - **Side effects:** the soft limit of open files may be raised, which children of the process inherit; where permitted
//!   the machine's CPUs are kept out of deep sleep, which costs power and helps the server too. Linux only:
//!   the CPU time of a thread comes from `RUSAGE_THREAD`.
//! - **Panics:** [`Session::run`] panics rather than return a record whose counts do not add up.
//!
//! # What holds for every record
//!
//! `scheduled = sent + shed + unsent` and `sent = ok + Σ errors + in_flight`. A response with a wrong status or body is
//! an error, outside throughput and latency. What is unknown is null with its reason. Time is monotonic. Memory does
//! not grow with the run, nor with what the server sends.
//!
//! # The parts, in the order in which a run meets them
//!
//! | module | what it is |
//! |---|---|
//! | [`target`], [`plan`] | what is asked for, and how |
//! | [`schedule`], `queue`, `timer` | open loop: when requests are due, who sends the next one, waking up for it |
//! | `opening`, `ramp`, `dialogue`, `sources` | opening the connections on blocking sockets, outside the clock |
//! | `first_answer`, `reference`, `exchange` | the answer that is expected |
//! | [`session`], `engine` | connections kept over several runs; makes the record |
//! | `reqwest_transport` | the other engine: a client library as services use it |
//! | `crew`, `muster`, `worker`, `window` | the event loops, and what they count |
//! | `connection`, `socket` | one connection, and its system calls |
//! | `server_process`, `server_usage` | the process that is loaded, watched from outside |
//! | `response` | the parser: pure, any fragmentation |
//! | `progress`, `coarse` | what whoever watches may see while it goes on |
//! | `tally`, `intervals`, [`samples`], [`histogram`] | counts, latencies, censored observations |
//! | [`limit`] | the search for the highest rate that keeps an objective |
//! | `start`, `summary`, [`record`], [`schema`], [`distribution`], [`merge`](mod@merge), [`compare`], `conditions` | what is told |
//! | [`verdict`], [`warning`] | what it is good for |
//!
//! Deliberately absent: an async runtime in the raw engine (a system call saved is worth more than a task), any writing to the screen
//! (the binary does that from [`Progress`]), and any correction of a number after the fact.
//!
//! # Use
//!
//! ```no_run
//! use loadgen::{Plan, Stop, Target, closed_loop};
//! use std::time::Duration;
//!
//! let target = Target::parse("http://127.0.0.1:8080/World")?;
//! let plan = Plan { stop: Stop::After(Duration::from_secs(2)), ..Plan::new(target) };
//! let record = closed_loop(&plan)?;
//! println!("{:.0} requests/s", record.rate.achieved_per_sec);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod compare;
pub mod distribution;
pub mod histogram;
pub mod merge;
pub mod plan;
pub mod record;
pub mod samples;
pub mod schedule;
pub mod schema;
pub mod session;
pub mod target;
pub mod verdict;
pub mod warning;

mod awake;
mod books;
mod cancel;
mod coarse;
mod conditions;
mod connection;
mod cpu;
mod crew;
mod dialogue;
mod engine;
mod error;
mod exchange;
mod files;
mod first_answer;
mod form;
mod intervals;
pub mod limit;
mod muster;
mod opening;
mod pause;
mod pinning;
mod progress;
mod queue;
mod ramp;
mod reference;
mod reqwest_transport;
mod response;
mod server_process;
mod server_usage;
mod socket;
mod sources;
mod start;
mod step;
mod summary;
mod tally;
mod template;
#[cfg(test)]
mod theory;
mod timer;
mod transport;
mod window;
mod worker;

pub use awake::CpuSleep;
pub use cancel::Cancel;
pub use distribution::Distribution;
pub use error::{ErrorClass, LoadError};
pub use form::{FormError, RequestForm};
pub use histogram::{HISTOGRAM_BOUNDS, HistogramBounds, HistogramError};
pub use intervals::{Interval, IntervalRecord};
pub use merge::{MergeError, merge};
pub use opening::Opening;
pub use plan::{Expectation, ExpectedBody, Pacing, Plan, Stop, Watch};
pub use progress::Progress;
pub use record::RunRecord;
pub use reference::BodyCheck;
pub use response::ProtocolError;
#[cfg(feature = "fuzz")]
pub use response::fuzz as fuzz_response;
pub use samples::{Missing, Samples};
pub use schedule::{Arrivals, OfferedRate, Schedule, Segment, Timetable};
pub use server_usage::{ServerSample, ServerUsage, ServerUsed};
pub use session::{Session, closed_loop, measure};
pub use target::{Target, TargetError};
pub use transport::Transport;
pub use verdict::{Status, Verdict};
pub use warning::Warning;
