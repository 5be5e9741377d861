//! Hosts by what they do with a link: shorten, forward, host anyone's pages or
//! pictures, count clicks; top-level domains cheap enough to be thrown away;
//! mail providers anyone can join. Own lists. Matching is on the host or a parent.

use std::sync::LazyLock;

use foldhash::{HashMap, HashSet};

/// Hosts that are looked up by name, because a letter has hundreds of links.
pub(crate) type HostList = LazyLock<HashSet<&'static str>>;

fn list(hosts: &[&'static str]) -> HashSet<&'static str> {
    hosts.iter().copied().collect()
}

/// A host and the names it lies below, from itself upwards.
pub(crate) fn with_parents(host: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(host), |name| {
        memchr::memchr(b'.', name.as_bytes()).map(|dot| &name[dot + 1..])
    })
}

/// Shorteners: the target is hidden until the click.
#[rustfmt::skip]
pub(crate) static SHORTENERS: HostList = HostList::new(|| list(&[
    "t.co", "bit.ly", "bitly.com", "j.mp", "tinyurl.com", "rb.gy", "is.gd", "v.gd", "t.ly", "goo.gl", "ow.ly", "buff.ly",
    "cutt.ly", "shorturl.at", "shorturl.asia", "rebrand.ly", "urlz.fr", "tiny.cc", "bl.ink", "short.io", "s.id", "u.to",
    "soo.gd", "x.co", "mcaf.ee", "adf.ly", "bc.vc", "clck.ru", "qps.ru", "vk.cc", "l.ead.me", "qrco.de", "qr.io",
    "me-qr.com", "linktr.ee", "dub.sh", "tny.im", "snip.ly", "surl.li", "gg.gg", "2u.pw", "n9.cl", "acortar.link", "bitly.ws",
    "encurtador.com.br", "shre.ink", "hotm.art", "kutt.it", "chilp.it", "tr.im", "po.st", "zpr.io",
    "smarturl.it", "geni.us", "hyperurl.co", "shorte.st", "ouo.io", "cli.re", "t2m.io", "lc.chat",
    "urlshortener.me", "rotf.lol", "tinylink.in", "kurzelinks.de", "link.tl", "han.gl", "reurl.cc", "ppt.cc", "lihi.cc",
    "wa.link", "lnkd.in", "trib.al", "dlvr.it", "ift.tt", "spoti.fi", "fb.me", "safecloud.link", "1u.ms", "nip.io", "sslip.io",
]));

/// Deep-link services: they open an app at a place, below a name that its maker registered,
/// and lead nowhere that the maker does not own. No shorteners, whatever the suffix.
#[rustfmt::skip]
pub(crate) static DEEP_LINKS: HostList = HostList::new(|| list(&[
    "app.link", "test-app.link", "onelink.me", "page.link", "maps.app.goo.gl", "photos.app.goo.gl", "app.goo.gl",
    "bnc.lt", "adj.st", "go.link", "smart.link", "sng.link", "spotify.link",
]));

/// Forwarders anyone can use: host, start of the path (empty for any).
#[rustfmt::skip]
pub(crate) const REDIRECTORS: &[(&str, &str)] = &[
    ("google.com", "/url"), ("google.com", "/amp"), ("google.com", "/travel/clk"), ("google.com", "/local_url"),
    ("google.com", "/imgres"), ("google.com", "/pagead/aclk"), ("google.com", "/search"), ("googleadservices.com", ""),
    ("adclick.g.doubleclick.net", ""), ("googleads.g.doubleclick.net", ""), ("ad.doubleclick.net", ""),
    ("notifications.google.com", "/g/p"), ("maps.google.com", "/url"), ("images.google.com", "/url"),
    ("translate.google.com", ""), ("translate.goog", ""), ("cdn.ampproject.org", ""), ("ampproject.org", ""),
    ("bing.com", "/ck/a"), ("bing.com", "/aclick"), ("r.search.yahoo.com", ""), ("search.yahoo.com", "/r"),
    ("duckduckgo.com", "/l/"), ("yandex.com", "/redir"), ("yandex.ru", "/clck"), ("baidu.com", "/link"), ("youtube.com", "/redirect"),
    ("youtube.com", "/attribution_link"), ("l.facebook.com", ""), ("lm.facebook.com", ""), ("facebook.com", "/l.php"),
    ("l.instagram.com", ""), ("linkedin.com", "/slink"), ("linkedin.com", "/redir"), ("l.messenger.com", ""),
    ("deref-web.de", ""), ("deref-gmx.net", ""), ("deref-mail.com", ""), ("away.vk.com", ""), ("vk.com", "/away.php"),
    ("steamcommunity.com", "/linkfilter"), ("out.reddit.com", ""), ("t.umblr.com", ""), ("slack-redir.net", ""),
    ("medium.com", "/r"), ("tiktok.com", "/link"), ("pinterest.com", "/offsite"), ("href.li", ""), ("anon.to", ""),
    ("nullrefer.com", ""), ("dereferer.me", ""), ("web.archive.org", "/web"), ("feedproxy.google.com", ""), ("login.live.com", "/oauth"),
    ("go.pardot.com", ""), ("rover.ebay.com", ""), ("shareasale.com", "/r.cfm"), ("awin1.com", ""), ("clickserve.dartsearch.net", ""),
];

/// Where teams keep documents, forms, surveys and help desks: everyday mail links there, and
/// phishing hides among it, so the link alone says little.
#[rustfmt::skip]
pub(crate) static WORKSPACES: HostList = HostList::new(|| list(&[
    "docs.google.com", "drive.google.com", "sites.google.com", "forms.gle", "forms.office.com", "forms.cloud.microsoft", "1drv.ms",
    "onedrive.live.com", "sharepoint.com", "app.box.com", "dropbox.com", "share.evernote.com", "notion.site", "gitbook.io", "airtable.com",
    "typeform.com", "jotform.com", "jotformeu.com", "formstack.com", "wufoo.com", "surveymonkey.com", "qualtrics.com", "alchemer.com",
    "smartsurvey.co.uk", "lamapoll.de", "forms.yandex.com", "forms.yandex.ru", "zendesk.com", "freshdesk.com", "helpscoutdocs.com",
    "intercom.help", "atlassian.net", "statuspage.io", "myshopify.com", "square.site", "canva.site",
    "my.canva.site", "wordpress.com", "blogspot.com", "readthedocs.io", "github.io", "gitlab.io", "codeberg.page", "appspot.com",
]));

/// Click counters of mailing services: the target is theirs to know, the mail is their customer's.
#[rustfmt::skip]
pub(crate) static COUNTERS: HostList = HostList::new(|| list(&[
    "list-manage.com", "sendgrid.net", "mandrillapp.com", "hubspotlinks.com", "hs-sales-engage.com", "hubspotemail.net", "exct.net",
    "exacttarget.com", "awstrack.me", "mailgun.org", "mailgun.info", "klclick.com", "klclick1.com", "klclick2.com", "klclick3.com",
    "cmail19.com", "cmail20.com", "createsend.com", "createsend1.com", "mjt.lu", "sendibt2.com", "sendibt3.com", "sendibm1.com", "sibforms.com",
    "rs6.net", "constantcontact.com", "acemlna.com", "acemlnb.com", "acemlnc.com", "activehosted.com", "convertkit-mail.com",
    "convertkit-mail2.com", "kit-mail3.com", "beehiiv.com", "substack.com", "getresponse.com", "gr-tracking.com", "crsend.com", "rapidmail.com",
    "emailsys1a.net", "emailsys2a.net", "nl2go.com", "newsletter2go.com", "emarsys.net", "pardot.com", "mktoweb.com", "mkto-sj.com", "en25.com",
    "cordial.io", "braze.com", "iterable.com", "links.iterable.com", "customeriomail.com", "customer.io", "intercom-mail.com", "mlsend.com",
    "mailerlite.com", "ml-trk.com", "inxmail.com", "agnitas.de", "episerver.net", "elaine-asp.de", "evalanche.com", "dotdigital-pages.com",
    "trackedlink.net", "omnisend.com", "sparkpostmail.com", "pstmrk.it", "postmarkapp.com", "elasticemail.com", "mailtrack.io", "yesware.com",
    "outreach.io", "salesloft.com", "apollo.io", "lemlist.com", "mixmax.com", "tipimail.com", "mailpoet.com", "moosend.com", "benchmarkemail.com",
]));

/// Platforms where anyone publishes pages under a shared or generated name. Sources, read 2026-11-30:
/// the private part of publicsuffix.org (the makers say so themselves: 99 of these names), FreePhish
/// (arXiv 2212.02563, 17 site builders), tercmd.com "phishing analysis 2023" (Firebase, Weebly, r2.dev,
/// workers.dev, telegra.ph, dynamic DNS), Trend Micro "IPFS: a new cybercriminal hideout" and
/// spamtitan.com (gateways), safebrowz.com (Vercel, Netlify, Pages, Surge, Render). The other builders
/// and stores are known to hand out such names, and no page on their abuse was read: the link alone
/// says little, and checks ask for a lure beside it.
#[rustfmt::skip]
pub(crate) static FREE_HOSTING: HostList = HostList::new(|| list(&[
    "storage.googleapis.com", "firebasestorage.googleapis.com", "firebaseapp.com", "web.app", "appspot.com",
    "cloudfunctions.net", "run.app", "sites.google.com", "docs.google.com", "drive.google.com", "forms.gle", "script.google.com",
    "googleusercontent.com", "blogspot.com", "s3.amazonaws.com", "amazonaws.com", "awsapprunner.com", "amplifyapp.com",
    "cloudfront.net", "elasticbeanstalk.com", "blob.core.windows.net", "web.core.windows.net", "core.windows.net",
    "azurewebsites.net", "azureedge.net", "azurefd.net", "azurestaticapps.net", "cloudapp.azure.com", "cloudapp.net",
    "pages.dev", "workers.dev", "r2.dev", "trycloudflare.com", "cloudflare-ipfs.com", "cf-ipfs.com", "ipfs.io", "dweb.link", "nftstorage.link", "w3s.link",
    "mypinata.cloud", "pinata.cloud", "ipfs.dweb.link", "infura-ipfs.io", "4everland.io", "4everland.app", "fleek.network", "fleek.xyz",
    "on-fleek.app", "inbrowser.link", "storry.tv", "ipfs.tech", "arweave.net", "ar.io", "irys.xyz", "lighthouse.storage", "fleek.co",
    "fleek.cool", "netlify.app", "netlify.com", "vercel.app", "now.sh", "herokuapp.com", "onrender.com", "render.com", "fly.dev",
    "railway.app", "up.railway.app", "glitch.me", "repl.co", "replit.app", "replit.dev", "github.io", "gitlab.io",
    "surge.sh", "codesandbox.io", "csb.app", "stackblitz.io", "weebly.com", "weeblysite.com", "wixsite.com", "wixstudio.io",
    "editorx.io", "square.site", "godaddysites.com", "webflow.io", "framer.app", "framer.website",
    "framer.ai", "carrd.co", "strikingly.com", "yolasite.com", "jimdosite.com", "jimdofree.com", "webnode.page", "webnode.com",
    "ucraft.site", "mystrikingly.com", "site123.me", "tilda.ws", "notion.site", "gitbook.io", "typeform.com", "jotform.com",
    "jotformeu.com", "forms.office.com", "formstack.com", "wufoo.com", "forms.yandex.com", "forms.yandex.ru", "surveymonkey.com",
    "typedream.app", "softr.app", "bubbleapps.io", "000webhostapp.com", "infinityfreeapp.com", "epizy.com", "rf.gd",
    "42web.io", "byethost.com", "freehosting.com", "tripod.com", "angelfire.com", "geocities.com", "wordpress.com", "my.canva.site",
    "canva.site", "linodeobjects.com", "digitaloceanspaces.com", "ondigitalocean.app", "backblazeb2.com", "wasabisys.com",
    "oraclecloud.com", "myqcloud.com", "aliyuncs.com", "ngrok.io", "ngrok.app", "ngrok-free.app", "duckdns.org", "no-ip.org",
    "ddns.net", "sytes.net", "hopto.org", "zapto.org", "dynu.net", "myftp.org", "serveo.net", "loca.lt", "zendesk.com",
    "freshdesk.com", "yampi.io", "myclickfunnels.com", "clickfunnels.com", "edgeone.app", "edgeone.dev", "deno.dev", "deno.net", "val.run", "lovable.app",
    "bolt.host", "v0.app", "base44.app", "gamma.site", "durable.co", "b12sites.com", "hstn.me", "free.nf", "wuaze.com", "atwebpages.com",
    "altervista.org", "start.page", "bio.link", "taplink.cc", "beacons.ai", "solo.to", "padlet.org", "tiiny.site", "tiiny.host",
    "zapier.app", "glide.page", "appsmith.com", "retool.com", "koyeb.app", "northflank.app", "zeabur.app", "cyclic.app", "adaptable.app",
    "deta.app", "streamlit.app", "hf.space", "gradio.live", "localtunnel.me", "lhr.life", "pinggy.link", "devtunnels.ms", "tunnelmole.net",
    "contabostorage.com", "r2.cloudflarestorage.com", "scw.cloud", "ovh.net", "vultrobjects.com", "idrivee2.com", "filebase.io",
    "azureedge.us", "mailchimpsites.com", "yandexcloud.net", "cdn.discordapp.com", "media.discordapp.net", "raw.githubusercontent.com",
    "b-cdn.net", "storage.bunnycdn.com", "myqnapcloud.com", "hubspotpagebuilder.com",
    "hubspotpagebuilder.eu", "hs-sites.com", "leadpages.co", "unbouncepages.com", "systeme.io", "kartra.com", "flazio.com", "webador.com",
    "simvoly.com", "mobirisesite.com", "umso.co", "nicepage.io", "multiscreensite.com", "xvps.ne.jp", "plesk.page", "cprapid.com",
    "mybluehost.me", "hostingersite.com", "sendfox.com", "telegra.ph", "share.evernote.com", "app.box.com", "1drv.ms",
]));

/// Picture hosts for anyone: a business serves its own pictures.
#[rustfmt::skip]
pub(crate) static FREE_IMAGES: HostList = HostList::new(|| list(&[
    "imgur.com", "ibb.co", "postimg.cc", "postimages.org", "zupimages.net", "top4top.io", "freeimghost.net", "freeimage.host",
    "imgbb.com", "imageshack.com", "imageshack.us", "photobucket.com", "tinypic.com", "prnt.sc", "gyazo.com", "imgbox.com",
    "casimages.com", "hizliresim.com", "pixhost.to", "directupload.net", "via.placeholder.com", "svgsilh.com", "i.redd.it",
    "live.staticflickr.com", "staticflickr.com", "cryptologos.cc", "encrypted-tbn0.gstatic.com", "pbs.twimg.com",
    "ytimg.com", "imgflip.com", "ecp.yusercontent.com", "stripocdn.email", "pngimg.com", "freepnglogos.com", "seeklogo.com",
]));

/// Top-level domains and sub-registries sold for next to nothing that hold little but abuse
/// in mail. Order of magnitude by Spamhaus "most abused TLDs" and Interisle "Phishing
/// Landscape 2025" (shares of reported names, named from memory); the list is our own.
#[rustfmt::skip]
pub(crate) static THROWAWAY_TLDS: HostList = HostList::new(|| list(&[
    "click", "xyz", "icu", "top", "cfd", "sbs", "beauty", "rest", "quest", "cyou", "buzz", "monster", "bond", "pw", "tk", "ml", "ga", "cf",
    "gq", "loan", "men", "win", "bid", "stream", "download", "racing", "review", "party", "science", "date", "faith", "cricket",
    "accountant", "country", "gdn", "hair", "skin", "makeup", "mom", "lol", "pics", "boats", "autos", "homes", "motorcycles", "yachts",
    "tattoo", "uno", "vip", "wang", "ren", "kim", "zip", "mov", "rodeo", "surf", "lat", "fit", "co.ua", "za.com", "sa.com", "ru.com",
    "uk.com", "us.com", "eu.com", "de.com", "za.bz", "in.net", "biz.id", "my.id", "web.id", "claims", "cam", "locker", "help", "qpon",
    "christmas", "feedback", "forsale", "lifestyle",
]));

/// As cheap and as full of abuse, and the home of many a shop of its own name.
#[rustfmt::skip]
pub(crate) static SHOP_TLDS: HostList = HostList::new(|| list(&[
    "world", "shop", "site", "online", "store", "life", "live", "fun", "space", "website", "best", "host", "press", "today", "link", "work",
    "club", "casa", "gives", "support", "llc", "trade",
]));

/// Cheap as well, and home to many a shop, studio and club: a stranger's name there is worth a
/// word, no alarm.
#[rustfmt::skip]
pub(crate) static CHEAP_TLDS: HostList = HostList::new(|| list(&[
    "ink", "bio", "art", "one", "email", "ltd", "directory", "digital", "guru", "ninja", "run", "fyi", "zone", "center", "services",
]));

/// Anyone's mailbox.
#[rustfmt::skip]
pub(crate) const FREE_MAIL: &[&str] = &[
    "gmail.com", "googlemail.com", "yahoo.com", "yahoo.co.uk", "yahoo.fr", "yahoo.de", "yahoo.co.jp", "yahoo.es", "yahoo.it",
    "yahoo.com.br", "yahoo.co.in", "yahoo.ca", "ymail.com", "rocketmail.com", "hotmail.com", "hotmail.co.uk", "hotmail.fr",
    "hotmail.de", "hotmail.es", "hotmail.it", "outlook.com", "outlook.fr", "outlook.de", "outlook.es", "live.com", "live.co.uk",
    "live.fr", "msn.com", "aol.com", "aim.com", "gmx.de", "gmx.net", "gmx.com", "gmx.at", "gmx.ch", "gmx.us", "web.de", "t-online.de",
    "freenet.de", "firemail.de", "mail.com", "email.com", "usa.com", "consultant.com", "accountant.com", "post.com", "europe.com",
    "asia.com", "dr.com", "mail.ru", "bk.ru", "inbox.ru", "list.ru", "yandex.ru", "yandex.com", "rambler.ru", "proton.me",
    "protonmail.com", "pm.me", "tutanota.com", "tuta.io", "icloud.com", "me.com", "mac.com", "zoho.com", "zohomail.eu", "zohomail.com",
    "qq.com", "163.com", "126.com", "sina.com", "sohu.com", "aliyun.com", "foxmail.com", "139.com", "naver.com", "hanmail.net",
    "daum.net", "rediffmail.com", "libero.it", "virgilio.it", "tiscali.it", "alice.it", "laposte.net", "orange.fr", "wanadoo.fr",
    "free.fr", "sfr.fr", "bol.com.br", "uol.com.br", "terra.com.br", "ig.com.br", "globo.com", "seznam.cz", "centrum.cz", "wp.pl",
    "o2.pl", "onet.pl", "interia.pl", "op.pl", "abv.bg", "ukr.net", "i.ua", "mynet.com", "inbox.lv", "fastmail.com", "hushmail.com",
    "cock.li", "gawab.com", "excite.com", "lycos.com", "comcast.net", "att.net", "verizon.net", "cox.net", "btinternet.com", "2980.com",
];

/// The entry that the host is or lies below.
pub(crate) fn below(host: &str, list: &HostList) -> Option<&'static str> {
    with_parents(host).find_map(|name| list.get(name).copied())
}

/// The throw-away domain a host lies in; deep-link services lie in none.
pub(crate) fn throwaway(host: &str) -> Option<&'static str> {
    under(host, &THROWAWAY_TLDS)
}

/// The domain of shops and of abuse a host lies in.
pub(crate) fn shop(host: &str) -> Option<&'static str> {
    under(host, &SHOP_TLDS)
}

/// The cheap domain a host lies in.
pub(crate) fn cheap(host: &str) -> Option<&'static str> {
    under(host, &CHEAP_TLDS)
}

fn under(host: &str, list: &HostList) -> Option<&'static str> {
    // What is judged as something else is judged once.
    if [&DEEP_LINKS, &SHORTENERS, &WORKSPACES].iter().any(|list| below(host, list).is_some()) {
        return None;
    }
    with_parents(host).skip(1).find_map(|name| list.get(name).copied())
}

/// True for a forwarder's host and path.
pub(crate) fn is_redirector(host: &str, path: &str) -> bool {
    static STARTS: LazyLock<HashMap<&str, Vec<&str>>> = LazyLock::new(|| {
        let mut starts: HashMap<_, Vec<_>> = HashMap::default();
        for (name, start) in REDIRECTORS {
            starts.entry(*name).or_default().push(*start);
        }
        starts
    });
    let google = national(host, "google").then_some("google.com");
    with_parents(host)
        .chain(google)
        .filter_map(|name| STARTS.get(name))
        .any(|starts| starts.iter().any(|start| path.starts_with(start)))
}

/// `www.google.co.uk`, `google.de`.
fn national(host: &str, label: &str) -> bool {
    let host = host.strip_prefix("www.").unwrap_or(host);
    host.strip_prefix(label).and_then(|rest| rest.strip_prefix('.')).is_some_and(|suffix| suffix.len() <= 6)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matching_is_by_label() {
        assert_eq!(below("x.bit.ly", &SHORTENERS), Some("bit.ly"));
        assert_eq!(below("rabbit.ly", &SHORTENERS), None);
        assert_eq!((throwaway("a.b.icu"), shop("a.b.shop")), (Some("icu"), Some("shop")));
        assert_eq!((shop("shop.app.link"), shop("jane.notion.site")), (None, None));
        assert_eq!(throwaway("workshop.example"), None);
        assert!(is_redirector("www.google.co.uk", "/url"));
        assert!(!is_redirector("www.google.co.uk", "/maps"));
    }
}
