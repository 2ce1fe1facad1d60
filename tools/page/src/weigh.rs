//! What the page weighs on its way to the reader.

use anyhow::{Context, Result, bail};
use std::fmt;
use std::io::Write;

/// One file of the built page, sizes in bytes.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Its path below the built folder.
    pub name: String,
    /// Fetched before the prompt can be used.
    pub first: bool,
    /// As it is.
    pub raw: u64,
    /// After gzip -9.
    pub gzip: u64,
    /// After brotli -11.
    pub brotli: u64,
}

/// Every file of the built page.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table(pub Vec<Row>);

impl Table {
    /// What the reader's browser fetches before the prompt, in bytes of brotli.
    pub fn first_load(&self) -> u64 {
        self.0.iter().filter(|row| row.first).map(|row| row.brotli).sum()
    }

    /// An error where the first load is above the limit (in kB of 1000 bytes).
    pub fn check(&self, limit_kb: u64) -> Result<()> {
        if self.first_load() > limit_kb * 1000 {
            bail!("the first load is {} kB, above its limit of {limit_kb} kB", kb(self.first_load()));
        }
        Ok(())
    }

    /// One line a row, for the stamp.
    pub fn to_lines(&self) -> String {
        let line =
            |r: &Row| format!("{}\t{}\t{}\t{}\t{}\n", r.name, u8::from(r.first), r.raw, r.gzip, r.brotli);
        self.0.iter().map(line).collect()
    }

    /// The opposite of [`Table::to_lines`]; `None` where the text is not of that form.
    pub fn from_lines(text: &str) -> Option<Table> {
        let row = |line: &str| {
            let mut fields = line.split('\t');
            let name = fields.next()?.to_string();
            let mut number = || fields.next()?.parse().ok();
            Some(Row { name, first: number()? == 1, raw: number()?, gzip: number()?, brotli: number()? })
        };
        text.lines().map(row).collect::<Option<Vec<Row>>>().map(Table)
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let width = self.0.iter().map(|row| row.name.len()).max().unwrap_or(0).max(24);
        writeln!(f, "{:width$} {:>9} {:>9} {:>9}", "first load, kB", "raw", "gzip", "brotli")?;
        for row in self.0.iter().filter(|row| row.first) {
            writeln!(f, "{:width$} {:>9} {:>9} {:>9}", row.name, kb(row.raw), kb(row.gzip), kb(row.brotli))?;
        }
        let sum = |size: fn(&Row) -> u64| kb(self.0.iter().filter(|row| row.first).map(size).sum());
        let (raw, gzip, brotli) = (sum(|r| r.raw), sum(|r| r.gzip), sum(|r| r.brotli));
        writeln!(f, "{:width$} {raw:>9} {gzip:>9} {brotli:>9}", "together")?;
        let later: Vec<&Row> = self.0.iter().filter(|row| !row.first).collect();
        if !later.is_empty() {
            let size = kb(later.iter().map(|row| row.brotli).sum());
            writeln!(f, "fetched later: {} files, {size} kB brotli", later.len())?;
        }
        Ok(())
    }
}

/// Bytes as kB of 1000 bytes with one decimal.
fn kb(bytes: u64) -> String {
    format!("{:.1}", bytes as f64 / 1000.0)
}

/// The bytes as a server would send them: gzip -9 and brotli -11.
pub fn compress(bytes: &[u8]) -> Result<(Vec<u8>, Vec<u8>)> {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    gzip.write_all(bytes)?;
    let params = brotli::enc::BrotliEncoderParams { quality: 11, lgwin: 22, ..Default::default() };
    let mut small = Vec::new();
    brotli::BrotliCompress(&mut &bytes[..], &mut small, &params).context("brotli")?;
    Ok((gzip.finish()?, small))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(name: &str, first: bool, brotli: u64) -> Row {
        Row { name: name.into(), first, raw: 3 * brotli, gzip: 2 * brotli, brotli }
    }

    #[test]
    fn only_what_is_fetched_before_the_prompt_counts() {
        let table = Table(vec![
            row("a.js", true, 400_000),
            row("b.wasm", true, 300_000),
            row("lesson.md", false, 9_000),
        ]);
        assert_eq!(table.first_load(), 700_000);
        assert!(table.check(700).is_ok());
        assert!(table.check(699).unwrap_err().to_string().contains("700.0 kB"));
        assert_eq!(Table::from_lines(&table.to_lines()), Some(table));
        assert_eq!(Table::from_lines("nonsense"), None);
    }
}
