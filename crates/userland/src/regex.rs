//! POSIX regular expressions, basic and extended, for grep, sed, awk and `[[ =~ ]]`.
//!
//! A small backtracking matcher: it needs back-references and basic syntax, which the usual crates do not have.
//! Alternatives are tried in order, the first that leads to a match wins.

/// How deep groups may be nested.
const MAX_DEPTH: usize = 60;
/// Steps of one search before it gives up and says that nothing matches.
const MAX_STEPS: usize = 2_000_000;
/// How deep the matcher may call itself; beyond that it says that nothing matches.
const MAX_STACK: usize = 20_000;
/// Largest `{n}`.
const MAX_REPEAT: usize = 1_000;

#[derive(Clone, Debug)]
enum Item {
    Char(char),
    Any,
    /// Whether it is negated, single ranges, and classes (whether each is negated).
    Set(bool, Vec<(char, char)>, Vec<(String, bool)>),
    Start,
    End,
    /// `\b`, `\<`, `\>`, `\B`
    Word(char),
    Group(Option<usize>, Vec<Vec<Piece>>),
    Back(usize),
}

/// An item and how often it may stand there.
#[derive(Clone, Debug)]
struct Piece {
    item: Item,
    least: usize,
    most: usize,
}

/// A regular expression of POSIX, as grep and sed have them.
#[derive(Clone, Debug)]
pub struct Regex {
    alternatives: Vec<Vec<Piece>>,
    groups: usize,
    ignore_case: bool,
}

/// A match: byte offsets of the whole (0) and of each group.
#[derive(Clone, Debug)]
pub struct Match {
    /// Start and end of each, in bytes.
    pub groups: Vec<Option<(usize, usize)>>,
}

impl Match {
    /// Where it begins, in bytes.
    pub fn start(&self) -> usize {
        self.groups[0].map_or(0, |g| g.0)
    }

    /// Where it ends, in bytes.
    pub fn end(&self) -> usize {
        self.groups[0].map_or(0, |g| g.1)
    }
}

/// Puts a backslash before every character that means something in an extended expression.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        if "\\.[]{}()*+?^$|".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

struct Compiler {
    chars: Vec<char>,
    at: usize,
    extended: bool,
    groups: usize,
    depth: usize,
}

impl Compiler {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn starts(&self, text: &str) -> bool {
        text.chars().enumerate().all(|(i, c)| self.chars.get(self.at + i) == Some(&c))
    }

    fn accept(&mut self, text: &str) -> bool {
        let yes = self.starts(text);
        self.at += if yes { text.chars().count() } else { 0 };
        yes
    }

    /// The operator in this dialect: `(` or `\(`.
    fn operator(&self, c: char) -> String {
        if self.extended { c.to_string() } else { format!("\\{c}") }
    }

    fn alternatives(&mut self) -> Result<Vec<Vec<Piece>>, String> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err("Regular expression too big".into());
        }
        let mut all = vec![self.sequence()?];
        while self.accept(&self.operator('|')) {
            all.push(self.sequence()?);
        }
        self.depth -= 1;
        Ok(all)
    }

    fn sequence(&mut self) -> Result<Vec<Piece>, String> {
        let mut pieces: Vec<Piece> = Vec::new();
        loop {
            if self.peek().is_none() || self.starts(&self.operator('|')) {
                return Ok(pieces);
            }
            if self.starts(&self.operator(')')) && (self.depth > 1 || !self.extended) {
                return match self.depth > 1 {
                    true => Ok(pieces),
                    false => Err("Unmatched ) or \\)".into()),
                };
            }
            let item = self.item(pieces.is_empty())?;
            let mut piece = Piece { item, least: 1, most: 1 };
            while let Some((least, most)) = self.repeat()? {
                piece = match (piece.least, piece.most) {
                    (1, 1) => Piece { item: piece.item, least, most },
                    _ => Piece { item: Item::Group(None, vec![vec![piece]]), least, most },
                };
            }
            pieces.push(piece);
        }
    }

    fn repeat(&mut self) -> Result<Option<(usize, usize)>, String> {
        if self.accept("*") {
            return Ok(Some((0, usize::MAX)));
        }
        for (c, range) in [('+', (1, usize::MAX)), ('?', (0, 1))] {
            if self.accept(&self.operator(c)) {
                return Ok(Some(range));
            }
        }
        let open = self.operator('{');
        if !self.starts(&open) {
            return Ok(None);
        }
        let start = self.at;
        self.at += open.chars().count();
        let close = self.operator('}');
        let mut text = String::new();
        while !self.starts(&close) {
            match self.peek() {
                Some(c) => text.push(c),
                None => return Err("Unmatched { or \\{".into()),
            }
            self.at += 1;
        }
        self.accept(&close);
        let (least, most) = text.split_once(',').unwrap_or((&text, &text));
        let number = |t: &str, or: usize| if t.is_empty() { Some(or) } else { t.parse().ok() };
        match (number(least, 0), number(most, usize::MAX)) {
            (Some(least), Some(most)) if least <= most && least <= MAX_REPEAT => Ok(Some((least, most))),
            // `a{x}` is plain text in an extended expression.
            _ if self.extended && !text.starts_with(|c: char| c.is_ascii_digit()) => {
                self.at = start;
                Ok(None)
            }
            _ => Err("Invalid content of \\{\\}".into()),
        }
    }

    fn item(&mut self, first: bool) -> Result<Item, String> {
        if self.accept(&self.operator('(')) {
            self.groups += 1;
            let number = self.groups;
            let inner = self.alternatives()?;
            if !self.accept(&self.operator(')')) {
                return Err("Unmatched ( or \\(".into());
            }
            return Ok(Item::Group(Some(number), inner));
        }
        let c = self.peek().unwrap_or('\0');
        self.at += 1;
        Ok(match c {
            '.' => Item::Any,
            '[' => self.set()?,
            '^' if self.extended || first => Item::Start,
            '$' if self.extended || self.peek().is_none() || self.starts("\\)") || self.starts("\\|") => {
                Item::End
            }
            '*' | '+' | '?' if self.extended && first && c != '*' => Item::Char(c),
            '\\' => {
                let c = self.peek().ok_or("Trailing backslash")?;
                self.at += 1;
                match c {
                    'b' | 'B' | '<' | '>' => Item::Word(c),
                    'n' => Item::Char('\n'),
                    't' => Item::Char('\t'),
                    'w' | 'W' => Item::Set(c == 'W', vec![('_', '_')], vec![("alnum".into(), false)]),
                    's' | 'S' => Item::Set(c == 'S', Vec::new(), vec![("space".into(), false)]),
                    'd' | 'D' if self.extended => Item::Set(c == 'D', vec![('0', '9')], Vec::new()),
                    '1'..='9' => {
                        let n = c as usize - '0' as usize;
                        if n > self.groups {
                            return Err("Invalid back reference".into());
                        }
                        Item::Back(n)
                    }
                    c => Item::Char(c),
                }
            }
            c => Item::Char(c),
        })
    }

    fn set(&mut self) -> Result<Item, String> {
        let unmatched = || "Unmatched [, [^, [:, [., or [=".to_string();
        let negated = self.accept("^");
        let (mut ranges, mut classes) = (Vec::new(), Vec::new());
        let start = self.at;
        loop {
            let c = self.peek().ok_or_else(unmatched)?;
            self.at += 1;
            if c == ']' && self.at > start + 1 {
                return Ok(Item::Set(negated, ranges, classes));
            }
            if c == '[' && self.accept(":") {
                let name: String = self.chars[self.at..].iter().take_while(|c| **c != ':').collect();
                self.at += name.chars().count();
                if !self.accept(":]") {
                    return Err(unmatched());
                }
                classes.push((name, false));
                continue;
            }
            let c = match (c, self.peek()) {
                // As GNU's tools read it.
                ('\\', Some('n')) => {
                    self.at += 1;
                    '\n'
                }
                ('\\', Some('t')) => {
                    self.at += 1;
                    '\t'
                }
                (c, _) => c,
            };
            if self.peek() == Some('-') && self.chars.get(self.at + 1).is_some_and(|c| *c != ']') {
                let end = self.chars[self.at + 1];
                self.at += 2;
                if end < c {
                    return Err("Invalid range end".into());
                }
                ranges.push((c, end));
            } else {
                ranges.push((c, c));
            }
        }
    }
}

impl Regex {
    /// The error is as GNU's tools word it.
    pub fn new(source: &str, extended: bool, ignore_case: bool) -> Result<Regex, String> {
        let mut compiler = Compiler { chars: source.chars().collect(), at: 0, extended, groups: 0, depth: 0 };
        let alternatives = compiler.alternatives()?;
        if compiler.at < compiler.chars.len() {
            return Err("Unmatched ) or \\)".into());
        }
        Ok(Regex { alternatives, groups: compiler.groups, ignore_case })
    }

    /// Whether there is a match anywhere.
    pub fn is_match(&self, text: &str) -> bool {
        self.find(text, 0).is_some()
    }

    /// The first match at or after a byte offset.
    pub fn find(&self, text: &str, from: usize) -> Option<Match> {
        let mut search =
            Search { regex: self, text, groups: vec![None; self.groups + 1], steps: 0, stack: 0 };
        let mut at = from;
        loop {
            search.groups.iter_mut().for_each(|g| *g = None);
            let mut end = 0;
            let mut note = |_: &mut Search<'_>, to: usize| {
                end = to;
                true
            };
            if search.any(&self.alternatives, at, &mut note) {
                search.groups[0] = Some((at, end));
                return Some(Match { groups: search.groups });
            }
            at += text[at..].chars().next()?.len_utf8();
        }
    }
}

type Next<'n> = &'n mut dyn FnMut(&mut Search<'_>, usize) -> bool;

struct Search<'a> {
    regex: &'a Regex,
    text: &'a str,
    groups: Vec<Option<(usize, usize)>>,
    steps: usize,
    stack: usize,
}

impl Search<'_> {
    fn any(&mut self, alternatives: &[Vec<Piece>], at: usize, next: Next<'_>) -> bool {
        alternatives.iter().any(|pieces| self.pieces(pieces, at, next))
    }

    fn pieces(&mut self, pieces: &[Piece], at: usize, next: Next<'_>) -> bool {
        match pieces.split_first() {
            None => next(self, at),
            Some((piece, rest)) => self.repeat(piece, 0, at, rest, next),
        }
    }

    /// The piece has matched `count` times; as often as possible first, then what follows.
    fn repeat(&mut self, piece: &Piece, count: usize, at: usize, rest: &[Piece], next: Next<'_>) -> bool {
        self.steps += 1;
        if self.steps > MAX_STEPS || self.stack > MAX_STACK {
            return false;
        }
        self.stack += 1;
        let found = self.repeat_inner(piece, count, at, rest, next);
        self.stack -= 1;
        found
    }

    fn repeat_inner(
        &mut self,
        piece: &Piece,
        count: usize,
        at: usize,
        rest: &[Piece],
        next: Next<'_>,
    ) -> bool {
        if !matches!(piece.item, Item::Group(..)) {
            // One character each time: no need to nest.
            let mut ends = vec![at];
            while ends.len() <= piece.most.saturating_sub(count) {
                match self.single(&piece.item, ends[ends.len() - 1]) {
                    Some(end) => {
                        let stuck = end == ends[ends.len() - 1];
                        ends.push(end);
                        if stuck {
                            break;
                        }
                    }
                    None => break,
                }
            }
            while ends.len() > piece.least {
                let end = ends.pop().unwrap_or(at);
                self.steps += 1;
                if self.steps > MAX_STEPS {
                    return false;
                }
                if self.pieces(rest, end, next) {
                    return true;
                }
            }
            return false;
        }
        let Item::Group(number, alternatives) = &piece.item else { return false };
        if count < piece.most {
            let saved = number.map(|n| self.groups[n]);
            let mut after = |search: &mut Search<'_>, end: usize| {
                if end == at && count >= piece.least {
                    return false;
                }
                let before = number.map(|n| search.groups[n]);
                if let Some(n) = number {
                    search.groups[*n] = Some((at, end));
                }
                let found = search.repeat(piece, count + 1, end, rest, next);
                if let (false, Some(n), Some(before)) = (found, number, before) {
                    search.groups[*n] = before;
                }
                found
            };
            if self.any(alternatives, at, &mut after) {
                return true;
            }
            if let (Some(n), Some(saved)) = (number, saved) {
                self.groups[*n] = saved;
            }
        }
        count >= piece.least && self.pieces(rest, at, next)
    }

    /// Where one item that is no group ends.
    fn single(&self, item: &Item, at: usize) -> Option<usize> {
        let here = self.text[at..].chars().next();
        let word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
        let fold = |c: char| if self.regex.ignore_case { c.to_lowercase().next().unwrap_or(c) } else { c };
        let consumed = match item {
            Item::Char(c) => here.filter(|h| fold(*h) == fold(*c)),
            Item::Any => here,
            Item::Set(negated, ranges, classes) => here.filter(|h| {
                let one = |h: char| {
                    ranges.iter().any(|(a, b)| (*a..=*b).contains(&h))
                        || classes.iter().any(|(name, not)| crate::shell::pattern::class(name, h) != *not)
                };
                let mut found = one(*h);
                if self.regex.ignore_case {
                    found |= h.to_lowercase().any(one) || h.to_uppercase().any(one);
                }
                found != *negated
            }),
            Item::Start => return (at == 0).then_some(at),
            Item::End => return (at == self.text.len()).then_some(at),
            Item::Word(kind) => {
                let (before, after) = (word(self.text[..at].chars().next_back()), word(here));
                let yes = match kind {
                    'b' => before != after,
                    'B' => before == after,
                    '<' => !before && after,
                    _ => before && !after,
                };
                return yes.then_some(at);
            }
            Item::Back(n) => {
                let (from, to) = self.groups[*n]?;
                let same = self.text[at..].starts_with(&self.text[from..to]);
                return same.then(|| at + to - from);
            }
            Item::Group(..) => None,
        };
        consumed.map(|c| at + c.len_utf8())
    }
}

#[cfg(test)]
mod tests {
    use super::Regex;

    fn first<'t>(source: &str, extended: bool, text: &'t str) -> Option<&'t str> {
        let found = Regex::new(source, extended, false).unwrap().find(text, 0)?;
        Some(&text[found.start()..found.end()])
    }

    #[test]
    fn expressions() {
        assert_eq!(first("a+b*", true, "xaab"), Some("aab"));
        assert_eq!(first("(foo|ba[rz])+$", true, "foobaz"), Some("foobaz"));
        assert_eq!(first("a\\+", false, "caab"), Some("aa"));
        assert_eq!(first("\\(.\\)\\1", false, "abccd"), Some("cc"));
        assert_eq!(first("^[[:space:]]*#", true, "  # x"), Some("  #"));
        assert_eq!(first("x{2,3}", true, "xxxx"), Some("xxx"));
        assert_eq!(first("\\bpod\\b", true, "pods pod"), Some("pod"));
        assert_eq!(first("a*", false, "*"), Some(""));
        assert!(Regex::new("(", true, false).is_err());
        assert!(Regex::new("[a", true, false).is_err());
        let evil = Regex::new("(a*)*b", true, false).unwrap();
        assert!(!evil.is_match(&"a".repeat(40)));
        assert!(Regex::new("HELLO", true, true).unwrap().is_match("hello"));
    }
}
