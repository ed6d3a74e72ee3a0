//! A page before it is Markdown or HTML: the same blocks become both, so that the two cannot disagree.

use crate::plot::Plot;

/// A part of a page. Texts are inline Markdown: `code`, **strong** and links.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Block {
    /// A heading of level 1 to 4.
    Heading(u8, String),
    /// A paragraph.
    Text(String),
    /// Items without order.
    List(Vec<String>),
    /// Rows under a header.
    Table(Table),
    /// A picture, as a file of its own in both themes.
    Picture(Picture),
    /// Blocks that a reader opens at will, under a summary.
    Folded(String, Vec<Block>),
}

/// What the cells of a table hold, and so how they are set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cells {
    /// Numbers after the first column: to the right, one under the other.
    Figures,
    /// Sentences.
    Words,
}

/// Rows under a header.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Table {
    /// What the table is, for those who cannot see where it stands.
    pub(super) name: String,
    /// How cells are set.
    pub(super) cells: Cells,
    /// Names of the columns.
    pub(super) header: Vec<String>,
    /// As many cells in each as the header has.
    pub(super) rows: Vec<Vec<String>>,
}

/// A picture with the name of its files.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Picture {
    /// The file's name, theme and ending apart.
    pub(super) name: String,
    /// What is drawn.
    pub(super) plot: Plot,
}

impl Block {
    /// A heading of a section.
    pub(super) fn section(text: impl Into<String>) -> Self {
        Block::Heading(2, text.into())
    }
}

impl Table {
    /// A table of numbers.
    pub(super) fn of_figures(name: impl Into<String>, header: &[&str], rows: Vec<Vec<String>>) -> Block {
        Self::block(name.into(), Cells::Figures, header, rows)
    }

    /// A table of sentences.
    pub(super) fn of_words(name: impl Into<String>, header: &[&str], rows: Vec<Vec<String>>) -> Block {
        Self::block(name.into(), Cells::Words, header, rows)
    }

    fn block(name: String, cells: Cells, header: &[&str], rows: Vec<Vec<String>>) -> Block {
        let header = header.iter().map(|&text| text.to_owned()).collect();
        Block::Table(Table { name, cells, header, rows })
    }
}

/// All pictures of a page, in its order.
pub(super) fn pictures(blocks: &[Block]) -> Vec<&Picture> {
    fn of(block: &Block) -> Vec<&Picture> {
        match block {
            Block::Picture(picture) => vec![picture],
            Block::Folded(_, blocks) => pictures(blocks),
            _ => Vec::new(),
        }
    }
    blocks.iter().flat_map(of).collect()
}
