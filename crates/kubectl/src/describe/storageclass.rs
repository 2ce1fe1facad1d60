use super::{Writer, plain};
use crate::{Ctx, Error};
use apimachinery::{Object, labels};
use client::LocalFuture;

/// Mirrors describeStorageClass.
pub(super) fn describe<'a>(
    _: &'a Ctx,
    class: &'a Object,
    w: &'a mut Writer,
) -> LocalFuture<'a, Result<(), Error>> {
    Box::pin(async move {
        let default = api::storageclass::is_default(class);
        w.put(0, &format!("Name:\t{}\n", class.name()));
        w.put(0, &format!("IsDefaultClass:\t{}\n", if default { "Yes" } else { "No" }));
        w.put(0, &format!("Annotations:\t{}\n", labels::format(class.meta("annotations"))));
        w.put(0, &format!("Provisioner:\t{}\n", class["provisioner"].str()));
        w.put(0, &format!("Parameters:\t{}\n", labels::format(&class["parameters"])));
        let expansion = match class["allowVolumeExpansion"].as_bool() {
            Some(true) => "True",
            Some(false) => "False",
            None => "<unset>",
        };
        w.put(0, &format!("AllowVolumeExpansion:\t{expansion}\n"));
        let options = class["mountOptions"].items();
        w.put(0, if options.is_empty() { "MountOptions:\t<none>\n" } else { "MountOptions:\n" });
        for option in options {
            w.put(1, &format!("{}\n", option.str()));
        }
        for (title, field) in [("ReclaimPolicy", "reclaimPolicy"), ("VolumeBindingMode", "volumeBindingMode")]
        {
            if !class[field].is_null() {
                w.put(0, &format!("{title}:\t{}\n", plain(&class[field])));
            }
        }
        topologies(class, w);
        Ok(())
    })
}

/// Mirrors printAllowedTopologies.
fn topologies(class: &Object, w: &mut Writer) {
    let terms = class["allowedTopologies"].items();
    if class["allowedTopologies"].is_null() {
        return;
    }
    if terms.is_empty() {
        return w.put(0, "AllowedTopologies:\t<none>\n");
    }
    w.put(0, "AllowedTopologies:\t\n");
    for (i, term) in terms.iter().enumerate() {
        let rules = term["matchLabelExpressions"].items();
        w.put(1, &format!("Term {i}:\t{}", if rules.is_empty() { "<none>\n" } else { "" }));
        for (at, rule) in rules.iter().enumerate() {
            let values = super::joined(&rule["values"], ", ");
            w.put(0, &format!("{}{} in [{values}]\n", if at == 0 { "" } else { "\t" }, rule["key"].str()));
        }
    }
}
