use super::Writer;
use crate::{Ctx, Error};
use apimachinery::{Object, base64};
use client::LocalFuture;

pub(super) fn describe<'a>(
    _: &'a Ctx,
    map: &'a Object,
    w: &'a mut Writer,
) -> LocalFuture<'a, Result<(), Error>> {
    Box::pin(async move {
        super::head(map, w);
        w.put(0, "\nData\n====\n");
        for (key, value) in map["data"].fields() {
            w.put(0, &format!("{key}:\n----\n{}\n\n", value.str()));
        }
        w.put(0, "\nBinaryData\n====\n");
        for (key, value) in map["binaryData"].fields() {
            let bytes = base64::decode(value.str()).map_or(0, |b| b.len());
            w.put(0, &format!("{key}: {bytes} bytes\n"));
        }
        w.put(0, "\n");
        Ok(())
    })
}
