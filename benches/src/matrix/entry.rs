//! A setting with who is measured in it, how often and how long.

use super::{Cell, Setting};
use crate::contender::{Contender, Model};

/// A setting and who is measured in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The setting.
    pub setting: Setting,
    /// The contenders, in the order in which tables show them.
    pub contenders: Vec<Contender>,
    /// Whether one contender is measured twice, to see how much two equal servers differ (A/A): the last async one of ours, and where there is none
    /// the last of all.
    pub twin: bool,
    /// How many blocks it needs.
    pub blocks: Blocks,
    /// How many of the profile's windows its trials last, where one brings too few requests to decide by.
    pub windows: u32,
}

/// How often each cell of an entry is measured.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Blocks {
    /// In each block.
    #[default]
    Usual,
    /// In no more than so many: its trials take long.
    AtMost(usize),
    /// In no fewer: what it looks for is small beside the noise of the machine.
    AtLeast(usize),
}

impl Blocks {
    /// The blocks of a run whose other cells are measured in `usual` ones.
    #[must_use]
    pub fn of(self, usual: usize) -> usize {
        match self {
            Blocks::Usual => usual,
            Blocks::AtMost(most) => usual.min(most),
            Blocks::AtLeast(least) => usual.max(least),
        }
    }
}

impl Entry {
    /// As the profile has it.
    #[must_use]
    pub fn new(setting: Setting, contenders: Vec<Contender>) -> Self {
        Entry { setting, contenders, twin: false, blocks: Blocks::Usual, windows: 1 }
    }

    /// Where a user gives a number of blocks it is not raised, and a length of windows is that of all.
    pub fn give(&mut self, blocks: bool, length: bool) {
        if blocks && matches!(self.blocks, Blocks::AtLeast(_)) {
            self.blocks = Blocks::Usual;
        }
        if length {
            self.windows = 1;
        }
    }

    /// Sees to it that some setting of a run has a contender that is measured twice: the first, where none has.
    pub fn give_a_twin(entries: &mut [Entry]) {
        if !entries.iter().any(|entry| entry.twin)
            && let Some(first) = entries.first_mut()
        {
            first.twin = true;
        }
    }

    /// Its cells, the twin last.
    #[must_use]
    pub fn cells(&self) -> Vec<Cell> {
        let mut cells: Vec<Cell> = self.contenders.iter().map(|one| Cell::of(self.setting, one)).collect();
        let is_ours = |one: &&Contender| one.model == Model::Async && one.package().is_some();
        let doubled = self.contenders.iter().rev().find(is_ours).or(self.contenders.last());
        if let (true, Some(doubled)) = (self.twin, doubled) {
            cells.push(Cell { twin: true, ..Cell::of(self.setting, doubled) });
        }
        cells
    }
}
