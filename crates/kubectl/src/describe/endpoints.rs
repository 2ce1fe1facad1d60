use super::{Writer, or_none};
use crate::{Ctx, Error};
use apimachinery::{Object, Value};
use client::LocalFuture;

pub(super) fn describe<'a>(
    _: &'a Ctx,
    e: &'a Object,
    w: &'a mut Writer,
) -> LocalFuture<'a, Result<(), Error>> {
    Box::pin(async move {
        super::head(e, w);
        w.put(0, "Subsets:\n");
        for subset in e["subsets"].items() {
            for (title, key) in [("Addresses", "addresses"), ("NotReadyAddresses", "notReadyAddresses")] {
                let ips: Vec<&str> = subset[key].items().iter().map(|a| a["ip"].str()).collect();
                w.put(1, &format!("{title}:\t{}\n", or_none(&ips.join(","))));
            }
            ports(&subset["ports"], w);
            w.put(0, "\n");
        }
        Ok(())
    })
}

fn ports(ports: &Value, w: &mut Writer) {
    if !ports.is_empty() {
        w.put(1, "Ports:\n");
        w.put(2, "Name\tPort\tProtocol\n");
        w.put(2, "----\t----\t--------\n");
    }
    for port in ports.items() {
        let name = if port["name"].is_empty() { "<unset>" } else { port["name"].str() };
        w.put(2, &format!("{name}\t{}\t{}\n", port["port"].int(), port["protocol"].str()));
    }
}
