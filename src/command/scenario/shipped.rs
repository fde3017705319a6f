//! The scenarios that ship, in the order in which they are told.

macro_rules! shipped {
    ($name:literal) => {
        ($name, include_str!(concat!("../../../scenarios/", $name, ".toml")))
    };
}

/// Name and text of each file of `scenarios/`.
pub const SCENARIOS: &[(&str, &str)] = &[
    shipped!("temporary-by-portal"),
    shipped!("permanent-by-mission"),
    shipped!("returned-and-resubmitted"),
    shipped!("objection-upheld"),
    shipped!("refused-after-the-term"),
    shipped!("withdrawn"),
    shipped!("transfer"),
    shipped!("change"),
    shipped!("extend"),
    shipped!("expiry"),
    shipped!("deregistered-by-own-application"),
    shipped!("deregistered-registered-elsewhere"),
    shipped!("deregistered-stay-expired"),
    shipped!("deregistered-by-death"),
    shipped!("deregistered-citizenship-lost"),
    shipped!("minor-by-parent"),
    shipped!("duplicate-filing"),
    shipped!("wrong-district"),
    shipped!("election-extract"),
    shipped!("election-list-check"),
    shipped!("crisis-roll"),
    shipped!("crisis-closed"),
    shipped!("working-days"),
];
