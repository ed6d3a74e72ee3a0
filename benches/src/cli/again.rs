//! The same flags again: those that ask for a run like this one, and those that contradict a run that is gone on with.

use std::collections::BTreeMap;
use std::time::Duration;

use super::RunFlags;
use crate::record::Config;
use crate::rendering::elsewhere;

impl RunFlags {
    /// The flags that ask for the same again, each with its value; the seed apart, and where binaries are taken from.
    #[must_use]
    pub fn again(&self) -> Vec<String> {
        let profile = ("--profile", self.profile().label().to_owned());
        let given = self.given().into_iter().filter(|(flag, _)| *flag != profile.0);
        let elsewhere =
            elsewhere(&self.results.results).map(|folder| ("--results", folder.display().to_string()));
        [profile.clone()]
            .into_iter()
            .chain(given)
            .chain(elsewhere)
            .flat_map(|(flag, value)| [flag.to_owned(), value])
            .collect()
    }

    /// What was given on the command line, flag by flag, the seed and the places of files apart.
    fn given(&self) -> Vec<(&'static str, String)> {
        let mut given = Vec::new();
        let mut add = |flag, value: Option<String>| given.extend(value.map(|value| (flag, value)));
        add("--profile", self.profile.map(|profile| profile.label().to_owned()));
        for name in &self.experiment {
            add("--experiment", Some(name.clone()));
        }
        add("--experiments", self.experiments.as_ref().map(|path| path.display().to_string()));
        for name in &self.contender {
            add("--contender", Some(name.clone()));
        }
        let text = |duration: Duration| humantime::format_duration(duration).to_string().replace(' ', "");
        for name in &self.with {
            add("--with", Some(name.clone()));
        }
        add("--blocks", self.blocks.map(|blocks| blocks.to_string()));
        add("--duration", self.duration.map(text));
        add("--warmup", self.warmup.map(text));
        add("--connections", self.connections.map(|connections| connections.to_string()));
        given
    }

    /// The first flag, given beside `--resume`, that asks for something else than the run was begun with.
    #[must_use]
    pub fn contradiction(&self, begun: &Config) -> Option<String> {
        if let Some(seed) = self.seed.filter(|seed| *seed != begun.seed) {
            return Some(format!("it was begun with --seed {}, not with {seed}", begun.seed));
        }
        let pairs = begun.flags.chunks_exact(2).map(|pair| (pair[0].as_str(), pair[1].clone()));
        let (asked, had) = (by_flag(self.given()), by_flag(pairs));
        asked.into_iter().find_map(|(flag, values)| match had.get(flag) {
            Some(begun) if *begun == values => None,
            Some(begun) => Some(format!("it was begun with {flag} {}", begun.join(&format!(" {flag} ")))),
            None => Some(format!("it was begun without {flag}")),
        })
    }
}

fn by_flag<'a>(pairs: impl IntoIterator<Item = (&'a str, String)>) -> BTreeMap<&'a str, Vec<String>> {
    let mut by_flag: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (flag, value) in pairs {
        by_flag.entry(flag).or_default().push(value);
    }
    by_flag
}
