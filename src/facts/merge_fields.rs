//! Merge fields that a template left behind: `{{name}}`, `*|FNAME|*`, `%%first%%`,
//! `${user.name}`, `[FIRSTNAME]`, "Dear null". Finds them; must not judge.

use std::sync::OnceLock;

use regex::Regex;

/// Where a text stands: what is a leftover in a greeting is code in a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Where {
    Header,
    Text,
    Link,
}

/// Names that only a template gives to a value. `${x}` of a shell script is none.
const NAMES: &str = r"(?:first|last|full|given|family|sur|user|nick|customer|client|contact|recipient|subscriber|member|company|organi[sz]ation|product|order|invoice|account)[ _.-]?(?:name|id|number|email|mail|date|total|no)?|f_?name|l_?name|name|e?mail(?:[ _.-]?address)?|vorname|nachname|anrede|pr[eé]nom|nom|nombre|nome|cognome|voornaam|achternaam|unsubscribe(?:[ _.-]?(?:url|link))?|salutation|greeting";

/// The fields found, as they stand, each once, in order.
pub fn find(text: &str, place: Where) -> Vec<String> {
    // Most texts hold no sign of any of them.
    let signs = ["{{", "*|", "%%", "${", "[", "{%", "<%", "##", "{", "%", "#", "@@"];
    let mut found: Vec<String> = Vec::new();
    if signs.iter().any(|sign| text.contains(sign)) {
        collect(&patterns().fields, text, &mut found);
        if place != Where::Link {
            collect(&patterns().bracketed, text, &mut found);
        }
    }
    if place == Where::Text {
        collect(&patterns().greeting, text, &mut found);
    }
    found
}

fn collect(pattern: &Regex, text: &str, into: &mut Vec<String>) {
    for hit in pattern.find_iter(text).take(50) {
        let hit = hit.as_str().trim().to_owned();
        if !into.contains(&hit) {
            into.push(hit);
        }
    }
}

struct Patterns {
    fields: Regex,
    bracketed: Regex,
    greeting: Regex,
}

fn patterns() -> &'static Patterns {
    static PATTERNS: OnceLock<Patterns> = OnceLock::new();
    PATTERNS.get_or_init(|| {
        let new = |pattern: &str| Regex::new(pattern).expect("a constant pattern, tested");
        Patterns {
            fields: new(&format!(
                r#"(?i)\{{\{{\{{?[#/^&!]?\s*[\p{{L}}_$][^{{}}\n]{{0,60}}\}}?\}}\}}|\*\|[A-Z0-9_:\-]{{2,40}}\|\*|%%[\p{{L}}_][\w.: \-]{{1,40}}%%|\$\{{(?:[\w.]+\.)?(?:{NAMES})\}}|\{{%\s*(?:if|for|else|endif|endfor|set|include|block|assign)\b[^%\n]{{0,80}}%\}}|<%=?\s*[\w.@]+[^%\n]{{0,60}}%>|##[A-Z_]{{3,30}}##|@@[A-Z_]{{3,30}}@@"#
            )),
            bracketed: new(&format!(
                r"(?i)\[\[?(?:your |customer |recipient )?(?:{NAMES})\]?\]|\{{(?:{NAMES})\}}|%(?:{NAMES})%|#(?:first|last|full)[ _-]?name#?"
            )),
            greeting: new(
                r"(?im)^[ \t]*(?:dear|hi|hello|hey|hallo|liebe[rs]?|sehr geehrte[rs]?(?: (?:herr|frau))?|bonjour|chère?|hola|estimad[oa]|querid[oa]|ciao|gentile|car[oa]|beste|geachte|olá|prezad[oa])[ \t]+(?:(?:null|undefined|none|nan|n/a|nil|%s|\[object object\]|first ?name|fname)\b[^\n]{0,3}|,[ \t]*$)",
            ),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leftovers_are_found_and_prose_is_not() {
        let in_text = |text: &str| find(text, Where::Text);
        assert_eq!(in_text("Hi {{first_name|default:x}}!"), ["{{first_name|default:x}}"]);
        assert_eq!(
            in_text("*|LIST:COMPANY|* %%EmailAddr%% [First Name]"),
            ["*|LIST:COMPANY|*", "%%EmailAddr%%", "[First Name]"]
        );
        assert_eq!(in_text("Dear undefined,"), ["Dear undefined,"]);
        assert_eq!(in_text("Hallo ,\nIhre Bestellung"), ["Hallo ,"]);
        assert!(in_text("Dear Nullmeyer, [1] {x} 100% of 50% ${HOME} C# and #1, a [sic] b").is_empty());
        assert_eq!(find("https://example.com/?m=%%id_x%%", Where::Link), ["%%id_x%%"]);
        assert!(find("https://example.com/%20name%20x?[name]", Where::Link).is_empty());
    }
}
