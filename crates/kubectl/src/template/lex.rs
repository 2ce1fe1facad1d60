//! From text to tokens. Mirrors text/template/parse/lex.go.

/// A token, with where it starts.
#[derive(Clone, Debug, PartialEq)]
pub struct Token {
    pub kind: Kind,
    /// As it was written.
    pub text: String,
    /// Byte offset.
    pub pos: usize,
}

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Text,
    Left,
    Right,
    Space,
    Identifier,
    Keyword,
    Field,
    Variable,
    Dot,
    Number,
    Char,
    String,
    RawString,
    Bool,
    Nil,
    Pipe,
    Comma,
    Declare,
    Assign,
    OpenParen,
    CloseParen,
    End,
}

const KEYWORDS: [&str; 10] =
    ["block", "break", "continue", "define", "else", "end", "if", "range", "template", "with"];

/// Why a text has no tokens, and where.
pub type LexError = (usize, String);

/// The tokens of a template.
pub fn lex(text: &str) -> Result<Vec<Token>, LexError> {
    let mut tokens = Vec::new();
    let mut pos = 0;
    let mut trim_next = false;
    loop {
        let rest = &text[pos..];
        let open = rest.find("{{");
        let trims = open.is_some_and(|at| {
            let after = &rest[at + 2..];
            after.starts_with('-') && after[1..].starts_with(char::is_whitespace)
        });
        let mut plain = &rest[..open.unwrap_or(rest.len())];
        let mut start = pos;
        if trim_next {
            start += plain.len() - plain.trim_start().len();
            plain = plain.trim_start();
        }
        if trims {
            plain = plain.trim_end();
        }
        if !plain.is_empty() {
            tokens.push(Token { kind: Kind::Text, text: plain.into(), pos: start });
        }
        let Some(open) = open else { break };
        let left = pos + open;
        let mut inside = left + 2 + usize::from(trims);
        let body = text[inside..].trim_start();
        if body.starts_with("/*") {
            let comment = text.len() - body.len();
            let end =
                text[comment..].find("*/").ok_or((comment, "unclosed comment".to_string()))? + comment + 2;
            let close =
                close_at(text, end).ok_or((end, "comment ends before closing delimiter".to_string()))?;
            (pos, trim_next) = close;
            continue;
        }
        tokens.push(Token { kind: Kind::Left, text: "{{".into(), pos: left });
        let mut parens = 0;
        loop {
            if let Some(close) = close_at(text, inside) {
                if parens > 0 {
                    return Err((inside, "unclosed left paren".into()));
                }
                tokens.push(Token { kind: Kind::Right, text: "}}".into(), pos: inside });
                (pos, trim_next) = close;
                break;
            }
            let token = next(text, inside)?;
            inside += token.text.len();
            match token.kind {
                Kind::OpenParen => parens += 1,
                Kind::CloseParen if parens == 0 => return Err((token.pos, "unexpected right paren".into())),
                Kind::CloseParen => parens -= 1,
                _ => {}
            }
            tokens.push(token);
        }
    }
    tokens.push(Token { kind: Kind::End, text: String::new(), pos: text.len() });
    Ok(tokens)
}

/// Whether an action ends here: where the text goes on, and whether it is trimmed there.
fn close_at(text: &str, at: usize) -> Option<(usize, bool)> {
    let rest = &text[at..];
    if rest.starts_with("}}") {
        return Some((at + 2, false));
    }
    let trimmed = rest.trim_start();
    (trimmed.len() < rest.len() && trimmed.starts_with("-}}")).then(|| (text.len() - trimmed.len() + 3, true))
}

/// The next token, which has to end where a token can, if it is a word. Mirrors lexer.atTerminator.
fn next(text: &str, pos: usize) -> Result<Token, LexError> {
    let token = one(text, pos)?;
    let is_word = matches!(
        token.kind,
        Kind::Variable | Kind::Dot | Kind::Field | Kind::Bool | Kind::Nil | Kind::Keyword | Kind::Identifier
    );
    let rest = &text[pos + token.text.len()..];
    let ends = |c: char| c.is_whitespace() || ".,|:)(".contains(c);
    match rest.chars().next() {
        Some(c) if is_word && !ends(c) && !rest.starts_with("}}") => {
            Err((pos, format!("bad character U+{:04X} '{c}'", c as u32)))
        }
        _ => Ok(token),
    }
}

fn one(text: &str, pos: usize) -> Result<Token, LexError> {
    let rest = &text[pos..];
    let Some(c) = rest.chars().next() else { return Err((pos, "unclosed action".into())) };
    let word = |from: usize| {
        let end =
            rest[from..].find(|c: char| !c.is_alphanumeric() && c != '_').map_or(rest.len(), |i| i + from);
        &rest[..end]
    };
    let token = |kind, text: &str| Ok(Token { kind, text: text.into(), pos });
    match c {
        c if c.is_whitespace() => {
            // A space before a trim marker belongs to the marker.
            let end = rest.find(|c: char| !c.is_whitespace()).unwrap_or(rest.len());
            token(Kind::Space, &rest[..end])
        }
        ':' if rest.starts_with(":=") => token(Kind::Declare, ":="),
        ':' => Err((pos, "expected :=".into())),
        '=' => token(Kind::Assign, "="),
        '|' => token(Kind::Pipe, "|"),
        ',' => token(Kind::Comma, ","),
        '(' => token(Kind::OpenParen, "("),
        ')' => token(Kind::CloseParen, ")"),
        '"' | '\'' => quoted(rest, pos, c),
        '`' => match rest[1..].find('`') {
            Some(end) => token(Kind::RawString, &rest[..end + 2]),
            None => Err((pos, "unterminated raw quoted string".into())),
        },
        '$' => token(Kind::Variable, word(1)),
        '.' => match rest[1..].chars().next() {
            Some(d) if d.is_ascii_digit() => number(rest, pos),
            _ => match word(1) {
                "." => token(Kind::Dot, "."),
                field => token(Kind::Field, field),
            },
        },
        c if c == '+' || c == '-' || c.is_ascii_digit() => number(rest, pos),
        c if c.is_alphanumeric() || c == '_' => {
            let w = word(0);
            token(
                match w {
                    "true" | "false" => Kind::Bool,
                    "nil" => Kind::Nil,
                    w if KEYWORDS.contains(&w) => Kind::Keyword,
                    _ => Kind::Identifier,
                },
                w,
            )
        }
        c => Err((pos, format!("unrecognized character in action: U+{:04X} '{c}'", c as u32))),
    }
}

fn quoted(rest: &str, pos: usize, quote: char) -> Result<Token, LexError> {
    let what = if quote == '"' { "unterminated quoted string" } else { "unterminated character constant" };
    let mut escaped = false;
    for (i, c) in rest.char_indices().skip(1) {
        match c {
            '\n' => break,
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote => {
                let kind = if quote == '"' { Kind::String } else { Kind::Char };
                return Ok(Token { kind, text: rest[..=i].into(), pos });
            }
            _ => {}
        }
    }
    Err((pos, what.into()))
}

fn number(rest: &str, pos: usize) -> Result<Token, LexError> {
    let mut end = rest.find(|c: char| !c.is_alphanumeric() && c != '.' && c != '_').unwrap_or(rest.len());
    if rest.starts_with(['+', '-']) {
        end = 1 + rest[1..]
            .find(|c: char| !c.is_alphanumeric() && c != '.' && c != '_')
            .unwrap_or(rest.len() - 1);
    }
    // The sign of an exponent.
    if rest[..end].ends_with(['e', 'E']) && !rest.starts_with("0x") && rest[end..].starts_with(['+', '-']) {
        end += 1 + rest[end + 1..].find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len() - end - 1);
    }
    let text = &rest[..end];
    let valid = text.parse::<f64>().is_ok() || crate::flags::parse_int(text).is_ok();
    if valid {
        Ok(Token { kind: Kind::Number, text: text.into(), pos })
    } else {
        Err((pos, format!("bad number syntax: {}", crate::go::quote(text))))
    }
}
