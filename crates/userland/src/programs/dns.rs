//! `nslookup`, `dig`, `host`, `getent hosts`

use super::net;
use super::support::{complain, name};
use crate::{Flavor, Os, Program, Step};
use sim::net::{Error, Record, RecordType, RequestId, Response};

/// One question under way.
#[derive(Clone, Default)]
pub(super) struct Dns {
    question: Option<Question>,
    flight: Option<RequestId>,
}

#[derive(Clone)]
struct Question {
    name: String,
    kind: RecordType,
    short: bool,
}

fn kind(text: &str) -> Option<RecordType> {
    Some(match text.to_ascii_uppercase().as_str() {
        "A" | "ANY" => RecordType::A,
        "AAAA" => RecordType::Aaaa,
        "CNAME" => RecordType::Cname,
        "SRV" => RecordType::Srv,
        "PTR" => RecordType::Ptr,
        _ => return None,
    })
}

fn letters(kind: RecordType) -> &'static str {
    match kind {
        RecordType::A => "A",
        RecordType::Aaaa => "AAAA",
        RecordType::Cname => "CNAME",
        RecordType::Srv => "SRV",
        RecordType::Ptr => "PTR",
    }
}

/// `4.3.2.1.in-addr.arpa` for an address.
fn reverse(address: &str) -> String {
    let parts: Vec<&str> = address.split('.').rev().collect();
    format!("{}.in-addr.arpa", parts.join("."))
}

impl Dns {
    fn read_arguments(os: &mut Os<'_>) -> Result<Question, i32> {
        let program = name(os);
        let args = os.argv()[1..].to_vec();
        let mut question = Question { name: String::new(), kind: RecordType::A, short: false };
        let mut iter = args.iter();
        while let Some(arg) = iter.next() {
            let refused = |os: &mut Os<'_>| {
                complain(os, &format!("{arg}: not supported"));
                Err(1)
            };
            if arg == "+short" {
                question.short = true;
            } else if let Some(text) =
                arg.strip_prefix("-type=").or(arg.strip_prefix("-query=")).or(arg.strip_prefix("-q="))
            {
                match kind(text) {
                    Some(kind) => question.kind = kind,
                    None => return refused(os),
                }
            } else if arg == "-t" {
                match iter.next().and_then(|t| kind(t)) {
                    Some(kind) => question.kind = kind,
                    None => return refused(os),
                }
            } else if arg == "-x" {
                question.kind = RecordType::Ptr;
            } else if arg.starts_with('@') || arg.starts_with('+') {
                // The cluster has one server, and the answer is always printed whole.
                if !matches!(arg.as_str(), "+search" | "+noall" | "+answer" | "+nocmd" | "+nocomments")
                    && arg.starts_with('+')
                {
                    return refused(os);
                }
            } else if arg.starts_with('-') {
                return refused(os);
            } else if program == "getent"
                && question.name.is_empty()
                && matches!(arg.as_str(), "hosts" | "ahosts" | "ahostsv4")
            {
                continue;
            } else if program == "getent"
                && matches!(arg.as_str(), "passwd" | "group")
                && question.name.is_empty()
            {
                let text = os.read_file(&format!("/etc/{arg}")).unwrap_or_default();
                let wanted = iter.next().cloned();
                let text = String::from_utf8_lossy(&text).into_owned();
                let lines =
                    text.lines().filter(|l| wanted.as_ref().is_none_or(|w| l.split(':').next() == Some(w)));
                let text: String = lines.map(|l| format!("{l}\n")).collect();
                os.print(&text);
                return Err(if text.is_empty() { 2 } else { 0 });
            } else if let (true, Some(kind)) = (program == "dig" && !question.name.is_empty(), kind(arg)) {
                question.kind = kind;
            } else if question.name.is_empty() {
                question.name = arg.clone();
            }
        }
        if question.name.is_empty() {
            os.eprint(&format!("Usage: {program} HOST\n"));
            return Err(1);
        }
        if net::is_address(&question.name) {
            question.kind = RecordType::Ptr;
            question.name = reverse(&question.name);
        }
        Ok(question)
    }
}

/// The answer in the words of the program; the exit code.
fn show(os: &mut Os<'_>, q: &Question, answer: Result<Response, Error>) -> i32 {
    let program = name(os);
    let (server, records) = match answer {
        Ok(Response::Records { server, records }) => (server, records),
        Err(Error::NoSuchHost { server }) => (server, Vec::new()),
        _ => (String::new(), Vec::new()),
    };
    if server.is_empty() {
        return unreachable_server(os, &program, q);
    }
    match program.as_str() {
        "dig" => dig(os, q, &server, &records),
        "host" => host(os, q, &records),
        "getent" => getent(os, q, &records),
        _ => nslookup(os, q, &server, &records),
    }
}

fn unreachable_server(os: &mut Os<'_>, program: &str, q: &Question) -> i32 {
    match program {
        "getent" => return 2,
        "dig" | "host" => os.print(";; communications error: timed out\n;; no servers could be reached\n"),
        _ if os.flavor() == Flavor::Busybox => {
            os.print(&format!(
                ";; connection timed out; no servers could be reached\n\nnslookup: can't resolve '{}'\n",
                q.name
            ));
        }
        _ => os.print(";; communications error: timed out\n;; no servers could be reached\n\n"),
    }
    if program == "dig" { 9 } else { 1 }
}

fn nslookup(os: &mut Os<'_>, q: &Question, server: &str, records: &[Record]) -> i32 {
    let mark = if os.flavor() == Flavor::Busybox { ':' } else { '#' };
    let mut text = format!("Server:\t\t{server}\nAddress:\t{server}{mark}53\n\n");
    if records.is_empty() {
        text.push_str(&format!("** server can't find {}: NXDOMAIN\n\n", q.name));
        os.print(&text);
        return 1;
    }
    for r in records {
        text.push_str(&match r.kind {
            RecordType::A | RecordType::Aaaa => format!("Name:\t{}\nAddress: {}\n", r.name, r.data),
            RecordType::Cname => format!("{}\tcanonical name = {}.\n", r.name, r.data),
            RecordType::Srv => format!("{}\tservice = {}.\n", r.name, r.data),
            RecordType::Ptr => format!("{}\tname = {}.\n", r.name, r.data),
        });
    }
    os.print(&format!("{text}\n"));
    0
}

fn dig(os: &mut Os<'_>, q: &Question, server: &str, records: &[Record]) -> i32 {
    let data = |r: &Record| match r.kind {
        RecordType::A | RecordType::Aaaa => r.data.clone(),
        _ => format!("{}.", r.data),
    };
    if q.short {
        let text: String = records.iter().map(|r| format!("{}\n", data(r))).collect();
        os.print(&text);
        return 0;
    }
    let id = os.random() % 65_536;
    let status = if records.is_empty() { "NXDOMAIN" } else { "NOERROR" };
    let mut text = format!(
        "\n; <<>> DiG 9.18.33 <<>> {0}\n;; global options: +cmd\n;; Got answer:\n;; ->>HEADER<<- opcode: QUERY, status: {status}, \
         id: {id}\n;; flags: qr aa rd; QUERY: 1, ANSWER: {1}, AUTHORITY: 0, ADDITIONAL: 1\n\n;; QUESTION SECTION:\n\
         ;{0}.\t\tIN\t{2}\n\n",
        q.name,
        records.len(),
        letters(q.kind)
    );
    if !records.is_empty() {
        text.push_str(";; ANSWER SECTION:\n");
        records
            .iter()
            .for_each(|r| text.push_str(&format!("{}.\t30\tIN\t{}\t{}\n", r.name, letters(r.kind), data(r))));
        text.push('\n');
    }
    let when = crate::date::format("%a %b %d %H:%M:%S UTC %Y", os.now());
    text.push_str(&format!(";; Query time: 0 msec\n;; SERVER: {server}#53({server}) (UDP)\n;; WHEN: {when}\n;; MSG SIZE  rcvd: 93\n\n"));
    os.print(&text);
    0
}

fn host(os: &mut Os<'_>, q: &Question, records: &[Record]) -> i32 {
    if records.is_empty() {
        os.print(&format!("Host {} not found: 3(NXDOMAIN)\n", q.name));
        return 1;
    }
    let line = |r: &Record| match r.kind {
        RecordType::A => format!("{} has address {}\n", r.name, r.data),
        RecordType::Aaaa => format!("{} has IPv6 address {}\n", r.name, r.data),
        RecordType::Cname => format!("{} is an alias for {}.\n", r.name, r.data),
        RecordType::Srv => format!("{} has SRV record {}.\n", r.name, r.data),
        RecordType::Ptr => format!("{} domain name pointer {}.\n", r.name, r.data),
    };
    let text: String = records.iter().map(line).collect();
    os.print(&text);
    0
}

fn getent(os: &mut Os<'_>, q: &Question, records: &[Record]) -> i32 {
    let mut addresses = records.iter().filter(|r| r.kind == RecordType::A);
    let text: String = match os.flavor() {
        Flavor::Gnu => addresses.map(|r| format!("{:<15} {}\n", r.data, r.name)).collect(),
        // musl's shows one address; its first alias is the full name itself, the other one what was asked.
        Flavor::Busybox => addresses.next().map_or(String::new(), |r| {
            let asked = if r.name == q.name { String::new() } else { format!(" {}", q.name) };
            format!("{:<16}  {1}  {1}{asked}\n", r.data, r.name)
        }),
    };
    os.print(&text);
    if text.is_empty() { 2 } else { 0 }
}

impl Program for Dns {
    fn step(&mut self, os: &mut Os<'_>) -> Step {
        let Some(question) = self.question.clone() else {
            return match Dns::read_arguments(os) {
                Ok(question) => {
                    self.flight = Some(net::lookup(os, &question.name, question.kind));
                    self.question = Some(question);
                    Step::Yield
                }
                Err(code) => Step::Exit(code),
            };
        };
        let Some(answer) = self.flight.and_then(|f| os.poll(f)) else { return Step::Wait(None) };
        Step::Exit(show(os, &question, answer))
    }
}
