//! Keeps the CPUs out of deep sleep while a session lives, where that is permitted.
//!
//! A CPU that has to be woken from a deep state, or a virtual one that the host has to schedule, adds tens of
//! microseconds to an answer, and most where there is least load. While `/dev/cpu_dma_latency` is held open with 0 in
//! it, the kernel lets no CPU sleep deeper than that allows: the machine's, so the server's too. That it was held is
//! in the record, because figures with and without it do not compare.

use std::fs::{File, OpenOptions};
use std::io::Write;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

const DEVICE: &str = "/dev/cpu_dma_latency";

/// Whether deep sleep was kept away.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CpuSleep {
    /// Whether `/dev/cpu_dma_latency` was held at 0.
    pub prevented: bool,
    /// Why not; null where it was.
    pub reason: Option<String>,
}

/// The device, held until this is dropped.
#[derive(Debug)]
pub(crate) struct Awake {
    /// Held for its effect.
    _device: Option<File>,
    pub(crate) told: CpuSleep,
}

impl Awake {
    /// Holds the device if the process may.
    pub(crate) fn hold() -> Self {
        let open = || {
            let mut device = OpenOptions::new().write(true).open(DEVICE)?;
            device.write_all(&0_i32.to_ne_bytes())?;
            Ok(device)
        };
        match open() {
            Ok(device) => Self { _device: Some(device), told: CpuSleep { prevented: true, reason: None } },
            Err(error) => {
                let error: std::io::Error = error;
                let reason = format!("{DEVICE}: {}", error.kind());
                Self { _device: None, told: CpuSleep { prevented: false, reason: Some(reason) } }
            }
        }
    }
}
