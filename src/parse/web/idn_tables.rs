//! Tables of the display policy in `idn`: which letters look alike. Data only.
//! Source: Chromium docs/idn.md and UTS 39 confusables (read 2026-11-23).

use std::ops::RangeInclusive;

use unicode_script::Script;

/// A script, its letters with a Latin twin, and the top-level domains where
/// words written only with those are at home.
pub(super) struct WholeScript {
    pub script: Script,
    pub lookalikes: &'static str,
    pub home: &'static [&'static str],
}

const fn whole(script: Script, lookalikes: &'static str, home: &'static [&'static str]) -> WholeScript {
    WholeScript { script, lookalikes, home }
}

pub(super) static WHOLE_SCRIPTS: &[WholeScript] = &[
    whole(Script::Armenian, "ագզէլհյոսւօՙ", &["am", "հայ"]),
    whole(Script::Cyrillic, "аысԁеԍһіюјӏорԗԛѕԝхуъьҽпгѵѡ", &["bg", "by", "kz", "pyc", "ru", "su", "ua", "uz"]),
    whole(Script::Ethiopic, "ሀሠሰስበነተከዐዕዘጠፐꬅ", &["er", "et"]),
    whole(Script::Georgian, "იოყძხჽჿ", &["ge", "გე"]),
    whole(Script::Greek, "αικνρυωηοτ", &["gr", "ελ"]),
    whole(Script::Hebrew, "דוחיןסװײ׳ﬦ", &["il"]),
    whole(Script::Bengali, "০৭", &[]),
    whole(Script::Devanagari, "ऽ०ॱ", &[]),
    whole(Script::Gujarati, "ડટ૦ૡ", &[]),
    whole(Script::Gurmukhi, "੦੧", &[]),
    whole(Script::Kannada, "ಽ೦೧", &[]),
    whole(Script::Malayalam, "ടഠധനറ൦", &[]),
    whole(Script::Oriya, "ଠ୦୮", &[]),
    whole(Script::Tamil, "டப௦", &[]),
    whole(Script::Telugu, "౦౧", &[]),
    whole(Script::Myanmar, "ခဂငဒဝ၀၂ၔၜ\u{1090}\u{1091}\u{1095}\u{1096}\u{1097}", &["mm"]),
    whole(Script::Thai, "ทนบพรหเแ๐ดลปฟม", &["th"]),
];

/// A label of nothing but these and digits passes for a number.
pub(super) const DIGIT_LOOKALIKES: &str = "θ२২੨૨೩೭շзҙӡउওਤ੩૩౩ဒვპੜ੫丩ㄐճ৪੪୫૭୨౨";

/// Blocks of Latin, Greek and Cyrillic that names hardly ever need.
pub(super) static RARE_BLOCKS: &[RangeInclusive<char>] = &[
    '\u{1cd}'..='\u{1dc}',
    '\u{1c80}'..='\u{1c8f}',
    '\u{1e00}'..='\u{1e9b}',
    '\u{1f00}'..='\u{1fff}',
    '\u{a640}'..='\u{a69f}',
    '\u{a720}'..='\u{a7ff}',
];

/// Letters that look like Latin ones on a screen, beyond the UTS 39 list.
pub(super) static CONFUSABLE_EXTRAS: &[(&str, &str)] = &[
    ("æӕ", "ae"),
    ("ϼҏ", "p"),
    ("ħнћңҥӈӊԋԧԩ", "h"),
    ("ĸκкқҝҟҡӄԟ", "k"),
    ("ŋпԥกח", "n"),
    ("œ", "ce"),
    ("ŧтҭԏ七丅丆丁", "t"),
    ("ƅьҍв", "b"),
    ("ωшщพฟພຟ", "w"),
    ("мӎ", "m"),
    ("єҽҿၔ", "e"),
    ("ґ", "r"),
    ("ғӻ", "f"),
    ("ҫင", "c"),
    ("ұ丫", "y"),
    ("χҳӽӿ乂", "x"),
    ("ԃძđ", "d"),
    ("ԍဌ", "g"),
    ("ടรຣຮ", "s"),
    ("၂", "j"),
    ("ø०০੦૦ଠ୦೦", "o"),
    ("৭੧૧", "q"),
    ("บບ", "u"),
    ("ł", "l"),
    ("ı", "i"),
    ("θ", "0"),
    ("२২੨૨೩೭շ", "2"),
    ("зҙӡउওਤ੩૩౩ဒვპ", "3"),
    ("੫丩ㄐճ", "4"),
    ("৪੪୫", "8"),
    ("૭୨౨", "9"),
];
