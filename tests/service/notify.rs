//! The words of the messages, whole: whoever changes one sees all of it here.

use chrono::NaiveDate;
use consular_registration::notify::{Message, MessageData, MissionNotice, RegistrationNotice, Remark};
use consular_registration::registration::DeregistrationGround;
use consular_registration::registration::document::DocumentKind;
use consular_registration::registration::{ApplicationType, Language, Text};

fn due() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 3, 6).expect("a date")
}

fn completed() -> MessageData {
    MessageData::ApplicationCompleted {
        application_type: ApplicationType::Register,
        application: "KZ-DE-BER/2026/000123".into(),
        registration: "KZ-DE-BER/R/2026/000077".into(),
        document: Some((DocumentKind::NoticeOfTemporaryRegistration.title(), "KZ-DE-BER/D/2026/000042".into())),
    }
}

fn in_review() -> MessageData {
    MessageData::ApplicationInReview {
        application: "KZ-DE-BER/2026/000123".into(),
        mission: Text::fixed("Берлиндегі Елшілік", "Посольство в Берлине", "Embassy in Berlin"),
        due_on: due(),
    }
}

fn returned() -> MessageData {
    let remark = |field: &str, text| Remark { field: field.into(), text };
    MessageData::ApplicationReturned {
        application: "KZ-DE-BER/2026/000123".into(),
        remarks: vec![
            remark("card.stay.until", Text::fixed("Мерзімі көрсетілмеген", "Не указан срок", "The end is missing")),
            remark("consent", Text::fixed("Келісім берілмеген", "Нет согласия", "Consent is missing")),
        ],
        due_on: due(),
    }
}

const LANGUAGES: [Language; 3] = [Language::Kk, Language::Ru, Language::En];

#[test]
fn a_completed_application_is_announced_with_registration_and_document() {
    for language in LANGUAGES {
        let Message { subject, body } = completed().message(language);
        let title = DocumentKind::NoticeOfTemporaryRegistration.title();
        for piece in [
            "KZ-DE-BER/2026/000123",
            "KZ-DE-BER/R/2026/000077",
            "KZ-DE-BER/D/2026/000042",
            title.in_language(language),
            "QR",
        ] {
            assert!(body.contains(piece), "{piece} in {body}");
        }
        assert!(!subject.contains('\n'));
    }
    assert_eq!(completed().message(Language::Kk).subject, "Сіз консулдық есепке қойылдыңыз");
    assert_eq!(completed().message(Language::Ru).subject, "Вы поставлены на консульский учёт");
}

#[test]
fn an_application_at_a_mission_is_announced_without_an_electronic_document() {
    let MessageData::ApplicationCompleted { application_type, application, registration, .. } = completed() else {
        unreachable!()
    };
    let data = MessageData::ApplicationCompleted { application_type, application, registration, document: None };
    for language in LANGUAGES {
        let body = data.message(language).body;
        assert!(body.contains("KZ-DE-BER/R/2026/000077"));
        assert!(!body.contains("QR") && !body.ends_with('\n'), "{body}");
    }
}

#[test]
fn an_application_in_review_names_the_mission_and_the_day() {
    for (language, mission, day) in [
        (Language::Kk, "Берлиндегі Елшілік", "06.03.2026"),
        (Language::Ru, "Посольство в Берлине", "06.03.2026"),
        (Language::En, "Embassy in Berlin", "6 March 2026"),
    ] {
        let body = in_review().message(language).body;
        assert!(body.contains(mission) && body.contains(day), "{body}");
    }
}

#[test]
fn a_returned_application_lists_every_remark_on_a_line_of_its_own() {
    let body = returned().message(Language::Ru).body;
    let lines: Vec<&str> = body.lines().collect();
    assert_eq!(
        lines,
        [
            "Ваше заявление № KZ-DE-BER/2026/000123 по консульскому учёту возвращено с замечаниями:",
            "— Не указан срок (card.stay.until)",
            "— Нет согласия (consent)",
            "Устраните замечания, подпишите заявление ЭЦП и отправьте его повторно.",
            "Срок рассмотрения не приостанавливается. Срок принятия решения: 06.03.2026.",
        ]
    );
}

#[test]
fn what_was_applied_for_is_what_is_announced() {
    let mut told = std::collections::BTreeSet::new();
    for application_type in ApplicationType::ALL {
        let MessageData::ApplicationCompleted { application, registration, .. } = completed() else { unreachable!() };
        let data = MessageData::ApplicationCompleted { application_type, application, registration, document: None };
        assert_eq!(data.kind(), "APPLICATION_COMPLETED");
        for language in LANGUAGES {
            told.insert(data.message(language).subject);
        }
    }
    assert_eq!(told.len(), 18, "six types in three languages");
}

#[test]
fn a_notice_about_a_registration_names_its_number_and_its_days() {
    let registration = "KZ-DE-BER/R/2026/000077".to_owned();
    let notices = [
        RegistrationNotice::StayEnding { registration: registration.clone(), valid_until: due() },
        RegistrationNotice::StayEnded { registration: registration.clone(), valid_until: due(), removed_on: due() },
        RegistrationNotice::Deregistered {
            registration: registration.clone(),
            ground: DeregistrationGround::StayExpired.text(),
            on: due(),
        },
        RegistrationNotice::Annulled {
            registration: registration.clone(),
            reason: Text::fixed("Қате тіркелген.", "Внесено по ошибке.", "Entered by mistake."),
            on: due(),
        },
        RegistrationNotice::PassportExpiring { registration: registration.clone(), on: due() },
        RegistrationNotice::ReconfirmationDue { registration: registration.clone() },
        election(),
    ];
    for notice in notices {
        for (language, day) in LANGUAGES.into_iter().zip(["06.03.2026", "06.03.2026", "6 March 2026"]) {
            let Message { subject, body } = notice.message(language);
            let names_day = body.contains(day) || matches!(notice, RegistrationNotice::ReconfirmationDue { .. });
            assert!(body.contains(&registration) && names_day, "{body}");
            assert!(!subject.contains('\n') && body.lines().all(|line| !line.trim().is_empty()), "{body}");
        }
    }
}

#[test]
fn each_message_has_its_kind_and_no_empty_line() {
    for (data, kind) in [
        (in_review(), "APPLICATION_IN_REVIEW"),
        (returned(), "APPLICATION_RETURNED"),
        (completed(), "APPLICATION_COMPLETED"),
    ] {
        assert_eq!(data.kind(), kind);
        for language in LANGUAGES {
            let message = data.message(language);
            assert!(
                !message.subject.is_empty() && message.body.lines().all(|line| !line.trim().is_empty()),
                "{message:?}"
            );
        }
    }
}

#[test]
fn every_step_of_a_refusal_names_the_application_and_what_can_be_done() {
    let application = "KZ-DE-BER/2026/000123";
    let reason = || Text::fixed("Негізі: құжат.", "Основание: документ.", "Ground: the document.");
    let at = |hour| due().and_hms_opt(hour, 0, 0).expect("a time");
    let announced = MessageData::RefusalAnnounced {
        application: application.into(),
        reason: reason(),
        hearing: at(10),
        place: "Nordendstraße 14".into(),
        objection_until: at(18),
    };
    let refused = MessageData::Refused { application: application.into(), reason: reason() };
    let reminder = MessageData::HearingReminder {
        application: application.into(),
        hearing: at(10),
        place: "Nordendstraße 14".into(),
        objection_until: at(18),
    };
    let heard = MessageData::Heard { application: application.into(), due_on: due() };
    for language in LANGUAGES {
        let body = announced.message(language).body;
        for piece in [application, reason().in_language(language), "10:00", "18:00", "Nordendstraße 14"] {
            assert!(body.contains(piece), "{piece} in {body}");
        }
        let body = reminder.message(language).body;
        for piece in [application, "10:00", "18:00", "Nordendstraße 14"] {
            assert!(body.contains(piece), "{piece} in {body}");
        }
        let body = refused.message(language).body;
        for piece in [application, reason().in_language(language), "91"] {
            assert!(body.contains(piece), "{piece} in {body}");
        }
        assert!(heard.message(language).body.contains("2026"));
    }
}

fn election() -> RegistrationNotice {
    RegistrationNotice::ElectionListCheck {
        title: Text::fixed("Президент сайлауы", "Выборы Президента", "Presidential election"),
        voting_day: NaiveDate::from_ymd_opt(2026, 3, 20).expect("a date"),
        registration: "KZ-DE-BER/R/2026/000077".into(),
        check_until: due(),
        phone: "+49300000000".into(),
    }
}

#[test]
fn an_election_message_says_when_is_voted_until_when_to_correct_what_and_whom_to_call() {
    assert_eq!(election().kind().as_str(), "ELECTION_LIST_CHECK");
    let texts = LANGUAGES.map(|language| election().message(language)).map(|message| (message.subject, message.body));
    let expected = [
        (
            "Президент сайлауы: деректеріңізді тексеріңіз",
            "Дауыс беру күні: 20.03.2026.\n\
             Сайлаушылар тізімі консулдық есеп деректері бойынша жасалады; тіркеу нөміріңіз: KZ-DE-BER/R/2026/000077.\n\
             Карточкаңыздағы деректерді тексеріңіз. Олар өзгерген болса, карточканы өзгерту туралы өтініш беріңіз; соңғы \
             күні: 06.03.2026.\n\
             Сұрақтарыңыз болса, шетелдегі мекемеге қоңырау шалыңыз: +49300000000.",
        ),
        (
            "Выборы Президента: проверьте свои данные",
            "День голосования: 20.03.2026.\n\
             Список избирателей составляется по данным консульского учёта; Ваш регистрационный номер: \
             KZ-DE-BER/R/2026/000077.\n\
             Проверьте данные своей карточки. Если они изменились, подайте заявление об изменении карточки не позднее \
             06.03.2026.\n\
             Если есть вопросы, позвоните в загранучреждение: +49300000000.",
        ),
        (
            "Presidential election: check your particulars",
            "Voting day: 20 March 2026.\n\
             The list of electors is made from the consular register; the number of your registration is \
             KZ-DE-BER/R/2026/000077.\n\
             Check the particulars on your card. If they have changed, apply for a change of the card by 6 March 2026 at \
             the latest.\n\
             If you have questions, call the mission: +49300000000.",
        ),
    ];
    assert_eq!(texts, expected.map(|(subject, body)| (subject.to_owned(), body.to_owned())));
}

#[test]
fn a_crisis_message_says_what_to_do_how_to_answer_and_whom_to_call() {
    let notice = RegistrationNotice::CrisisBroadcast {
        title: Text::fixed("Су тасқыны", "Наводнение", "Flood"),
        message: Text::fixed("Үйде болыңыз.", "Оставайтесь дома.", "Stay at home."),
        phone: "+49300000000".into(),
    };
    assert_eq!(notice.kind().as_str(), "CRISIS_BROADCAST");
    let texts = LANGUAGES.map(|language| notice.message(language)).map(|message| (message.subject, message.body));
    let expected = [
        (
            "Су тасқыны",
            "Үйде болыңыз.\nЖағдайыңызды хабарлаңыз: жеке кабинетіңізде «Қауіпсіздемін» немесе «Көмек керек» деп жауап \
             беріңіз.\nШұғыл көмек қажет болса, шетелдегі мекемеге қоңырау шалыңыз: +49300000000.",
        ),
        (
            "Наводнение",
            "Оставайтесь дома.\nСообщите о себе: ответьте в личном кабинете «В безопасности» или «Нужна помощь».\n\
             Если помощь нужна срочно, позвоните в загранучреждение: +49300000000.",
        ),
        (
            "Flood",
            "Stay at home.\nTell us how you are: answer \"Safe\" or \"Need help\" in your personal account.\n\
             If you need help at once, call the mission: +49300000000.",
        ),
    ];
    assert_eq!(texts, expected.map(|(subject, body)| (subject.to_owned(), body.to_owned())));
}

#[test]
fn a_mission_is_told_which_term_ends_when_and_what_was_transferred_where() {
    let application = "KZ-DE-BER/2026/000123";
    let due = due().and_hms_opt(18, 0, 0).expect("a time");
    let soon = MissionNotice::DueSoon { application: application.into(), due };
    let over = MissionNotice::Overdue { application: application.into(), due };
    let moved = MissionNotice::Transferred {
        former: "KZ-DE-BER/R/2026/000077".into(),
        from: Text::fixed("Берлиндегі Елшілік", "Посольство в Берлине", "Embassy in Berlin"),
        registration: "KZ-TR-IST/R/2026/000003".into(),
        to: Text::fixed("Стамбұлдағы консулдық", "Консульство в Стамбуле", "Consulate in Istanbul"),
    };
    for language in LANGUAGES {
        for notice in [&soon, &over] {
            let message = notice.message(language);
            assert!(message.subject.contains(application) && message.body.contains("18:00"), "{message:?}");
        }
        let body = moved.message(language).body;
        for piece in ["KZ-DE-BER/R/2026/000077", "KZ-TR-IST/R/2026/000003"] {
            assert!(body.contains(piece), "{piece} in {body}");
        }
    }
    assert!(soon.message(Language::Kk).body.contains("06.03.2026"));
}
