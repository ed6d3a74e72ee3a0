//! Where a run's numbers come from: machine, source, versions. Unknown is null with the reason beside it.

mod facts;

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;
use std::time::SystemTime;

use procfs::{CpuInfo, Current, LoadAverage, Meminfo};
use serde::{Deserialize, Serialize};

/// Packages whose version can change a result.
const PACKAGES: [&str; 10] =
    ["axum", "criterion", "hyper", "hyper-util", "mio", "rayon", "reqwest", "tiny_http", "tokio", "loadgen"];

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

    /// Of a record of before there was such a field.
    fn not_recorded() -> Self {
        Known { value: None, reason: Some("the version that wrote the record did not look".to_owned()) }
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

/// Machine, source and versions of one run. Of what is null or empty, `missing` says why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Provenance {
    /// When the run began, UTC, RFC 3339.
    pub started_utc: String,
    /// The commit the tree is at.
    pub commit: Known,
    /// Whether the tree differs from that commit: a tracked file outside `results/`, which is generated, was changed, or there is an
    /// untracked file that cargo could build in (`*.rs`, `*.toml`, `Cargo.lock`). Ignored files do not count.
    pub dirty: Option<bool>,
    /// CPU model.
    pub cpu: Known,
    /// CPUs the kernel shows.
    pub cpus: Option<usize>,
    /// Physical memory in bytes.
    pub memory_bytes: Option<u64>,
    /// Kernel release.
    pub kernel: Known,
    /// Kernel name and build.
    #[serde(default = "Known::not_recorded")]
    pub kernel_build: Known,
    /// What decides the clock frequency of the first CPU.
    pub governor: Known,
    /// Load average over one, five and fifteen minutes when the run began.
    pub load_average: Known,
    /// Soft limit of open files.
    pub open_files: Known,
    /// Soft and hard limits of a process that can end a run, by the names that `ulimit` has for them; memory in bytes.
    #[serde(default)]
    pub limits: BTreeMap<String, Known>,
    /// What the kernel does about each weakness of the CPU, which costs speed.
    #[serde(default)]
    pub mitigations: BTreeMap<String, String>,
    /// The compiler.
    pub rustc: Known,
    /// Versions of the libraries that can change a result.
    pub packages: BTreeMap<String, String>,
    /// Why a field without a reason of its own is null or empty, by its name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub missing: BTreeMap<String, String>,
}

impl Provenance {
    /// Looks at this machine and at the workspace.
    #[must_use]
    pub fn collect(workspace: &Path) -> Self {
        #[expect(clippy::disallowed_methods, reason = "the one place where a run is dated")]
        let now = SystemTime::now();
        let mut missing = BTreeMap::new();
        let build = || {
            let (name, version) = (facts::kernel("ostype")?, facts::kernel("version")?);
            Ok::<_, io::Error>(format!("{} {}", name.trim(), version.trim()))
        };
        let (nofile, limits) = facts::limits();
        Provenance {
            started_utc: humantime::format_rfc3339_seconds(now).to_string(),
            commit: Known::from(facts::output_of("git", &["rev-parse", "HEAD"], workspace)),
            dirty: or_missing(&mut missing, "dirty", facts::is_dirty(workspace)),
            cpu: Known::from(facts::cpu_model()),
            cpus: or_missing(&mut missing, "cpus", CpuInfo::current().map(|info| info.num_cores())),
            memory_bytes: or_missing(
                &mut missing,
                "memory_bytes",
                Meminfo::current().map(|memory| memory.mem_total),
            ),
            kernel: Known::from(facts::kernel("osrelease")),
            kernel_build: Known::from(build()),
            governor: Known::from(
                fs::read_to_string("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor")
                    .map_err(|_| "the kernel shows no frequency scaling"),
            ),
            load_average: Known::from(
                LoadAverage::current().map(|load| format!("{} {} {}", load.one, load.five, load.fifteen)),
            ),
            open_files: nofile,
            limits,
            mitigations: or_missing(&mut missing, "mitigations", facts::mitigations()).unwrap_or_default(),
            rustc: Known::from(facts::output_of("rustc", &["--version"], workspace)),
            packages: or_missing(&mut missing, "packages", facts::versions(workspace, &PACKAGES))
                .unwrap_or_default(),
            missing,
        }
    }

    /// In what the machine of this run differs from the one that this runs on: CPU model, CPUs, kernel.
    #[must_use]
    pub fn unlike_here(&self) -> Vec<String> {
        let cpus = CpuInfo::current().map(|info| info.num_cores().to_string());
        let facts = [
            ("CPU", self.cpu.text(), Known::from(facts::cpu_model()).text()),
            ("CPUs", self.cpus_text(), Known::from(cpus).text()),
            ("kernel", self.kernel.text(), Known::from(facts::kernel("osrelease")).text()),
        ];
        let others = facts.into_iter().filter(|(_, then, now)| then != now);
        others.map(|(what, then, now)| format!("{what} {then}, here {now}")).collect()
    }

    /// A folder name for this run: its start, with characters that every file system takes.
    #[must_use]
    pub fn run_id(&self) -> String {
        self.started_utc.replace(':', "-")
    }

    /// The number of CPUs, or why it is not known, for a reader.
    #[must_use]
    pub fn cpus_text(&self) -> String {
        self.cpus.map_or_else(|| self.why_not("cpus"), |cpus| cpus.to_string())
    }

    /// `unknown` with the reason, of a field that is null or empty.
    #[must_use]
    pub fn why_not(&self, field: &str) -> String {
        let reason = self.missing.get(field).map_or("no reason was given", String::as_str);
        format!("unknown ({reason})")
    }

    /// What later versions record beside the rest, for the table of a run's origin; nothing for a record of before.
    #[must_use]
    pub fn more(&self) -> Vec<(&'static str, String)> {
        let mut rows = Vec::new();
        if let Some(build) = &self.kernel_build.value {
            rows.push(("kernel build", build.clone()));
        }
        let limit = |(name, limit): (&String, &Known)| format!("{name} {}", limit.text());
        let limits: Vec<String> = self.limits.iter().map(limit).collect();
        let pairs = |(name, what): (&String, &String)| format!("{name}: {what}");
        let mitigations: Vec<String> = self.mitigations.iter().map(pairs).collect();
        let not_known: Vec<String> = self.missing.iter().map(pairs).collect();
        let joined = [
            ("limits", limits.join("; ")),
            ("mitigations", mitigations.join("; ")),
            ("not known", not_known.join("; ")),
        ];
        rows.extend(joined.into_iter().filter(|(_, text)| !text.is_empty()));
        rows
    }

    /// In what this machine differs from the one that a run began on: what forbids going on, and what is to be told.
    #[must_use]
    pub fn since(&self, begun: &Provenance) -> (Vec<String>, Vec<String>) {
        let changed = |pairs: &[(&str, String, String)]| -> Vec<String> {
            let differs = pairs.iter().filter(|(_, was, is)| was != is);
            differs.map(|(what, was, is)| format!("{what} was {was} and is {is}")).collect()
        };
        let memory = |one: &Provenance| one.memory_bytes.map(|bytes| bytes >> 20);
        let machine = changed(&[
            ("the CPU", begun.cpu.text(), self.cpu.text()),
            ("the number of CPUs", begun.cpus_text(), self.cpus_text()),
            ("the kernel", begun.kernel.text(), self.kernel.text()),
        ]);
        let mut told = changed(&[
            ("the commit", begun.commit.text(), self.commit.text()),
            ("the memory in MiB", format!("{:?}", memory(begun)), format!("{:?}", memory(self))),
            ("the frequency governor", begun.governor.text(), self.governor.text()),
            ("the limit of open files", begun.open_files.text(), self.open_files.text()),
        ]);
        if begun.kernel_build.value.is_some() {
            told.extend(changed(&[(
                "the kernel's build",
                begun.kernel_build.text(),
                self.kernel_build.text(),
            )]));
        }
        (machine, told)
    }
}

/// The value, or its reason among the missing.
fn or_missing<T, E: ToString>(
    missing: &mut BTreeMap<String, String>,
    field: &str,
    result: Result<T, E>,
) -> Option<T> {
    result.map_err(|error| missing.insert(field.to_owned(), error.to_string())).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::binaries::Source;

    #[test]
    fn every_fact_is_there_or_says_why_not() {
        let provenance = Provenance::collect(&Source::workspace());
        for (field, is_missing) in [
            ("dirty", provenance.dirty.is_none()),
            ("cpus", provenance.cpus.is_none_or(|cpus| cpus == 0)),
            ("memory_bytes", provenance.memory_bytes.is_none()),
            ("mitigations", provenance.mitigations.is_empty()),
            ("packages", provenance.packages.is_empty()),
        ] {
            assert_eq!(
                provenance.missing.contains_key(field),
                is_missing,
                "{field}: {:?}",
                provenance.missing
            );
        }
        assert_eq!(provenance.limits.keys().collect::<Vec<_>>(), ["nofile", "nproc", "stack"]);
        for known in [
            &provenance.commit,
            &provenance.cpu,
            &provenance.kernel,
            &provenance.kernel_build,
            &provenance.governor,
            &provenance.load_average,
            &provenance.open_files,
            &provenance.rustc,
        ]
        .into_iter()
        .chain(provenance.limits.values())
        {
            assert!(known.value.is_some() != known.reason.is_some(), "{known:?}");
        }
        for package in PACKAGES {
            assert!(provenance.packages.contains_key(package), "no version of {package}");
        }
        assert!(!provenance.run_id().contains(':'));
    }

    #[test]
    fn what_cannot_be_found_out_has_its_reason_and_no_zero() {
        let nowhere = Provenance::collect(Path::new("/no/such/folder"));
        assert_eq!((nowhere.dirty, nowhere.packages.len()), (None, 0));
        for field in ["dirty", "packages"] {
            assert!(nowhere.missing[field].contains("cannot start"), "{:?}", nowhere.missing);
        }
        assert!(nowhere.more().iter().any(|(name, text)| *name == "not known" && text.contains("dirty")));
    }

    #[test]
    fn a_machine_that_is_another_one_is_known() {
        let here = Provenance::collect(&Source::workspace());
        assert_eq!(here.since(&here), (vec![], vec![]));
        let mut other = here.clone();
        (other.cpus, other.kernel.value) = (Some(99), Some("0.1".to_owned()));
        other.commit.value = Some("abc".to_owned());
        let (refused, told) = here.since(&other);
        assert_eq!(refused.len(), 2, "{refused:?}");
        assert!(refused[0].contains("the number of CPUs was 99") && refused[1].contains("kernel was 0.1"));
        assert!(told.len() == 1 && told[0].contains("the commit was abc"), "{told:?}");
    }

    #[test]
    fn the_reason_is_shown() {
        assert_eq!(Known::from::<&str>(Err("nobody knows")).text(), "unknown (nobody knows)");
        assert_eq!(Known::from::<&str>(Ok("6.1\n".to_owned())).text(), "6.1");
    }
}
