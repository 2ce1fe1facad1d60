//! `tee`

use super::support::{Filter, Flow, Spec, complain, options};
use crate::{Mode, Os};

const SPEC: Spec = Spec {
    usage: "tee [OPTION]... [FILE]...",
    letters: "ai",
    long: &[("append", 'a'), ("ignore-interrupts", 'i')],
    code: 1,
};

#[derive(Clone)]
struct Tee {
    descriptors: Vec<u32>,
    code: i32,
}

pub(super) fn start(os: &mut Os<'_>) -> Result<(Box<dyn Filter>, Vec<String>), i32> {
    let args = options(os, &SPEC)?;
    let mode = if args.has('a') { Mode::Append } else { Mode::Write };
    let mut tee = Tee { descriptors: vec![1], code: 0 };
    for file in &args.operands {
        match os.open(file, mode, 3) {
            Ok(descriptor) => tee.descriptors.push(descriptor),
            Err(error) => {
                complain(os, &format!("{file}: {error}"));
                tee.code = 1;
            }
        }
    }
    Ok((Box::new(tee), Vec::new()))
}

impl Filter for Tee {
    fn line(&mut self, os: &mut Os<'_>, line: &[u8]) -> Flow {
        self.descriptors.iter().for_each(|d| os.write(*d, line));
        Flow::Go
    }

    fn end(&mut self, _: &mut Os<'_>) -> i32 {
        self.code
    }
}
