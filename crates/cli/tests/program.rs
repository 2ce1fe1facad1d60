//! The program as a process among others: pipes that close, input that ends.

use std::io::Write;
use std::process::{Child, Command, Stdio};

fn start(words: &[&str]) -> Child {
    let content = concat!(env!("CARGO_MANIFEST_DIR"), "/../lessons/content");
    let mut command = Command::new(env!("CARGO_BIN_EXE_kubarium"));
    command.args(words).current_dir(content);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

#[test]
fn nobody_reads_to_the_end() {
    for words in [&["lesson", "preview", "basics/1-create-a-cluster"][..], &["--help"]] {
        let mut child = start(words);
        drop(child.stdout.take());
        let end = child.wait_with_output().unwrap();
        assert_eq!(String::from_utf8_lossy(&end.stderr), "", "{words:?}");
        assert!(end.status.success(), "{words:?}");
    }
}

#[test]
fn the_shell_ends_with_its_input() {
    let mut child = start(&["shell"]);
    let typed = "kubectl run web --image=nginx\nkubectl wait --for=condition=Ready pod/web\n\
                 kubectl exec -ti web -- bash\necho in $HOSTNAME\nexit\necho back";
    child.stdin.take().unwrap().write_all(typed.as_bytes()).unwrap();
    let end = child.wait_with_output().unwrap();
    let shown = String::from_utf8_lossy(&end.stdout);
    for wanted in ["in web", "back"] {
        assert!(shown.lines().any(|line| line.trim() == wanted), "{wanted:?} is not in {shown}");
    }
}

#[test]
fn the_commands_stand_in_one_column() {
    let end = start(&["--help"]).wait_with_output().unwrap();
    let shown = String::from_utf8_lossy(&end.stdout);
    for line in shown.lines().skip(2) {
        assert!(line.starts_with("  kubarium "), "{line:?}");
    }
}
