//! `kubarium serve`: a small door for real clients. Plain HTTP on loopback; sockets become the same REST-shaped requests
//! that everybody else sends, nothing more. `exec`, `attach` and `port-forward` are not let through yet and say so.

mod connection;
mod rest;

use cluster::{Cluster, Config, Handle};
use connection::Connection;
use sim::Duration;
use std::io::ErrorKind;
use std::net::{Ipv4Addr, TcpListener};

/// The most connections at a time; more wait in the system's backlog.
const MAX_CONNECTIONS: usize = 256;

/// How long the loop rests when nothing happened, and so the grain of virtual time.
const REST: Duration = Duration::from_millis(2);

/// Opens the door and keeps it open until the process is ended. The error is one line.
pub fn serve(mut config: Config, port: u16) -> Result<(), String> {
    // The cluster is ready now, by the clock of those who come.
    config.start = crate::host::now() - cluster::SETTLED;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(|e| format!("port {port}: {e}"))?;
    listener.set_nonblocking(true).map_err(|e| e.to_string())?;
    let handle = Handle::new(Cluster::new(config));
    let address = listener.local_addr().map_err(|e| e.to_string())?;
    cli::say!(
        "Kubernetes {} at http://{address}  (kubectl --server http://{address} get nodes)",
        apiserver_version(&handle)
    );
    let mut connections: Vec<Connection> = Vec::new();
    let mut clock = crate::host::Clock::start();
    loop {
        let mut busy = false;
        while connections.len() < MAX_CONNECTIONS {
            match listener.accept() {
                Ok((socket, _)) => {
                    busy = true;
                    connections.extend(Connection::new(socket));
                }
                Err(e) if e.kind() == ErrorKind::WouldBlock => break,
                Err(e) => return Err(e.to_string()),
            }
        }
        handle.0.borrow_mut().advance(clock.elapsed());
        connections.retain_mut(|c| {
            let step = c.step(&handle);
            busy |= step.busy;
            !step.closed
        });
        if !busy {
            crate::host::sleep(REST);
        }
    }
}

fn apiserver_version(handle: &Handle) -> String {
    let version = handle.0.borrow_mut().request(apimachinery::Request::get("/version")).value();
    version["gitVersion"].str().to_string()
}
