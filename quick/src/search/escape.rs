//! Decodes the escapes of programming languages, shells, JSON, URLs, HTML and XML.

/// The meaning of the text after the first character of an escape.
pub(super) enum Escape {
    None,
    /// The text ends within what may be an escape.
    Unfinished,
    Byte(u8, usize),
    Char(char, usize),
    /// A control character.
    Space(usize),
    /// A sequence for which a terminal shows nothing.
    Nothing(usize),
}

/// Decodes an escape after its backslash, as in C, shells, JSON, Python, JavaScript, Perl and PHP.
pub(super) fn backslash(letter: u8, text: &[u8], next: usize) -> Escape {
    match letter {
        b'n' | b'r' | b't' | b'f' | b'v' | b'b' | b'a' | b'e' | b'E' => Escape::Space(next),
        b'x' | b'u' if next >= text.len() => Escape::Unfinished,
        b'x' | b'u' if text[next] == b'{' => braced(text, next + 1),
        b'x' => match digits(text, next, 2) {
            Some((value, behind)) if behind == next + 2 => Escape::Byte(value.to_le_bytes()[0], behind),
            Some(_) => Escape::None,
            None => Escape::Unfinished,
        },
        b'u' => match digits(text, next, 4) {
            Some((unit, behind)) if behind == next + 4 => unicode(unit, text, behind),
            Some(_) => Escape::None,
            None => Escape::Unfinished,
        },
        b'U' => match digits(text, next, 8) {
            Some((value, behind)) if behind == next + 8 => char(value, behind),
            Some(_) => Escape::None,
            None => Escape::Unfinished,
        },
        b'0'..=b'7' => octal(letter, text, next),
        _ => Escape::None,
    }
}

/// Decodes a UTF-16 unit. The second unit of a pair follows after as many backslashes as the first one had.
fn unicode(unit: u32, text: &[u8], behind: usize) -> Escape {
    if !(0xd800..0xdc00).contains(&unit) {
        return char(unit, behind);
    }
    let slashes = text[behind..].iter().take(8).take_while(|byte| **byte == b'\\').count();
    let letter = behind + slashes;
    if letter >= text.len() {
        return if slashes < 8 { Escape::Unfinished } else { char(unit, behind) };
    }
    if slashes == 0 || text[letter] != b'u' {
        return char(unit, behind);
    }
    match digits(text, letter + 1, 4) {
        None => Escape::Unfinished,
        Some((low @ 0xdc00..0xe000, end)) if end == letter + 5 => {
            char(0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00), end)
        }
        Some(_) => char(unit, behind),
    }
}

fn char(value: u32, behind: usize) -> Escape {
    Escape::Char(char::from_u32(value).unwrap_or(char::REPLACEMENT_CHARACTER), behind)
}

/// Decodes `{1F600}`, after the opening brace.
fn braced(text: &[u8], next: usize) -> Escape {
    match digits(text, next, 6) {
        None => Escape::Unfinished,
        Some((_, behind)) if behind == next => Escape::None,
        Some((_, behind)) if behind >= text.len() => Escape::Unfinished,
        Some((value, behind)) if text[behind] == b'}' => char(value, behind + 1),
        Some(_) => Escape::None,
    }
}

fn octal(first: u8, text: &[u8], next: usize) -> Escape {
    let mut value = u32::from(first - b'0');
    for at in next..next + 2 {
        match text.get(at) {
            None => return Escape::Unfinished,
            Some(digit @ b'0'..=b'7') => value = value * 8 + u32::from(digit - b'0'),
            Some(_) => return Escape::Byte(value.to_le_bytes()[0], at),
        }
    }
    Escape::Byte(value.to_le_bytes()[0], next + 2)
}

/// Decodes a terminal's color sequence, and others that programs print between characters: `[01;31m`, `[K`, `(B`, after
/// the escape character.
pub(super) fn terminal(text: &[u8], next: usize) -> Escape {
    const LONGEST: usize = 24;
    match text.get(next) {
        None => Escape::Unfinished,
        Some(b'(') if next + 1 == text.len() => Escape::Unfinished,
        Some(b'(') => Escape::Nothing(next + 2),
        Some(b'[') => {
            let rest = &text[next + 1..];
            let rest = &rest[..rest.len().min(LONGEST)];
            let length = rest.iter().take_while(|byte| matches!(byte, b' '..=b'?')).count();
            match rest.get(length) {
                Some(b'@'..=b'~') => Escape::Nothing(next + 2 + length),
                None if length < LONGEST => Escape::Unfinished,
                _ => Escape::None,
            }
        }
        Some(_) => Escape::None,
    }
}

/// Decodes `%41`, after the percent sign.
pub(super) fn percent(text: &[u8], next: usize) -> Escape {
    match digits(text, next, 2) {
        None => Escape::Unfinished,
        Some((value, behind)) if behind == next + 2 => Escape::Byte(value.to_le_bytes()[0], behind),
        Some(_) => Escape::None,
    }
}

/// Decodes `&amp;`, `&#39;` or `&#x27;`, after the ampersand.
pub(super) fn entity(text: &[u8], next: usize) -> Escape {
    const LONGEST: usize = 9;
    const NAMED: [(&[u8], char); 7] = [
        (b"amp", '&'),
        (b"lt", '<'),
        (b"gt", '>'),
        (b"quot", '"'),
        (b"apos", '\''),
        (b"nbsp", ' '),
        (b"NewLine", '\n'),
    ];
    let rest = &text[next.min(text.len())..];
    let rest = &rest[..rest.len().min(LONGEST)];
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'#';
    let length = rest.iter().take_while(|byte| is_name(byte)).count();
    let name = &rest[..length];
    if length == rest.len() {
        return if length < LONGEST { Escape::Unfinished } else { Escape::None };
    }
    if rest[length] != b';' {
        return Escape::None;
    }
    let behind = next + length + 1;
    let number = |digits: &[u8], radix| {
        let value = std::str::from_utf8(digits).ok().and_then(|digits| u32::from_str_radix(digits, radix).ok());
        value.and_then(char::from_u32).map_or(Escape::None, |c| Escape::Char(c, behind))
    };
    match name {
        [b'#', b'x' | b'X', digits @ ..] => number(digits, 16),
        [b'#', digits @ ..] => number(digits, 10),
        _ => NAMED.iter().find(|(known, _)| *known == name).map_or(Escape::None, |(_, c)| Escape::Char(*c, behind)),
    }
}

/// Returns the value of at most `most` hexadecimal digits, and where they end; `None` if the text ends first.
fn digits(text: &[u8], from: usize, most: usize) -> Option<(u32, usize)> {
    let mut value = 0;
    for at in from..from + most {
        let Some(digit) = char::from(*text.get(at)?).to_digit(16) else { return Some((value, at)) };
        value = value * 16 + digit;
    }
    Some((value, from + most))
}
