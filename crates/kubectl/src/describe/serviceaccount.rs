use super::Writer;
use crate::{Ctx, Error};
use apimachinery::Object;
use client::LocalFuture;

pub(super) fn describe<'a>(
    _: &'a Ctx,
    account: &'a Object,
    w: &'a mut Writer,
) -> LocalFuture<'a, Result<(), Error>> {
    Box::pin(async move {
        super::head(account, w);
        let names: Vec<&str> = account["imagePullSecrets"].items().iter().map(|s| s["name"].str()).collect();
        let mut title = "Image pull secrets:";
        if names.is_empty() {
            w.put(0, &format!("{title}\t<none>\n"));
        }
        for name in names {
            w.put(0, &format!("{title}\t{name}\n"));
            title = "                   ";
        }
        Ok(())
    })
}
