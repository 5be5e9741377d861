//! What other protocols than DNS brought: one shape for each kind of question, so
//! that what `gather` writes and what `facts` reads is one type. Free JSON exists
//! only in a recording's file.

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::head::HeadReply;
use super::https::HttpsTranscript;
use super::post::PostReply;
use super::scan::ScanReport;
use super::smtp::{OpenRelayTranscript, SmtpTranscript, TlsTranscript};
use crate::model::question::SmtpTest;
use crate::model::{Failure, Observation, Question, ServerAnswer, Validation};

/// A raw shape that [`Transcript`] can hold.
pub trait Shape: Sized {
    /// The transcript as this shape; `None` where it is another protocol's.
    fn of(transcript: &Transcript) -> Option<&Self>;
}

macro_rules! shapes {
    ($($(#[$doc:meta])* $kind:ident($shape:ty),)*) => {
        /// One exchange, by its protocol.
        #[derive(Clone, Debug, PartialEq)]
        pub enum Transcript { $($(#[$doc])* $kind($shape),)* }

        impl Transcript {
            fn to_value(&self) -> Result<Value, serde_json::Error> {
                match self { $(Transcript::$kind(shape) => serde_json::to_value(shape),)* }
            }
        }

        $(
            impl Shape for $shape {
                fn of(transcript: &Transcript) -> Option<&$shape> {
                    match transcript {
                        Transcript::$kind(shape) => Some(shape),
                        _ => None,
                    }
                }
            }

            impl From<$shape> for Transcript {
                fn from(shape: $shape) -> Transcript {
                    Transcript::$kind(shape)
                }
            }
        )*
    };
}

shapes! {
    /// Greeting to QUIT with a mail server.
    Smtp(SmtpTranscript),
    /// Old TLS versions and the injection test.
    Tls(TlsTranscript),
    /// Address tricks against a relay.
    OpenRelay(OpenRelayTranscript),
    /// GET of a policy file, a logo or a certificate.
    Https(HttpsTranscript),
    /// HEAD of a link.
    Head(HeadReply),
    /// POST to a one-click address.
    Post(PostReply),
    /// A scanner's verdict.
    Scan(ScanReport),
    /// The validation of a DNS answer.
    Dnssec(Validation),
    /// What one of a zone's own name servers says.
    Authority(ServerAnswer),
}

impl Transcript {
    /// Reads the JSON of a recording in the shape that the question's answer has.
    ///
    /// # Errors
    /// The words of what does not fit the shape.
    pub fn read(question: &Question, value: Value) -> Result<Transcript, String> {
        fn shape<T: DeserializeOwned + Into<Transcript>>(value: Value) -> Result<Transcript, String> {
            // A list would be taken for a structure's fields in their order.
            if !value.is_object() {
                return Err("a transcript is an object".to_owned());
            }
            serde_json::from_value::<T>(value).map(Into::into).map_err(|error| error.to_string())
        }
        match question {
            Question::Dns { .. } => Err("the answer to a DNS question stands among the answers".to_owned()),
            Question::Dnssec { .. } => shape::<Validation>(value),
            Question::Authority { .. } => shape::<ServerAnswer>(value),
            Question::Smtp { test: SmtpTest::Dialogue, .. } => shape::<SmtpTranscript>(value),
            Question::Smtp { test: SmtpTest::Tls, .. } => shape::<TlsTranscript>(value),
            Question::Smtp { test: SmtpTest::OpenRelay, .. } => shape::<OpenRelayTranscript>(value),
            Question::Http { .. } => shape::<HttpsTranscript>(value),
            Question::Post { .. } => shape::<PostReply>(value),
            Question::Head { .. } => shape::<HeadReply>(value),
            Question::Scan { .. } => shape::<ScanReport>(value),
        }
    }

    /// The observation as a recording holds it. One that does not fit its shape is a
    /// failed exchange: it must not read as an empty answer.
    pub fn observed(question: &Question, form: Observation<Value>) -> Observation<Transcript> {
        match form {
            Observation::Seen(value) => match Transcript::read(question, value) {
                Ok(transcript) => Observation::Seen(transcript),
                Err(why) => Observation::Failed(Failure::Malformed(why)),
            },
            Observation::Absent(absence) => Observation::Absent(absence),
            Observation::Failed(failure) => Observation::Failed(failure),
            Observation::NotAttempted(why) => Observation::NotAttempted(why),
        }
    }

    /// The same with its strings changed by `mask`.
    ///
    /// # Errors
    /// The words of what does not fit the shape any more.
    pub(super) fn masked(
        &self,
        question: &Question,
        mask: impl FnOnce(Value) -> Value,
    ) -> Result<Transcript, String> {
        Transcript::read(question, mask(self.to_value().map_err(|error| error.to_string())?))
    }

    /// The observation for a recording, its keys sorted.
    pub(super) fn form(observation: &Observation<Transcript>) -> Observation<Value> {
        match observation {
            Observation::Seen(transcript) => match transcript.to_value() {
                Ok(value) => Observation::Seen(value),
                Err(error) => Observation::Failed(Failure::Malformed(error.to_string())),
            },
            Observation::Absent(absence) => Observation::Absent(*absence),
            Observation::Failed(failure) => Observation::Failed(failure.clone()),
            Observation::NotAttempted(why) => Observation::NotAttempted(why.clone()),
        }
    }
}

/// Any of our own shapes, as the observation of a transcript.
pub(crate) fn transcribed<T: Into<Transcript>>(observation: Observation<T>) -> Observation<Transcript> {
    match observation {
        Observation::Seen(shape) => Observation::Seen(shape.into()),
        Observation::Absent(absence) => Observation::Absent(absence),
        Observation::Failed(failure) => Observation::Failed(failure),
        Observation::NotAttempted(why) => Observation::NotAttempted(why),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shape_that_does_not_fit_is_a_failed_exchange() {
        let question = Question::Head { url: "https://example.com/".to_owned() };
        let seen = |value| Transcript::observed(&question, Observation::Seen(value));
        assert!(matches!(seen(serde_json::json!({"status": 200})), Observation::Seen(Transcript::Head(_))));
        for wrong in [serde_json::json!({"code": 200}), serde_json::json!({}), serde_json::json!([1])] {
            assert!(matches!(seen(wrong), Observation::Failed(Failure::Malformed(_))));
        }
    }
}
