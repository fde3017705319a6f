//! One entity per table. Private to the room: the records of the aggregates are what leaves it.

pub mod application;
pub mod application_form;
pub mod crisis;
pub mod crisis_broadcast;
pub mod crisis_person;
pub mod crisis_reply;
pub mod document;
pub mod document_content;
pub mod document_facts;
pub mod electoral_roll;
pub mod event;
pub mod evidence;
pub mod family_link;
pub mod meta;
pub mod mission_list;
pub mod notification;
pub mod number_series;
pub mod outbox;
pub mod registration;
pub mod registration_card;
pub mod report_evidence;
pub mod request_key;
pub mod trust_crl;
pub mod trust_entry;
pub mod trust_journal;
pub mod validation_report;
