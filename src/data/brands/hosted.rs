//! Where brands let others publish, and whose services brands use under their own name: data
//! only, see the parent module. Own list, each entry seen in mail of the brand or in its manual
//! (named from memory, not read again).

/// Below these the customers of a brand publish; the brand's name there is an address, no
/// imitation, and the page is not the brand's word either.
#[rustfmt::skip]
pub(super) static TENANTS: &[&str] = &[
    "github.io", "github.dev", "gitlab.io", "githubusercontent.com", "amazonaws.com", "awsapps.com", "cloudfront.net", "myshopify.com",
    "shopifypreview.com", "digitaloceanspaces.com", "ondigitalocean.app", "sharepoint.com", "onmicrosoft.com", "azurewebsites.net",
    "azurefd.net", "azurestaticapps.net", "windows.net", "dynamics.com", "powerappsportals.com", "googleapis.com", "googleusercontent.com",
    "withgoogle.com", "googlegroups.com", "blogspot.com", "appspot.com", "firebaseapp.com", "web.app", "wixsite.com", "wordpress.com",
    "squarespace.com", "webex.com", "zoom.us", "slack.com", "notion.site", "dropboxusercontent.com", "adobeconnect.com", "behance.net",
    "ebaystores.com", "etsy.com", "booking.com", "salesforce.com", "force.com", "herokuapp.com", "oraclecloud.com", "sapjam.com",
];

/// Services that serve pages under the name of the brand that rents them: surveys, help desks,
/// careers, status pages, mail cabinets.
#[rustfmt::skip]
pub(super) static VENDORS: &[&str] = &[
    "qualtrics.com", "medallia.com", "medallia.eu", "surveymonkey.com", "alchemer.com", "confirmit.com", "questionpro.com", "typeform.com",
    "force.com", "salesforce-sites.com", "my.site.com", "my.salesforce.com", "exacttarget.com", "exct.net", "marketingcloudapps.com",
    "sfmc-content.com", "zendesk.com", "freshdesk.com", "intercom.help", "helpshift.com", "statuspage.io", "service-now.com", "atlassian.net",
    "myworkdayjobs.com", "myworkday.com", "workday.com", "greenhouse.io", "lever.co", "icims.com", "taleo.net", "successfactors.com",
    "smartrecruiters.com", "avature.net", "phenompeople.com", "eightfold.ai", "okta.com", "oktapreview.com", "onelogin.com", "auth0.com",
    "adobeaemcloud.com", "adobedemo.com", "omtrdc.net", "2o7.net", "akamaized.net", "akamaihd.net", "edgesuite.net", "edgekey.net",
    "cloudfront.net", "fastly.net", "azureedge.net", "scene7.com", "imgix.net", "cloudinary.com", "narvar.com", "aftership.com", "route.com",
    "parcellab.com", "trustpilot.com", "feefo.com", "bazaarvoice.com", "reviews.io", "yotpo.com", "list-manage.com", "mailchimpapp.com",
    "hubspotpagebuilder.com", "hs-sites.com", "mktoweb.com", "en25.com", "sendgrid.net", "emsecure.net", "emltrk.com", "litmus.com",
    "movableink.com", "liveclicker.net", "eventbrite.com", "cvent.com", "on24.com", "zoom.us", "webex.com", "gotowebinar.com", "vimeo.com",
    "app.link", "onelink.me", "page.link", "adj.st", "bnc.lt",
];

/// Cooperative and public banks: one name, hundreds of houses, each with a domain of its own
/// below its country. Brand, what the domain begins with, the suffix.
pub(super) static HOUSES: &[(&str, &[&str], &str)] = &[
    (
        "Sparkasse",
        &[
            "sparkasse-",
            "spk-",
            "ksk-",
            "kreissparkasse-",
            "stadtsparkasse-",
            "sskm",
            "haspa",
            "naspa",
            "lzo",
        ],
        "de",
    ),
    (
        "Volksbank",
        &[
            "volksbank-",
            "volksbank",
            "vb-",
            "vb",
            "vr-",
            "vrbank",
            "vrb-",
            "voba",
            "raiba",
            "rb-",
            "raiffeisenbank-",
            "vereinigte",
        ],
        "de",
    ),
    ("Sparkasse", &["sparkasse-"], "at"),
    ("Volksbank", &["volksbank-", "rbk-", "raiffeisen-", "rb-"], "at"),
    ("Crédit Agricole", &["ca-"], "fr"),
    ("Caisse d'Epargne", &["caisse-epargne-"], "fr"),
];

/// Words that no house is named by, and that those who pose as one like to add.
#[rustfmt::skip]
pub(super) static NO_HOUSE: &[&str] = &[
    "tan", "login", "online", "banking", "update", "sicher", "service", "kunde", "konto", "verif", "aktual", "app", "info", "support",
    "portal", "secure", "auth", "id", "bestaetig", "freischalt", "sperr", "dienst", "hilfe", "web", "mobil", "digital", "connect",
];
