//! The flags that every command has.

use crate::flags::{Flag, array, duration, int, switch, text};

/// Flags of every command. `refused` ones mean something only where requests are signed or logged.
pub static FLAGS: &[Flag] = &[
    text("as", ' ', "", "User to act as.").refused(),
    array("as-group", ' ', "Group to act as; may be repeated.").refused(),
    text("as-uid", ' ', "", "UID to act as.").refused(),
    array("as-user-extra", ' ', "Extra attributes of the user to act as.").refused(),
    text("cache-dir", ' ', "/home/learner/.kube/cache", "Directory for cached discovery."),
    text("certificate-authority", ' ', "", "Certificate of the authority that signed the server's."),
    text("client-certificate", ' ', "", "Certificate that says who you are."),
    text("client-key", ' ', "", "Key of that certificate."),
    text("cluster", ' ', "", "Cluster of the kubeconfig to talk to."),
    text("context", ' ', "", "Context of the kubeconfig to use."),
    switch("disable-compression", ' ', "Ask the server not to compress."),
    switch("insecure-skip-tls-verify", ' ', "Do not check the server's certificate."),
    text("kubeconfig", ' ', "", "The kubeconfig file to use."),
    text("kuberc", ' ', "", "File with preferences.").refused(),
    duration("log-flush-frequency", "5s", "How often logs are flushed."),
    switch("match-server-version", ' ', "Refuse to work with a server of another version."),
    text("namespace", 'n', "", "Namespace of this request."),
    text("password", ' ', "", "Password for basic authentication.").refused(),
    text("profile", ' ', "none", "What to profile (none, cpu, heap, goroutine, threadcreate, block, mutex).")
        .refused(),
    text("profile-output", ' ', "profile.pprof", "Where the profile goes.").refused(),
    text(
        "request-timeout",
        ' ',
        "0",
        "How long one request may take, such as 5s, 2m or 3h; 0 means for ever.",
    ),
    text("server", 's', "", "Address and port of the API server."),
    text("tls-server-name", ' ', "", "Name to expect in the server's certificate."),
    text("token", ' ', "", "Bearer token that says who you are."),
    text("user", ' ', "", "User of the kubeconfig to be."),
    text("username", ' ', "", "Name for basic authentication.").refused(),
    int("v", 'v', "0", "How much to log."),
    text("vmodule", ' ', "", "How much to log, by file.").refused(),
    switch("warnings-as-errors", ' ', "Fail when the server sends a warning."),
];
