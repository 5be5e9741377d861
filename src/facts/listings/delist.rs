//! The way off a list, in the order the steps work.

use super::asked::Asked;
use super::subjects::Identity;
use super::verdict::Hit;
use crate::data::blocklists::About;

/// Steps, first to last. Asking for removal before the cause is gone only makes
/// the next listing last longer.
pub(crate) fn steps(asked: &Asked, hit: &Hit, identity: &Identity) -> Vec<String> {
    let zone = asked.shown();
    let list = asked.list.as_ref();
    let mut steps = vec![cause(asked, hit, identity)];
    let page = list.and_then(|list| list.delist.as_deref());
    let ages_out =
        list.and_then(|list| list.expiry.as_deref()).is_some_and(|e| e.starts_with("expires by itself"));
    match (page, hit.about) {
        (Some(page), About::Network) => steps.push(format!(
            "{page} shows the range; only its owner, your provider, can have it removed: send them the link"
        )),
        (Some(page), _) if ages_out => {
            steps.push(format!("it lapses by itself; {page} says when, and takes a removal request once"))
        }
        (Some(page), _) => steps.push(format!("look {identity} up and ask for removal at {page}")),
        (None, About::Fresh) => steps.push("wait: the listing ends with the name's age".to_owned()),
        (None, _) if list.is_some() => steps
            .push("the operator offers no removal page; the listing goes when the cause has gone".to_owned()),
        (None, _) => steps.push(format!("ask whoever runs {zone} how to be removed")),
    }
    steps.push(format!("check again: mailvet blocklist {identity} --list {zone}"));
    steps
}

fn cause(asked: &Asked, hit: &Hit, identity: &Identity) -> String {
    let means = hit.means.to_lowercase();
    let any = |words: &[&str]| words.iter().any(|word| means.contains(word));
    match hit.about {
        About::Policy => {
            "send through your provider's relay, or get a static address with its own PTR name".to_owned()
        }
        About::Network => {
            format!(
                "it is the neighbourhood of {identity}, not you: ask the provider to act or for another range"
            )
        }
        About::Fresh => "warm the name up slowly, with wanted mail only, while it is young".to_owned(),
        About::Name if any(&["phish", "malware", "botnet", "c&c", "cracked"]) => {
            format!("find what was planted on {identity} (web site, redirector, DNS) and remove it")
        }
        About::Name => format!("stop the mail that carries {identity}, and find who sends it"),
        _ if any(&[
            "xbl",
            "bot",
            "malware",
            "exploit",
            "drone",
            "proxy",
            "trojan",
            "worm",
            "compromised",
        ]) =>
        {
            format!("find and clean the infected machine or account behind {identity} first (NAT included)")
        }
        _ if any(&["auth", "brute", "attack"]) => {
            format!("find what logs in to strangers' servers from {identity}, and stop it")
        }
        _ if any(&["backscatter"]) => {
            "reject unknown recipients in the SMTP dialogue instead of bouncing later".to_owned()
        }
        _ => {
            let operator = asked.operator();
            format!(
                "stop the unwanted mail from {identity}: {operator} saw it; look for trap hits, old lists, hacked accounts"
            )
        }
    }
}
