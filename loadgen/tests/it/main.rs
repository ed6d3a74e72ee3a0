//! The load generator from outside: against servers that lie in known ways, and as a program.
//!
//! Every server here binds port 0 on loopback and counts what it does; the record has to agree with it exactly.

mod arrivals;
mod comparing;
mod describing;
mod faults;
mod files;
mod forms;
mod live;
mod merging;
mod milestones;
mod open_loop;
mod program;
mod reqwest;
mod reuse;
mod schema;
#[cfg(feature = "https")]
mod secure;
mod server;
mod server_pid;
mod start_at;
mod starving;
mod tasks;
mod theory;
mod truths;
mod wire;
