//! The command line: raw flags, and the plan they amount to.

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use clap::{Parser, ValueEnum};
use loadgen::{
    Arrivals, Expectation, ExpectedBody, OfferedRate, Opening, Pacing, Plan, RequestForm, Schedule, Segment,
    Stop, Target, Transport, Watch,
};

use super::output::OutputFormat;
use super::values::{RateFlag, at_least_one, cpus, duration, per_second, rate, segment, share, wall_clock};

const EXAMPLES: &str = "\
Examples:
  loadgen http://127.0.0.1:8080/World
  loadgen http://127.0.0.1:8080/World -c 256 -t 2 -d 30s
  loadgen http://127.0.0.1:8080/World -n 100000 --output-format json
  loadgen http://127.0.0.1:8080/World --expect-body 'Hello, {name}!'
  loadgen http://127.0.0.1:8080/World --rate 2000 -d 30s --slo-p99 20ms
  loadgen http://127.0.0.1:8080/World --rate 1000:20000 --arrivals constant -d 60s
  loadgen https://127.0.0.1:8443/World --transport reqwest --insecure
  loadgen max http://127.0.0.1:8080/World --slo-p99 50ms
  loadgen merge first.json second.json
  loadgen compare before.json after.json
  loadgen schema
  loadgen completions bash
  loadgen man | man -l -

Exit codes: 0 every request answered as expected; 1 cannot start, or any request failed;
2 wrong usage; 3 an objective was missed; 4 INVALID: the load was not the one asked for;
130, 143 ended by SIGINT, SIGTERM, with the report of what was measured.";

/// An HTTP/1.1 load generator that certifies itself.
///
/// Closed loop unless --rate is given: each connection sends, waits for the answer, sends. With --rate, open loop:
/// requests are due by a schedule, and latency runs from the time they were due.
#[derive(Debug, Parser)]
#[command(name = "loadgen", version, after_help = EXAMPLES, max_term_width = 100, allow_negative_numbers = true)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own on the command line")]
pub(crate) struct Flags {
    /// What to ask for: an http:// or https:// URL; {0..9999} in its path stands for all these numbers
    /// in turn
    url: String,
    /// What sends the requests
    #[arg(long, value_enum, default_value = "raw")]
    transport: TransportFlag,
    /// Accept any certificate from an https server
    #[arg(short = 'k', long)]
    insecure: bool,
    /// Connections, each with one request at a time
    #[arg(short, long, default_value = "64", value_parser = at_least_one)]
    connections: u64,
    /// The method
    #[arg(short, long, default_value = "GET")]
    method: String,
    /// A header, as 'accept: text/plain'; may be given several times
    #[arg(short = 'H', long, value_name = "HEADER")]
    header: Vec<String>,
    /// The body of the request
    #[arg(short, long, default_value = "", hide_default_value = true)]
    body: String,
    /// Open a connection for each request
    #[arg(long)]
    new_connections: bool,
    /// Measure for this long: 10s, 500ms, or a number of seconds [default: 10s]
    #[arg(short, long, short_alias = 'z', value_parser = duration, conflicts_with = "requests")]
    pub(crate) duration: Option<Duration>,
    /// Measure so many requests instead
    #[arg(short = 'n', long, value_parser = at_least_one)]
    requests: Option<u64>,
    /// Event loops, each on its own thread; with reqwest, threads of its runtime
    #[arg(short, long, default_value = "1", value_parser = at_least_one)]
    threads: u64,
    /// The CPUs to pin the event loops to, in turn, as 2,3 or 4-7
    #[arg(long, value_parser = cpus)]
    cpus: Option<Cpus>,
    /// How to open the connections [default: one-by-one; with reqwest, burst]
    #[arg(long, value_enum, value_name = "ORDER")]
    connect: Option<OpeningFlag>,
    /// Open at most so many connections a second before the clock starts
    #[arg(long, value_name = "RATE", value_parser = per_second)]
    connect_rate: Option<f64>,
    /// Open loop: so many requests a second, whatever the answers do; FROM:TO is a ramp over the
    /// duration
    #[arg(short = 'R', long, short_alias = 'q', value_parser = rate)]
    rate: Option<RateFlag>,
    /// How the requests of an open loop are spread
    #[arg(long, value_enum, default_value = "poisson", requires = "rate")]
    arrivals: ArrivalsFlag,
    /// Which of all Poisson schedules to send
    #[arg(long, default_value = "0", requires = "rate")]
    seed: u64,
    /// Send this share of the schedule only, as 2/3; three processes with a third each send what one
    /// would
    #[arg(long, value_name = "I/N", requires = "rate", value_parser = segment)]
    segment: Option<Segment>,
    /// Start the clock at this time, as 2026-01-02T03:04:05Z or in seconds since 1970
    #[arg(long, value_name = "TIME", value_parser = wall_clock)]
    pub(crate) start_at: Option<SystemTime>,
    /// Spin for the last 200 µs before a request is due, and not only the last 30: more punctual
    /// where wake-ups are slow, and a whole CPU for each event loop
    #[arg(long)]
    spin: bool,
    /// Load the server for this long first, and discard what was measured
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub(crate) warmup: Option<Duration>,
    /// How long an answer, or a connection, may take
    #[arg(long, default_value = "10s", value_parser = duration)]
    timeout: Duration,
    /// The one status that is valid
    #[arg(long, default_value = "200", value_name = "STATUS", value_parser = clap::value_parser!(u16).range(200..=599))]
    expect_status: u16,
    /// The one body that is valid; {name} stands for the last path segment, decoded [default: that of
    /// the first answer]
    #[arg(long, value_name = "BODY")]
    expect_body: Option<String>,
    /// Check status and framing only, not the body
    #[arg(long, conflicts_with = "expect_body")]
    no_validate: bool,
    /// Write the latencies of each second to this file, as an interval log that HdrHistogram tools
    /// read
    #[arg(long, value_name = "FILE.hlog")]
    pub(crate) hdr: Option<PathBuf>,
    /// Put counts and latencies of each second into the JSON
    #[arg(long)]
    pub(crate) timeseries: bool,
    /// Tell what this process, usually the server, uses meanwhile: CPU, memory, threads, context switches
    #[arg(long, value_name = "PID")]
    pub(crate) server_pid: Option<u32>,
    /// The objective for the 99th percentile of latency, from when a request was due if there is such a
    /// time; exit code 3 if it is missed
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub(crate) slo_p99: Option<Duration>,
    /// The share of ended requests that may fail, as 0.1% or 0.001; exit code 3 if more do, 0 if fewer
    #[arg(long, value_name = "SHARE", value_parser = share)]
    pub(crate) max_error_rate: Option<f64>,
    /// Write the report to this file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// The form of the report
    #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
    pub(crate) output_format: OutputFormat,
}

/// A list that clap is to see as one value.
type Cpus = Vec<usize>;

/// What sends the requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum TransportFlag {
    /// An event loop of its own: as little as possible beside the server.
    Raw,
    /// The client library as services use it, on tokio; speaks TLS.
    Reqwest,
}

/// How connections are opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum OpeningFlag {
    /// Each gets its first answer before the next is opened.
    OneByOne,
    /// All are opened before any is asked on.
    Burst,
}

/// How arrivals are spread.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ArrivalsFlag {
    /// Independently, as those of many users are.
    Poisson,
    /// At equal gaps.
    Constant,
}

impl Flags {
    /// The plan that the flags amount to; the host is resolved here.
    pub(crate) fn plan(&self) -> anyhow::Result<Plan> {
        self.paced(None)
    }

    /// Flags that say what a search finds out, or have no effect on it, with the reason to leave them away.
    pub(crate) fn useless_to_a_search(&self) -> Option<&'static str> {
        let useless = [
            (self.rate.is_some(), "the rate is what is searched: leave --rate away"),
            (self.requests.is_some(), "a run of the search is as long as its rate needs: leave -n away"),
            (self.hdr.is_some(), "a search has no one window to log: leave --hdr away"),
            (self.timeseries, "a search has no one window to tell second by second: leave --timeseries away"),
            (self.start_at.is_some(), "a search has no one window to start at a time: leave --start-at away"),
            (
                self.server_pid.is_some(),
                "a search has no one window to watch a server in: leave --server-pid away",
            ),
        ];
        useless.into_iter().find_map(|(given, reason)| given.then_some(reason))
    }

    /// The same with this pacing instead of the flags'.
    pub(crate) fn paced(&self, pacing: Option<Pacing>) -> anyhow::Result<Plan> {
        let target = Target::parse(&self.url)?;
        let body = match &self.expect_body {
            _ if self.no_validate => ExpectedBody::Off,
            Some(template) => ExpectedBody::Exact(template.clone()),
            None => ExpectedBody::Auto,
        };
        let plan = Plan::new(target);
        let stop = match (self.requests, self.duration) {
            (Some(requests), _) => Stop::Requests(requests),
            (None, Some(window)) => Stop::After(window),
            (None, None) => plan.stop,
        };
        if matches!((self.rate, stop), (Some(RateFlag::Ramp { .. }), Stop::Requests(_))) {
            anyhow::bail!("a ramp takes the whole duration; give it one with -d instead of -n");
        }
        let transport = match self.transport {
            TransportFlag::Raw => Transport::Raw,
            TransportFlag::Reqwest => Transport::Reqwest,
        };
        let plan = Plan {
            pacing: pacing.unwrap_or_else(|| {
                self.rate.map_or(Pacing::Closed, |rate| Pacing::Open(self.schedule(rate, stop)))
            }),
            spin: self.spin,
            request: RequestForm::new(&self.method, &self.header, self.body.clone().into_bytes())?,
            new_connections: self.new_connections,
            cpus: self.cpus.clone().unwrap_or_default(),
            transport,
            insecure: self.insecure,
            opening: match (self.connect, transport) {
                (Some(OpeningFlag::OneByOne), _) | (None, Transport::Raw) => Opening::OneByOne,
                (Some(OpeningFlag::Burst), _) | (None, Transport::Reqwest) => Opening::Burst,
            },
            connect_rate: self.connect_rate,
            connections: usize::try_from(self.connections)?,
            threads: usize::try_from(self.threads)?,
            stop,
            timeout: self.timeout,
            expect: Expectation { status: self.expect_status, body },
            watch: self.server_pid.map(|pid| Watch { pid, series: self.timeseries }),
            ..plan
        };
        plan.check()?;
        Ok(plan)
    }

    fn schedule(&self, rate: RateFlag, stop: Stop) -> Schedule {
        let rate = match (rate, stop) {
            (RateFlag::Ramp { from, to }, Stop::After(over)) => OfferedRate::Ramp { from, to, over },
            (RateFlag::Steady(rate) | RateFlag::Ramp { from: rate, .. }, _) => OfferedRate::Steady(rate),
        };
        let arrivals = match self.arrivals {
            ArrivalsFlag::Poisson => Arrivals::Poisson,
            ArrivalsFlag::Constant => Arrivals::Constant,
        };
        Schedule { rate, arrivals, seed: self.seed, segment: self.segment.unwrap_or(Segment::WHOLE) }
    }
}
