//! The flags that name scanner engines, shared by the commands that take a message.

use clap::Args;

/// Engines to ask about the message. It is sent there and nowhere else.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Scanner engines")]
pub struct ScannerArgs {
    /// Ask this clamd about malware: HOST:PORT or the path of its socket
    #[arg(long, value_name = "ADDR", hide_short_help = true)]
    pub clamd: Option<String>,
    /// Ask this rspamd for its score
    #[arg(long, value_name = "URL", hide_short_help = true)]
    pub rspamd: Option<String>,
    /// Ask this spamd (SpamAssassin) for its score: HOST:PORT or the path of its socket
    #[arg(long, value_name = "ADDR", hide_short_help = true)]
    pub spamd: Option<String>,
}

impl ScannerArgs {
    /// As `Scope::scanners` wants them.
    pub fn specs(&self) -> Vec<String> {
        let engines = [("clamd", &self.clamd), ("rspamd", &self.rspamd), ("spamd", &self.spamd)];
        engines
            .into_iter()
            .filter_map(|(name, address)| Some(format!("{name}={}", address.as_ref()?)))
            .collect()
    }
}
