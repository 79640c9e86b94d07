use super::*;
use std::collections::BTreeSet;

fn recipe(material: Material, length: usize) -> Recipe {
    material.recipe(Some(length)).unwrap()
}

fn text(recipe: Recipe) -> String {
    recipe.generate().unwrap().as_str().unwrap().to_owned()
}

#[test]
fn the_default_is_32_letters_and_digits_of_190_bits() {
    let value = text(Recipe::default());
    assert_eq!(value.len(), 32);
    assert!(value.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    assert_eq!(Recipe::default().entropy_bits().floor(), 190.0);
    assert_ne!(value, text(Recipe::default()));
}

#[test]
fn every_character_of_an_alphabet_occurs_and_no_other() {
    for (name, alphabet) in Alphabet::NAMES {
        assert_eq!(name.parse::<Alphabet>().unwrap(), alphabet);
        let drawn: BTreeSet<u8> = text(recipe(Material::Characters(alphabet), 10_000)).bytes().collect();
        let expected: BTreeSet<u8> = alphabet.characters().into_iter().collect();
        assert_eq!(drawn, expected, "{name}");
    }
    let sizes = Alphabet::NAMES.map(|(_, alphabet)| alphabet.characters().len());
    assert_eq!(sizes, [62, 94, 52, 26, 26, 10, 57, 64]);
}

#[test]
fn all_characters_are_equally_likely() {
    // 62 does not divide 256: folding bytes would make the first eight characters a quarter more likely than the
    // others.
    let length = 62_000;
    let mut counts = [0u32; 128];
    for byte in text(recipe(Material::default(), length)).bytes() {
        counts[usize::from(byte)] += 1;
    }
    // 1,000 are expected, with a standard deviation of 31.4; 200 is more than six of these.
    for byte in Alphabet::Alnum.characters() {
        assert!(counts[usize::from(byte)].abs_diff(1_000) < 200, "{}", char::from(byte));
    }
}

#[test]
fn words_are_joined_by_hyphens_and_contain_none() {
    assert_eq!(words().count(), 7_772);
    assert_eq!(words().map(str::len).max(), Some(LONGEST_WORD));
    let known: BTreeSet<&str> = words().collect();
    let phrase = text(recipe(Material::Words, 500));
    assert_eq!(phrase.split('-').count(), 500);
    assert!(phrase.split('-').all(|word| known.contains(word)));
    assert_eq!(recipe(Material::Words, 6).entropy_bits().floor(), 77.0);
}

#[test]
fn hex_and_base64_count_bytes() {
    let value = text(recipe(Material::Hex, 32));
    assert_eq!(value.len(), 64);
    assert!(value.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte)));
    assert_eq!(recipe(Material::Hex, 32).entropy_bits(), 256.0);
    assert_eq!(BASE64_STANDARD.decode(text(recipe(Material::Base64, 33))).unwrap().len(), 33);
    assert_eq!(recipe(Material::Base64, 32).entropy_bits(), 256.0);
}

#[test]
fn a_uuid_has_version_4_and_the_right_variant() {
    let uuid = Material::Uuid.recipe(None).unwrap();
    for _ in 0..64 {
        let value = text(uuid);
        let groups: Vec<usize> = value.split('-').map(str::len).collect();
        assert_eq!(groups, [8, 4, 4, 4, 12]);
        assert_eq!(value.as_bytes()[14], b'4');
        assert!(b"89ab".contains(&value.as_bytes()[19]));
    }
    assert_eq!(uuid.entropy_bits(), 122.0);
}

#[test]
fn lengths_of_zero_and_beyond_the_limit_are_refused() {
    for material in [Material::default(), Material::Words, Material::Hex, Material::Base64, Material::Uuid] {
        for length in [0, MAX_LENGTH + 1] {
            assert!(material.recipe(Some(length)).is_err(), "{length} of {material:?}");
        }
    }
    assert_eq!(text(recipe(Material::default(), MAX_LENGTH)).len(), MAX_LENGTH);
    assert!("klingon".parse::<Alphabet>().is_err());
}

#[test]
fn each_material_has_a_usual_length_that_is_not_weak() {
    for (material, usual, weak) in [
        (Material::default(), Recipe::default(), Some(10)),
        (Material::Words, recipe(Material::Words, 8), Some(5)),
        (Material::Hex, recipe(Material::Hex, 32), Some(8)),
        (Material::Base64, recipe(Material::Base64, 32), Some(8)),
        (Material::Uuid, Recipe { material: Material::Uuid, length: UUID_BYTES }, None),
    ] {
        assert_eq!(material.recipe(None).unwrap(), usual);
        assert!(!usual.is_weak(), "{usual:?}");
        assert_eq!(weak.map(|length| material.recipe(Some(length)).unwrap().is_weak()), weak.map(|_| true));
    }
    assert_eq!(Material::Uuid.recipe(Some(16)).unwrap_err().to_string(), "a UUID always has the same length");
}
