//! Blocks as Markdown of GitHub's flavour.

use std::fmt::Write;

use comfy_table::presets::ASCII_MARKDOWN;
use comfy_table::{CellAlignment, Table as Grid};

use super::PLOTS;
use super::document::{Block, Cells, Picture, Table};
use crate::plot::Theme;

/// The page. `folder` is where the run's files lie, as a link from the page: empty or ending in `/`.
pub(super) fn render(blocks: &[Block], folder: &str) -> String {
    let mut text = blocks.iter().map(|one| block(one, folder)).collect::<Vec<_>>().join("\n\n");
    text.push('\n');
    text
}

fn block(block: &Block, folder: &str) -> String {
    match block {
        Block::Heading(level, text) => format!("{} {text}", "#".repeat(usize::from(*level))),
        Block::Text(text) => text.clone(),
        Block::List(items) => items.iter().map(|item| format!("- {item}")).collect::<Vec<_>>().join("\n"),
        Block::Table(table) => table_of(table),
        Block::Picture(one) => picture(one, folder),
        Block::Folded(summary, blocks) => {
            let inside = render(blocks, folder);
            format!("<details><summary>{}</summary>\n\n{inside}\n</details>", escaped(summary))
        }
    }
}

/// A table of figures alone: the columns after the first are aligned to the right.
pub(crate) fn grid(header: &[&str], rows: Vec<Vec<String>>) -> String {
    block(&Table::of_figures("", header, rows), "")
}

fn table_of(table: &Table) -> String {
    let cell = |text: &String| text.replace('|', "\\|");
    if table.cells == Cells::Words {
        let line =
            |cells: &[String]| format!("| {} |", cells.iter().map(cell).collect::<Vec<_>>().join(" | "));
        let mut lines = vec![line(&table.header), format!("|{}", "---|".repeat(table.header.len()))];
        lines.extend(table.rows.iter().map(|row| line(row)));
        return lines.join("\n");
    }
    let mut grid = Grid::new();
    grid.load_style(ASCII_MARKDOWN);
    grid.set_header(&table.header);
    for row in &table.rows {
        grid.add_row(row.iter().map(cell));
    }
    for index in 1..table.header.len() {
        if let Some(column) = grid.column_mut(index) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    grid.to_string()
}

/// GitHub strips SVG from Markdown, and shows files, one for each theme.
fn picture(one: &Picture, folder: &str) -> String {
    let file = |theme: Theme| format!("{folder}{PLOTS}/{}", file(&one.name, theme));
    let mut text = "<picture>\n".to_owned();
    let _ =
        writeln!(text, r#"  <source media="(prefers-color-scheme: dark)" srcset="{}">"#, file(Theme::Dark));
    let _ = writeln!(text, r#"  <img alt="{}" src="{}">"#, escaped(&one.plot.alt), file(Theme::Light));
    text.push_str("</picture>");
    text
}

/// The name of a picture's file.
pub(super) fn file(name: &str, theme: Theme) -> String {
    format!("{name}-{}.svg", theme.name())
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
