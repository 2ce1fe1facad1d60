//! `compare-transcripts RECORDED OURS [--known FILE] [--min PERCENT] [--show N]`: scores a folder of our transcripts
//! against a folder of recorded ones. Fails below the share, and where the list of known differences is not true.

use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::path::Path;
use tests::compare::{Known, Report, Row, Rules, known};

/// Lines shown of each side of a difference.
const SHOWN_LINES: usize = 25;

fn main() -> std::process::ExitCode {
    match run() {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            std::process::ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let mut words = std::env::args().skip(1);
    let mut folders = Vec::new();
    let (mut list, mut min, mut show) = (None::<Vec<Known>>, 0.0, 0);
    while let Some(word) = words.next() {
        let mut value = || words.next().with_context(|| format!("{word} needs a value"));
        match word.as_str() {
            "--known" => {
                let file = value()?;
                list = Some(known(&std::fs::read_to_string(&file).with_context(|| format!("read {file}"))?)?);
            }
            "--min" => min = value()?.parse().context("--min needs a number")?,
            "--show" => show = value()?.parse().context("--show needs a number")?,
            _ if word.starts_with("--") => bail!("unknown flag: {word}"),
            _ => folders.push(word),
        }
    }
    let [recorded, ours] = &folders[..] else { bail!("two folders are needed: RECORDED OURS") };
    let report = Report::new(Path::new(recorded), Path::new(ours))?;
    let wrong = report.scenarios.iter().flat_map(|(name, rows)| rows.iter().map(move |row| (name, row)));
    for (name, row) in wrong.filter(|(_, row)| !row.right).take(show) {
        show_difference(name, row);
    }
    for (name, rows) in &report.scenarios {
        println!("{name:45} {:4} of {}", rows.iter().filter(|row| row.right).count(), rows.len());
    }
    let (right, total) = report.totals();
    let share = if total > 0 { 100.0 * right as f64 / total as f64 } else { 0.0 };
    let surprises = list.map(|list| report.surprises(&list)).unwrap_or_default();
    surprises.iter().for_each(|surprise| println!("{surprise}"));
    println!("{right} of {total} commands identical, {share:.1} %");
    if total == 0 || share < min {
        bail!("{share:.1} % is below {min} %");
    }
    if !surprises.is_empty() {
        bail!("the list of known differences is not true");
    }
    Ok(())
}

fn show_difference(scenario: &str, row: &Row) {
    let rules = Rules::new();
    println!("--- {scenario}: $ {}", row.command);
    for (who, step) in [("real", &row.real), ("ours", row.ours.as_ref().unwrap_or(&Value::Null))] {
        println!("  {who} [{}]:", step["exit"]);
        let text = |name: &str| rules.normalise(step[name].as_str().unwrap_or(""));
        for line in text("stdout").iter().chain(&text("stderr")).take(SHOWN_LINES) {
            println!("    {line}");
        }
    }
}
