//! DefaultIngressClass: the class of an Ingress that names none. Mirrors plugin/pkg/admission/network/defaultingressclass.

use crate::{ApiServer, Call};
use api::ingressclass::{RESOURCE, is_default};
use apimachinery::{Object, Status};

/// The older way to name a class.
const ANNOTATION: &str = "kubernetes.io/ingress.class";

/// Sets the default class of a new Ingress.
pub fn create(server: &ApiServer, call: &Call<'_>, ingress: &mut Object) -> Result<(), Status> {
    if !ingress.at("spec.ingressClassName").is_null() || ingress.annotation(ANNOTATION).is_some() {
        return Ok(());
    }
    let defaults: Vec<Object> = server.objects(&RESOURCE).into_iter().filter(is_default).collect();
    match defaults.as_slice() {
        [] => Ok(()),
        [one] => {
            ingress.set_at("spec.ingressClassName", one.name());
            Ok(())
        }
        many => {
            let why = format!("{} default IngressClasses were found, only 1 allowed", many.len());
            Err(call.forbidden(ingress.name(), &why))
        }
    }
}
