//! `cargo xtask package`: the npm package and the archive of static files, in `target/package`.

use crate::build::page_command;
use crate::run::{Outcome, command, output, root, run, target};
use std::path::Path;

/// What the package's description says instead of the version.
const UNBUILT: &str = "0.0.0-unbuilt";

/// Files of the stand-alone page that other pages have no use for.
const PAGE_ONLY: [&str; 2] = ["index.html", "page-"];

/// Builds the page, puts the package together, packs both forms and prints what they weigh.
pub fn package(arguments: &[String]) -> Outcome {
    if let Some(word) = arguments.first() {
        return Err(format!("package: unknown argument: {word}"));
    }
    run(page_command("build", "index.html", "dist")?)?;
    let folder = target()?.join("package");
    let kubarium = folder.join("kubarium");
    let io = |error: std::io::Error| format!("{}: {error}", folder.display());
    if folder.exists() {
        std::fs::remove_dir_all(&folder).map_err(io)?;
    }
    copy(&root().join("packages/kubarium"), &kubarium).map_err(io)?;
    copy(&root().join("dist"), &kubarium.join("dist")).map_err(io)?;
    std::fs::copy(root().join("LICENSE"), kubarium.join("LICENSE")).map_err(io)?;
    let version = env!("CARGO_PKG_VERSION");
    let description = kubarium.join("package.json");
    let text = std::fs::read_to_string(&description).map_err(io)?.replace(UNBUILT, version);
    std::fs::write(&description, text).map_err(io)?;
    let archive = folder.join(format!("kubarium-{version}-static.tar.gz"));
    let mut tar = command("tar", &["--create", "--gzip", "--sort=name", "--owner=0", "--group=0"]);
    tar.args(["--mtime=@0", "--transform=s,^dist,kubarium,", "--directory"]).arg(&kubarium);
    run({
        tar.arg("--file").arg(&archive).arg("dist");
        tar
    })?;
    let mut npm = command("npm", &["pack", "--silent", "--pack-destination"]);
    npm.arg(&folder).current_dir(&kubarium);
    let packed = folder.join(output(npm)?.trim());
    for file in [&packed, &archive] {
        let bytes = file.metadata().map_err(io)?.len();
        println!("{}: {:.1} kB", file.display(), bytes as f64 / 1000.0);
    }
    Ok(())
}

/// A folder with all that is in it, but for compressed twins, which a server makes or is given, and the page itself.
fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() {
            copy(&path, &to.join(&name))?;
        } else if ![".br", ".gz"].iter().any(|end| name.ends_with(end))
            && !PAGE_ONLY.iter().any(|begin| name.starts_with(begin))
        {
            std::fs::copy(&path, to.join(&name))?;
        }
    }
    Ok(())
}
