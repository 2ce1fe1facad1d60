//! Query parameters that several verbs have.

use crate::kinds::Strictness;
use apimachinery::status::FieldError;
use apimachinery::{Request, Status, Value};

/// Whether nothing is to be stored.
pub fn dry_run(request: &Request) -> Result<bool, Status> {
    if request.query.is_empty() {
        return Ok(false);
    }
    let values: Vec<&str> = request.params("dryRun").collect();
    check_dry_run(&values)
}

/// Mirrors ValidateDryRun: `All` or nothing.
pub fn check_dry_run(values: &[&str]) -> Result<bool, Status> {
    if values.iter().any(|v| *v != "All") {
        let list = Value::array(values.iter().map(|v| Value::from(*v)));
        let error = FieldError::not_supported("dryRun", &list, &["All"]);
        return Err(Status::invalid("meta.k8s.io", "CreateOptions", "", &[error]));
    }
    Ok(!values.is_empty())
}

/// `fieldValidation`. Mirrors ValidateFieldValidation.
pub fn field_validation(request: &Request) -> Result<Strictness, Status> {
    let text = request.param("fieldValidation").unwrap_or_default();
    Strictness::parse(text).ok_or_else(|| {
        let error = FieldError::not_supported("fieldValidation", &text.into(), &["Ignore", "Strict", "Warn"]);
        Status::invalid("meta.k8s.io", "CreateOptions", "", &[error])
    })
}

/// A whole number that is not negative.
pub fn number(request: &Request, key: &str) -> Result<Option<u64>, Status> {
    match request.param(key).filter(|text| !text.is_empty()) {
        None => Ok(None),
        Some(text) => match text.parse() {
            Ok(number) => Ok(Some(number)),
            Err(_) => {
                Err(Status::bad_request(format!("strconv.ParseUint: parsing {text:?}: invalid syntax")))
            }
        },
    }
}
