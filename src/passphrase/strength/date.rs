//! Recognizes dates, in the usual orders and with the usual separators.

use zeroize::Zeroizing;

/// The year that guessers start from.
const NOW: f64 = 2026.0;
/// The number of years that are tried at least.
const LEAST_YEARS: f64 = 20.0;
const DAYS: f64 = 365.0;
/// The number of ways to separate day, month and year, as the paper counts them.
const SEPARATIONS: f64 = 4.0;
/// The factor for a month given by name: short or long, capitalized or not.
const NAMES: f64 = 4.0;
/// The longest date, in characters: 30_September_1987.
const LONGEST: usize = 17;
const SEPARATORS: &str = " -/\\_.,";
pub(super) const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// Returns the number of guesses for a date, if the text is one.
pub(super) fn date(text: &[char]) -> Option<f64> {
    let is_possible = |c: &char| c.is_ascii_alphanumeric() || SEPARATORS.contains(*c);
    if !(4..=LONGEST).contains(&text.len()) || !text.iter().all(is_possible) {
        return None;
    }
    let text: Zeroizing<String> = Zeroizing::new(text.iter().map(char::to_ascii_lowercase).collect());
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        return joined(&text).map(guesses);
    }
    let separated = match text.bytes().any(|byte| byte.is_ascii_alphabetic()) {
        true => with_name(&text)? * NAMES,
        false => guesses(separated(&text)?),
    };
    Some(separated * SEPARATIONS)
}

/// Returns the guesses for a year of this or the last century: its distance from now, but at least 20.
pub(super) fn year(text: &[char]) -> Option<f64> {
    let year: u32 = (text.len() == 4).then(|| text.iter().collect::<String>().parse().ok()).flatten()?;
    (1900..2100).contains(&year).then(|| distance(year))
}

fn distance(year: u32) -> f64 {
    (f64::from(year) - NOW).abs().max(LEAST_YEARS)
}

fn guesses(year: u32) -> f64 {
    distance(year) * DAYS
}

/// Returns the year of a date like `13051987`: of all possible readings, the one nearest to now.
fn joined(digits: &str) -> Option<u32> {
    let places = (1..digits.len()).flat_map(|first| (first + 1..digits.len()).map(move |second| (first, second)));
    let readings =
        places.filter_map(|(first, second)| year_of([&digits[..first], &digits[first..second], &digits[second..]]));
    readings.min_by(|one, other| distance(*one).total_cmp(&distance(*other)))
}

/// Returns the year of a date like `13.05.1987`.
fn separated(text: &str) -> Option<u32> {
    let separator = text.chars().find(|c| !c.is_ascii_digit())?;
    let mut parts = text.split(separator);
    let three = [parts.next()?, parts.next()?, parts.next()?];
    if parts.next().is_some() { None } else { year_of(three) }
}

/// Returns the guesses for `13 May 1987`, `May 13, 1987` and the like, as if the month were a number.
fn with_name(text: &str) -> Option<f64> {
    let start = text.find(|c: char| c.is_ascii_alphabetic())?;
    let name = &text[start..];
    let end = start + name.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(name.len());
    let name = &text[start..end];
    let month = MONTHS.iter().position(|month| *month == name || name.len() >= 3 && month.starts_with(name))?;
    let month = (month + 1).to_string();
    let is_separator = |c: char| SEPARATORS.contains(c);
    let numbers = |part: &'_ str| -> Vec<String> {
        part.split(is_separator).filter(|number| !number.is_empty()).map(str::to_owned).collect()
    };
    let (before, after) = (numbers(&text[..start]), numbers(&text[end..]));
    let all: Vec<&str> = before.iter().chain(&after).map(String::as_str).collect();
    let year = match all[..] {
        [one, other] => year_of([one, &month, other]),
        // may131987
        [both] => (1..both.len()).find_map(|place| year_of([&both[..place], &month, &both[place..]])),
        _ => None,
    };
    year.map(guesses)
}

/// Returns the year, if the parts are a year at either end and a day and a month in either order.
fn year_of(parts: [&str; 3]) -> Option<u32> {
    let [first, middle, last] = parts;
    let year_of = |year: &str, one: &str, other: &str| {
        let year = match (year.len(), year.parse::<u32>().ok()?) {
            // Leading zeros make it no earlier year for a guesser.
            (2 | 4, year @ 0..=99) => year + if year > 50 { 1900 } else { 2000 },
            (4, year @ 1000..=2099) => year,
            _ => return None,
        };
        let number = |text: &str| if text.len() <= 2 { text.parse::<u32>().ok() } else { None };
        let (one, other) = (number(one)?, number(other)?);
        let is_day = |number| (1..=31).contains(&number);
        let is_date = is_day(one) && is_day(other) && one.min(other) <= 12;
        is_date.then_some(year)
    };
    let readings = [year_of(last, first, middle), year_of(first, middle, last)];
    readings.into_iter().flatten().min_by(|one, other| distance(*one).total_cmp(&distance(*other)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_recognized_in_the_usual_orders_and_with_the_usual_separators() {
        for text in [
            "13.05.1987",
            "5/13/87",
            "1987-05-13",
            "87_5_13",
            "13 5 1987",
            "13\\05\\1987",
            "13051987",
            "19870513",
            "130587",
            "13587",
            "13may1987",
            "May131987",
            "13-May-87",
            "0007914",
            "May 13, 1987",
            "1987 Sept 30",
            "30_September_1987",
        ] {
            let characters: Vec<char> = text.chars().collect();
            assert!(date(&characters).is_some_and(|guesses| guesses < 1e6), "{text}");
        }
        for text in [
            "13.13.1987",
            "32.12.1987",
            "1.2",
            "1.2.3.1987",
            "13.05-1987",
            "0.5.1987",
            "13.05.3987",
            "13mai1987",
            "1a2",
            "may",
            "13051987x",
            "2.3.4",
            "99999999",
            "-.-",
            "13.05.",
        ] {
            let characters: Vec<char> = text.chars().collect();
            assert_eq!(date(&characters), None, "{text}");
        }
    }

    #[test]
    fn a_date_takes_as_many_guesses_as_the_paper_says() {
        let guesses = |text: &str| date(&text.chars().collect::<Vec<_>>()).unwrap();
        assert_eq!(guesses("13051987"), 39.0 * 365.0);
        assert_eq!(guesses("13.05.1987"), 39.0 * 365.0 * 4.0);
        assert_eq!(guesses("13.05.2020"), 20.0 * 365.0 * 4.0);
    }
}
