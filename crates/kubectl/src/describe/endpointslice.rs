use super::{Writer, joined, or_none, plain};
use crate::{Ctx, Error};
use apimachinery::{Object, Value};
use client::LocalFuture;

pub(super) fn describe<'a>(
    _: &'a Ctx,
    slice: &'a Object,
    w: &'a mut Writer,
) -> LocalFuture<'a, Result<(), Error>> {
    Box::pin(async move {
        super::head(slice, w);
        w.put(0, &format!("AddressType:\t{}\n", slice["addressType"].str()));
        match slice["ports"].items() {
            [] => w.put(0, "Ports: <unset>\n"),
            ports => {
                w.put(0, "Ports:\n");
                w.put(1, "Name\tPort\tProtocol\n");
                w.put(1, "----\t----\t--------\n");
                for p in ports {
                    let (name, number) = (or_unset(&p["name"]), or_unset(&p["port"]));
                    w.put(1, &format!("{name}\t{number}\t{}\n", p["protocol"].str()));
                }
            }
        }
        match slice["endpoints"].items() {
            [] => w.put(0, "Endpoints: <none>\n"),
            endpoints => {
                w.put(0, "Endpoints:\n");
                endpoints.iter().for_each(|e| endpoint(e, w));
            }
        }
        Ok(())
    })
}

fn endpoint(e: &Value, w: &mut Writer) {
    w.put(1, &format!("- Addresses:\t{}\n", or_none(&joined(&e["addresses"], ", "))));
    w.put(2, "Conditions:\n");
    w.put(3, &format!("Ready:\t{}\n", or_unset(e.at("conditions.ready"))));
    w.put(2, &format!("Hostname:\t{}\n", or_unset(&e["hostname"])));
    if let Some(target) = e.get("targetRef") {
        w.put(2, &format!("TargetRef:\t{}/{}\n", target["kind"].str(), target["name"].str()));
    }
    w.put(2, &format!("NodeName:\t{}\n", or_unset(&e["nodeName"])));
    w.put(2, &format!("Zone:\t{}\n", or_unset(&e["zone"])));
}

fn or_unset(value: &Value) -> String {
    if value.is_empty() { "<unset>".into() } else { plain(value) }
}
