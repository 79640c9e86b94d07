//! Reads a file that git tried to merge as text: both sides are still in it, between git's conflict markers.

/// Returns the two sides of a file with conflict markers; `None` if it has no markers, or they don't match.
#[must_use]
pub fn sides(bytes: &[u8]) -> Option<[Vec<u8>; 2]> {
    let mut sides = [Vec::with_capacity(bytes.len()), Vec::with_capacity(bytes.len())];
    let mut place = Place::Both;
    let mut has_markers = false;
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        place = match (Marker::parse(line), place) {
            (Some(Marker::Begin), Place::Both) => Place::Ours,
            (Some(Marker::Base), Place::Ours) => Place::Base,
            (Some(Marker::Middle), Place::Ours | Place::Base) => Place::Theirs,
            (Some(Marker::End), Place::Theirs) => Place::Both,
            // The base may itself be a merge result, and contain longer markers.
            (Some(_), Place::Base) => Place::Base,
            (Some(_), _) => return None,
            (None, place) => {
                for (side, of_side) in sides.iter_mut().zip([Place::Ours, Place::Theirs]) {
                    if place == Place::Both || place == of_side {
                        side.extend_from_slice(line);
                    }
                }
                place
            }
        };
        has_markers |= place != Place::Both;
    }
    (has_markers && place == Place::Both).then_some(sides)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Both,
    Ours,
    Base,
    Theirs,
}

enum Marker {
    Begin,
    Base,
    Middle,
    End,
}

impl Marker {
    /// Returns the marker that a line is. No line that `vault` writes begins like a marker.
    fn parse(line: &[u8]) -> Option<Self> {
        const LENGTH: usize = 7;
        let sign = *line.first()?;
        let (marker, rest) = line.split_at_checked(LENGTH)?;
        let is_marker =
            marker.iter().all(|byte| *byte == sign) && matches!(rest.first(), None | Some(b' ' | b'\r' | b'\n'));
        match sign {
            b'<' if is_marker => Some(Self::Begin),
            b'|' if is_marker => Some(Self::Base),
            b'=' if is_marker => Some(Self::Middle),
            b'>' if is_marker => Some(Self::End),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Option<[String; 2]> {
        sides(text.as_bytes()).map(|sides| sides.map(|side| String::from_utf8(side).unwrap()))
    }

    #[test]
    fn both_sides_are_extracted_from_every_style_of_markers() {
        let plain = "a\n<<<<<<< HEAD\nb\n=======\nc\n>>>>>>> other\nd\n";
        let diff3 =
            "a\n<<<<<<< HEAD\nb\n||||||| 1234\n<<<<<<<<< x\nz\n=========\n>>>>>>>>> y\n=======\nc\n>>>>>>> other\nd\n";
        let windows = plain.replace('\n', "\r\n");
        let wanted = ["a\nb\nd\n".to_owned(), "a\nc\nd\n".to_owned()];
        assert_eq!(texts(plain), Some(wanted.clone()));
        assert_eq!(texts(diff3), Some(wanted.clone()));
        assert_eq!(texts(&windows), Some(wanted.map(|text| text.replace('\n', "\r\n"))));
    }

    #[test]
    fn without_markers_or_with_unbalanced_ones_there_are_no_sides() {
        for text in ["", "a\nb\n", "a\n=======\nb\n", "<<<<<<< x\na\n", "<<<<<<< x\n>>>>>>> y\n", ">>>>>>> x\n"] {
            assert_eq!(texts(text), None, "{text}");
        }
    }
}
