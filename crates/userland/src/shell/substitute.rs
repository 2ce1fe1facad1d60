//! Command substitution, and what becomes of expansions that stop.

use super::ast::*;
use super::expand::Halt;
use super::run::{Frame, Source, Unwind};
use super::{Shell, Style};
use crate::{Os, Pid, Read, Step};
use std::sync::Arc;

/// Bytes of output that one command substitution takes.
const MAX_SUBSTITUTION: usize = 4 << 20;

impl Shell {
    /// An expansion stopped: a command must be run first (then `frame` goes on), or it failed.
    pub(crate) fn halted(&mut self, os: &mut Os<'_>, halt: Halt, frame: Frame) {
        match halt {
            Halt::Command(list) => {
                self.frames.push(frame);
                self.start_substitution(os, list);
            }
            Halt::Error(message) => {
                // Bash names no line here for `-c`.
                let is_command =
                    matches!(self.frames.first(), Some(Frame::Script { source: Source::Command, .. }));
                match is_command && self.style == Style::Bash {
                    true => os.eprint(&format!("{}: {message}\n", self.label)),
                    false => self.complain(os, &message),
                }
                if let Frame::Simple(mut simple) = frame {
                    self.put_back(os, std::mem::take(&mut simple.saved));
                }
                self.status = 1;
                let fatal = std::mem::take(&mut self.fatal);
                self.unwind = Some(match fatal && !self.is_interactive() {
                    true => {
                        self.status = match self.style {
                            Style::Bash => {
                                if is_command {
                                    127
                                } else {
                                    1
                                }
                            }
                            _ => 2,
                        };
                        Unwind::Exit
                    }
                    false => Unwind::Abort,
                });
            }
        }
    }

    pub(super) fn start_substitution(&mut self, os: &mut Os<'_>, list: Arc<List>) {
        let Ok((read, write)) = os.pipe() else {
            self.complain(os, "cannot make pipe for command substitution: Too many open files");
            self.status = 1;
            self.unwind = Some(Unwind::Abort);
            return;
        };
        let frame = match input_file(&list) {
            Some(node) => Frame::Node(node),
            None => Frame::List { list, next: 0 },
        };
        let child = self.copy_for(os, frame);
        match os.fork(Box::new(child), &[(1, write)]) {
            Ok(child) => {
                os.close_in(child, read);
                os.close_in(child, write);
                os.close(write);
                self.frames.push(Frame::Substitution { child, descriptor: read, output: Vec::new() });
            }
            Err(_) => {
                os.close(read);
                os.close(write);
                self.no_more_processes(os);
            }
        }
    }

    pub(super) fn substitution(
        &mut self,
        os: &mut Os<'_>,
        child: Pid,
        descriptor: u32,
        mut output: Vec<u8>,
    ) -> Option<Step> {
        match os.read(descriptor, 64 << 10) {
            Read::Data(data) => {
                output.extend(data);
                if output.len() > MAX_SUBSTITUTION {
                    os.close(descriptor);
                    os.kill(child, crate::Signal::Kill);
                    self.complain(os, &format!("command substitution: more than {MAX_SUBSTITUTION} bytes"));
                    self.status = 1;
                    self.unwind = Some(Unwind::Abort);
                    return None;
                }
            }
            Read::Empty => {
                self.frames.push(Frame::Substitution { child, descriptor, output });
                return Some(Step::Wait(None));
            }
            Read::End => {
                let Some(status) = os.wait(child) else {
                    self.frames.push(Frame::Substitution { child, descriptor, output });
                    return Some(Step::Wait(None));
                };
                os.close(descriptor);
                self.status = status.code();
                output.retain(|b| *b != 0);
                let text = String::from_utf8_lossy(&output);
                let text = text.trim_end_matches('\n').to_string();
                if let Some(frame) = self.frames.last_mut() {
                    if let Frame::Simple(simple) = frame {
                        simple.substituted = Some(status.code());
                    }
                    if let Some(log) = frame.log() {
                        log.replies.push(text);
                    }
                }
                return None;
            }
        }
        self.frames.push(Frame::Substitution { child, descriptor, output });
        None
    }
}

/// `$(< file)` is `$(cat < file)`.
fn input_file(list: &List) -> Option<Arc<Node>> {
    let [item] = list.0.as_slice() else { return None };
    let [node] = item.first.commands.as_slice() else { return None };
    let Kind::Simple { assigns, words } = &node.kind else { return None };
    let reads = matches!(node.redirects.as_slice(), [r] if r.kind == RedirectKind::Read);
    if !reads || !assigns.is_empty() || !words.is_empty() || !item.rest.is_empty() {
        return None;
    }
    let kind = Kind::Simple { assigns: Vec::new(), words: vec![vec![Part::Plain("cat".into())]] };
    Some(Arc::new(Node { kind, redirects: node.redirects.clone(), line: node.line }))
}
