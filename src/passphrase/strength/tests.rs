use super::*;

thread_local! {
    /// Loaded once, because that takes a debug build most of a second.
    static WORDS: Words = Words::load();
}

fn digits(passphrase: &str) -> f64 {
    let characters: Vec<char> = passphrase.chars().take(MOST).collect();
    WORDS.with(|words| words.estimate(&characters)).guesses.log10()
}

#[test]
fn common_passphrases_are_weak_and_unpredictable_ones_are_strong() {
    let weak = [
        "password",
        "P@ssw0rd1",
        "letmein123",
        "qwertyuiop",
        "1qaz2wsx",
        "iloveyou2",
        "monkey1987",
        "abcdefghijkl",
        "zyxwvuts",
        "aaaaaaaaaaaaaaa",
        "abcabcabcabc",
        "Jennifer2019",
        "smith1980",
        "drowssap",
        "Tr0ub4dor&3",
        "sunshine!",
        "london2012",
        "michaeljordan",
        "hunter2",
        "qwerty123456",
        "Summer2024!",
        "qwertyuiop[]asdfghjkl;'",
        "aoeuidhtns-;qjkxbmwvz",
        "!@#$%^&*()_+",
        "QWERTYUIOP{}ASDFGHJKL",
        "1qaz2wsx3edc4rfv",
        "!QAZ@WSX#EDC$RFV",
        "undercook trickster",
        "13.05.1987-24.12.1990",
        "13.05.1987 13.05.1987 13.05.1987",
        "1987-05-13_1990-12-24",
        "13051987+24121990",
        "May 13, 1987",
        "anna13.05.1987",
        "3.14159265358979323846",
        "11235813213455891442",
        "one two three four five six",
        "Ten-Nine-Eight-Seven-Six-Five-Four",
        "fourteen, fifteen, sixteen, seventeen",
        "alpha bravo charlie delta echo",
        "yankee zulu alpha bravo",
        "monday tuesday wednesday",
        "mon tue wed thu fri sat sun",
        "january february march april",
        "decembernovemberoctober",
        "1987 1988 1989 1990 1991 1992",
        "10 20 30 40 50 60",
        "йцукенгшщзхъфывапролджэ",
        "azertyuiopqsdfghjklmwxcvbn",
        "qwertzuiopüasdfghjklöä",
        "пароль пароль пароль",
        "Gx7#pL Gx7#pL Gx7#pL",
        "correct, correct, correct, correct",
        "https://www.google.com",
        "00:11:22:33:44:55",
    ];
    for passphrase in weak {
        assert!(digits(passphrase) < 12.0, "{passphrase}: {}", digits(passphrase));
    }
    let strong = [
        "orbit velvet cactus mimic dusk ferry",
        "v8$kQz!2mP^x",
        "tidy-riveter-trickster-undercook-reluctant-jingle",
        "не-забудь-купить-молоко-42",
        "Gx7#pLw9@Rt2",
        "kx8 f0q zz4 mW2 pl",
        "tidy-tidy-trickster-undercook-reluctant-jingle",
        "monday-tuesday-trickster-undercook-reluctant-jingle",
        "tidy1-riveter2-trickster3-undercook4",
        "3f:91:c4:7e:0b:d8:a5:62",
    ];
    for passphrase in strong {
        assert!(digits(passphrase) >= 12.0, "{passphrase}: {}", digits(passphrase));
    }
}

#[test]
fn the_estimates_agree_with_the_zxcvbn_crate() {
    // The estimates of the crate zxcvbn 3.1, as powers of ten.
    let known = [("password", 0.5), ("qwertyuiop", 1.5), ("hunter2", 4.0), ("v8$kQz!2mP^x", 12.0), ("zxcvbnm,./", 3.5)];
    for (passphrase, expected) in known {
        assert!((digits(passphrase) - expected).abs() < 2.0, "{passphrase}: {}", digits(passphrase));
    }
}
