//! From `index.html` to a folder that any static server can show: compile, bind, optimise, name by content, weigh.

use crate::element;
use crate::index::{self, Asset, Link};
use crate::split;
use crate::weigh::{LESSONS, Row, Table, compress};
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Files of these kinds shrink on the way; the rest (pictures, fonts) are compressed already.
const SHRINKING: [&str; 9] = ["html", "js", "css", "wasm", "svg", "md", "yaml", "json", "txt"];

/// Style sheets of the page around a playground, which the element has no use for.
const PAGE_ONLY: [&str; 1] = ["page.css"];

/// Builds the page at `html` into `out`, with the bundles of `lessons`. With nothing changed since last time it leaves
/// `out` as it is.
pub fn build(html: &Path, out: &Path, lessons: Option<&Path>, wasm_opt: Option<&Path>) -> Result<Table> {
    let base = html.parent().context("index.html has no folder")?;
    let text = fs::read_to_string(html).with_context(|| format!("read {}", html.display()))?;
    let links = index::links(&text)?;
    let sources = links.iter().map(|link| source(base, &link.asset)).collect::<Result<Vec<_>>>()?;
    let work = work_folder(&sources)?;

    let stamp = work.join("stamp");
    let later = links.iter().filter_map(|link| link.asset.later()).map(|file| base.join(file));
    let inputs: Vec<PathBuf> = sources
        .iter()
        .cloned()
        .chain(later.filter(|file| file.exists()))
        .chain(lessons.map(Path::to_path_buf))
        .collect();
    let fingerprint = fingerprint(&text, &links, &inputs, out, wasm_opt)?;
    if let Some(table) = unchanged(&stamp, &fingerprint, out) {
        println!("[2-4/4] nothing changed: {} is up to date", out.display());
        return Ok(table);
    }
    if out.exists() {
        fs::remove_dir_all(out).with_context(|| format!("empty {}", out.display()))?;
    }
    let mut page = Page { base, out, rows: Vec::new(), names: Vec::new() };
    let mut tags = Vec::new();
    for (link, source) in links.iter().zip(&sources) {
        tags.push(page.add(&link.asset, source, &work, wasm_opt)?);
    }
    if let Some(lessons) = lessons {
        page.lessons(lessons)?;
    }
    page.fill_names()?;
    page.write("index.html", index::replace(&text, &links, |index| tags[index].clone()).as_bytes(), true)?;
    let table = Table(page.rows);
    fs::write(&stamp, format!("{fingerprint}\n{}", table.to_lines()))?;
    Ok(table)
}

/// Where an asset comes from; a program is compiled first.
fn source(base: &Path, asset: &Asset) -> Result<PathBuf> {
    match asset {
        Asset::Rust { manifest, bin, profile, .. } => compile(&base.join(manifest), bin, profile),
        Asset::Css { path }
        | Asset::Icon { path, .. }
        | Asset::CopyFile { path }
        | Asset::CopyDir { path } => {
            let path = base.join(path);
            if path.exists() {
                Ok(path)
            } else {
                bail!("index.html names {}, which is not there", path.display())
            }
        }
    }
}

/// A place for what lies between compiler and page: beside the compiled program.
fn work_folder(sources: &[PathBuf]) -> Result<PathBuf> {
    let program = sources.iter().find(|source| source.extension().is_some_and(|end| end == "wasm"));
    let work = program.context("index.html has no rust link")?.with_extension("page");
    fs::create_dir_all(&work)?;
    Ok(work)
}

/// Compiles a program for the browser and gives the path of its wasm. Cargo shows how far it is.
fn compile(manifest: &Path, bin: &str, profile: &str) -> Result<PathBuf> {
    println!("[1/4] compiling {bin} for the browser (profile {profile})");
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args([
        "build",
        "--target",
        "wasm32-unknown-unknown",
        "--message-format",
        "json-render-diagnostics",
    ]);
    cargo.args(["--profile", profile, "--bin", bin, "--manifest-path"]).arg(manifest);
    let output = cargo.stderr(Stdio::inherit()).output().context("start cargo")?;
    if !output.status.success() {
        bail!("{bin} does not compile");
    }
    let artifact = |line: &str| {
        let message: serde_json::Value = serde_json::from_str(line).ok()?;
        let files = message.get("filenames")?.as_array()?;
        let wasm = |file: &serde_json::Value| {
            file.as_str().filter(|name| name.ends_with(".wasm")).map(PathBuf::from)
        };
        files.iter().find_map(wasm).filter(|_| message["target"]["name"] == bin)
    };
    String::from_utf8_lossy(&output.stdout).lines().find_map(artifact).context("cargo named no wasm file")
}

/// What was built last time, if the same would come out again.
fn unchanged(stamp: &Path, fingerprint: &str, out: &Path) -> Option<Table> {
    let text = fs::read_to_string(stamp).ok()?;
    let (before, rows) = text.split_once('\n')?;
    let table = Table::from_lines(rows)?;
    let there = |row: &Row| fs::metadata(out.join(&row.name)).is_ok_and(|file| file.len() == row.raw);
    (before == fingerprint && table.0.iter().all(there)).then_some(table)
}

/// One word for everything that decides what comes out.
fn fingerprint(
    html: &str,
    links: &[Link],
    inputs: &[PathBuf],
    out: &Path,
    wasm_opt: Option<&Path>,
) -> Result<String> {
    let tool = fs::metadata(std::env::current_exe()?)?;
    let mut text = format!("{html}\n{links:?}\n{}\n{wasm_opt:?}\n{:?}\n", out.display(), tool.modified()?);
    for file in inputs.iter().map(|input| files(input)).collect::<Result<Vec<_>>>()?.concat() {
        let hash = hash(&fs::read(&file).with_context(|| format!("read {}", file.display()))?);
        text.push_str(&format!("{} {hash}\n", file.display()));
    }
    Ok(hash(text.as_bytes()))
}

/// The file, or every file below the folder, in the order of their names.
fn files(path: &Path) -> Result<Vec<PathBuf>> {
    if path.is_file() {
        return Ok(vec![path.to_path_buf()]);
    }
    let mut entries: Vec<PathBuf> =
        fs::read_dir(path)?.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    #[expect(clippy::disallowed_methods, reason = "not in the page")]
    entries.sort();
    Ok(entries.iter().map(|entry| files(entry)).collect::<Result<Vec<_>>>()?.concat())
}

/// A file name that changes with the content.
fn hashed(stem: &str, bytes: &[u8], end: &str) -> String {
    format!("{stem}-{}.{end}", hash(bytes))
}

/// FNV-1a, 64 bits: names a content, guards nothing.
fn hash(bytes: &[u8]) -> String {
    let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
    format!("{:016x}", bytes.iter().fold(0xcbf2_9ce4_8422_2325, step))
}

/// The folder as it grows.
struct Page<'a> {
    base: &'a Path,
    out: &'a Path,
    rows: Vec<Row>,
    /// What the element's script calls a file, and the name that it has.
    names: Vec<(String, String)>,
}

impl Page<'_> {
    /// Writes what the link asks for and gives the HTML that takes its place.
    fn add(&mut self, asset: &Asset, source: &Path, work: &Path, wasm_opt: Option<&Path>) -> Result<String> {
        match asset {
            Asset::Rust { bin, later, .. } => {
                let bound = bind(source, bin, work)?;
                let program = cut(&bound.wasm, bin, &self.base.join(later), wasm_opt)?;
                println!("[4/4] compressing");
                self.program(bin, &bound, &program)
            }
            Asset::Css { .. } => {
                let name = self.write_hashed(source, &fs::read(source)?)?;
                self.names.push((file_name(source), name.clone()));
                Ok(format!("<link rel=\"stylesheet\" href=\"./{name}\">"))
            }
            Asset::Icon { mime, .. } => {
                let name = self.write_hashed(source, &fs::read(source)?)?;
                Ok(format!("<link rel=\"icon\" href=\"./{name}\" type=\"{mime}\">"))
            }
            Asset::CopyFile { .. } | Asset::CopyDir { .. } => {
                let above = source.parent().unwrap_or(source);
                for file in files(source)? {
                    self.write(&slashed(file.strip_prefix(above)?), &fs::read(&file)?, false)?;
                }
                Ok(String::new())
            }
        }
    }

    /// The lessons' bundles.
    fn lessons(&mut self, folder: &Path) -> Result<()> {
        for file in files(folder)? {
            let name = format!("{LESSONS}/{}", slashed(file.strip_prefix(folder)?));
            self.write(&name, &fs::read(&file)?, false)?;
        }
        Ok(())
    }

    /// The program's files and the tags that load them at once, in parallel.
    fn program(&mut self, bin: &str, bound: &Bound, program: &Program) -> Result<String> {
        for (name, bytes) in &bound.snippets {
            self.write(name, bytes, true)?;
        }
        if let Some((name, bytes)) = &program.later {
            self.write(name, bytes, false)?;
            self.names.push((format!("{bin}-later.wasm"), name.clone()));
        }
        let wasm = self.write_hashed(Path::new(&format!("{bin}.wasm")), &program.first)?;
        let glue = fs::read_to_string(&bound.script)?;
        let script = self.write_hashed(Path::new(&format!("{bin}.js")), glue.as_bytes())?;
        let factory = element::factory(&glue)?;
        let element = hashed(&format!("{bin}-element"), factory.as_bytes(), "js");
        self.write(&element, factory.as_bytes(), false)?;
        self.names.extend([(format!("{bin}.wasm"), wasm.clone()), (format!("{bin}-element.js"), element)]);
        Ok(format!(
            "<link rel=\"modulepreload\" href=\"./{script}\">\n    \
             <link rel=\"preload\" href=\"./{wasm}\" as=\"fetch\" type=\"application/wasm\" crossorigin>\n    \
             <script type=\"module\">\n      import init from './{script}';\n      \
             await init({{ module_or_path: './{wasm}' }});\n    </script>"
        ))
    }

    /// Writes the names into the element's scripts, where the page has them.
    fn fill_names(&mut self) -> Result<()> {
        self.names.retain(|(said, _)| !PAGE_ONLY.contains(&said.as_str()));
        for script in element::SCRIPTS.iter().filter(|script| self.out.join(script).exists()) {
            let text = element::fill(&fs::read_to_string(self.out.join(script))?, &self.names)?;
            self.rows.retain(|row| row.name != *script);
            self.write(script, text.as_bytes(), false)?;
        }
        Ok(())
    }

    /// Writes the bytes under a name that changes with them, so that browsers may keep the file for ever.
    fn write_hashed(&mut self, like: &Path, bytes: &[u8]) -> Result<String> {
        let part = |part: Option<&std::ffi::OsStr>| part.unwrap_or_default().to_string_lossy().into_owned();
        let name = hashed(&part(like.file_stem()), bytes, &part(like.extension()));
        self.write(&name, bytes, true)?;
        Ok(name)
    }

    /// Writes the bytes, and beside them their compressed twins where that is worth it.
    fn write(&mut self, name: &str, bytes: &[u8], first: bool) -> Result<()> {
        let path = self.out.join(name);
        fs::create_dir_all(path.parent().context("a file without a folder")?)?;
        fs::write(&path, bytes)?;
        let raw = bytes.len() as u64;
        let mut row = Row { name: name.into(), first, raw, gzip: raw, brotli: raw };
        if path.extension().is_some_and(|end| SHRINKING.iter().any(|kind| end == *kind)) {
            let (gzip, brotli) = compress(bytes)?;
            fs::write(self.out.join(format!("{name}.gz")), &gzip)?;
            fs::write(self.out.join(format!("{name}.br")), &brotli)?;
            (row.gzip, row.brotli) = (gzip.len() as u64, brotli.len() as u64);
        }
        self.rows.push(row);
        Ok(())
    }
}

/// The last part of a path.
fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// A path as a URL has it.
fn slashed(path: &Path) -> String {
    path.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

/// What wasm-bindgen makes of a program.
struct Bound {
    wasm: PathBuf,
    script: PathBuf,
    /// JavaScript of dependencies, by its path below the page.
    snippets: Vec<(String, Vec<u8>)>,
}

fn bind(wasm: &Path, bin: &str, work: &Path) -> Result<Bound> {
    println!("[2/4] binding");
    let folder = work.join("bound");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    let mut bindgen = wasm_bindgen_cli_support::Bindgen::new();
    bindgen.input_path(wasm).out_name(bin).typescript(false).omit_default_module_path(true).web(true)?;
    bindgen.generate(&folder).context("wasm-bindgen")?;
    let snippets = folder.join("snippets");
    let found = if snippets.exists() { files(&snippets)? } else { Vec::new() };
    let read = |file: &PathBuf| Ok((slashed(file.strip_prefix(&folder)?), fs::read(file)?));
    Ok(Bound {
        wasm: folder.join(format!("{bin}_bg.wasm")),
        script: folder.join(format!("{bin}.js")),
        snippets: found.iter().map(read).collect::<Result<_>>()?,
    })
}

/// A program as the page loads it.
struct Program {
    first: Vec<u8>,
    /// The second part's name and bytes, where the program is cut.
    later: Option<(String, Vec<u8>)>,
}

/// Cuts the program as `later` says, a file that need not be there, and optimises the parts.
fn cut(wasm: &Path, bin: &str, later: &Path, tool: Option<&Path>) -> Result<Program> {
    let bytes = fs::read(wasm).with_context(|| format!("read {}", wasm.display()))?;
    println!("[3/4] cutting and optimising ({} kB)", bytes.len() / 1000);
    if tool.is_none() {
        println!("[3/4] not optimised: no wasm-opt");
    }
    if !later.exists() {
        return Ok(Program { first: optimise(bytes, wasm, tool)?, later: None });
    }
    let name = |bytes: &[u8]| hashed(&format!("{bin}-later"), bytes, "wasm");
    let halves = split::split(&bytes, &later_paths(later)?, |bytes| optimise(bytes, wasm, tool), name)?;
    Ok(Program {
        first: optimise(halves.first, wasm, tool)?,
        later: Some((name(&halves.later), halves.later)),
    })
}

/// The lines of the file but for comments.
fn later_paths(file: &Path) -> Result<Vec<String>> {
    let text = fs::read_to_string(file).with_context(|| format!("read {}", file.display()))?;
    let line = |line: &str| line.split('#').next().unwrap_or_default().trim().to_string();
    Ok(text.lines().map(line).filter(|line| !line.is_empty()).collect())
}

/// For size, as this project always does; as it was where there is no wasm-opt, which only makes the page larger.
fn optimise(bytes: Vec<u8>, beside: &Path, tool: Option<&Path>) -> Result<Vec<u8>> {
    let Some(tool) = tool else { return Ok(bytes) };
    let (large, small) = (beside.with_extension("large.wasm"), beside.with_extension("small.wasm"));
    fs::write(&large, bytes)?;
    let mut command = Command::new("node");
    command.arg(tool).arg("-Oz").arg(&large).arg("-o").arg(&small);
    if !command.status().context("start node")?.success() {
        bail!("wasm-opt failed: {command:?}");
    }
    let result = fs::read(&small)?;
    fs::remove_file(large)?;
    fs::remove_file(small)?;
    Ok(result)
}

/// Does for the folder that Trunk has built what [`build`] does on its way.
pub fn finish(folder: &Path, later: &Path, lessons: Option<&Path>, wasm_opt: Option<&Path>) -> Result<()> {
    let wasm = files(folder)?.into_iter().find(|file| file.to_string_lossy().ends_with("_bg.wasm"));
    let wasm = wasm.with_context(|| format!("there is no program in {}", folder.display()))?;
    let stem = wasm.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let bin = stem.split('-').next().unwrap_or_default();
    let program = cut(&wasm, bin, later, wasm_opt)?;
    fs::write(&wasm, program.first)?;
    let mut names = vec![(format!("{bin}.wasm"), file_name(&wasm))];
    if let Some((name, bytes)) = program.later {
        fs::write(folder.join(&name), bytes)?;
        names.push((format!("{bin}-later.wasm"), name));
    }
    if let Some(lessons) = lessons {
        Page { base: folder, out: folder, rows: Vec::new(), names: Vec::new() }.lessons(lessons)?;
    }
    finish_element(folder, bin, names)
}

/// The element's part of [`finish`]. Trunk names a file `STEM-HASH.END`.
fn finish_element(folder: &Path, bin: &str, mut names: Vec<(String, String)>) -> Result<()> {
    for file in files(folder)? {
        let name = file_name(&file);
        let Some((stem, end)) = name.rsplit_once('-').zip(name.rsplit_once('.')).map(|(s, e)| (s.0, e.1))
        else {
            continue;
        };
        let said = format!("{stem}.{end}");
        if stem == bin && end == "js" {
            let factory = element::factory(&fs::read_to_string(&file)?)?;
            let element = hashed(&format!("{bin}-element"), factory.as_bytes(), "js");
            fs::write(folder.join(&element), factory)?;
            names.push((format!("{bin}-element.js"), element));
        } else if end == "css" && !PAGE_ONLY.contains(&said.as_str()) {
            names.push((said, name));
        }
    }
    for script in element::SCRIPTS.map(|script| folder.join(script)).iter().filter(|script| script.exists()) {
        fs::write(script, element::fill(&fs::read_to_string(script)?, &names)?)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_fnv() {
        assert_eq!(hash(b""), "cbf29ce484222325");
        assert_eq!(hash(b"foobar"), "85944171f73967e8");
    }
}
