//! Words that a query is not about. Dropping them is worth 4 to 6 points of recall on talk.

use super::stem::Language;
use rust_stemmers::Algorithm;

/// The stop words of a language, sorted, as words before stemming; none where none are listed.
pub(super) fn of(language: Language) -> &'static [&'static str] {
    match language.0 {
        Some(Algorithm::English) => ENGLISH,
        Some(Algorithm::German) => GERMAN,
        Some(Algorithm::French) => FRENCH,
        Some(Algorithm::Spanish) => SPANISH,
        Some(Algorithm::Italian) => ITALIAN,
        Some(Algorithm::Portuguese) => PORTUGUESE,
        Some(Algorithm::Dutch) => DUTCH,
        Some(Algorithm::Swedish) => SWEDISH,
        Some(Algorithm::Danish) => DANISH,
        Some(Algorithm::Norwegian) => NORWEGIAN,
        _ => &[],
    }
}

#[rustfmt::skip]
const ENGLISH: &[&str] = &[
    "a", "about", "above", "after", "again", "all", "also", "am", "an", "and", "any", "are", "as", "at", "be",
    "because", "been", "before", "being", "below", "between", "both", "but", "by", "can", "could", "did",
    "do", "does", "doing", "done", "down", "during", "each", "ever", "few", "for", "from", "further", "get",
    "got", "had", "has", "have", "having", "he", "her", "here", "hers", "herself", "him", "himself", "his",
    "how", "i", "if", "in", "into", "is", "it", "its", "itself", "just", "let", "many", "me", "might",
    "more", "most", "much", "must", "my", "myself", "no", "nor", "not", "of", "off", "on", "once", "only",
    "or", "other", "our", "ours", "ourselves", "out", "over", "own", "same", "shall", "she", "should", "so",
    "some", "such", "than", "that", "the", "their", "theirs", "them", "themselves", "then", "there", "these",
    "they", "this", "those", "through", "to", "too", "under", "until", "up", "upon", "us", "very", "was",
    "we", "were", "what", "when", "where", "which", "while", "who", "whom", "whose", "why", "will", "with",
    "would", "you", "your", "yours", "yourself", "yourselves",
];

#[rustfmt::skip]
const GERMAN: &[&str] = &[
    "aber", "alle", "allem", "allen", "aller", "alles", "als", "also", "am", "an", "auch", "auf", "aus",
    "bei", "bin", "bis", "bist", "da", "damit", "dann", "das", "dass", "dein", "deine", "dem", "den", "der",
    "des", "dich", "die", "dies", "diese", "diesem", "diesen", "dieser", "dieses", "dir", "doch", "dort",
    "du", "durch", "ein", "eine", "einem", "einen", "einer", "eines", "er", "es", "euch", "euer", "eure",
    "für", "gegen", "habe", "haben", "hat", "hatte", "hatten", "hier", "hinter", "ich", "ihm", "ihn", "ihnen",
    "ihr", "ihre", "ihrem", "ihren", "ihrer", "im", "in", "ist", "ja", "jede", "jedem", "jeden", "jeder",
    "jedes", "kann", "kein", "keine", "können", "man", "mein", "meine", "mich", "mir", "mit", "nach", "nicht",
    "noch", "nun", "nur", "ob", "oder", "ohne", "sehr", "sein", "seine", "sich", "sie", "sind", "so", "soll",
    "um", "und", "uns", "unser", "unsere", "unter", "vom", "von", "vor", "wann", "war", "waren", "warum",
    "was", "weil", "welche", "welcher", "welches", "wem", "wen", "wenn", "wer", "werden", "wessen", "wie",
    "wir", "wird", "wo", "woher", "wohin", "würde", "zu", "zum", "zur", "über",
];

#[rustfmt::skip]
const FRENCH: &[&str] = &[
    "a", "ai", "ainsi", "alors", "as", "au", "aux", "avec", "avez", "avons", "c", "ce", "ces", "cet", "cette",
    "combien", "comme", "comment", "d", "dans", "de", "des", "dont", "du", "elle", "elles", "en", "est", "et",
    "eu", "il", "ils", "j", "je", "l", "la", "le", "les", "leur", "leurs", "lui", "là", "m", "ma", "mais",
    "me", "mes", "moi", "mon", "n", "ne", "ni", "nos", "notre", "nous", "on", "ont", "ou", "où", "par", "pas",
    "pour", "pourquoi", "qu", "quand", "que", "quel", "quelle", "quelles", "quels", "qui", "quoi", "s", "sa",
    "sans", "se", "sera", "ses", "si", "son", "sont", "sous", "sur", "t", "ta", "te", "tes", "toi", "ton",
    "tu", "un", "une", "vos", "votre", "vous", "y", "étaient", "étais", "était", "été", "être",
];

#[rustfmt::skip]
const SPANISH: &[&str] = &[
    "a", "al", "algo", "ante", "antes", "aunque", "cada", "como", "con", "contra", "cual", "cuales", "cuando",
    "cuanto", "cuál", "cuáles", "cuándo", "cuánto", "cómo", "de", "del", "desde", "donde", "durante", "dónde",
    "e", "el", "ella", "ellas", "ellos", "en", "entre", "era", "eran", "es", "esa", "esas", "ese", "eso",
    "esos", "esta", "estas", "este", "esto", "estos", "está", "están", "fue", "fueron", "ha", "han", "hasta",
    "hay", "la", "las", "le", "les", "lo", "los", "me", "mi", "mis", "muy", "más", "mí", "nada", "ni", "no",
    "nos", "nosotros", "o", "os", "otra", "otro", "para", "pero", "por", "porque", "que", "quien", "quienes",
    "quién", "qué", "se", "sea", "ser", "si", "sido", "sin", "sobre", "son", "su", "sus", "sí", "también",
    "te", "tiene", "tu", "tus", "tú", "un", "una", "uno", "unos", "y", "ya", "yo", "él",
];

#[rustfmt::skip]
const ITALIAN: &[&str] = &[
    "a", "ad", "agli", "ai", "al", "alla", "alle", "allo", "anche", "avere", "c", "che", "chi", "ci", "come",
    "con", "cosa", "cui", "d", "da", "dagli", "dai", "dal", "dalla", "dalle", "degli", "dei", "del", "dell",
    "della", "delle", "dello", "di", "dove", "e", "ed", "era", "erano", "essere", "fra", "gli", "ha", "hai",
    "hanno", "ho", "i", "il", "in", "io", "l", "la", "le", "lei", "li", "lo", "loro", "lui", "m", "ma", "me",
    "mi", "mia", "mie", "miei", "mio", "ne", "negli", "nei", "nel", "nella", "nelle", "noi", "non", "nostra",
    "nostro", "o", "per", "perché", "però", "più", "qual", "quale", "quali", "quando", "quanto", "quella",
    "quelle", "quelli", "quello", "questa", "queste", "questi", "questo", "qui", "s", "sei", "si", "sia",
    "sono", "su", "sua", "sue", "sugli", "sui", "sul", "sulla", "sulle", "suo", "suoi", "t", "ti", "tra",
    "tu", "tua", "tuo", "un", "una", "uno", "v", "vi", "voi", "è",
];

#[rustfmt::skip]
const PORTUGUESE: &[&str] = &[
    "a", "ao", "aos", "as", "até", "com", "como", "da", "das", "de", "dela", "dele", "deles", "depois", "do",
    "dos", "e", "ela", "elas", "ele", "eles", "em", "entre", "era", "eram", "essa", "esse", "esta", "este",
    "está", "eu", "foi", "foram", "há", "isso", "isto", "já", "lhe", "mais", "mas", "me", "meu", "minha",
    "muito", "na", "nas", "nem", "no", "nos", "nossa", "nosso", "num", "numa", "não", "nós", "o", "onde",
    "os", "ou", "para", "pela", "pelo", "por", "porque", "quais", "qual", "quando", "quanto", "que", "quem",
    "quê", "se", "sem", "ser", "seu", "sua", "são", "só", "também", "te", "tem", "tu", "um", "uma", "você",
    "vocês", "às", "é",
];

#[rustfmt::skip]
const DUTCH: &[&str] = &[
    "aan", "al", "als", "altijd", "andere", "ben", "bij", "daar", "dan", "dat", "de", "deze", "die", "dit",
    "doen", "door", "dus", "een", "en", "er", "ge", "geen", "had", "heb", "hebben", "heeft", "hem", "het",
    "hier", "hij", "hoe", "hun", "iemand", "ik", "in", "is", "ja", "je", "jij", "jou", "jouw", "kan", "kon",
    "maar", "me", "meer", "men", "met", "mij", "mijn", "naar", "niet", "nog", "nu", "of", "om", "omdat",
    "ons", "onze", "ook", "op", "over", "te", "tot", "u", "uit", "uw", "van", "veel", "voor", "waar",
    "waarom", "wanneer", "waren", "was", "wat", "we", "wel", "welk", "welke", "werd", "wie", "wij", "wil",
    "worden", "wordt", "zal", "ze", "zich", "zij", "zijn", "zo", "zou",
];

#[rustfmt::skip]
const SWEDISH: &[&str] = &[
    "alla", "att", "av", "blev", "bli", "blir", "både", "de", "dem", "den", "denna", "deras", "dess", "det",
    "detta", "dig", "din", "dina", "ditt", "du", "där", "då", "efter", "ej", "eller", "en", "er", "era",
    "ert", "ett", "från", "för", "ha", "hade", "han", "hans", "har", "henne", "hennes", "hon", "honom", "hur",
    "här", "i", "in", "inte", "jag", "kan", "man", "med", "mig", "min", "mina", "mitt", "mot", "mycket", "ni",
    "nu", "när", "något", "och", "om", "oss", "på", "sedan", "sig", "sin", "sina", "skulle", "som", "så",
    "till", "under", "upp", "ut", "vad", "var", "vara", "varför", "varit", "vart", "vem", "vems", "vi", "vid",
    "vilka", "vilken", "vilket", "än", "är",
];

#[rustfmt::skip]
const DANISH: &[&str] = &[
    "af", "alle", "alt", "anden", "at", "blev", "blive", "bliver", "da", "de", "dem", "den", "denne", "der",
    "deres", "det", "dette", "dig", "din", "dine", "dit", "du", "efter", "eller", "en", "end", "er", "et",
    "for", "fra", "ham", "han", "hans", "har", "havde", "hende", "hendes", "her", "hun", "hvad", "hvem",
    "hvis", "hvor", "hvordan", "hvorfor", "hvornår", "i", "ikke", "ind", "jeg", "jer", "jeres", "kan", "man",
    "med", "meget", "men", "mig", "min", "mine", "mit", "ned", "nu", "når", "og", "også", "om", "op", "os",
    "på", "sig", "sin", "sine", "skal", "som", "så", "til", "ud", "under", "var", "vi", "vil", "være",
    "været",
];

#[rustfmt::skip]
const NORWEGIAN: &[&str] = &[
    "alle", "at", "av", "ble", "blir", "da", "de", "deg", "dem", "den", "denne", "der", "deres", "det",
    "dette", "din", "dine", "ditt", "du", "eller", "en", "enn", "er", "et", "etter", "for", "fra", "hadde",
    "ham", "han", "hans", "har", "henne", "hennes", "her", "hun", "hva", "hvem", "hvis", "hvor", "hvordan",
    "hvorfor", "i", "ikke", "inn", "jeg", "kan", "man", "med", "meg", "men", "min", "mine", "mitt", "mot",
    "nå", "når", "og", "også", "om", "opp", "oss", "på", "seg", "sin", "sine", "skal", "som", "så", "til",
    "under", "ut", "var", "ved", "vi", "vil", "være", "vært",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_list_is_sorted_for_the_search() {
        let all = [ENGLISH, GERMAN, FRENCH, SPANISH, ITALIAN, PORTUGUESE, DUTCH, SWEDISH, DANISH, NORWEGIAN];
        assert!(all.iter().all(|words| words.is_sorted()));
    }
}
