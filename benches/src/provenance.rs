//! Where a run's numbers come from: machine, source, versions. Unknown is null with the reason beside it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::SystemTime;

use procfs::{CpuInfo, Current, LoadAverage, Meminfo};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Packages whose version can change a result.
const PACKAGES: [&str; 9] =
    ["axum", "criterion", "hyper", "hyper-util", "mio", "rayon", "tiny_http", "tokio", "loadgen"];

/// A value, or why there is none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    /// The value; null if it is not known.
    pub value: Option<String>,
    /// Why it is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl Known {
    pub(crate) fn from<E: ToString>(result: Result<String, E>) -> Self {
        match result {
            Ok(value) => Known { value: Some(value.trim().to_owned()), reason: None },
            Err(error) => Known { value: None, reason: Some(error.to_string()) },
        }
    }

    /// The value, or `unknown` with the reason, for a reader.
    #[must_use]
    pub fn text(&self) -> String {
        match (&self.value, &self.reason) {
            (Some(value), _) => value.clone(),
            (None, reason) => format!("unknown ({})", reason.as_deref().unwrap_or("no reason was given")),
        }
    }
}

/// Machine, source and versions of one run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Provenance {
    /// When the run began, UTC, RFC 3339.
    pub started_utc: String,
    /// The commit the tree is at.
    pub commit: Known,
    /// Whether tracked files differ from that commit; results are generated, so they do not count.
    pub dirty: Option<bool>,
    /// CPU model.
    pub cpu: Known,
    /// CPUs the kernel shows.
    pub cpus: usize,
    /// Physical memory in bytes.
    pub memory_bytes: Option<u64>,
    /// Kernel name, release and build.
    pub kernel: Known,
    /// What decides the clock frequency of the first CPU.
    pub governor: Known,
    /// Load average over one, five and fifteen minutes when the run began.
    pub load_average: Known,
    /// Soft limit of open files.
    pub open_files: Known,
    /// The compiler.
    pub rustc: Known,
    /// Versions of the libraries that can change a result.
    pub packages: BTreeMap<String, String>,
}

impl Provenance {
    /// Looks at this machine and at the workspace.
    #[must_use]
    pub fn collect(workspace: &Path) -> Self {
        #[expect(clippy::disallowed_methods, reason = "the one place where a run is dated")]
        let now = SystemTime::now();
        Provenance {
            started_utc: humantime::format_rfc3339_seconds(now).to_string(),
            commit: Known::from(output_of("git", &["rev-parse", "HEAD"], workspace)),
            dirty: output_of(
                "git",
                &["status", "--porcelain", "--untracked-files=no", "--", ":!results"],
                workspace,
            )
            .ok()
            .map(|changed| !changed.trim().is_empty()),
            cpu: Known::from(cpu_model()),
            cpus: CpuInfo::current().map_or(0, |info| info.num_cores()),
            memory_bytes: Meminfo::current().ok().map(|memory| memory.mem_total),
            kernel: kernel(),
            governor: Known::from(
                fs::read_to_string("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor")
                    .map_err(|_| "the kernel shows no frequency scaling"),
            ),
            load_average: Known::from(
                LoadAverage::current().map(|load| format!("{} {} {}", load.one, load.five, load.fifteen)),
            ),
            open_files: Known::from(
                nix::sys::resource::getrlimit(nix::sys::resource::Resource::RLIMIT_NOFILE)
                    .map(|(soft, _hard)| soft.to_string()),
            ),
            rustc: Known::from(output_of("rustc", &["--version"], workspace)),
            packages: versions(workspace).unwrap_or_default(),
        }
    }

    /// In what the machine of this run differs from the one that this runs on: CPU model, CPUs, kernel.
    #[must_use]
    pub fn unlike_here(&self) -> Vec<String> {
        let here = CpuInfo::current().map_or(0, |info| info.num_cores());
        let facts = [
            ("CPU", self.cpu.text(), Known::from(cpu_model()).text()),
            ("CPUs", self.cpus.to_string(), here.to_string()),
            ("kernel", self.kernel.text(), kernel().text()),
        ];
        let others = facts.into_iter().filter(|(_, then, now)| then != now);
        others.map(|(what, then, now)| format!("{what} {then}, here {now}")).collect()
    }

    /// A folder name for this run: its start, with characters that every file system takes.
    #[must_use]
    pub fn run_id(&self) -> String {
        self.started_utc.replace(':', "-")
    }
}

fn kernel() -> Known {
    Known::from(fs::read_to_string("/proc/sys/kernel/osrelease"))
}

fn cpu_model() -> Result<String, String> {
    let info = CpuInfo::current().map_err(|error| error.to_string())?;
    info.model_name(0).map(str::to_owned).ok_or_else(|| "/proc/cpuinfo names no model".to_owned())
}

fn output_of(program: &str, args: &[&str], folder: &Path) -> Result<String, String> {
    match Command::new(program).args(args).current_dir(folder).output() {
        Ok(output) if output.status.success() => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
        Ok(output) => Err(format!("{program} ended with {}", output.status)),
        Err(error) => Err(format!("cannot start {program}: {error}")),
    }
}

fn versions(workspace: &Path) -> Option<BTreeMap<String, String>> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let rustc = output_of("rustc", &["-vV"], workspace).ok()?;
    let host = rustc.lines().find_map(|line| line.strip_prefix("host: "))?;
    // Of packages for other platforms a build here has downloaded nothing, and without the filter cargo wants them all.
    let filter = ["--offline", "--locked", "--filter-platform", host];
    let args = [&["metadata", "--format-version", "1"], filter.as_slice()].concat();
    let text = output_of(&cargo, &args, workspace).ok()?;
    let metadata: Value = serde_json::from_str(&text).ok()?;
    let packages = metadata["packages"].as_array()?;
    let pairs = packages.iter().filter_map(|one| Some((one["name"].as_str()?, one["version"].as_str()?)));
    Some(
        pairs
            .filter(|(name, _)| PACKAGES.contains(name))
            .map(|(name, version)| (name.to_owned(), version.to_owned()))
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::binaries::Source;

    #[test]
    fn every_fact_is_there_or_says_why_not() {
        let provenance = Provenance::collect(&Source::workspace());
        assert!(provenance.cpus >= 1);
        for known in [
            &provenance.commit,
            &provenance.cpu,
            &provenance.kernel,
            &provenance.governor,
            &provenance.load_average,
            &provenance.open_files,
            &provenance.rustc,
        ] {
            assert!(known.value.is_some() != known.reason.is_some(), "{known:?}");
        }
        for package in PACKAGES {
            assert!(provenance.packages.contains_key(package), "no version of {package}");
        }
        assert!(!provenance.run_id().contains(':'));
    }

    #[test]
    fn the_reason_is_shown() {
        assert_eq!(Known::from::<&str>(Err("nobody knows")).text(), "unknown (nobody knows)");
        assert_eq!(Known::from::<&str>(Ok("6.1\n".to_owned())).text(), "6.1");
    }
}
