//! Lists of missions as revisions.

use consular_registration::registration::mission::{MissionError, Missions};
use consular_registration::workflow::{
    MissionRefusal, NeededMission, OfficerTable, import_missions, missions_in_force, seed_missions,
};

use super::{TestDatabase, accepted, noon, on_both_databases};

/// The sample without the missions of these codes.
fn sample_without(codes: &[&str]) -> String {
    let all = Missions::sample_toml();
    let (preface, missions) = all.split_at(all.find("[[mission]]").unwrap());
    let kept = missions.split("[[mission]]").skip(1).filter(|text| !codes.iter().any(|code| text.contains(code)));
    kept.fold(preface.to_owned(), |list, mission| list + "[[mission]]" + mission)
}

fn officer_in(mission: &str) -> OfficerTable {
    let table = format!(
        "[[officer]]\niin = \"900101350131\"\nbin = \"123456789012\"\nmission = \"{mission}\"\nroles = [\"OFFICER\"]\n"
    );
    OfficerTable::from_toml(&table).unwrap()
}

on_both_databases! {
    async fn the_first_start_takes_in_the_sample_and_the_next_one_changes_nothing(database: TestDatabase) {
        assert_eq!(seed_missions(&database.store, noon()).await.unwrap().revision(), 1);
        assert_eq!(seed_missions(&database.store, noon()).await.unwrap().revision(), 1);
        let lists = database.store.mission_lists().await.unwrap();
        assert_eq!((lists.len(), lists[0].is_sample), (1, true));
        assert!(lists[0].note.contains("sample"), "{lists:?}");
    }

    async fn a_list_becomes_the_next_revision_and_what_it_leaves_out_stays_known(database: TestDatabase) {
        let nobody = OfficerTable::default();
        let list = sample_without(&["KZ-TR-ANK"]);
        let import = import_missions(&database.store, &nobody, &list, "reform", noon()).await.unwrap();
        assert_eq!((import.revision, import.is_new), (2, true));
        assert_eq!(import.gone.iter().map(ToString::to_string).collect::<Vec<_>>(), ["KZ-TR-ANK"]);
        let missions = missions_in_force(&database.store).await.unwrap();
        assert!(missions.find("KZ-TR-ANK").is_none());
        assert_eq!(missions.known("KZ-TR-ANK").unwrap().city.en, "Ankara");
        let again = import_missions(&database.store, &nobody, &list, "", noon()).await.unwrap();
        assert_eq!((again.revision, again.is_new), (2, false));

        let back = import_missions(&database.store, &nobody, Missions::sample_toml(), "", noon()).await.unwrap();
        assert_eq!((back.revision, back.added.len()), (3, 1));
        let lists = database.store.mission_lists().await.unwrap();
        assert_eq!(lists.iter().map(|list| list.is_sample).collect::<Vec<_>>(), [true, false, false]);
        assert_eq!(lists[1].content, list, "kept as it was written");
    }

    async fn a_mission_that_is_needed_does_not_vanish(database: TestDatabase) {
        let application = accepted(&database.store).await;
        let list = sample_without(&["KZ-DE-BER", "KZ-TR-IST", "KZ-TR-ANK"]);
        let officers = officer_in("KZ-TR-IST");
        let refused = import_missions(&database.store, &officers, &list, "", noon()).await.unwrap_err();
        let MissionRefusal::StillNeeded(needed) = &refused else { panic!("{refused}") };
        let open = |needed: &NeededMission| (needed.code.to_string(), needed.open.applications, needed.officers);
        let expected = [("KZ-DE-BER".to_owned(), 1, 0), ("KZ-TR-IST".to_owned(), 0, 1)];
        assert_eq!(needed.iter().map(open).collect::<Vec<_>>(), expected);
        assert!(refused.to_string().contains(&application.number), "{refused}");
        assert_eq!(missions_in_force(&database.store).await.unwrap().revision(), 1);
    }

    async fn a_list_that_contradicts_itself_is_told_everything(database: TestDatabase) {
        let twice = Missions::sample_toml().replace("KZ-DE-FRA", "KZ-DE-BER").replace("\"DE-BW\"", "\"FR-IDF\"");
        let refused = import_missions(&database.store, &OfficerTable::default(), &twice, "", noon()).await.unwrap_err();
        let MissionRefusal::Unusable(errors) = refused else { panic!("{refused}") };
        assert!(matches!(errors[..], [MissionError::Duplicate(_), MissionError::ForeignSubdivision(_)]), "{errors:?}");
        let zone = Missions::sample_toml().replacen("Europe/Berlin", "Europe/Bonn", 1);
        let refused = import_missions(&database.store, &OfficerTable::default(), &zone, "", noon()).await.unwrap_err();
        assert!(refused.to_string().contains("Europe/Bonn is not a time zone"), "{refused}");
        assert_eq!(database.store.mission_revision().await.unwrap(), 0, "nothing was stored");
    }
}
