//! Files of one record a line.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

use serde::de::DeserializeOwned;

use super::StoreError;
use crate::record::SCHEMA_VERSION;

/// The records of a file; of one that is not there, none. A last line without its end is what a run that died was writing: it is left out.
///
/// `version` tells a record's schema version, where it has one.
pub(super) fn read<T: DeserializeOwned>(
    path: &Path,
    version: impl Fn(&T) -> Option<u32>,
) -> Result<Vec<T>, StoreError> {
    let cannot_read = |source| StoreError::Read { path: path.to_owned(), source };
    let mut reader = match File::open(path) {
        Ok(file) => BufReader::new(file),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(cannot_read(error)),
    };
    let mut values = Vec::new();
    let mut line = String::new();
    while reader.read_line(&mut line).map_err(cannot_read)? > 0 && line.ends_with('\n') {
        let parsed = serde_json::from_str::<T>(&line);
        // A line of another version need not parse at all.
        let found = parsed.as_ref().ok().and_then(&version).map(u64::from).or_else(|| version_in(&line));
        if let Some(found) = found.filter(|found| *found != u64::from(SCHEMA_VERSION)) {
            return Err(StoreError::OtherSchema { path: path.to_owned(), found });
        }
        values.push(parsed.map_err(|source| StoreError::Parse {
            path: path.to_owned(),
            line: values.len() + 1,
            source,
        })?);
        line.clear();
    }
    Ok(values)
}

fn version_in(line: &str) -> Option<u64> {
    serde_json::from_str::<serde_json::Value>(line).ok()?["schema_version"].as_u64()
}
