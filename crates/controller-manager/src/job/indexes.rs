//! Lists of indexes: `0-2,5`. Mirrors indexed_job_utils.go.

use sim::collections::BTreeSet;

/// The indexes below `limit` that a text names.
pub fn parse(text: &str, limit: i64) -> BTreeSet<i64> {
    let number = |text: &str| text.parse::<i64>().ok();
    let range = |part: &str| {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        Some(number(first)?..number(last)?.saturating_add(1).min(limit))
    };
    text.split(',').filter_map(range).flatten().collect()
}

/// The text of indexes, neighbours taken together.
pub fn format(indexes: &BTreeSet<i64>) -> String {
    let mut runs: Vec<(i64, i64)> = Vec::new();
    for index in indexes.iter().copied() {
        match runs.last_mut() {
            Some((_, last)) if *last + 1 == index => *last = index,
            _ => runs.push((index, index)),
        }
    }
    let text = |(first, last): (i64, i64)| match last - first {
        0 => first.to_string(),
        1 => format!("{first},{last}"),
        _ => format!("{first}-{last}"),
    };
    runs.into_iter().map(text).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_are_taken_together() {
        for text in ["", "0", "0,1", "0-2", "0-2,5", "1,3,5-9"] {
            assert_eq!(format(&parse(text, 10)), text);
        }
        assert_eq!(format(&parse("0-2,5", 2)), "0,1");
    }
}
