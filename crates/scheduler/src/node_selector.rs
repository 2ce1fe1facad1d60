//! Which nodes a pod asks for. Mirrors component-helpers/scheduling/corev1/nodeaffinity.

use crate::cache::NodeInfo;
use apimachinery::labels::{Operator, Requirement, Selector};
use apimachinery::{Object, Value};

/// One node selector term: labels and fields must all be fulfilled.
#[derive(Clone, Debug)]
pub struct Term {
    labels: Selector,
    /// Requirements on `metadata.name`.
    pub fields: Selector,
}

impl Term {
    /// Reads a term. `None` when it has an operator that does not exist: it then matches no node.
    pub fn read(term: &Value) -> Option<Term> {
        Some(Term {
            labels: requirements(&term["matchExpressions"])?,
            fields: requirements(&term["matchFields"])?,
        })
    }

    /// Whether a node fulfils it. An empty term matches nothing.
    pub fn matches(&self, node: &NodeInfo) -> bool {
        !(self.labels.is_empty() && self.fields.is_empty())
            && self.labels.matches(node.object.labels())
            && self.fields.matches(&node.fields)
    }
}

fn requirements(list: &Value) -> Option<Selector> {
    let read = |e: &Value| {
        let operator = match e["operator"].str() {
            "In" => Operator::In,
            "NotIn" => Operator::NotIn,
            "Exists" => Operator::Exists,
            "DoesNotExist" => Operator::DoesNotExist,
            "Gt" => Operator::GreaterThan,
            "Lt" => Operator::LessThan,
            _ => return None,
        };
        let values = e["values"].items().iter().map(|v| v.str().into()).collect();
        Some(Requirement { key: e["key"].str().into(), operator, values })
    };
    list.items().iter().map(read).collect::<Option<Vec<_>>>().map(Selector)
}

/// `spec.nodeSelector` and required node affinity, both of which a node must fulfil.
#[derive(Clone, Debug, Default)]
pub struct RequiredNodeAffinity {
    selector: Selector,
    /// One of these must match, where there are any.
    pub terms: Option<Vec<Option<Term>>>,
}

impl RequiredNodeAffinity {
    /// Reads them from a pod.
    pub fn of(pod: &Object) -> RequiredNodeAffinity {
        let spec = &pod["spec"];
        let required = &spec["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]["nodeSelectorTerms"];
        RequiredNodeAffinity {
            selector: Selector::from_map(&spec["nodeSelector"]),
            terms: required.as_array().map(|terms| terms.iter().map(Term::read).collect()),
        }
    }

    /// Whether a node fulfils them.
    pub fn matches(&self, node: &NodeInfo) -> bool {
        self.selector.matches(node.object.labels())
            && self.terms.as_ref().is_none_or(|terms| terms.iter().flatten().any(|t| t.matches(node)))
    }
}
