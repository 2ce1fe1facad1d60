//! What the custom element's script needs of the built folder: the program as something that can be started more than
//! once, and the names of the files beside it.

use anyhow::{Result, bail};

/// The scripts that name other files, as they stand in the built folder.
pub const SCRIPTS: [&str; 2] = ["kubarium.js", "kubarium-sw.js"];

/// What the script says instead of the version.
const VERSION: &str = "0.0.0-unbuilt";

/// The version of the workspace.
const NOW: &str = env!("CARGO_PKG_VERSION");

/// How wasm-bindgen exports the start of a program.
const START: &str = "export { initSync, __wbg_init as default };";

/// Turns wasm-bindgen's script, of which a page can have only one instance, into one whose default export makes an
/// instance with each call: an object with `init` and everything else that the program exports.
pub fn factory(glue: &str) -> Result<String> {
    let (mut imports, mut body, mut names) = (String::new(), String::new(), Vec::new());
    for line in glue.lines() {
        if line.starts_with("import ") {
            imports.push_str(&format!("{line}\n"));
        } else if let Some(declaration) = line.strip_prefix("export ").filter(|_| line != START) {
            names.push(declared(declaration)?);
            body.push_str(&format!("{declaration}\n"));
        } else if line != START {
            body.push_str(&format!("{line}\n"));
        }
    }
    if !glue.contains(START) {
        bail!("wasm-bindgen's script does not end as it is known here; see tools/page/src/element.rs");
    }
    let names = names.join(", ");
    Ok(format!("{imports}export default function () {{\n{body}return {{ init: __wbg_init, {names} }};\n}}\n"))
}

/// The name that `function NAME(` or `class NAME {` declares.
fn declared(declaration: &str) -> Result<&str> {
    let rest =
        ["function ", "async function ", "class "].iter().find_map(|word| declaration.strip_prefix(word));
    let name =
        rest.and_then(|rest| rest.split(|c: char| !c.is_alphanumeric() && c != '_' && c != '$').next());
    match name {
        Some(name) => Ok(name),
        None => bail!("wasm-bindgen's script exports {declaration:?}, which is not known here"),
    }
}

/// The script with the names of the files as they are in the folder: each is a pair of what the script says and what
/// it is. A name that the script does not say is an error, as is a file of which the folder has none.
pub fn fill(script: &str, names: &[(String, String)]) -> Result<String> {
    let mut text = script.replace(VERSION, NOW);
    for (said, is) in names {
        let quoted = format!("'./{said}'");
        if !text.contains(&quoted) {
            bail!("the element's script does not name {said}");
        }
        text = text.replace(&quoted, &format!("'./{is}'"));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_program_can_be_made_more_than_once() {
        let glue = format!(
            "import {{ now }} from './snippets/a.js';\nexport class Play {{\n}}\nexport function mount(a) {{\n}}\nlet wasm;\n{START}\n"
        );
        assert_eq!(
            factory(&glue).unwrap(),
            "import { now } from './snippets/a.js';\nexport default function () {\nclass Play {\n}\nfunction mount(a) {\n}\n\
             let wasm;\nreturn { init: __wbg_init, Play, mount };\n}\n"
        );
        assert!(factory("let wasm;\n").is_err());
        assert!(factory(&format!("export {{ a as b }};\n{START}")).is_err());
    }

    #[test]
    fn names_are_filled_in_and_none_is_forgotten() {
        let names = [("web.wasm".to_string(), "web-1.wasm".to_string())];
        assert_eq!(fill("new URL('./web.wasm')", &names).unwrap(), "new URL('./web-1.wasm')");
        assert!(fill("nothing", &names).is_err());
    }
}
