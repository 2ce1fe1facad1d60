use super::Writer;
use crate::{Ctx, Error};
use apimachinery::{Object, base64};
use client::LocalFuture;

pub(super) fn describe<'a>(
    _: &'a Ctx,
    secret: &'a Object,
    w: &'a mut Writer,
) -> LocalFuture<'a, Result<(), Error>> {
    Box::pin(async move {
        super::head(secret, w);
        w.put(0, &format!("\nType:\t{}\n", secret["type"].str()));
        w.put(0, "\nData\n====\n");
        for (key, value) in secret["data"].fields() {
            let bytes = base64::decode(value.str()).unwrap_or_default();
            match key == "token" && secret["type"] == "kubernetes.io/service-account-token" {
                true => w.put(0, &format!("{key}:\t{}\n", String::from_utf8_lossy(&bytes))),
                false => w.put(0, &format!("{key}:\t{} bytes\n", bytes.len())),
            }
        }
        Ok(())
    })
}
