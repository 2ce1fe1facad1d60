//! What the page weighs on its way to the reader.

use anyhow::{Context, Result, bail};
use std::fmt;
use std::io::Write;

/// Where the lessons lie in the page.
pub const LESSONS: &str = "lessons";

/// A lesson in one language may weigh this much after brotli, and so may the texts of a language, in bytes.
const FURTHER_LIMIT: u64 = 15_000;

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

    /// An error where the first load, with the heaviest English lesson if there are lessons, is above the limit (in kB
    /// of 1000 bytes), or a further lesson or language above its own.
    pub fn check(&self, limit_kb: u64) -> Result<()> {
        let (lessons, languages) = (self.lessons("en"), self.languages());
        let whole = self.first_load() + lessons.map_or(0, |(list, heaviest)| list + heaviest.brotli);
        if whole > limit_kb * 1000 {
            bail!("the first load is {} kB with a lesson, above its limit of {limit_kb} kB", kb(whole));
        }
        let all = languages.iter().flat_map(|language| self.lessons(language)).map(|(_, row)| row.clone());
        let each =
            languages.iter().map(|language| (format!("the language {language}"), self.language(language)));
        let mut further = all.map(|row| (row.name, row.brotli)).chain(each);
        match further.find(|(_, bytes)| *bytes > FURTHER_LIMIT) {
            Some((name, bytes)) => bail!("{name} weighs {bytes} bytes after brotli, at most {FURTHER_LIMIT}"),
            None => Ok(()),
        }
    }

    /// What the list of lessons weighs in a language, and the heaviest lesson.
    fn lessons(&self, language: &str) -> Option<(u64, &Row)> {
        let list = self.0.iter().find(|row| row.name == format!("{LESSONS}/index.{language}.json"))?;
        let end = format!(".{language}.json");
        let lessons = self.0.iter().filter(|row| row.name.starts_with(LESSONS) && row.name.ends_with(&end));
        let heaviest = lessons.filter(|row| row.name != list.name).max_by_key(|row| row.brotli)?;
        Some((list.brotli, heaviest))
    }

    /// The languages that the page's texts are fetched in.
    fn languages(&self) -> Vec<String> {
        let name = |row: &Row| Some(row.name.strip_prefix("locales/")?.strip_suffix(".txt")?.to_string());
        self.0.iter().filter_map(name).collect()
    }

    /// What a reader of another language fetches more: the page's texts and the list of lessons.
    fn language(&self, language: &str) -> u64 {
        let texts = self.0.iter().find(|row| row.name == format!("locales/{language}.txt"));
        texts.map_or(0, |row| row.brotli) + self.lessons(language).map_or(0, |(list, _)| list)
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
        if let Some((list, heaviest)) = self.lessons("en") {
            let whole = kb(self.first_load() + list + heaviest.brotli);
            writeln!(f, "first load with the heaviest English lesson and the list: {whole} kB brotli")?;
            for language in self.languages() {
                let (more, lesson) =
                    (kb(self.language(&language)), self.lessons(&language).map(|(_, row)| row));
                let lesson =
                    lesson.map(|row| format!("{}, {}", kb(row.brotli), row.name)).unwrap_or_default();
                writeln!(f, "{language}: {more} kB brotli, a lesson in it at most {lesson}")?;
            }
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
    }

    #[test]
    fn lessons_and_languages_have_limits_of_their_own() {
        let mut table = Table(vec![
            row("b.wasm", true, 680_000),
            row("lessons/index.en.json", false, 1_000),
            row("lessons/a/b.en.json", false, 14_000),
            row("lessons/a/c.en.json", false, 5_000),
            row("lessons/index.zh-TW.json", false, 1_000),
            row("lessons/a/b.zh-TW.json", false, 15_000),
            row("locales/en.txt", false, 3_000),
            row("locales/zh-TW.txt", false, 14_000),
        ]);
        assert!(table.check(695).is_ok());
        assert!(table.check(694).unwrap_err().to_string().contains("695.0 kB with a lesson"));
        let refused = |table: &Table| table.check(695).unwrap_err().to_string();
        table.0[7].brotli += 1;
        assert!(refused(&table).starts_with("the language zh-TW weighs 15001"));
        table.0[5].brotli += 1;
        assert!(refused(&table).starts_with("lessons/a/b.zh-TW.json weighs 15001"));
    }

    #[test]
    fn a_stamp_that_is_none_is_seen() {
        assert_eq!(Table::from_lines("nonsense"), None);
    }
}
