//! Columns of text. Mirrors text/tabwriter and the fork that remembers widths.

/// Aligns text with tabs in it. Each run of lines that share a column gives the column its width.
#[derive(Clone, Debug)]
pub struct TabWriter {
    min_width: usize,
    padding: usize,
    /// Widths of earlier flushes, which later ones do not fall below.
    remembered: Option<Vec<usize>>,
    lines: Vec<Vec<String>>,
}

impl TabWriter {
    /// A column is at least `min_width` wide, and cells are `padding` apart.
    pub fn new(min_width: usize, padding: usize) -> TabWriter {
        TabWriter { min_width, padding, remembered: None, lines: vec![vec![String::new()]] }
    }

    /// That of `kubectl get`: widths only grow while it lasts. Mirrors printers.GetNewTabWriter.
    pub fn for_tables() -> TabWriter {
        TabWriter { remembered: Some(Vec::new()), ..TabWriter::new(6, 3) }
    }

    /// Forgets the widths of earlier flushes.
    pub fn forget(&mut self) {
        if let Some(widths) = &mut self.remembered {
            widths.clear();
        }
    }

    /// Adds text; tabs end cells, newlines end lines.
    pub fn write(&mut self, text: &str) {
        for c in text.chars() {
            match c {
                '\n' => self.lines.push(vec![String::new()]),
                '\t' => self.line().push(String::new()),
                c => {
                    if let Some(cell) = self.line().last_mut() {
                        cell.push(c);
                    }
                }
            }
        }
    }

    fn line(&mut self) -> &mut Vec<String> {
        self.lines.last_mut().expect("there is always a line")
    }

    /// The text in columns; the writer is empty afterwards.
    pub fn flush(&mut self) -> String {
        let lines = std::mem::replace(&mut self.lines, vec![vec![String::new()]]);
        let mut out = String::new();
        let mut widths = Vec::new();
        self.format(&lines, 0, lines.len(), &mut widths, &mut out);
        out
    }

    /// Mirrors tabwriter's format: a column block ends at the first line without a cell in that column.
    fn format(
        &mut self,
        lines: &[Vec<String>],
        start: usize,
        end: usize,
        widths: &mut Vec<usize>,
        out: &mut String,
    ) {
        let column = widths.len();
        let has = |i: usize| column + 1 < lines[i].len();
        let (mut from, mut i) = (start, start);
        while i < end {
            if !has(i) {
                i += 1;
                continue;
            }
            write_lines(&lines[from..i], i == lines.len(), widths, out);
            from = i;
            let mut width = self.min_width;
            while i < end && has(i) {
                width = width.max(lines[i][column].chars().count() + self.padding);
                i += 1;
            }
            if let Some(known) = &mut self.remembered {
                if known.len() <= column {
                    known.resize(column + 1, 0);
                }
                width = width.max(known[column]);
                known[column] = width;
            }
            widths.push(width);
            self.format(lines, from, i, widths, out);
            widths.pop();
            from = i;
        }
        write_lines(&lines[from..end], end == lines.len(), widths, out);
    }
}

/// `last`: the last of these lines is the one that was not ended.
fn write_lines(lines: &[Vec<String>], last: bool, widths: &[usize], out: &mut String) {
    for (i, line) in lines.iter().enumerate() {
        for (column, cell) in line.iter().enumerate() {
            out.push_str(cell);
            if let Some(width) = widths.get(column) {
                out.extend(std::iter::repeat_n(' ', width.saturating_sub(cell.chars().count())));
            }
        }
        if !(last && i + 1 == lines.len()) {
            out.push('\n');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_and_remembered() {
        let mut w = TabWriter::for_tables();
        w.write("NAME\tREADY\tLABEL\na\t1/1\t\n");
        assert_eq!(w.flush(), "NAME   READY   LABEL\na      1/1     \n");
        w.write("long-name\t0/1\tx\n");
        assert_eq!(w.flush(), "long-name   0/1     x\n");
        w.write("b\t0/1\tx\n");
        assert_eq!(w.flush(), "b           0/1     x\n");
    }

    #[test]
    fn a_line_without_a_cell_ends_a_block() {
        let mut w = TabWriter::new(0, 2);
        w.write("a\tb\nlonger\tc\n\nx\ty\n");
        assert_eq!(w.flush(), "a       b\nlonger  c\n\nx  y\n");
    }
}
