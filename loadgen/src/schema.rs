//! The JSON Schema of a run's record, made from the types that write it.
//!
//! `loadgen/schema/run.schema.json` is what this gives; a test holds the two together. To write it anew:
//!
//! ```sh
//! cargo run -p loadgen -- schema -o loadgen/schema/run.schema.json
//! ```

use schemars::generate::{SchemaGenerator, SchemaSettings};
use schemars::{Schema, json_schema};

use crate::error::ErrorClass;
use crate::record::RunRecord;

/// The schema (draft 2020-12) of a [`RunRecord`] as JSON, indented, with a line end.
///
/// It describes what is written: every field is there, null where the value is not known. It does not forbid fields that
/// it does not know, since later versions add some.
#[must_use]
pub fn of_run() -> String {
    let settings = SchemaSettings::draft2020_12().for_serialize();
    let schema = settings.into_generator().into_root_schema_for::<RunRecord>();
    // `Display` of a JSON value with the flag for it is indented.
    format!("{:#}\n", schema.as_value())
}

/// A count for each class of error; the derived schema of a map would allow any key.
pub(crate) fn counts_of_errors(generator: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "object",
        "propertyNames": generator.subschema_for::<ErrorClass>(),
        "additionalProperties": generator.subschema_for::<u64>(),
    })
}
