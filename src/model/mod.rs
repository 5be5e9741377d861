//! The words everything else is written in: areas, severities, names, records,
//! questions and what may be said of them. Must not import anything of ours.

pub mod answer;
pub mod area;
pub mod consent;
pub mod enhanced_code;
pub mod gap;
pub mod mail_kind;
pub mod name;
pub mod question;
pub mod record;
pub mod redaction;
pub mod reports;
pub mod role;
pub mod scope;
pub mod server_answer;
pub mod severity;
pub mod signing;
pub mod speaker;
pub mod subject;
pub mod target;
pub mod traffic;
pub mod untrusted;
pub mod validation;
pub mod web_tokens;
pub mod zone_problem;

pub use answer::{Absence, Answer, Failure, Observation, Source};
pub use area::Area;
pub use enhanced_code::EnhancedCode;
pub use gap::Gap;
pub use mail_kind::MailKind;
pub use name::Name;
pub use question::Question;
pub use record::{Rdata, Record, RecordType};
pub use reports::ReportSummary;
pub use role::Role;
pub use scope::{Scope, Topic};
pub use server_answer::ServerAnswer;
pub use severity::{Confidence, Severity};
pub use signing::SigningSummary;
pub use speaker::{Speaker, Stage};
pub use subject::{Location, Subject};
pub use target::Target;
pub use traffic::TrafficSummary;
pub use untrusted::Untrusted;
pub use validation::{Security, Validation, ValidationOutcome};
pub use zone_problem::ZoneProblem;
