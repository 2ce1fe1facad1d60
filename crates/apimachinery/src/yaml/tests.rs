use super::*;
use crate::json;

#[test]
fn documents_are_read_with_the_types_of_yaml_1_1() {
    let cases = [
        ("a: 1\nb: [x, 'y', \"z\"]\n", json!({"a": 1, "b": ["x", "y", "z"]})),
        (
            "a: yes\nb: off\nc: y\nd: 0644\ne: 1e3\nf: ~\ng: 1.5\nh: 0x1f\ni: 1_000\n",
            json!({
                "a": true, "b": false, "c": true, "d": 420, "e": 1000, "f": null, "g": 1.5, "h": 31, "i": 1000,
            }),
        ),
        ("a: \"yes\"\nb: 2026-01-02\nc: 12:30\n", json!({"a": "yes", "b": "2026-01-02", "c": "12:30"})),
        (
            "a:\n- x: 1\n  z: 2\n-\n  - 3\nb:\n  c: d\n",
            json!({"a": [{"x": 1, "z": 2}, [3]], "b": {"c": "d"}}),
        ),
        (
            "t: |\n  one\n  two\n\nf: >-\n  a\n  b\n\n  c\nk: |+\n  x\n\n",
            json!({"t": "one\ntwo\n", "f": "a b\nc", "k": "x\n\n"}),
        ),
        (
            "p: a b\n  c\nq: 'it''s'\nr: \"tab\\t\\u00e9\"\n",
            json!({"p": "a b c", "q": "it's", "r": "tab\té"}),
        ),
        (
            "base: &b {x: 1, z: 2}\nd:\n  <<: *b\n  z: 3\n",
            json!({"base": {"x": 1, "z": 2}, "d": {"x": 1, "z": 3}}),
        ),
        ("a: 1\na: 2\n", json!({"a": 2})),
        ("# only\n--- # start\na: b # c\n...\n", json!({"a": "b"})),
        ("{\"a\": [1, {\"b\": null}], \"c\": \"d\",}\n", json!({"a": [1, {"b": null}], "c": "d"})),
        ("80: x\ntrue: y\n", json!({"80": "x", "true": true})),
        ("", Value::Null),
        ("just some text\n", json!("just some text")),
        ("- {a: b}\n- [c, d: e]\n", json!([{"a": "b"}, ["c", {"d": "e"}]])),
        ("? a\n: b\n? c\n", json!({"a": "b", "c": null})),
        (
            "url: http://x:80/y\nargs: [\"--a=b\", -c]\n",
            json!({"url": "http://x:80/y", "args": ["--a=b", "-c"]}),
        ),
        ("a: !!str 1\nb: !!int \"2\"\n", json!({"a": "1", "b": 2})),
    ];
    for (text, value) in cases {
        assert_eq!(parse(text), Ok(value), "{text}");
    }
}

#[test]
fn errors_have_the_words_and_lines_of_kubectl() {
    let cases = [
        (
            "apiVersion: v1\nkind: Pod\nmetadata:\n  name: x\n spec:\n  containers: []\n",
            "line 4: did not find expected key",
        ),
        (
            "apiVersion: v1\nkind: Pod\nmetadata:\n\tname: x\n",
            "line 4: found character that cannot start any token",
        ),
        ("a: b\nc: d\ne: f: g\n", "line 3: mapping values are not allowed in this context"),
        ("a: b\nc\nd: e\n", "line 3: could not find expected ':'"),
        ("a: [b\nc: d\n", "line 1: did not find expected ',' or ']'"),
        ("a: 1\nb: \"x\n", "line 3: found unexpected end of stream"),
        ("a: *x\n", "unknown anchor 'x' referenced"),
        ("a: &x [*x]\n", "anchor 'x' value contains itself"),
        ("a:\n  - b\n  c: d\n", "line 2: did not find expected '-' indicator"),
    ];
    for (text, error) in cases {
        assert_eq!(parse(text), Err(format!("error converting YAML to JSON: yaml: {error}")), "{text}");
    }
}

#[test]
fn bombs_and_towers_are_refused() {
    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for i in 1..10 {
        let refs = vec![format!("*a{}", i - 1); 9].join(", ");
        bomb.push_str(&format!("a{i}: &a{i} [{refs}]\n"));
    }
    assert!(parse(&bomb).unwrap_err().ends_with("document contains excessive aliasing"));
    assert!(parse(&"[".repeat(100_000)).unwrap_err().contains("exceeded max depth"));
    assert!(parse(&"- ".repeat(100_000)).unwrap_err().contains("exceeded max depth"));
}

#[test]
fn files_are_split_at_separators() {
    assert_eq!(documents("a: 1\n---\nb: 2\n--- # x\nc: 3\n"), ["a: 1", "b: 2", "c: 3\n"]);
    assert_eq!(documents("---\na: 1\n"), ["---\na: 1\n"]);
}

#[test]
fn values_are_written_as_kubectl_writes_them() {
    let value = json!({
        "a10": "80", "a9": "yes", "b": [], "c": {}, "d": null, "e": [{"x": 1, "y": [["z"]]}, "s"],
        "f": "line\n", "g": "no end\nof line", "h": "a: b", "i": "containers with unready status: [p]", "j": "",
        "k": "*/5 * * * *", "l": "2026-11-23T02:08:21Z", "m": " lead", "n": "tab\there", "o": "it's", "p": "'q'",
        "q": 0.5, "r": true, "s": "-x", "t": "- x", "on": 1, "u": "a #b", "v": "a#b", "w": "\n\n", "y1": "1e3",
    });
    let expected = "\
a9: \"yes\"\na10: \"80\"\nb: []\nc: {}\nd: null\ne:\n- x: 1\n  \"y\":\n  - - z\n- s\nf: |\n  line\ng: |-\n  no end\n  of line\n\
h: 'a: b'\ni: 'containers with unready status: [p]'\nj: \"\"\nk: '*/5 * * * *'\nl: \"2026-11-23T02:08:21Z\"\nm: ' lead'\n\
n: \"tab\\there\"\no: it's\n\"on\": 1\np: '''q'''\nq: 0.5\nr: true\ns: -x\nt: '- x'\nu: 'a #b'\nv: a#b\nw: |2+\n\n\ny1: \"1e3\"\n";
    let written = to_string(&value).replace("\"n\": ", "n: ");
    assert_eq!(written, expected);
    assert_eq!(parse(&to_string(&value)), Ok(value));
}

#[test]
fn long_lines_are_folded_at_80_columns() {
    let message = "Back-off pulling image \"nginx:typo\": ErrImagePull: rpc error: code = NotFound desc = failed to pull and unpack image";
    let text = to_string(&json!({"state": {"message": message}}));
    let expected = "state:\n  message: 'Back-off pulling image \"nginx:typo\": ErrImagePull: rpc error: code = NotFound\n    desc = failed to pull and unpack image'\n";
    assert_eq!(text, expected);
    assert_eq!(parse(&text).unwrap()["state"]["message"], message);
}
