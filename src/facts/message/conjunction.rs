//! Words that make a crime where they stand close together: a camera, a film, a coin and the friends
//! who shall see it. Finds them; it judges nothing.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

use crate::data::appeals::{self, Family};
use crate::parse::web::lookalike::fold;

/// Bytes of a folded text within which all must stand: a few sentences.
const NEAR: usize = 400;

struct Rule {
    family: &'static Family,
    text: &'static str,
    /// Where its members begin among those of all rules, and how many they are.
    first: usize,
    members: usize,
}

struct Stem {
    rule: usize,
    member: usize,
    word: &'static str,
}

/// A rule whose words stand together.
pub(super) struct Together {
    pub family: &'static Family,
    /// As listed.
    pub rule: &'static str,
    /// The beginnings of words that were seen.
    pub seen: String,
}

struct Finder {
    rules: Vec<Rule>,
    /// Of all rules.
    members: usize,
    /// For each pattern what it is a stem of.
    stems: Vec<Vec<Stem>>,
    search: AhoCorasick,
}

static FINDER: LazyLock<Option<Finder>> = LazyLock::new(|| {
    let mut rules: Vec<Rule> = Vec::new();
    let mut first = 0;
    let mut patterns: Vec<String> = Vec::new();
    let mut stems: Vec<Vec<Stem>> = Vec::new();
    for family in appeals::all() {
        for text in &family.together {
            let members = text.split(" & ");
            for (member, words) in members.clone().enumerate() {
                for word in words.split('|') {
                    let folded = fold(word);
                    let at = patterns.iter().position(|known| *known == folded).unwrap_or_else(|| {
                        patterns.push(folded);
                        stems.push(Vec::new());
                        patterns.len() - 1
                    });
                    stems[at].push(Stem { rule: rules.len(), member, word });
                }
            }
            let rule = Rule { family, text, first, members: members.count() };
            first += rule.members;
            rules.push(rule);
        }
    }
    let search = AhoCorasick::new(&patterns).ok()?;
    Some(Finder { rules, members: first, stems, search })
});

/// Builds the list.
pub(super) fn make_ready() {
    LazyLock::force(&FINDER);
}

/// The rules whose words stand together in a folded text, each once.
pub(super) fn found(text: &str) -> Vec<Together> {
    let Some(finder) = FINDER.as_ref() else { return Vec::new() };
    // One past the place where each member was last seen, and its word; 0 for never.
    let mut last: Vec<(usize, &str)> = vec![(0, ""); finder.members];
    let mut met: Vec<Option<String>> = vec![None; finder.rules.len()];
    for hit in finder.search.find_overlapping_iter(text) {
        // A stem begins a word; a sign such as `€` stands where it will.
        let inside = text.as_bytes().get(hit.start()).is_some_and(u8::is_ascii_punctuation);
        let before = text.get(..hit.start()).and_then(|before| before.chars().next_back());
        if !inside && before.is_some_and(char::is_alphanumeric) {
            continue;
        }
        for Stem { rule, member, word } in finder.stems.get(hit.pattern().as_usize()).into_iter().flatten() {
            let Some(of) = finder.rules.get(*rule) else { continue };
            let Some(places) = last.get_mut(of.first..of.first + of.members) else { continue };
            let place = hit.start() + 1;
            places[*member] = (place, *word);
            let earliest = places.iter().map(|(at, _)| *at).min().unwrap_or_default();
            if met[*rule].is_none() && earliest > 0 && place - earliest <= NEAR {
                met[*rule] = Some(places.iter().map(|(_, word)| *word).collect::<Vec<_>>().join(" ... "));
            }
        }
    }
    let of = |(rule, seen): (&Rule, Option<String>)| {
        Some(Together { family: rule.family, rule: rule.text, seen: seen? })
    };
    finder.rules.iter().zip(met).filter_map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn families(text: &str) -> Vec<&'static str> {
        found(&fold(text)).into_iter().map(|found| found.family.name.as_str()).collect()
    }

    #[test]
    fn words_of_a_crime_are_found_together() {
        for (text, family) in [
            (
                "Mit Ihrer Kamera habe ich Sie gefilmt. Zahlen Sie in Bitcoin, sonst sehen es alle Freunde.",
                "sextortion",
            ),
            ("Kun je vijf cadeaukaarten kopen? Kras de code open. Ik zit in een vergadering.", "gift-cards"),
            ("Ich habe ein neues Konto; mein Gehalt soll ab sofort dorthin überwiesen werden.", "payroll"),
            (
                "Il faut un virement aujourd'hui, c'est confidentiel, pour une acquisition à l'étranger.",
                "wire",
            ),
            ("Our bank account is under audit; make all outstanding payments to our new account.", "wire"),
        ] {
            assert_eq!(families(text), [family], "{text}");
        }
    }

    /// The same crime in the languages it comes in, in sentences that no list has.
    #[test]
    fn crimes_are_found_in_every_language() {
        let of = |family: &str, texts: &[&str]| {
            for text in texts {
                assert!(families(text).contains(&family), "{family}: {text}");
            }
        };
        of(
            "wire",
            &[
                "Eine Zahlung von 42.000 EUR muss heute raus. Das bleibt vertraulich; ich bin in einer Sitzung, bitte nicht anrufen.",
                "The payment of $42,000 must leave today. Tell no one. I am in a meeting, reply only here.",
                "Le virement de 42 000 € part avant midi. Gardez le secret, je suis en réunion.",
                "Serve un bonifico di 42.000 euro entro le 15. Resti riservato, sono in riunione.",
                "Hay que hacer un pago de 42.000 euros hoy. No se lo diga a nadie, estoy en una reunión.",
                "Preciso de um pagamento de 42.000 euros hoje. Mantenha sigilo, estou em reunião.",
                "Er moet vandaag een betaling van 42.000 euro weg. Zeg het niemand, ik zit in een vergadering.",
                "Proszę dziś zlecić przelew na 42 000 zł. Proszę nikomu nie mówić, jestem na spotkaniu.",
            ],
        );
        of(
            "sextortion",
            &[
                "Über die Kamera entstand eine Aufnahme, wie Sie intim sind. 900 Euro in Bitcoin, dann lösche ich alles.",
                "Your camera gave me a video of your intimate moments. Send 900 dollars in crypto.",
                "Votre webcam m'a donné une vidéo intime. Payez 900 euros en crypto.",
                "La webcam mi ha dato un video intimo. Paga 900 euro in bitcoin.",
                "Tu micrófono y un vídeo de tus páginas porno. Paga en bitcoin.",
                "A sua câmera fez um vídeo íntimo. Pague em bitcoin.",
                "Je webcam gaf me beelden bij porno. Betaal in bitcoin.",
                "Kamera ma nagranie przy porno. Zapłać w bitcoinach.",
                "Камера сделала запись при просмотре порно. Переведите биткоины.",
            ],
        );
        of(
            "callback",
            &[
                "Ihr Abonnement: 349 EUR werden abgebucht. Nicht bestellt? Rufen Sie uns zum Stornieren an.",
                "Your membership was renewed and 349 USD charged. If you did not ask for this, call us for a refund.",
                "Votre abonnement : 349 € seront prélevés. Pour annuler, appelez-nous sous 24 heures.",
                "Su suscripción: se cargarán 349 €. Para cancelar, llame en 24 horas.",
                "Abbonamento: Le saranno addebitati 349 €. Per annullare chiami entro oggi.",
                "Sua assinatura: serão cobrados 349. Para cancelar, ligue em 24 horas.",
                "Uw abonnement: 349 euro wordt afgeschreven. Annuleren? Bel ons binnen 24 uur.",
                "Subskrypcja: pobrano 349 zł. Aby anulować, zadzwoń w ciągu 24 godzin.",
            ],
        );
        of(
            "mule",
            &[
                "Nebenjob: Zahlungen kommen auf Ihr Konto, 10 % Provision bleiben Ihnen, den Rest schicken Sie weiter.",
                "Job: payments reach your account, keep 10 % commission and forward the rest.",
                "Emploi : les paiements arrivent sur votre compte, gardez 10 % et reversez le reste.",
                "Trabajo: recibe pagos en su cuenta, una comisión del 10 % y envía el resto.",
                "Lavoro: riceve bonifici sul suo conto, trattiene il 10 % e inoltra il resto.",
            ],
        );
        of(
            "courtship",
            &[
                "My name is Olga, I am 31 years old and lonely. Write me and I send a photo.",
                "Je m'appelle Olga, 31 ans, célibataire. Écris-moi, photo jointe.",
                "Me llamo Olga, 31 años, busco una relación seria. Fotos si respondes.",
            ],
        );
        of(
            "fortune",
            &[
                "You are the winner of the draw. To claim, pay the fee to our agent.",
                "Sie haben gewonnen. Für die Auszahlung zahlen Sie dem Treuhänder die Gebühr.",
                "Su correo fue premiado. Para cobrar, abone los gastos a nuestro agente.",
                "Votre adresse est gagnante. Pour retirer la somme, réglez les frais à l'huissier.",
            ],
        );
    }

    #[test]
    fn honest_letters_of_the_same_matters_are_none() {
        for text in [
            "Ihr Abonnement wurde verlängert, 49 EUR werden am 1. Mai abgebucht. Fragen beantwortet unser Telefon.",
            "Your membership renews on May 1; your card will be charged $49. Manage it in your account.",
            "Die Zahlung von 4.200 EUR ist heute eingegangen, vielen Dank.",
            "The payment of $4,200 arrived today. The quote stays confidential. See you at the meeting.",
            "Stelle frei: Sachbearbeiter Zahlungsverkehr, 40 Stunden, Bewerbung mit Lebenslauf.",
            "My name is Ann, I have worked as a nurse for 12 years and apply for the job. A photo is attached.",
            "Gewinnspiel: Sie haben gewonnen! Das Buch liegt bei uns zur Abholung bereit.",
            "Nowa kamera do nagrań wideo, 20 % taniej.",
        ] {
            assert!(families(text).is_empty(), "{:?}: {text}", families(text));
        }
    }

    #[test]
    fn apart_or_in_part_they_are_nothing() {
        let apart = format!("webcam recorded {} bitcoin friends", "word ".repeat(100));
        for text in [
            apart.as_str(),
            "We have received your new bank details for the salary of November.",
            "Everyone gets a gift card of 50 dollars. Pick yours up at the desk. No codes by mail.",
            "Please make the transfer of 4,210 EUR today, the order is approved.",
            "",
        ] {
            assert!(families(text).is_empty(), "{text}");
        }
    }

    #[test]
    fn every_rule_is_whole() {
        for family in appeals::all() {
            for rule in &family.together {
                assert!(rule.split(" & ").count() >= 4, "{rule}");
                assert!(rule.split(['&', '|']).all(|word| word.trim().chars().count() > 0), "{rule}");
                assert_eq!(*rule, rule.to_lowercase());
            }
        }
    }
}
