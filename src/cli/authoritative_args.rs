//! `--authoritative`: the zone's own name servers beside the resolver.

use clap::Args;

use crate::model::{Scope, Topic};

#[derive(Clone, Debug, Default, Args)]
pub struct AuthoritativeArgs {
    /// Ask each name server of the domain's zone too, and compare them with the resolver
    #[arg(long, hide_short_help = true)]
    authoritative: bool,
}

impl AuthoritativeArgs {
    pub fn apply(&self, scope: &mut Scope) {
        scope.authoritative = self.authoritative;
        if self.authoritative {
            scope.topics.insert(Topic::NameServers);
        }
    }

    /// Whether a command of one question judges this check because of the flag.
    pub fn selects(&self, code: &str) -> bool {
        let of_servers = |code| {
            crate::judge::catalog::find(code).is_some_and(|check| check.needs.contains(&Topic::NameServers))
        };
        self.authoritative && of_servers(code)
    }
}
