//! Lessons on disk.

use lessons::{Index, MAX_FILES, Source};
use sim::Order;
use std::path::{Path, PathBuf};

/// Reads a lesson's folder. Files below it count with their path; hidden ones do not.
pub fn read(dir: &Path) -> Result<Source, String> {
    let mut files = Vec::new();
    add(dir, "", &mut files)?;
    files.order();
    Ok(Source::new(files))
}

fn add(dir: &Path, prefix: &str, files: &mut Vec<(String, String)>) -> Result<(), String> {
    let named = |e: std::io::Error| format!("{}: {e}", dir.display());
    for entry in std::fs::read_dir(dir).map_err(named)? {
        let path = entry.map_err(named)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.starts_with('.') {
            continue;
        }
        if files.len() >= MAX_FILES {
            return Err(format!("{}: more than {MAX_FILES} files", dir.display()));
        }
        if path.is_dir() {
            add(&path, &format!("{prefix}{name}/"), files)?;
        } else {
            let bytes = std::fs::read(&path).map_err(|e| format!("{}: {e}", path.display()))?;
            let text = String::from_utf8(bytes).map_err(|e| not_text(&path, &e))?;
            // A browser takes the mark off what it fetches, too.
            let text = text.strip_prefix('\u{feff}').unwrap_or(&text).to_string();
            files.push((format!("{prefix}{name}"), text));
        }
    }
    Ok(())
}

/// What is wrong with a file that is not UTF-8, and where.
fn not_text(path: &Path, why: &std::string::FromUtf8Error) -> String {
    let valid = why.utf8_error().valid_up_to();
    let line = why.as_bytes()[..valid].iter().filter(|b| **b == b'\n').count() + 1;
    let path = path.display();
    format!(
        "{path}:{line}: this is no UTF-8 text, and a lesson holds nothing else; save it as UTF-8, or take it away"
    )
}

/// `CHAPTER/LESSON`: the last two folders of a path.
pub fn name(dir: &Path) -> String {
    let full = dir.canonicalize().unwrap_or_else(|_| dir.to_path_buf());
    let parts: Vec<String> = full.iter().map(|p| p.to_string_lossy().into_owned()).collect();
    parts[parts.len().saturating_sub(2)..].join("/")
}

/// The folders of all lessons below one with an `index.yaml`, in its order. An error where the list and the folders
/// differ.
pub fn content(dir: &Path) -> Result<Vec<PathBuf>, String> {
    let file = dir.join("index.yaml");
    let text = std::fs::read_to_string(&file).map_err(|e| format!("{}: {e}", file.display()))?;
    let (index, problems) = Index::read(&text);
    if let Some(problem) = problems.first() {
        return Err(format!("{}/{problem}", dir.display()));
    }
    let listed: Vec<PathBuf> = index.lessons().map(|name| dir.join(name)).collect();
    if let Some(missing) = listed.iter().find(|folder| !folder.is_dir()) {
        return Err(format!("index.yaml names {}, which is not there", missing.display()));
    }
    for chapter in folders(dir)? {
        if let Some(unlisted) = folders(&chapter)?.into_iter().find(|lesson| !listed.contains(lesson)) {
            return Err(format!("index.yaml has no line for {}", unlisted.display()));
        }
    }
    Ok(listed)
}

fn folders(dir: &Path) -> Result<Vec<PathBuf>, String> {
    let entries = std::fs::read_dir(dir).map_err(|e| format!("{}: {e}", dir.display()))?;
    let mut folders: Vec<PathBuf> =
        entries.filter_map(|e| Some(e.ok()?.path())).filter(|p| p.is_dir()).collect();
    folders.order();
    Ok(folders)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_editors_do_to_files_is_undone_or_named() {
        let dir = std::env::temp_dir().join(format!("kubarium-folder-{}", std::process::id()));
        std::fs::create_dir_all(&dir).unwrap();
        std::fs::write(dir.join("en.md"), "\u{feff}# Title\n").unwrap();
        let source = read(&dir);
        std::fs::write(dir.join("zh.md"), b"# a\n\ncaf\xe9\n").unwrap();
        let wrong = read(&dir);
        std::fs::remove_dir_all(&dir).unwrap();
        assert_eq!(source.unwrap().get("en.md"), Some("# Title\n"));
        let wrong = wrong.unwrap_err();
        assert!(wrong.contains("zh.md:3: this is no UTF-8 text") && wrong.contains("save it"), "{wrong}");
    }
}
