//! Server-side tables. Mirrors metav1.Table.

use crate::{Object, Value, json};

/// A column of a kind's table.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Column {
    /// Title as the API gives it, such as `Name` or `Nominated Node`; kubectl prints it in capitals.
    pub name: &'static str,
    /// `string`, `integer`, `date`, ...
    pub kind: &'static str,
    /// 0 for always, 1 for `-o wide` only.
    pub priority: u8,
}

/// Rows with cells, as `kubectl get` asks for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    /// Columns.
    pub columns: Vec<Column>,
    /// One row an object.
    pub rows: Vec<Row>,
    /// `metadata.resourceVersion` of the list.
    pub resource_version: String,
}

/// One row.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Texts and numbers, one a column.
    pub cells: Vec<Value>,
    /// The object that the row is about.
    pub object: Object,
}

/// How much of the object a row carries (`includeObject`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // Kubernetes' own words
pub enum IncludeObject {
    None,
    Metadata,
    Object,
}

impl Table {
    /// The JSON of metav1.Table.
    pub fn to_value(&self, include: IncludeObject) -> Value {
        let columns = self.columns.iter().map(|c| {
            let format = if c.name == "Name" { "name" } else { "" };
            json!({"name": c.name, "type": c.kind, "format": format, "description": "", "priority": i64::from(c.priority)})
        });
        let rows = self.rows.iter().map(|row| {
            let object = match include {
                IncludeObject::None => Value::Null,
                IncludeObject::Object => row.object.0.clone(),
                IncludeObject::Metadata => json!({
                    "kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": &row.object["metadata"],
                }),
            };
            json!({"cells": row.cells.clone(), "object": object})
        });
        json!({
            "kind": "Table", "apiVersion": "meta.k8s.io/v1",
            "metadata": {"resourceVersion": self.resource_version.as_str()},
            "columnDefinitions": Value::array(columns), "rows": Value::array(rows),
        })
    }
}
