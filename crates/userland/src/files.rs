//! The file system: a tree of shared nodes. A clone is one pointer; a write copies the way to the file, nothing else.

use crate::{Command, Program};
use sim::Time;
use sim::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

/// How many symbolic links a path may lead through, as in Linux.
const MAX_LINKS: usize = 40;
/// Longest path.
const MAX_PATH: usize = 4096;
/// Longest name in a directory.
const MAX_NAME: usize = 255;
/// What a file system holds if nothing else is said, in bytes.
const DEFAULT_LIMIT: usize = 16 << 20;
/// When files that come with an image or a laptop were made: 2025-12-01.
const BUILT: Time = Time::from_secs(1_764_547_200);
/// What a file counts in addition to its content, in bytes, so that empty files have a limit too.
const ENTRY_BYTES: usize = 128;

/// Makes the program that an executable file holds.
pub type Make = fn(&Command) -> Box<dyn Program>;

/// What is in a file.
#[derive(Clone, Debug)]
pub enum Content {
    /// Bytes.
    Bytes(Arc<Vec<u8>>),
    /// A program.
    Program(Make),
    /// A program that the host runs: see `Kernel::external`.
    External,
    /// A device of `/dev`.
    Device(Device),
}

/// The devices there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Device {
    /// Swallows everything, gives nothing.
    Null,
    /// Gives zeros.
    Zero,
    /// Gives random bytes.
    Random,
    /// Takes nothing: always full.
    Full,
    /// The terminal of the process.
    Terminal,
    /// The open file of the process with this number: `/dev/stdin`, `/dev/stdout`, `/dev/stderr`.
    Descriptor(u32),
}

/// What is known of a node beside its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Meta {
    /// Permission bits.
    pub mode: u16,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// Time of the last change.
    pub modified: Time,
}

/// A node of the tree.
#[derive(Clone, Debug)]
pub enum Node {
    /// A directory.
    Dir(Arc<Dir>),
    /// A file: content, what is known of it, and a number that stays the same while it is written to.
    File(Content, Meta, u64),
    /// A symbolic link.
    Link(Arc<str>, Meta),
}

/// A directory.
#[derive(Clone, Debug)]
pub struct Dir {
    entries: BTreeMap<Arc<str>, Node>,
    meta: Meta,
}

/// What `stat` says.
#[derive(Clone, Debug)]
pub struct Stat {
    /// What it is, with its content or target.
    pub node: Node,
}

impl Stat {
    /// A directory?
    pub fn is_dir(&self) -> bool {
        matches!(self.node, Node::Dir(_))
    }

    /// A symbolic link?
    pub fn is_link(&self) -> bool {
        matches!(self.node, Node::Link(..))
    }

    /// A regular file (a program is one, too)?
    pub fn is_file(&self) -> bool {
        matches!(&self.node, Node::File(c, ..) if !matches!(c, Content::Device(_)))
    }

    /// Mode, owner, time.
    pub fn meta(&self) -> Meta {
        match &self.node {
            Node::Dir(d) => d.meta,
            Node::File(_, m, _) | Node::Link(_, m) => *m,
        }
    }

    /// Size in bytes, as `ls -l` shows it.
    pub fn size(&self) -> usize {
        match &self.node {
            Node::Dir(_) => 4096,
            Node::File(Content::Bytes(b), ..) => b.len(),
            Node::File(Content::Program(_) | Content::External, ..) => PROGRAM_SIZE,
            Node::File(Content::Device(_), ..) => 0,
            Node::Link(target, _) => target.len(),
        }
    }

    /// The entries of a directory; none for anything else.
    pub fn entries(&self) -> Vec<(String, Stat)> {
        match &self.node {
            Node::Dir(dir) => {
                dir.entries.iter().map(|(n, node)| (n.to_string(), Stat { node: node.clone() })).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Number of directory entries, or 1.
    pub fn links(&self) -> usize {
        match &self.node {
            Node::Dir(d) => 2 + d.entries.values().filter(|n| matches!(n, Node::Dir(_))).count(),
            _ => 1,
        }
    }
}

/// What a program's file seems to hold.
const PROGRAM_SIZE: usize = 43_808;

/// Why it did not work, in the words of `strerror`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // errno's own names
pub enum FileError {
    NotFound,
    NotADirectory,
    IsADirectory,
    Exists,
    NotEmpty,
    NoSpace,
    ReadOnly,
    Permission,
    TooManyLinks,
    NameTooLong,
    Invalid,
    Busy,
    NoDevice,
    BadDescriptor,
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            FileError::NotFound => "No such file or directory",
            FileError::NotADirectory => "Not a directory",
            FileError::IsADirectory => "Is a directory",
            FileError::Exists => "File exists",
            FileError::NotEmpty => "Directory not empty",
            FileError::NoSpace => "No space left on device",
            FileError::ReadOnly => "Read-only file system",
            FileError::Permission => "Permission denied",
            FileError::TooManyLinks => "Too many levels of symbolic links",
            FileError::NameTooLong => "File name too long",
            FileError::Invalid => "Invalid argument",
            FileError::Busy => "Device or resource busy",
            FileError::NoDevice => "No such device or address",
            FileError::BadDescriptor => "Bad file descriptor",
        })
    }
}

/// A file system. All paths are absolute; [`Files::join`] makes them so.
#[derive(Clone, Debug)]
pub struct Files {
    /// Always a directory.
    root: Node,
    /// Bytes in use.
    used: usize,
    limit: usize,
    next: u64,
    /// The time that changes are stamped with; the machine keeps it.
    pub(crate) now: Time,
    /// Trees that cannot be written to.
    read_only: Arc<BTreeSet<String>>,
    /// Trees that can be written to although they are below a read-only one.
    writable: Arc<BTreeSet<String>>,
}

impl Default for Files {
    fn default() -> Self {
        Files::new()
    }
}

impl Files {
    /// Only `/`, `/dev` with its devices, and `/tmp`.
    pub fn new() -> Files {
        let mut files = Files {
            root: Node::Dir(new_dir(0o755, BUILT)),
            used: 0,
            limit: DEFAULT_LIMIT,
            next: 1,
            now: BUILT,
            read_only: Arc::default(),
            writable: Arc::default(),
        };
        let devices = [
            ("null", Device::Null),
            ("zero", Device::Zero),
            ("random", Device::Random),
            ("urandom", Device::Random),
            ("full", Device::Full),
            ("tty", Device::Terminal),
            ("stdin", Device::Descriptor(0)),
            ("stdout", Device::Descriptor(1)),
            ("stderr", Device::Descriptor(2)),
        ];
        for (name, device) in devices {
            files.place(&format!("/dev/{name}"), Content::Device(device), 0o666);
        }
        files.make_dirs("/tmp");
        let _ = files.set_mode("/tmp", 0o1777);
        files
    }

    /// Changes how many bytes fit in.
    pub fn set_limit(&mut self, bytes: usize) {
        self.limit = bytes;
    }

    /// How many bytes fit in.
    pub fn limit(&self) -> usize {
        self.limit
    }

    /// Bytes in use, each file counting a little more than its content.
    pub fn used(&self) -> usize {
        self.used
    }

    // --- For hosts: building a file system. Parents are made, limits do not hold, nothing fails.

    /// Puts a file there, replacing what was.
    pub fn put(&mut self, path: &str, content: impl Into<Vec<u8>>) {
        self.place(path, Content::Bytes(Arc::new(content.into())), 0o644);
    }

    /// Puts an executable file there: see [`Content::Program`].
    pub fn install(&mut self, path: &str, make: Make) {
        self.place(path, Content::Program(make), 0o755);
    }

    /// Puts an executable file there that the host runs: see `Kernel::external`.
    pub fn install_external(&mut self, path: &str) {
        self.place(path, Content::External, 0o755);
    }

    /// Puts a symbolic link there.
    pub fn link(&mut self, path: &str, target: &str) {
        let meta = Meta { mode: 0o777, uid: 0, gid: 0, modified: self.now };
        self.graft(path, Node::Link(target.into(), meta));
    }

    /// Makes a directory and its parents.
    pub fn make_dirs(&mut self, path: &str) {
        let now = self.now;
        let mut at = String::new();
        for part in parts(path) {
            at = format!("{at}/{part}");
            if self.stat(&at, true).is_err() {
                self.graft(&at, Node::Dir(new_dir(0o755, now)));
            }
        }
    }

    /// The node at a path, with everything below it: one pointer. Links on the way are followed.
    pub fn subtree(&self, path: &str) -> Option<Node> {
        self.stat(path, true).ok().map(|s| s.node)
    }

    /// Puts a node (with everything below it) at a path, replacing what was; how volumes are mounted and kept the same
    /// in several machines.
    pub fn graft(&mut self, path: &str, node: Node) {
        if let Some((dir, _)) = split(path) {
            self.make_dirs(&dir);
        }
        let Ok(real) = self.resolve(path, false) else { return };
        let removed = self.lookup(&real).map_or(0, node_bytes);
        let added = node_bytes(&node);
        let Some((dir, name)) = split(&real) else {
            if let Node::Dir(_) = node {
                (self.root, self.used) = (node, added);
            }
            return;
        };
        if let Some(dir) = self.dir_mut(&dir) {
            dir.entries.insert(name.as_str().into(), node);
            self.used = (self.used + added).saturating_sub(removed);
        }
    }

    /// What a tree takes of the limit, in bytes.
    pub fn weight(node: &Node) -> usize {
        node_bytes(node)
    }

    /// Whether the tree at `path` is this very node, unchanged since it was taken: one comparison of pointers.
    pub fn is_same(&self, path: &str, node: &Node) -> bool {
        match (self.subtree(path), node) {
            (Some(Node::Dir(a)), Node::Dir(b)) => Arc::ptr_eq(&a, b),
            (Some(Node::File(Content::Bytes(a), ..)), Node::File(Content::Bytes(b), ..)) => {
                Arc::ptr_eq(&a, b)
            }
            _ => false,
        }
    }

    /// Says that a tree cannot be written to (`readOnlyRootFilesystem`, read-only mounts), or that it can although
    /// the tree around it cannot.
    pub fn set_read_only(&mut self, path: &str, read_only: bool) {
        let path = normalize(path);
        let (add, remove) = match read_only {
            true => (&mut self.read_only, &mut self.writable),
            false => (&mut self.writable, &mut self.read_only),
        };
        Arc::make_mut(add).insert(path.clone());
        Arc::make_mut(remove).remove(&path);
    }

    fn place(&mut self, path: &str, content: Content, mode: u16) {
        let meta = Meta { mode, uid: 0, gid: 0, modified: self.now };
        let id = self.fresh();
        self.graft(path, Node::File(content, meta, id));
    }

    // --- Reading.

    /// What is at a path.
    pub fn stat(&self, path: &str, follow: bool) -> Result<Stat, FileError> {
        let real = self.resolve(path, follow)?;
        let node = self.lookup(&real).ok_or(FileError::NotFound)?;
        if path.ends_with('/') && !matches!(node, Node::Dir(_)) {
            return Err(FileError::NotADirectory);
        }
        Ok(Stat { node: node.clone() })
    }

    /// Whether something is there.
    pub fn exists(&self, path: &str) -> bool {
        self.stat(path, true).is_ok()
    }

    /// The bytes of a file.
    pub fn read(&self, path: &str) -> Result<Arc<Vec<u8>>, FileError> {
        match self.stat(path, true)?.node {
            Node::File(Content::Bytes(bytes), ..) => Ok(bytes),
            Node::File(Content::Program(_) | Content::External, ..) => {
                Ok(Arc::new(b"\x7fELF\x02\x01\x01\n".to_vec()))
            }
            Node::File(Content::Device(_), ..) => Ok(Arc::default()),
            Node::Dir(_) => Err(FileError::IsADirectory),
            Node::Link(..) => Err(FileError::NotFound),
        }
    }

    /// The names in a directory with what they are, sorted by name.
    pub fn list(&self, path: &str) -> Result<Vec<(String, Stat)>, FileError> {
        let stat = self.stat(path, true)?;
        if stat.is_dir() { Ok(stat.entries()) } else { Err(FileError::NotADirectory) }
    }

    /// The path without links, `.` and `..`; the last part need not exist. `follow`: also when it is a link itself.
    pub fn resolve(&self, path: &str, follow: bool) -> Result<String, FileError> {
        if path.len() > MAX_PATH {
            return Err(FileError::NameTooLong);
        }
        let mut todo: Vec<&str> = parts(path).rev().collect();
        // What is resolved so far: a slash before each part, so nothing for the root.
        let mut done = String::with_capacity(path.len() + 1);
        let mut links = 0;
        while let Some(part) = todo.pop() {
            if part.len() > MAX_NAME {
                return Err(FileError::NameTooLong);
            }
            match part {
                "." => continue,
                ".." => {
                    done.truncate(done.rfind('/').unwrap_or(0));
                    continue;
                }
                _ => {}
            }
            let above = done.len();
            done.push('/');
            done.push_str(part);
            match self.lookup(&done) {
                Some(Node::Link(target, _)) if follow || !todo.is_empty() => {
                    links += 1;
                    if links > MAX_LINKS {
                        return Err(FileError::TooManyLinks);
                    }
                    done.truncate(if target.starts_with('/') { 0 } else { above });
                    todo.extend(parts(target).rev());
                }
                Some(Node::File(..)) if !todo.is_empty() => return Err(FileError::NotADirectory),
                None if !todo.is_empty() => return Err(FileError::NotFound),
                _ => {}
            }
        }
        Ok(if done.is_empty() { "/".into() } else { done })
    }

    // --- Writing, as processes do.

    /// Writes bytes at the end of a file or instead of its content; makes the file if it is not there.
    pub fn write(&mut self, path: &str, bytes: &[u8], append: bool) -> Result<(), FileError> {
        let real = self.create(path)?;
        let kept = if append { self.lookup(&real).map_or(0, content_bytes) } else { 0 };
        let now = self.now;
        let before = self.lookup(&real).map_or(0, content_bytes);
        if self.used.saturating_sub(before) + kept + bytes.len() > self.limit {
            return Err(FileError::NoSpace);
        }
        let Some(Node::File(content, meta, _)) = self.node_mut(&real) else {
            return Err(FileError::IsADirectory);
        };
        meta.modified = now;
        match content {
            Content::Bytes(old) if append => Arc::make_mut(old).extend_from_slice(bytes),
            Content::Device(_) => return Ok(()),
            other => *other = Content::Bytes(Arc::new(bytes.to_vec())),
        }
        self.used = self.used.saturating_sub(before) + kept + bytes.len();
        Ok(())
    }

    /// Writes into a file that is there, at an offset (a gap is filled with zeros). `id` must be the file's number.
    pub(crate) fn write_at(
        &mut self,
        real: &str,
        id: u64,
        offset: usize,
        bytes: &[u8],
    ) -> Result<(), FileError> {
        let before = self.lookup(real).map_or(0, content_bytes);
        let after = before.max(offset + bytes.len());
        if self.used - before.min(self.used) + after > self.limit {
            return Err(FileError::NoSpace);
        }
        let now = self.now;
        // Written to a file that was removed meanwhile: it vanishes with the file.
        let Some(Node::File(Content::Bytes(old), meta, n)) = self.node_mut(real) else { return Ok(()) };
        if *n != id {
            return Ok(());
        }
        meta.modified = now;
        let old = Arc::make_mut(old);
        if old.len() < after {
            old.resize(after, 0);
        }
        old[offset..offset + bytes.len()].copy_from_slice(bytes);
        self.used = self.used.saturating_sub(before) + after;
        Ok(())
    }

    /// Makes an empty file unless there is one; says its real path.
    pub fn create(&mut self, path: &str) -> Result<String, FileError> {
        let real = self.resolve(path, true)?;
        if path.ends_with('/') {
            return Err(FileError::IsADirectory);
        }
        match self.lookup(&real) {
            Some(Node::Dir(_)) => return Err(FileError::IsADirectory),
            Some(Node::File(Content::Device(_), ..)) => return Ok(real),
            Some(_) => {
                self.check_writable(&real)?;
                return Ok(real);
            }
            None => {}
        }
        let meta = Meta { mode: 0o644, uid: 0, gid: 0, modified: self.now };
        let id = self.fresh();
        self.insert(&real, Node::File(Content::Bytes(Arc::default()), meta, id))?;
        Ok(real)
    }

    /// Makes one directory.
    pub fn make_dir(&mut self, path: &str) -> Result<(), FileError> {
        let real = self.resolve(path.trim_end_matches('/'), true)?;
        if self.lookup(&real).is_some() {
            return Err(FileError::Exists);
        }
        let dir = new_dir(0o755, self.now);
        self.insert(&real, Node::Dir(dir))
    }

    /// Makes a symbolic link.
    pub fn make_link(&mut self, path: &str, target: &str) -> Result<(), FileError> {
        let real = self.resolve(path, false)?;
        if self.lookup(&real).is_some() {
            return Err(FileError::Exists);
        }
        let meta = Meta { mode: 0o777, uid: 0, gid: 0, modified: self.now };
        self.insert(&real, Node::Link(target.into(), meta))
    }

    /// Removes a file or link, or an empty directory if `dir`.
    pub fn remove(&mut self, path: &str, dir: bool) -> Result<(), FileError> {
        let real = self.resolve(path.trim_end_matches('/'), false)?;
        match self.lookup(&real) {
            None => return Err(FileError::NotFound),
            Some(Node::Dir(d)) if dir && !d.entries.is_empty() => return Err(FileError::NotEmpty),
            Some(Node::Dir(_)) if !dir => return Err(FileError::IsADirectory),
            Some(Node::File(..) | Node::Link(..)) if dir => return Err(FileError::NotADirectory),
            Some(_) => {}
        }
        self.take(&real).map(|_| ())
    }

    /// Moves a node with everything below it; a file at the new place is replaced.
    pub fn rename(&mut self, from: &str, to: &str) -> Result<(), FileError> {
        let from = self.resolve(from.trim_end_matches('/'), false)?;
        let to = self.resolve(to.trim_end_matches('/'), false)?;
        if from == to {
            return Ok(());
        }
        if to.starts_with(&format!("{from}/")) {
            return Err(FileError::Invalid);
        }
        let moved_dir = matches!(self.lookup(&from).ok_or(FileError::NotFound)?, Node::Dir(_));
        match self.lookup(&to) {
            Some(Node::Dir(_)) if !moved_dir => return Err(FileError::IsADirectory),
            Some(Node::Dir(d)) if !d.entries.is_empty() => return Err(FileError::NotEmpty),
            Some(Node::File(..) | Node::Link(..)) if moved_dir => return Err(FileError::NotADirectory),
            Some(_) => drop(self.take(&to)?),
            None => {}
        }
        self.check_writable(&to)?;
        let node = self.take(&from)?;
        self.insert(&to, node)
    }

    /// Puts a copy of a node at a path, replacing a file that is there.
    pub fn copy_node(&mut self, node: Node, to: &str) -> Result<(), FileError> {
        let real = self.resolve(to, true)?;
        if let Some(Node::File(..) | Node::Link(..)) = self.lookup(&real) {
            self.take(&real)?;
        }
        let now = self.now;
        let node = match node {
            Node::File(content, meta, _) => Node::File(content, Meta { modified: now, ..meta }, self.fresh()),
            other => other,
        };
        self.insert(&real, node)
    }

    /// Changes the permission bits.
    pub fn set_mode(&mut self, path: &str, mode: u16) -> Result<(), FileError> {
        self.change(path, &mut |meta| meta.mode = mode)
    }

    /// Changes owner and group.
    pub fn set_owner(&mut self, path: &str, uid: u32, gid: u32) -> Result<(), FileError> {
        self.change(path, &mut |meta| (meta.uid, meta.gid) = (uid, gid))
    }

    /// Changes the time of the last change.
    pub fn set_modified(&mut self, path: &str, time: Time) -> Result<(), FileError> {
        self.change(path, &mut |meta| meta.modified = time)
    }

    fn change(&mut self, path: &str, with: &mut dyn FnMut(&mut Meta)) -> Result<(), FileError> {
        let real = self.resolve(path, true)?;
        self.check_writable(&real)?;
        match self.node_mut(&real).ok_or(FileError::NotFound)? {
            Node::Dir(dir) => with(&mut Arc::make_mut(dir).meta),
            Node::File(_, meta, _) | Node::Link(_, meta) => with(meta),
        }
        Ok(())
    }

    /// `path` seen from the directory `cwd`, absolute, without `.` and `..`.
    pub fn join(cwd: &str, path: &str) -> String {
        let slash = path.len() > 1 && path.ends_with('/');
        let joined =
            if path.starts_with('/') { normalize(path) } else { normalize(&format!("{cwd}/{path}")) };
        if slash && joined != "/" { joined + "/" } else { joined }
    }

    // --- Inside. Paths here are real: resolved, without links.

    /// Whether a path is in a tree that cannot be written to.
    pub(crate) fn check_writable(&self, real: &str) -> Result<(), FileError> {
        let depth = |set: &BTreeSet<String>| {
            set.iter()
                .filter(|p| is_below(real, p))
                .map(|p| p.trim_end_matches('/').len() + 1)
                .max()
                .unwrap_or(0)
        };
        if depth(&self.read_only) > depth(&self.writable) { Err(FileError::ReadOnly) } else { Ok(()) }
    }

    fn fresh(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    fn lookup(&self, real: &str) -> Option<&Node> {
        let mut node = &self.root;
        for part in parts(real) {
            let Node::Dir(dir) = node else { return None };
            node = dir.entries.get(part)?;
        }
        Some(node)
    }

    fn dir_mut(&mut self, real: &str) -> Option<&mut Dir> {
        let mut node = &mut self.root;
        for part in parts(real) {
            let Node::Dir(dir) = node else { return None };
            node = Arc::make_mut(dir).entries.get_mut(part)?;
        }
        match node {
            Node::Dir(dir) => Some(Arc::make_mut(dir)),
            _ => None,
        }
    }

    fn node_mut(&mut self, real: &str) -> Option<&mut Node> {
        let (dir, name) = split(real)?;
        self.dir_mut(&dir)?.entries.get_mut(name.as_str())
    }

    fn insert(&mut self, real: &str, node: Node) -> Result<(), FileError> {
        self.check_writable(real)?;
        let (dir, name) = split(real).ok_or(FileError::Exists)?;
        let bytes = node_bytes(&node);
        if self.used + bytes > self.limit {
            return Err(FileError::NoSpace);
        }
        let now = self.now;
        let dir = self.dir_mut(&dir).ok_or(FileError::NotFound)?;
        dir.meta.modified = now;
        dir.entries.insert(name.as_str().into(), node);
        self.used += bytes;
        Ok(())
    }

    fn take(&mut self, real: &str) -> Result<Node, FileError> {
        self.check_writable(real)?;
        let (dir, name) = split(real).ok_or(FileError::Busy)?;
        let now = self.now;
        let dir = self.dir_mut(&dir).ok_or(FileError::NotFound)?;
        dir.meta.modified = now;
        let node = dir.entries.remove(name.as_str()).ok_or(FileError::NotFound)?;
        self.used = self.used.saturating_sub(node_bytes(&node));
        Ok(node)
    }
}

fn new_dir(mode: u16, modified: Time) -> Arc<Dir> {
    Arc::new(Dir { entries: BTreeMap::new(), meta: Meta { mode, uid: 0, gid: 0, modified } })
}

fn content_bytes(node: &Node) -> usize {
    match node {
        Node::File(Content::Bytes(b), ..) => b.len(),
        _ => 0,
    }
}

fn node_bytes(node: &Node) -> usize {
    match node {
        Node::Dir(d) => ENTRY_BYTES + d.entries.values().map(node_bytes).sum::<usize>(),
        other => ENTRY_BYTES + content_bytes(other),
    }
}

fn parts(path: &str) -> impl DoubleEndedIterator<Item = &str> {
    path.split('/').filter(|p| !p.is_empty())
}

/// Directory and last name; `None` for the root.
fn split(path: &str) -> Option<(String, String)> {
    let path = path.trim_end_matches('/');
    let (dir, name) = path.rsplit_once('/')?;
    Some((if dir.is_empty() { "/".into() } else { dir.into() }, name.into()))
}

fn is_below(path: &str, tree: &str) -> bool {
    let tree = tree.trim_end_matches('/');
    path.strip_prefix(tree).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn normalize(path: &str) -> String {
    let mut out: Vec<&str> = Vec::new();
    for part in parts(path) {
        match part {
            "." => {}
            ".." => drop(out.pop()),
            other => out.push(other),
        }
    }
    format!("/{}", out.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clone_does_not_see_later_writes() {
        let mut files = Files::new();
        files.put("/etc/motd", "one");
        let before = files.clone();
        files.write("/etc/motd", b" two", true).unwrap();
        assert_eq!(**files.read("/etc/motd").unwrap(), *b"one two");
        assert_eq!(**before.read("/etc/motd").unwrap(), *b"one");
        assert!(before.is_same("/dev", &files.subtree("/dev").unwrap()));
        assert!(!before.is_same("/etc", &files.subtree("/etc").unwrap()));
    }

    #[test]
    fn links_limits_and_read_only_trees() {
        let mut files = Files::new();
        files.put("/data/real/f", "x");
        files.link("/data/l", "real");
        files.link("/loop", "loop");
        assert_eq!(files.resolve("/data/l/../l/f", true), Ok("/data/real/f".into()));
        assert_eq!(files.stat("/loop", true).unwrap_err(), FileError::TooManyLinks);
        assert_eq!(files.stat("/data/real/f/x", true).unwrap_err(), FileError::NotADirectory);
        assert_eq!(files.remove("/data/real", true), Err(FileError::NotEmpty));
        files.set_read_only("/", true);
        files.set_read_only("/tmp", false);
        assert_eq!(files.write("/data/real/f", b"y", false), Err(FileError::ReadOnly));
        assert_eq!(files.write("/tmp/f", b"y", false), Ok(()));
        files.set_limit(files.used() + 10);
        assert_eq!(files.write("/tmp/f", &[0; 100], true), Err(FileError::NoSpace));
        assert_eq!(files.rename("/tmp", "/tmp/x"), Err(FileError::Invalid));
    }
}
