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
            let text = std::fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
            files.push((format!("{prefix}{name}"), text));
        }
    }
    Ok(())
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
