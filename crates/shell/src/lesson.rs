//! `lesson`, `hint`, `solution`, `levels`, `reset`: answered by whoever shows the lesson.

use crate::Spawn;
use std::future::poll_fn;
use std::task::Poll;

/// Asks, waits for the answer and prints it; gives the exit code.
pub(crate) async fn run(spawn: &Spawn) -> i32 {
    let mut argv = spawn.command.argv.clone();
    let name = argv[0].rsplit('/').next().unwrap_or_default().to_string();
    argv[0] = name.clone();
    let Some(id) = spawn.page.ask_lesson(argv) else {
        spawn.complain(&format!("{name}: too much waits for an answer\n"));
        return 1;
    };
    let page = spawn.page.clone();
    let (text, exit) = poll_fn(move |_| match page.take_answer(id) {
        Some(answer) => Poll::Ready(answer),
        None => Poll::Pending,
    })
    .await;
    if exit == 0 {
        spawn.print(&text)
    } else {
        spawn.complain(&text)
    }
    exit
}
