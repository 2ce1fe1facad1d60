/// A table with a frame, as olekukonko/tablewriter v1 draws it. Cells may have several lines. `upper` writes the
/// titles in capitals.
pub(super) fn render(titles: &[&str], rows: &[Vec<String>], upper: bool) -> String {
    let titles: Vec<String> =
        titles.iter().map(|t| if upper { t.to_uppercase() } else { t.to_string() }).collect();
    let width = |column: usize| {
        let cells = rows.iter().map(|r| r[column].as_str()).chain([titles[column].as_str()]);
        cells.flat_map(str::lines).map(|l| l.chars().count()).max().unwrap_or_default()
    };
    let widths: Vec<usize> = (0..titles.len()).map(width).collect();
    let rule = |left: &str, mid: &str, right: &str| {
        let parts: Vec<String> = widths.iter().map(|w| "─".repeat(w + 2)).collect();
        format!("{left}{}{right}\n", parts.join(mid))
    };
    let centred = |text: &str, width: usize| {
        let space = width - text.chars().count();
        format!("{}{text}{}", " ".repeat(space / 2), " ".repeat(space - space / 2))
    };
    let mut out = rule("┌", "┬", "┐");
    let head: Vec<String> = titles.iter().zip(&widths).map(|(t, w)| centred(t, *w)).collect();
    out.push_str(&format!("│ {} │\n", head.join(" │ ")));
    out.push_str(&rule("├", "┼", "┤"));
    for row in rows {
        let height = row.iter().map(|c| c.lines().count()).max().unwrap_or(1).max(1);
        for line in 0..height {
            let cells = row.iter().zip(&widths).map(|(c, w)| {
                let text = c.lines().nth(line).unwrap_or_default();
                format!("{text}{}", " ".repeat(w - text.chars().count()))
            });
            out.push_str(&format!("│ {} │\n", cells.collect::<Vec<_>>().join(" │ ")));
        }
    }
    out + &rule("└", "┴", "┘")
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_table_is_framed() {
        let rows = [vec!["default".to_string(), "http://a:1\nhttp://a:2".to_string()]];
        let expected = "\
┌───────────┬────────────┐
│ NAMESPACE │    URL     │
├───────────┼────────────┤
│ default   │ http://a:1 │
│           │ http://a:2 │
└───────────┴────────────┘
";
        assert_eq!(super::render(&["Namespace", "URL"], &rows, true), expected);
    }
}
