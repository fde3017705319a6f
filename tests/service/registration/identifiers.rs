//! Individual and business identification numbers.

use consular_registration::registration::person::{Bin, IdentifierError, IdentifierPolicy, Iin, Sex, age_on, checksum};

use super::{CHILD_IIN, IIN, day};

fn strict(text: &str) -> Result<Iin, IdentifierError> {
    Iin::parse(text, IdentifierPolicy::Strict)
}

#[test]
fn an_iin_tells_birth_date_and_sex() {
    let man = strict(IIN).unwrap();
    assert_eq!((man.birth_date(), man.sex()), (Some(day("1990-01-01")), Some(Sex::Male)));
    let girl = strict(CHILD_IIN).unwrap();
    assert_eq!((girl.birth_date(), girl.sex()), (Some(day("2015-05-15")), Some(Sex::Female)));
}

#[test]
fn the_second_row_of_weights_is_used_when_the_first_gives_ten() {
    assert_eq!(strict("900101300811").map(|iin| iin.as_str().to_owned()), Ok("900101300811".to_owned()));
}

#[test]
fn a_number_that_both_rows_of_weights_give_ten_for_does_not_exist() {
    assert_eq!(checksum([9, 0, 0, 1, 0, 1, 3, 0, 0, 8, 0]), None);
    assert_eq!(strict("900101300800"), Err(IdentifierError::Checksum));
}

#[test]
fn an_iin_that_is_wrong_says_what_is_wrong() {
    assert_eq!(strict("900101300018"), Err(IdentifierError::Checksum));
    assert_eq!(strict("901301300017"), Err(IdentifierError::NotABirthDate));
    assert_eq!(strict("900101700017"), Err(IdentifierError::NoCentury));
    for text in
        ["", "90010130001", "9001013000170", "90010130001x", "٩٠٠١٠١٣٠٠٠١٧", " 90010130001", "900101\u{200B}300017"]
    {
        assert_eq!(strict(text), Err(IdentifierError::NotTwelveDigits), "{text:?}");
    }
}

#[test]
fn the_national_test_numbers_are_accepted_only_where_that_is_asked_for() {
    for number in ["123456789011", "123456789012"] {
        assert!(strict(number).is_err());
        let iin = Iin::parse(number, IdentifierPolicy::AcceptNationalTest).unwrap();
        assert_eq!((iin.birth_date(), iin.sex()), (None, None));
    }
    assert!(Bin::parse("123456789021", IdentifierPolicy::Strict).is_err());
    assert!(Bin::parse("123456789021", IdentifierPolicy::AcceptNationalTest).is_ok());
    assert!(Iin::parse("123456789013", IdentifierPolicy::AcceptNationalTest).is_err());
}

#[test]
fn a_bin_names_a_kind_of_entity_in_its_fifth_digit() {
    let parse = |text| Bin::parse(text, IdentifierPolicy::Strict);
    assert_eq!(parse("040940001235").map(|bin| bin.as_str().to_owned()), Ok("040940001235".to_owned()));
    assert_eq!(parse("040900001235"), Err(IdentifierError::NoEntityKind));
    assert_eq!(parse("040940001236"), Err(IdentifierError::Checksum));
}

#[test]
fn debug_output_masks_an_iin() {
    assert_eq!(format!("{:?}", strict(IIN).unwrap()), "Iin(900101*****7)");
}

#[test]
fn age_is_counted_in_full_years() {
    assert_eq!(age_on(day("2008-03-20"), day("2026-03-19")), 17);
    assert_eq!(age_on(day("2008-03-20"), day("2026-03-20")), 18);
    assert_eq!(age_on(day("2008-02-29"), day("2026-02-28")), 17);
    assert_eq!(age_on(day("2008-02-29"), day("2026-03-01")), 18);
}
