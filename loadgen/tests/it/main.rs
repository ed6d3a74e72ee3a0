//! The load generator from outside: against servers that lie in known ways, and as a program.
//!
//! Every server here binds port 0 on loopback and counts what it does; the record has to agree with it exactly.

mod describing;
mod forms;
mod live;
mod merging;
mod open_loop;
mod program;
mod reuse;
mod schema;
mod server;
mod starving;
mod tasks;
mod theory;
mod truths;
mod wire;
