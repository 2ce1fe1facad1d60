//! A lesson to begin from.

use std::path::Path;

/// The files of a new lesson.
const FILES: [(&str, &str); 4] = [
    ("lesson.yaml", include_str!("template/lesson.yaml")),
    ("en.md", include_str!("template/en.md")),
    ("zh-TW.md", include_str!("template/zh-TW.md")),
    ("solution.sh", include_str!("template/solution.sh")),
];

/// Writes a new lesson into a folder that is empty or not there yet.
pub(crate) fn write(dir: &Path) -> Result<(), String> {
    let named = |e: std::io::Error| format!("{}: {e}", dir.display());
    std::fs::create_dir_all(dir).map_err(named)?;
    if std::fs::read_dir(dir).map_err(named)?.next().is_some() {
        return Err(format!("{} is not empty", dir.display()));
    }
    for (name, text) in FILES {
        std::fs::write(dir.join(name), text).map_err(named)?;
    }
    crate::say!("wrote {}; next: kubarium lesson check {}", dir.display(), dir.display());
    Ok(())
}
