//! `kubarium check` on the pages of `tests/check`, and on the project's own.
//!
//! Beside `NAME.md` lies what is printed (`NAME.report`) and, where something can be mended, what `--fix` makes of the page
//! (`NAME.fixed`). `KUBARIUM_UPDATE=1 cargo test -p cli --test check` writes them anew.

use cli::check::{Outcome, check};
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

fn run(words: &[&str]) -> Outcome {
    check(words.iter().map(OsString::from))
}

/// A folder of our own for the files of a test.
fn scratch(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder); // maybe it was not there
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// A copy of the folder of pages: paths in reports are then the same everywhere, once its name is taken out.
fn pages(name: &str) -> PathBuf {
    let folder = scratch(name);
    for part in ["", "examples/pods", "configs"] {
        fs::create_dir_all(folder.join(part)).unwrap();
        for entry in fs::read_dir(root().join("tests/check").join(part)).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                fs::copy(&path, folder.join(part).join(path.file_name().unwrap())).unwrap();
            }
        }
    }
    folder
}

/// Compares with a file of `tests/check`, or writes it.
fn expect(name: &str, text: &str) {
    let path = root().join("tests/check").join(name);
    if std::env::var_os("KUBARIUM_UPDATE").is_some() {
        fs::write(&path, text).unwrap();
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    assert!(text == expected, "{name} is not what is printed now:\n{text}");
}

fn reported(name: &str, code: u8, fixed_code: u8) {
    let folder = pages(name);
    let page = folder.join(format!("{name}.md"));
    let (page_word, examples) = (page.to_str().unwrap(), folder.join("examples"));
    let words = [page_word, "--examples", examples.to_str().unwrap()];
    let short = |text: &str| text.replace(&format!("{}/", folder.display()), "");
    let before = fs::read_to_string(&page).unwrap();

    let outcome = run(&words);
    expect(&format!("{name}.report"), &short(&outcome.stdout));
    assert_eq!((outcome.code, outcome.stderr.as_str()), (code, ""));
    assert_eq!(fs::read_to_string(&page).unwrap(), before, "a check changes nothing");
    assert_eq!(run(&words), outcome, "the same page gives the same report");

    let outcome = run(&[&words[..], &["--fix"]].concat());
    assert_eq!(outcome.code, fixed_code);
    let fixed = fs::read_to_string(&page).unwrap();
    if fixed != before {
        expect(&format!("{name}.fixed"), &fixed);
        assert!(!outcome.stdout.is_empty());
        let again = run(&[&words[..], &["--fix"]].concat());
        assert!(!again.stdout.contains("rewritten"), "what was mended is right:\n{}", again.stdout);
    }
}

#[test]
fn a_page_like_those_of_the_kubernetes_documentation() {
    reported("task", 0, 0);
}

#[test]
fn a_page_with_mistakes() {
    reported("wrong", 1, 1);
}

#[test]
fn a_page_whose_commands_do_not_end() {
    reported("stuck", 1, 1);
}

#[test]
fn the_projects_own_pages_are_right() {
    for (name, least) in [("README.md", 8), ("README.zh-TW.md", 8), ("docs/checking-docs.md", 10)] {
        let outcome = run(&[root().join(name).to_str().unwrap()]);
        assert_eq!(outcome.code, 0, "{}", outcome.stdout);
        let right =
            outcome.stdout.split(" right").next().and_then(|text| text.rsplit(' ').next()?.parse().ok());
        assert!(
            right.is_some_and(|right: usize| right >= least),
            "too little is checked: {}",
            outcome.stdout
        );
    }
}

#[test]
fn reports_for_machines() {
    let folder = pages("forms");
    let (page, out) = (folder.join("forms.md"), folder.join("out"));
    let whole = folder.display().to_string();
    let short = |text: &str| text.replace(&format!("{whole}/"), "").replace(&whole, "FOLDER");
    for (format, name) in [("json", "forms.json"), ("junit", "forms.xml")] {
        let words = [page.to_str().unwrap(), folder.to_str().unwrap(), "--format", format];
        let outcome = run(&words);
        expect(name, &short(&outcome.stdout));
        assert_eq!(outcome.code, 2, "a folder is no page");
        let filed = run(&[&words[..], &["--out", out.to_str().unwrap()]].concat());
        assert_eq!(fs::read_to_string(&out).unwrap(), outcome.stdout);
        assert!(
            filed.stdout.ends_with("2 pages, 1 of them broken: 1 right, 1 wrong, 1 skipped\n"),
            "{}",
            filed.stdout
        );
    }
}

#[test]
fn pages_that_cannot_be_read_say_why_and_end_with_2() {
    let folder = scratch("broken");
    let long = format!("```console\n$ echo {}\n```\n", "x".repeat(10 << 20));
    let cases: [(&str, &[u8], &str); 7] = [
        ("unclosed.md", b"# A\n\n```sh\nls\n", ":3: the block that begins here is never closed"),
        ("binary.md", b"# A\n\x00\xff\xfe\n", ":2: is not text: UTF-8 is needed"),
        ("long.md", long.as_bytes(), ": 10485783 bytes; 4194304 are the limit of a page"),
        (
            "option.md",
            b"\n```sh {wiat=3s}\nls\n```\n",
            ":2: unknown option `wiat=3s`; there are wait, expect,",
        ),
        (
            "head.md",
            b"---\ntitle: x\nkubarium: skip\n---\n",
            ":3: `skip` belongs to a block, not to the page's head",
        ),
        (
            "pair.md",
            b"```sh {background} {exit=1}\nls\n```\n",
            ":1: `background` and `exit` do not go together",
        ),
        (
            "file.md",
            b"```sh {files=../none.yaml}\nls\n```\n",
            ":1: file \"../none.yaml\" is not beside the page",
        ),
    ];
    for (name, content, wanted) in cases {
        let path = folder.join(name);
        fs::write(&path, content).unwrap();
        let outcome = run(&[path.to_str().unwrap()]);
        let wanted = format!("{}{wanted}", path.display());
        assert!(outcome.stdout.starts_with(&wanted), "{wanted}, but:\n{}", outcome.stdout);
        assert_eq!(outcome.code, 2);
    }
    let outcome = run(&[folder.join("none.md").to_str().unwrap()]);
    assert!(outcome.stdout.contains("none.md: No such file") && outcome.code == 2, "{}", outcome.stdout);
}

#[test]
fn what_a_comment_says_of_a_page_holds_for_all_of_it() {
    let folder = scratch("comment");
    let path = folder.join("page.md");
    fs::write(folder.join("app.yaml"), "kind: Pod\n").unwrap();
    let page = "<!-- kubarium: nodes=2 files=app.yaml -->\n\n```sh {skip}\nx\n```\n\n```console\n$ ls; kubectl get nodes --no-headers | wc -l\napp.yaml\n2\n```\n\n\
                ```console {seed=9}\n$ ls; kubectl get nodes --no-headers | wc -l\napp.yaml\n2\n```\n";
    fs::write(&path, page).unwrap();
    let outcome = run(&[path.to_str().unwrap()]);
    assert_eq!(outcome.stdout, "1 page: 2 right, 1 skipped\n");
}

#[test]
fn words_that_are_not_understood_end_with_2() {
    for (words, wanted) in [
        (&[][..], "which pages?"),
        (&["--bogus"], "invalid option '--bogus'"),
        (&["a.md", "--format", "xml"], "--format xml: text, json or junit"),
        (&["a.md", "--examples", "/none"], "--examples /none: is no folder"),
        (&["a.md", "--nodes", "0"], "--nodes: 1 to 100"),
    ] {
        let outcome = run(words);
        assert!(outcome.stderr.starts_with(&format!("kubarium: {wanted}")), "{}", outcome.stderr);
        assert_eq!((outcome.code, outcome.stdout.as_str()), (2, ""));
    }
    assert_eq!(run(&["--help"]).code, 0);
}

#[test]
fn a_fix_keeps_line_ends_indentation_and_everything_else() {
    let folder = scratch("fix");
    let path = folder.join("page.md");
    let page = "# T  \r\n\r\n* x\r\n\r\n  > ```console\r\n  > $ echo a; echo; echo b\r\n  > old\r\n  >\r\n  > $ true\r\n  > ```\r\n\r\nend";
    fs::write(&path, page).unwrap();
    let outcome = run(&[path.to_str().unwrap(), "--fix"]);
    assert_eq!(outcome.code, 0, "{}", outcome.stdout);
    assert!(outcome.stdout.ends_with("1 page: 1 right, 1 rewritten\n"), "{}", outcome.stdout);
    let wanted = page.replace("  > old\r\n", "  > a\r\n  >\r\n  > b\r\n");
    assert_eq!(fs::read_to_string(&path).unwrap(), wanted);
    assert_eq!(run(&[path.to_str().unwrap()]).code, 0);

    let page = "```console\n$ printf '`%.0s' 1 2 3 4\n\n$ echo\nx\n```\n";
    fs::write(&path, page).unwrap();
    let outcome = run(&[path.to_str().unwrap(), "--fix"]);
    assert!(outcome.stdout.contains("--fix cannot write this") && outcome.code == 1, "{}", outcome.stdout);
    assert!(
        fs::read_to_string(&path).unwrap().ends_with("$ echo\nx\n```\n"),
        "what follows may be its consequence"
    );
}

#[test]
fn pages_with_the_marks_of_other_systems_are_read_and_keep_them() {
    let folder = scratch("marks");
    let page = folder.join("page.md");
    let [before, after] = ["2", "1"].map(|count| {
        format!("\u{feff}---\r\nkubarium: nodes=1\r\n---\r\n\r\n```console\r\n$ kubectl get nodes -o name | wc -l\r\n{count}\r\n```\r\n")
    });
    fs::write(&page, before).unwrap();
    let outcome = run(&["--fix", page.to_str().unwrap()]);
    assert_eq!(fs::read_to_string(&page).unwrap(), after, "{}", outcome.stdout);
    fs::write(&page, "\u{feff}```console\n$ echo a\na\n```\n").unwrap();
    assert_eq!(run(&[page.to_str().unwrap()]).stdout, "1 page: 1 right\n");
}
