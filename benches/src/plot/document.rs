//! What makes kuva's SVG a document of its own: it scales, it has a name and a description, and its identifiers are its own.

use super::drawing::Drawing;
use super::{Plot, Theme};

/// The drawing's markup with the root element that kuva does not write. `markup` is what kuva made of `drawing`.
pub(super) fn wrap(plot: &Plot, theme: Theme, drawing: &Drawing, markup: &str) -> String {
    let inside = markup.split_once('>').map_or("", |(_, inside)| inside);
    let id = format!("{}-{}", identifier(&plot.title), theme.name());
    let (width, height) = (drawing.scene.width, drawing.scene.height);
    let description = match &drawing.note {
        Some(note) => format!("{} {note}", plot.alt),
        None => plot.alt.clone(),
    };
    let document = format!(
        concat!(
            r#"<svg xmlns="http://www.w3.org/2000/svg" id="{id}" role="img" aria-labelledby="{id}-title {id}-desc" "#,
            r#"viewBox="0 0 {width} {height}" width="{width}" height="{height}" style="max-width:100%;height:auto" "#,
            r#"font-family="system-ui" fill="{ink}">"#,
            r#"<title id="{id}-title">{title}</title><desc id="{id}-desc">{description}</desc>{inside}"#,
            "\n"
        ),
        id = id,
        width = width,
        height = height,
        ink = theme.ink(),
        title = escaped(&plot.title),
        description = escaped(&description),
        inside = inside,
    );
    without_what_xml_forbids(&document)
}

/// Letters and digits of the title, joined by hyphens, behind a prefix that keeps clear of a page's own identifiers.
fn identifier(title: &str) -> String {
    let words = title.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty());
    words.fold("plot".to_owned(), |id, word| format!("{id}-{}", word.to_lowercase()))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// XML 1.0 has no way to write some characters at all, not even escaped; a space takes their place.
fn without_what_xml_forbids(markup: &str) -> String {
    let forbidden =
        |letter: char| letter.is_control() && letter != '\n' || matches!(letter, '\u{fffe}' | '\u{ffff}');
    markup.replace(forbidden, " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_and_escapes() {
        assert_eq!(identifier("p99 at 5,000/s: <a> & Ünïcode"), "plot-p99-at-5-000-s-a-ünïcode");
        assert_eq!(identifier("…"), "plot");
        assert_eq!(escaped("a < b & c > d"), "a &lt; b &amp; c &gt; d");
        assert_eq!(without_what_xml_forbids("a\u{1b}b\u{ffff}c\n"), "a b c\n");
    }
}
