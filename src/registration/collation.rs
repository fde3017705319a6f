//! The alphabetical order of names: the Kazakh alphabet of 42 Cyrillic letters, in which Russian names have their places too.
//!
//! Capitals and small letters count alike. What stands between the parts of a name (blank, hyphen, apostrophe, dot) comes before every
//! letter, so that a shorter name comes first; letters of no place in the alphabet come after it by their code points. Two names that
//! this cannot tell apart are ordered by their code points: the order is total and depends on nothing but the names.

/// The alphabet of Kazakhstan, 1940, as it is in force.
const ALPHABET: &str = "аәбвгғдеёжзийкқлмнңоөпрстуұүфхһцчшщъыіьэюя";

/// Where a name stands among others; smaller comes first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct CollationKey {
    places: Vec<u32>,
    text: String,
}

impl CollationKey {
    /// The place of `name`.
    pub fn of(name: &str) -> Self {
        Self { places: name.chars().flat_map(char::to_lowercase).map(place).collect(), text: name.to_owned() }
    }
}

fn place(letter: char) -> u32 {
    /// After the last letter of the alphabet.
    const AFTER: u32 = 100;
    match ALPHABET.chars().position(|known| known == letter) {
        Some(index) => u32::try_from(index).unwrap_or(AFTER) + 1,
        None if letter.is_alphanumeric() => AFTER + u32::from(letter),
        None => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stand_in_the_order_of_the_kazakh_alphabet() {
        let mut names = [
            "Юсупов",
            "Ұзақов",
            "Усенов",
            "Ібраев",
            "Ыбраев",
            "Қасымов",
            "Касымов",
            "Әлиев",
            "Алиев",
            "Ёлкин",
            "Елкин",
            "Жүнісов",
            "Һамзин",
            "Хамзин",
            "Цой",
            "Ғалымов",
            "Галымов",
            "Ахмет-Али",
            "Ахмет",
            "АХМЕТОВ",
            "Ахметжан",
        ];
        names.sort_by_key(|name| CollationKey::of(name));
        let expected = [
            "Алиев",
            "Ахмет",
            "Ахмет-Али",
            "Ахметжан",
            "АХМЕТОВ",
            "Әлиев",
            "Галымов",
            "Ғалымов",
            "Елкин",
            "Ёлкин",
            "Жүнісов",
            "Касымов",
            "Қасымов",
            "Усенов",
            "Ұзақов",
            "Хамзин",
            "Һамзин",
            "Цой",
            "Ыбраев",
            "Ібраев",
            "Юсупов",
        ];
        assert_eq!(names, expected);
    }
}
