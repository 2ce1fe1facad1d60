//! `vi`, `vim`, `nano`: the page's editor pane, on a file of the laptop.

use crate::Spawn;
use std::future::poll_fn;
use std::task::Poll;
use userland::FileError;

/// Lets the learner edit the first file that is named; gives the exit code.
pub(crate) async fn run(spawn: &Spawn) -> i32 {
    let argv = &spawn.command.argv;
    let program = argv[0].rsplit('/').next().unwrap_or(&argv[0]);
    let Some(name) = argv[1..].iter().find(|a| !a.starts_with(['-', '+'])) else {
        spawn.complain(&format!("{program}: name the file that you want to edit\n"));
        return 1;
    };
    let path = spawn.path(name);
    let old = match spawn.machine.borrow().files.read(&path) {
        Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        Err(FileError::NotFound) => String::new(),
        Err(error) => {
            spawn.complain(&format!("{program}: {name}: {error}\n"));
            return 1;
        }
    };
    let Some(id) = spawn.page.edit(name, old) else {
        spawn.complain(&format!(
            "{program}: there is no editor here; write the file with cat <<EOF > {name}\n"
        ));
        return 1;
    };
    let page = spawn.page.clone();
    let edited = poll_fn(move |_| match page.take_edited(id) {
        Some(text) => Poll::Ready(text),
        None => Poll::Pending,
    })
    .await;
    let Some(text) = edited else { return 0 };
    let written = spawn.machine.borrow_mut().files.write(&path, text.as_bytes(), false);
    match written {
        Ok(()) => 0,
        Err(error) => {
            spawn.complain(&format!("{program}: {name}: {error}\n"));
            1
        }
    }
}
