//! What a check may know. Built from evidence by pure functions; where an
//! answer is missing it is noted as wanted, so what is asked and what is judged
//! cannot disagree.

pub(crate) mod attachments;
pub(crate) mod bimi;
pub mod dkim;
pub mod dmarc;
pub(crate) mod ibmi;
pub(crate) mod ledger;
pub(crate) mod links;
pub(crate) mod listings;
pub mod message;
pub(crate) mod prepared;
pub(crate) mod revision;
pub(crate) mod role;
pub(crate) mod scanners;
pub mod spam_score;
pub mod spf;
pub mod subscription;
pub(crate) mod traffic;
pub(crate) mod transport;
pub(crate) mod warmup;
pub(crate) mod wildcard;
pub(crate) mod zone;
pub(crate) mod zone_names;

use std::cell::OnceCell;
use std::collections::BTreeSet;

use crate::evidence::Evidence;
use crate::model::traffic::TrafficSummary;
use crate::model::{
    Gap, MailKind, Name, Question, RecordType, ReportSummary, Role, Scope, Security, Subject, Target, Topic,
    ZoneProblem,
};

use transport::{announced, caa, dane, mta_sts, mx, servers};
use zone::{dnssec, existence, name_servers, own_name, reverse};

pub use ledger::{Found, Ledger};
pub use message::MessageFacts;
pub use prepared::Prepared;

/// Everything a check may look at. Each topic's facts are computed at most once.
pub struct Facts<'e> {
    evidence: &'e Evidence,
    scope: &'e Scope,
    prepared: &'e Prepared,
    ledger: Ledger<'e>,
    cells: Cells,
}

/// What was worked out already: one cell a subject, each named here and nowhere else.
#[derive(Default)]
struct Cells {
    spf: OnceCell<Result<spf::SpfFacts, Gap>>,
    reverse: OnceCell<reverse::ReverseDns>,
    own_names: OnceCell<Vec<own_name::OwnName>>,
    mx: OnceCell<Result<mx::MxFacts, Gap>>,
    transport: OnceCell<announced::TransportFacts>,
    mail_from_mx: OnceCell<Result<Option<mx::MxFacts>, Gap>>,
    mta_sts: OnceCell<Result<Option<mta_sts::MtaSts>, Gap>>,
    dane: OnceCell<Result<Vec<dane::HostDane>, Gap>>,
    caa: OnceCell<Result<Vec<caa::HostCaa>, Gap>>,
    mx_servers: OnceCell<Result<servers::MxServers, Gap>>,
    relay_servers: OnceCell<Result<Vec<servers::Server>, Gap>>,
    name_servers: OnceCell<Result<name_servers::NameServers, Gap>>,
    listings: OnceCell<listings::Listings>,
    arc: OnceCell<dkim::arc::Arc>,
    bimi: OnceCell<Result<Option<bimi::record::Bimi>, Gap>>,
    dkim: OnceCell<dkim::Dkim>,
    dmarc: OnceCell<Result<dmarc::Dmarc, Gap>>,
    link_chains: OnceCell<Result<links::chains::LinkChains, Gap>>,
    cut_texts: OnceCell<revision::CutTexts>,
}

impl<'e> Facts<'e> {
    /// Builds all facts of the topics in scope. What is still to be asked is then
    /// in [`Facts::wanted`]; when that is empty, the run is complete.
    pub fn build(evidence: &'e Evidence, scope: &'e Scope, prepared: &'e Prepared) -> Facts<'e> {
        let facts = Facts::assemble(evidence, scope, prepared);
        // A record to publish is proven before it is shown, so what it names is asked as well.
        if facts.wanted().is_empty() {
            for question in facts.wanted_by_repairs() {
                let _ = facts.ledger.answer(&question);
            }
        }
        facts
    }

    /// The facts of the records as they stand.
    fn assemble(evidence: &'e Evidence, scope: &'e Scope, prepared: &'e Prepared) -> Facts<'e> {
        let facts = Facts {
            evidence,
            scope,
            prepared,
            ledger: Ledger::new(&evidence.answers, &evidence.transcripts),
            cells: Cells::default(),
        };
        for topic in &scope.topics {
            facts.touch(*topic);
        }
        facts.want_wildcards();
        facts
    }

    /// Computes what belongs to a topic, so that its questions become wanted.
    fn touch(&self, topic: Topic) {
        match topic {
            Topic::Spf => {
                let _ = self.spf();
                existence::want(self, RecordType::Txt);
            }
            Topic::Dkim => {
                self.dkim();
                for name in self.earlier_keys() {
                    self.ledger.want(&name, RecordType::Txt);
                }
            }
            Topic::Dmarc => drop(self.dmarc()),
            Topic::Arc => _ = self.arc(),
            Topic::Bimi => {
                let _ = self.brand_logo();
                let _ = self.mark_certificate();
                // Files given in their place do not make the record less of interest.
                let _ = self.brand_exchanges();
            }
            Topic::ReverseDns => drop(self.own_names()),
            Topic::ReverseZones => {
                for address in &self.reverse().addresses {
                    drop(reverse::zone(&self.ledger, address));
                }
            }
            Topic::Mx => {
                drop(self.mx());
                drop(self.mail_from_mx());
                existence::want(self, RecordType::Mx);
            }
            Topic::Transport => drop(self.transport()),
            Topic::MtaSts => {
                drop(self.mx());
                drop(self.mta_sts());
            }
            Topic::Dane => {
                drop(self.dane());
                drop(self.caa());
            }
            Topic::Servers => drop(self.mx_servers()),
            Topic::Relay => drop(self.relay_servers()),
            Topic::NameServers => drop(self.name_servers()),
            Topic::Dnssec => drop(self.dnssec_links()),
            Topic::Blocklists => _ = self.listings(),
            Topic::Unsubscribe => drop(self.one_click()),
            Topic::Links => drop(self.link_chains()),
            Topic::Scanners => {
                for (engine, _) in scanners::ENGINES {
                    drop(self.scan(engine));
                }
            }
            // Worked out from files alone: nothing to ask.
            Topic::Message | Topic::Traffic | Topic::Zone => {}
        }
    }

    /// PTR names and HELO.
    pub fn reverse(&self) -> &reverse::ReverseDns {
        self.cells.reverse.get_or_init(|| reverse::build(&self.ledger, self.target()))
    }

    /// The sender's own name of each sending address that receivers see.
    pub(crate) fn own_names(&self) -> Result<&[own_name::OwnName], Gap> {
        let domain = self.domain()?;
        let build = || own_name::build(&self.ledger, domain, self.reverse());
        Ok(self.cells.own_names.get_or_init(build))
    }

    /// The MX hosts of the audited domain.
    pub(crate) fn mx(&self) -> Result<&mx::MxFacts, Gap> {
        let domain = self.domain()?;
        self.cells.mx.get_or_init(|| mx::build(&self.ledger, domain)).as_ref().map_err(Gap::clone)
    }

    /// The MX hosts of the envelope sender's domain; `None` where that is the
    /// audited domain, or the sender is the null sender.
    pub(crate) fn mail_from_mx(&self) -> Result<Option<&mx::MxFacts>, Gap> {
        let target = self.target();
        let domain = target.envelope_domain().filter(|domain| Some(domain) != target.domain.as_ref());
        let build = || domain.map(|domain| mx::build(&self.ledger, &domain)).transpose();
        self.cells.mail_from_mx.get_or_init(build).as_ref().map(Option::as_ref).map_err(Gap::clone)
    }

    /// MTA-STS and TLS-RPT of the audited domain.
    pub(crate) fn transport(&self) -> Result<&announced::TransportFacts, Gap> {
        let domain = self.domain()?;
        Ok(self.cells.transport.get_or_init(|| announced::build(&self.ledger, domain)))
    }

    /// Whether the answer to a question holds before DNSSEC; what could not be validated is a gap.
    pub(crate) fn dnssec(&self, name: &Name, rtype: RecordType) -> Result<Security, Gap> {
        dnssec::security(&self.ledger, name, rtype)
    }

    /// The answers that mail of the audited domain hangs on, validated.
    pub(crate) fn dnssec_links(&self) -> Result<Vec<dnssec::Link>, Gap> {
        if self.scope.validates_asked {
            return Ok(dnssec::of_asked(&self.ledger, &self.evidence.answers, self.target().domain.as_ref()));
        }
        Ok(dnssec::links(&self.ledger, self.domain()?))
    }

    /// The MTA-STS policy; `None` where the domain has no record.
    pub(crate) fn mta_sts(&self) -> Result<Option<&mta_sts::MtaSts>, Gap> {
        let found = self.cells.mta_sts.get_or_init(|| mta_sts::build(self));
        found.as_ref().map(Option::as_ref).map_err(Gap::clone)
    }

    /// The MTA-STS policy of the recording given with `--before`; `None` where
    /// no sender could have kept one then.
    pub(crate) fn earlier_mta_sts(&self) -> Result<Option<mta_sts::Earlier>, Gap> {
        mta_sts::earlier(self, self.domain()?)
    }

    /// TLSA records of the MX hosts.
    pub(crate) fn dane(&self) -> Result<&[dane::HostDane], Gap> {
        self.cells.dane.get_or_init(|| dane::build(self)).as_deref().map_err(Gap::clone)
    }

    /// CAA records of the domain's own hosts.
    pub(crate) fn caa(&self) -> Result<&[caa::HostCaa], Gap> {
        self.cells.caa.get_or_init(|| caa::build(self)).as_deref().map_err(Gap::clone)
    }

    /// What the MX hosts said.
    pub(crate) fn mx_servers(&self) -> Result<&servers::MxServers, Gap> {
        self.cells.mx_servers.get_or_init(|| servers::mx(self)).as_ref().map_err(Gap::clone)
    }

    /// What the relay said, one entry for each address family it has.
    pub(crate) fn relay_servers(&self) -> Result<&[servers::Server], Gap> {
        self.cells.relay_servers.get_or_init(|| servers::relay(self)).as_deref().map_err(Gap::clone)
    }

    /// What each of the zone's own name servers says; only with `--authoritative`.
    pub(crate) fn name_servers(&self) -> Result<&name_servers::NameServers, Gap> {
        let domain = self.domain()?;
        let build = || name_servers::build(&self.ledger, self.scope, self.target(), domain);
        self.cells.name_servers.get_or_init(build).as_ref().map_err(Gap::clone)
    }

    /// SPF of the sender: the record, everything below it, the verdicts.
    ///
    /// # Errors
    /// A gap where no domain is known.
    pub fn spf(&self) -> Result<&spf::SpfFacts, Gap> {
        let build = || {
            let allowance = match self.scope.as_receiver {
                true => spf::Allowance::receiver(),
                false => spf::Allowance::audit(),
            };
            spf::SpfFacts::build(&self.ledger, self.target(), self.now(), &allowance)
        };
        self.cells.spf.get_or_init(build).as_ref().map_err(Gap::clone)
    }

    /// What is wrong with the zone files given, by their readers; `None` where none was given.
    pub fn zone_problems(&self) -> Option<&'e [ZoneProblem]> {
        self.evidence.zone.as_deref()
    }

    /// The answers of the earlier state that this run is compared with.
    pub fn before(&self) -> Option<Ledger<'e>> {
        let earlier = self.evidence.earlier.as_ref()?;
        Some(Ledger::new(&earlier.answers, &earlier.transcripts))
    }

    /// Names below the domain's `_domainkey` that the earlier state was asked for.
    pub fn earlier_keys(&self) -> Vec<Name> {
        let (Some(earlier), Ok(domain)) = (&self.evidence.earlier, self.domain()) else { return Vec::new() };
        let keys = domain.prefixed("_domainkey");
        let names = earlier.answers.keys().filter_map(|question| match question {
            Question::Dns { name, rtype: RecordType::Txt } if name.is_within(&keys) && *name != keys => {
                Some(name.clone())
            }
            _ => None,
        });
        names.collect()
    }

    /// Questions whose answers are missing.
    pub fn wanted(&self) -> BTreeSet<Question> {
        self.ledger.wanted()
    }

    /// The sender as the user described it.
    pub fn target(&self) -> &'e Target {
        &self.evidence.target
    }

    /// What may be asked.
    pub fn scope(&self) -> &'e Scope {
        self.scope
    }

    /// The answers, and what is still wanted of them.
    pub fn ledger(&self) -> &Ledger<'e> {
        &self.ledger
    }

    /// What was read from the files given, shared by all rounds.
    pub fn prepared(&self) -> &'e Prepared {
        self.prepared
    }

    /// The sample message; read once in a run.
    pub(crate) fn message(&self) -> Result<&'e MessageFacts, Gap> {
        self.prepared
            .message(self.evidence)
            .ok_or(Gap::NotSupplied { what: "message", flag: "--message FILE" })
    }

    /// What kind of mail the message is, by its own marks.
    pub(crate) fn kind(&self) -> Result<&'e message::kind::Kind, Gap> {
        let message = self.message()?;
        Ok(self.prepared.kind(message, self.body_way()?))
    }

    /// Whether the message has the duties of bulk mail; the user's word goes first.
    pub(crate) fn duty(&self, stated: MailKind) -> Result<message::kind::Duty, Gap> {
        Ok(self.kind()?.duty(stated))
    }

    /// The way out that the body offers.
    ///
    /// # Errors
    /// A gap where no message was given.
    pub fn body_way(&self) -> Result<subscription::unsubscribe::BodyWay, Gap> {
        Ok(self.prepared.body_way(self.message()?))
    }

    /// The List-Unsubscribe header, taken apart; `None` where it is missing.
    pub(crate) fn unsubscribe(&self) -> Result<Option<subscription::unsubscribe::Unsubscribe<'e>>, Gap> {
        Ok(subscription::unsubscribe::Unsubscribe::read(self.message()?))
    }

    /// How much the sample message looks like spam, by what its sender controls.
    ///
    /// # Errors
    /// A gap where no message was given.
    pub fn spam_score(&self) -> Result<&'e spam_score::SpamScore, Gap> {
        self.message()?;
        self.prepared
            .spam_score(self.evidence)
            .ok_or(Gap::NotSupplied { what: "message", flag: "--message FILE" })
    }

    /// The sample message's attachments, looked into.
    pub(crate) fn attachments(&self) -> Result<&'e attachments::Attachments, Gap> {
        Ok(self.prepared.attachments(self.message()?))
    }

    /// The sample message's links, taken apart; [`links::Links::registrable_domains`] names what lists are asked for.
    pub(crate) fn links(&self) -> Result<&'e links::Links, Gap> {
        Ok(self.prepared.links(self.message()?))
    }

    /// Who the sample message says it is from.
    pub(crate) fn sender(&self) -> Result<&'e message::sender::Sender, Gap> {
        Ok(self.message()?.sender())
    }

    /// What a scanner engine says of the sample message: `clamd`, `rspamd`, `spamd`.
    pub(crate) fn scan(&self, engine: &'static str) -> Result<scanners::ScanReport, Gap> {
        scanners::read(self, engine)
    }

    /// What the message's one-click address answers; `None` where it offers none.
    pub(crate) fn one_click(&self) -> Result<Option<subscription::one_click::PostReply>, Gap> {
        subscription::one_click::read(self)
    }

    /// Where the message's links lead, as far as was asked.
    pub(crate) fn link_chains(&self) -> Result<&links::chains::LinkChains, Gap> {
        self.cells
            .link_chains
            .get_or_init(|| links::chains::LinkChains::read(self))
            .as_ref()
            .map_err(Gap::clone)
    }

    /// True where links were followed already, as in a replay.
    fn has_followed(&self) -> bool {
        self.evidence.transcripts.keys().any(|question| matches!(question, Question::Head { .. }))
    }

    /// True where a transcript answers the question already, as in a replay.
    fn is_recorded(&self, question: &Question) -> bool {
        self.evidence.transcripts.contains_key(question)
    }

    /// True where the recording holds a dialogue with this host.
    fn has_session(&self, name: &str, wanted: u16) -> bool {
        let is_it = |question: &Question| matches!(question, Question::Smtp { host, port, .. } if host == name && *port == wanted);
        self.evidence.transcripts.keys().any(is_it)
    }

    /// The motives the sample message appeals to.
    pub(crate) fn bait(&self) -> Result<&'e message::bait::Bait, Gap> {
        Ok(self.prepared.bait(self.message()?))
    }

    /// The clock to judge by, seconds since the Unix epoch.
    pub fn now(&self) -> i64 {
        self.evidence.taken_at
    }

    /// The audited domain; a message or log alone can be audited without one.
    pub(crate) fn domain(&self) -> Result<&'e Name, Gap> {
        self.evidence.target.domain.as_ref().ok_or(Gap::NotSupplied { what: "domain", flag: "DOMAIN" })
    }

    /// What the audited name is to mail, and so by which rules it is judged.
    ///
    /// # Errors
    /// The answer that would settle it, where it is missing.
    pub(crate) fn role(&self) -> Result<Role, Gap> {
        zone::role::of(self)
    }

    /// The audited domain as a problem's subject.
    pub fn domain_subject(&self) -> Subject {
        match &self.evidence.target.domain {
            Some(name) => Subject::Domain(name.clone()),
            None => Subject::Message,
        }
    }

    /// Aggregates of the logs given.
    pub(crate) fn traffic(&self) -> Result<&'e TrafficSummary, Gap> {
        self.evidence.traffic.as_ref().ok_or(Gap::NotSupplied { what: "mail log", flag: "--log FILE" })
    }

    /// Aggregates of the reports given.
    pub(crate) fn reports(&self) -> Result<&'e ReportSummary, Gap> {
        let missing = Gap::NotSupplied { what: "DMARC report", flag: "--reports PATH" };
        self.evidence.reports.as_ref().ok_or(missing)
    }

    /// What the DNS lists say of the sender.
    pub fn listings(&self) -> &listings::Listings {
        self.cells.listings.get_or_init(|| {
            let lists = listings::asked::lists(self.scope);
            listings::Listings::build(&self.ledger, lists, listings::subjects(self), &listings::Known::new())
        })
    }

    /// The addresses the mail leaves from.
    pub(crate) fn ips(&self) -> Result<&'e [std::net::IpAddr], Gap> {
        match self.evidence.target.ips.as_slice() {
            [] => Err(Gap::NotSupplied { what: "sending address", flag: "--ip IP" }),
            ips => Ok(ips),
        }
    }
}

/// `2026-11-23` of seconds since the epoch, UTC.
pub fn day_of(seconds: i64) -> String {
    let stamp = jiff::Timestamp::from_second(seconds).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    stamp.to_string().chars().take(10).collect()
}
