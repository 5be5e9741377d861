//! What phishing says to be clicked or answered, by motive, in several
//! languages. Own list; lower case, without accents on Latin letters. A phrase
//! proves nothing: only motives that meet with other traits count.

/// Why the reader should act.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Motive {
    /// The account is locked, expiring, was accessed.
    Account,
    /// A prize, a voucher, a reward.
    Prize,
    /// A parcel that waits, customs to pay.
    Parcel,
    /// A bill, a refund, a tax, a fine.
    Payment,
    /// Coins to claim, wallets to validate, easy profit.
    Crypto,
    /// Now or never.
    Urgency,
    /// A heritage, a donation, a fund to be shared.
    AdvanceFee,
    /// A document or message to be seen elsewhere.
    Document,
    /// Dating, potency, cures, bets: the wares of unasked mail.
    Wares,
}

impl Motive {
    pub(crate) fn label(self) -> &'static str {
        match self {
            Motive::Account => "an account in danger",
            Motive::Prize => "a prize",
            Motive::Parcel => "a waiting parcel",
            Motive::Payment => "a payment",
            Motive::Crypto => "coins or wallets",
            Motive::Urgency => "haste",
            Motive::AdvanceFee => "a fortune to share",
            Motive::Document => "a document elsewhere",
            Motive::Wares => "wares of unasked mail",
        }
    }
}

#[rustfmt::skip]
pub(crate) static LURES: &[(Motive, &[&str])] = &[
    (Motive::Account, &[
        "verify your account", "verify your identity", "confirm your identity", "confirm your account", "confirm your information", "update your account",
        "account has been suspended", "account has been limited", "account has been locked", "account will be closed", "account will be suspended", "account suspension",
        "account is locked", "account locked", "temporarily locked", "temporarily suspended", "temporarily restricted", "currently restricted", "has been restricted", "been blocked", "has been suspended", "account shutdown",
        "unusual sign", "unusual activity", "unusual login", "suspicious activity", "suspicious login", "unauthorized access", "someone tried to log", "unrecognized device", "new sign-in", "login attempt",
        "password expir", "password will expire", "password is about to expire", "reset your password", "keep current password", "keep same password", "your mailbox is", "mailbox storage", "mailbox quota", "mailbox is full", "mailbox full", "storage is full", "upgrade your mailbox", "validate your", "re-activate", "reactivate your account", "avoid closure", "avoid suspension",
        "security update", "security alert", "security notice", "security notification", "data breach", "recovery phrase", "verification required", "action required", "action request", "update your kyc", "kyc verification", "update your payment", "billing information", "payment method", "membership has expired", "subscription has expired", "restart your membership", "pending messages", "undelivered messages", "messages are pending", "message pending", "release message", "quarantine",
        "konto wurde gesperrt", "konto gesperrt", "konto wird gesperrt", "konto eingeschrankt", "bestatigen sie ihr", "bestatigen sie ihre", "verifizieren sie", "aktualisieren sie ihre", "ungewohnliche aktivitat", "ihr konto", "sicherheitsverfahren", "pushtan", "photo-tan", "kundenkonto", "identitat bestatigen", "ihre daten",
        "votre compte a ete", "compte suspendu", "compte bloque", "compte sera", "verifiez votre", "confirmez votre", "mettre a jour vos", "activite inhabituelle", "carte vitale", "vos informations", "espace client",
        "su cuenta ha sido", "cuenta suspendida", "cuenta bloqueada", "verifique su", "verificar su cuenta", "confirme su", "confirma tus datos", "actualice su", "actividad inusual", "actividad sospechosa",
        "sua conta foi", "conta suspensa", "conta bloqueada", "conta sera", "confirme seus dados", "atualize seus dados", "atualizacao cadastral", "recadastramento", "acesso suspenso", "modulo de seguranca", "token expirado", "desbloqueio", "regularize", "cnh", "carteira de motorista",
        "il tuo account", "conto e stato", "account sospeso", "account bloccato", "verifica il tuo", "conferma i tuoi dati", "aggiorna i tuoi", "accesso anomalo", "utenza",
        "uw account is", "account geblokkeerd", "rekening geblokkeerd", "bevestig uw", "controleer uw gegevens", "verifieer uw", "bankpas",
        "アカウント", "ご本人確認", "本人確認", "利用制限", "お支払い方法", "不正利用", "不正アクセス", "セキュリティ", "ログイン", "更新手続", "ご利用確認", "カード情報", "確認のお願い", "緊急のご連絡", "重要なお知らせ",
    ]),
    (Motive::Prize, &[
        "you have won", "you've won", "you are a winner", "you are our", "our winner", "winner!", "you have been selected", "you've been selected", "you have been chosen", "you've been chosen", "claim your prize", "claim your reward", "claim your gift", "claim now", "claim your", "gift card", "giftcard", "free gift", "exclusive reward", "loyalty program", "sweepstakes", "lucky winner", "congratulations", "congrats", "your reward", "reward has arrived", "rewards program", "unclaimed reward", "take our survey", "short survey", "30-second survey", "answer a few questions", "confirm receipt", "confirmation needed", "offer expires", "2nd attempt", "3rd attempt", "second attempt", "final notice", "get yours", "free spins", "welcome bonus", "casino bonus", "shipping fee", "lottery", "jackpot",
        "gewinnen sie", "gewonnen", "gewinner", "gewinnspiel", "gutschein", "sie wurden ausgewahlt", "sie sind ausgewahlt", "umfrage", "pramie", "freispiele", "willkommensbonus", "geschenk", "gratis", "kostenlos", "100% kostenlos", "uberraschung", "belohn", "gluckwunsch", "gratulieren", "ihre chance", "deine chance", "exklusives angebot",
        "vous avez gagne", "felicitations", "carte cadeau", "bon d'achat", "sondage", "gagnez", "vous avez ete selectionne", "recompense", "cadeau", "tirage au sort",
        "ha ganado", "has ganado", "felicidades", "enhorabuena", "tarjeta regalo", "tarjeta de regalo", "encuesta", "sorteo", "premio", "ha sido seleccionado", "has sido seleccionado", "recompensa", "reclama hoy",
        "voce ganhou", "parabens", "foi selecionado", "foi sorteado", "premio", "pontos acumulados", "pontos expiram", "pontos para resgate", "milhas", "resgate agora", "resgatar", "pontos livelo", "cashback", "saldo disponivel", "valores disponiveis", "valores a receber",
        "hai vinto", "complimenti", "congratulazioni", "buono regalo", "carta regalo", "sondaggio", "sei stato selezionato", "vincitore",
        "u heeft gewonnen", "je hebt gewonnen", "gefeliciteerd", "cadeaubon", "cadeaukaart", "enquete", "winactie", "prijs gewonnen",
        "当選", "プレゼント", "ポイント失効", "ポイント還元",
    ]),
    (Motive::Parcel, &[
        "your package", "your parcel", "parcel is", "package is", "delivery attempt", "delivery failed", "missed delivery", "missed package", "schedule a redelivery", "redelivery", "unpaid customs", "customs fee", "customs duty", "shipping label", "could not be delivered", "unable to deliver", "pending delivery", "on its way", "tracking number", "parcel no", "been shipment",
        "ihr paket", "dein paket", "lieferhinweis", "zustellung", "paket wartet", "zollgebuhr", "sendung", "paketdienst", "lieferung bestatigen", "warteschleife",
        "votre colis", "votre livraison", "frais de livraison", "frais de douane", "colis en attente", "adresse de livraison",
        "su paquete", "tu paquete", "su envio", "entrega en curso", "gastos de envio", "aduana", "datos de entrega",
        "sua encomenda", "seu pedido", "sua entrega", "encomenda foi taxada", "foi taxado", "fiscalizacao alfandegaria", "alfandega", "taxa de importacao", "mercadoria retida", "objeto retido", "rastreamento", "sua remessa",
        "il tuo pacco", "la tua spedizione", "spedizione in attesa", "pacco in giacenza", "spese doganali",
        "uw pakket", "je pakket", "pakketje", "bezorging", "je bestelling", "verzendkosten",
        "お荷物", "配達", "不在通知", "再配達", "お届け",
    ]),
    (Motive::Payment, &[
        "payment is overdue", "overdue invoice", "outstanding payment", "unpaid invoice", "invoice attached", "attached invoice", "payment has been", "refund", "tax refund", "payment confirmation", "remittance", "wire transfer", "swift copy", "proof of payment", "bank details", "your recent purchase", "auto-renew", "auto renewal", "has been charged", "will be charged", "cancel this order", "cancel subscription", "customer support number", "call us at", "call our", "toll free", "payment update", "pending payment",
        "offene rechnung", "mahnung", "zahlung bestatigen", "ruckerstattung", "auszahlung", "zahlungserinnerung", "zahlungsprufung", "zahlung abschliessen", "schliessen sie die zahlung",
        "facture impayee", "remboursement", "amende", "paiement refuse", "moyen de paiement", "reglement",
        "factura pendiente", "reembolso", "multa", "pago pendiente", "comprobante",
        "boleto", "fatura", "segunda via", "nota fiscal", "multa pendente", "atraso no pagamento", "debito", "protocolo", "processo", "intimacao", "notificacao judicial", "taxas e tributos", "pendencia", "comprovante", "restituicao", "imposto de renda",
        "fattura", "rimborso", "pagamento in sospeso", "multa non pagata",
        "openstaande", "teruggave", "betaling", "aanmaning", "incasso",
        "お支払い", "請求", "還付", "未払い", "税務署", "引き落とし", "お引落",
    ]),
    (Motive::Crypto, &[
        "airdrop", "claim your tokens", "eligible for", "token claim", "claim id", "allocation", "staking", "stake your", "seed phrase", "your wallet", "wallet verification", "verify your wallet", "crypto wallet", "wallet has been", "wallet will be", "your crypto", "unreviewed credits", "your balance", "btc", "xrp", "xlm", "eth rewards", "reward fund", "mining account", "bitcoin", "dein bitcoin", "nft", "web3", "connect your wallet", "validate your wallet", "merge", "migration", "yield", "withdraw", "withdrawal", "kryptowahrung", "criptomoeda", "criptomonedas",
    ]),
    (Motive::Urgency, &[
        "urgent", "immediately", "within 24 hours", "within 48 hours", "24 hours", "48 hours", "72 hours", "act now", "as soon as possible", "last chance", "last chanse", "final warning", "final notice", "expires today", "ending soon", "expiring soon", "before it's too late", "respond by", "hurry", "open immediately", "limited time", "important message", "last warning", "we have been trying", "dringend", "sofort", "letzte", "lauft ab", "beeilen", "umgehend", "in den nachsten", "48 stunden", "24 stunden", "urgence", "derniere chance", "dernier rappel", "sous 24", "sous 48", "des maintenant", "urgente", "inmediatamente", "ultimo aviso", "ultima oportunidade", "lo antes posible", "em 24 horas", "em 72 horas", "imediatamente", "aviso importante", "atencao", "alerta", "lembrete", "entro 24", "entro 48", "ultimo avviso", "subito", "binnen 24", "binnen 48", "laatste", "onmiddellijk", "至急", "緊急", "24時間以内", "期限",
    ]),
    (Motive::AdvanceFee, &[
        "next of kin", "beneficiary", "inheritance", "late client", "deceased client", "deceased", "million dollars", "million usd", "million united states", "us dollars", "usd", "million euro", "fund transfer", "transfer of fund", "unclaimed fund", "your fund", "the fund", "atm card", "bank draft", "cashier check", "compensation fund", "scam victim", "compensation", "donation", "donate", "charity", "god bless", "god fearing", "dying", "cancer", "widow", "orphan", "foundation", "strictly confidential", "utmost confidentiality", "confidential", "mutual benefit", "business proposal", "business proposition", "investment proposal", "investment proposition", "investment opportunity", "loan offer", "apply for a loan", "loan at", "interest rate", "barrister", "attorney", "diplomat", "consignment", "trunk box", "gold dust", "united nation", "world bank", "international monetary fund", "imf", "federal bureau", "fbi", "central bank", "reserve bank", "western union", "moneygram", "minister of", "foreign partner", "trustworthy", "get back to me", "reply to my", "private email", "contact me", "kindly reply", "kindly contact", "your full name", "your full names", "phone number", "dear friend", "dear beneficiary", "my dear", "dearest", "good day", "attention:", "attn:", "i am mr", "i am mrs", "my name is mr", "my name is mrs", "mrs.", "barr.", "rev.", "heritier", "heritage", "don de", "spende", "erbschaft", "herencia", "donacion", "doacao", "donazione", "eredita",
    ]),
    (Motive::Document, &[
        "shared a document", "shared a file", "has shared", "shared with you", "review document", "view document", "check your document", "sign the document", "signature required", "please sign", "completed document", "docusign", "secure document", "secured document", "encrypted message", "secure message", "voice message", "voicemail", "missed call", "fax message", "new fax", "scanned document", "purchase order", "new order", "quotation", "request for quotation", "rfq", "proforma", "payment advice", "salary", "payroll", "bonus letter", "hr department", "benefits", "download attachment", "view attachment", "open the attachment", "dokument ansehen", "document partage", "consulter le document", "ver documento", "visualizar documento", "baixar", "clique aqui", "em anexo", "documento allegato", "bekijk document",
    ]),
    (Motive::Wares, &[
        "hot women", "horny", "sexy", "singles", "lonely", "dating", "hookup", "naughty", "adult", "sex", "penis", "erection", "erektion", "erigiert", "potenz", "viagra", "cialis", "weight loss", "lose weight", "keto", "belly fat", "abnehmen", "gewichtsverlust", "perte de poids", "perder peso", "toenail", "nail fungus", "nagelpilz", "back pain", "nerve pain", "neuropathy", "hearing", "tinnitus", "blood sugar", "diabetes", "joint pain", "hair loss", "wrinkles", "prostate", "male enhancement", "cbd", "timeshare", "solar panels", "photovoltaik", "zonnepanelen", "home warranty", "auto warranty", "gutter", "walk-in", "life insurance", "medicare", "debt relief", "energy saving", "elon musk", "cut your energy", "casino", "bonus", "betting", "partnersuche", "frauen", "madchen", "sex-treffen", "flirt", "russische", "ukrainische", "horoskop", "wahrsag", "engel", "rencontre", "femmes", "mujeres", "chicas", "meiden", "vrouwen", "daten", "profielen", "slaapkamer", "pharmacy", "canvas prints", "photo stick",
    ]),
];
