//! Each picture with realistic numbers, in both themes, held to what a reader and a browser need.

mod samples;

#[test]
#[ignore = "writes files to look at"]
fn gallery() {
    let folder = std::path::PathBuf::from(std::env::var_os("GALLERY").expect("GALLERY names a folder"));
    for (name, plot) in samples::all() {
        for theme in super::Theme::ALL {
            std::fs::write(folder.join(format!("{name}-{}.svg", theme.name())), super::render(&plot, theme)).unwrap();
        }
    }
}
