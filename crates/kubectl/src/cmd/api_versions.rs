//! `kubectl api-versions`. Mirrors kubectl/pkg/cmd/apiresources/apiversions.go.

use crate::{Command, Ctx, Error};
use sim::Order;

/// `kubectl api-versions`.
pub const COMMAND: Command = Command {
    name: "api-versions",
    short: "Print the supported API versions on the server, in the form of \"group/version\"",
    examples: "# What the server knows\nkubectl api-versions",
    run: Some(|c| Box::pin(run(c))),
    ..Command::NEW
};

async fn run(c: &Ctx) -> Result<(), Error> {
    if !c.args.is_empty() {
        return Err(c.usage_error(&format!("unexpected arguments: [{}]", c.args.join(" "))));
    }
    let mut versions: Vec<String> = c.discovery().await?.0.iter().map(|m| m.api_version()).collect();
    versions.order();
    versions.dedup();
    versions.iter().for_each(|v| c.line(v));
    Ok(())
}
