//! `--sort-by`. Mirrors kubectl/pkg/cmd/get/sorter.go.

use crate::jsonpath::JsonPath;
use crate::{Error, go};
use apimachinery::{Quantity, Value, time};
use client::jsonpath::relaxed;
use sim::Order;
use std::cmp::Ordering;

/// Sorts items by what stands at a path in the object that `object` takes from each.
pub fn sort<T>(items: &mut [T], field: &str, object: &dyn Fn(&T) -> Value) -> Result<(), Error> {
    let path = JsonPath::parse(&relaxed(field)?, true)?;
    let mut keys = Vec::new();
    for item in items.iter() {
        let found = path.find(&object(item))?;
        keys.push(found.into_iter().flatten().next());
    }
    if !items.is_empty() && keys.iter().all(Option::is_none) {
        return Err(Error::Message(format!(
            "couldn't find any field with path {} in the list of objects",
            go::quote(&relaxed(field)?)
        )));
    }
    // A stable insertion by index: what compares equal keeps its order.
    let mut order: Vec<usize> = (0..items.len()).collect();
    order.order_by(|&a, &b| compare(keys[a].as_ref(), keys[b].as_ref()));
    apply_order(items, order);
    Ok(())
}

/// Moves items so that place `i` holds what was at `order[i]`.
fn apply_order<T>(items: &mut [T], mut order: Vec<usize>) {
    for start in 0..order.len() {
        let mut place = start;
        while order[place] != start {
            let from = order[place];
            items.swap(place, from);
            order[place] = place;
            place = from;
        }
        order[place] = place;
    }
}

/// What is missing comes first; times, quantities and numbers by their value, texts in natural order.
fn compare(a: Option<&Value>, b: Option<&Value>) -> Ordering {
    let (a, b) = match (a, b) {
        (None, None) => return Ordering::Equal,
        (None, _) => return Ordering::Less,
        (_, None) => return Ordering::Greater,
        (Some(a), Some(b)) => (a, b),
    };
    match (a, b) {
        (Value::String(x), Value::String(y)) => match (time::parse(x), time::parse(y)) {
            (Some(x), Some(y)) => x.cmp(&y),
            _ => match (Quantity::parse(x), Quantity::parse(y)) {
                (Some(x), Some(y)) => x.millis().cmp(&y.millis()),
                _ => natural(x, y),
            },
        },
        (Value::Bool(x), Value::Bool(y)) => x.cmp(y),
        _ => match (a.as_f64(), b.as_f64()) {
            (Some(x), Some(y)) => x.partial_cmp(&y).unwrap_or(Ordering::Equal),
            _ => go::display(a).cmp(&go::display(b)),
        },
    }
}

/// Digits in texts count as numbers: `pod2` before `pod10`. Mirrors github.com/fvbommel/sortorder.
fn natural(a: &str, b: &str) -> Ordering {
    let (mut x, mut y) = (a.as_bytes(), b.as_bytes());
    loop {
        let (Some(c), Some(d)) = (x.first(), y.first()) else { return x.len().cmp(&y.len()) };
        if !c.is_ascii_digit() || !d.is_ascii_digit() {
            if c != d {
                return c.cmp(d);
            }
            (x, y) = (&x[1..], &y[1..]);
            continue;
        }
        let digits = |t: &[u8]| t.iter().take_while(|c| c.is_ascii_digit()).count();
        let zeros = |t: &[u8]| t.iter().take_while(|c| **c == b'0').count();
        let (nx, ny) = (digits(x), digits(y));
        let (vx, vy) = (&x[zeros(x).min(nx)..nx], &y[zeros(y).min(ny)..ny]);
        let order = vx.len().cmp(&vy.len()).then_with(|| vx.cmp(vy)).then_with(|| nx.cmp(&ny));
        if order != Ordering::Equal {
            return order;
        }
        (x, y) = (&x[nx..], &y[ny..]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use apimachinery::json;

    #[test]
    fn sorts_by_value_and_keeps_what_is_missing_first() {
        let mut items: Vec<Value> =
            ["pod10", "pod9", "pod2"].iter().enumerate().map(|(i, n)| json!({"n": *n, "i": i})).collect();
        sort(&mut items, ".n", &Value::clone).unwrap();
        assert_eq!(items.iter().map(|v| v["n"].str()).collect::<Vec<_>>(), ["pod2", "pod9", "pod10"]);
        sort(&mut items, "{.i}", &Value::clone).unwrap();
        assert_eq!(items[0]["n"], "pod10");
        let error = sort(&mut items, ".nope", &Value::clone).unwrap_err();
        assert_eq!(error.text(), "couldn't find any field with path \"{.nope}\" in the list of objects");
    }
}
