"""The words of a site's frame, per language: navigation, footer, cookies, small labels."""

NAV = {
    "sv": {
        "kommun": ["Bygga, bo och miljö", "Barn och utbildning", "Omsorg och hjälp", "Uppleva och göra",
                   "Trafik och infrastruktur", "Näringsliv och arbete", "Kommun och politik", "E-tjänster"],
        "region": ["Hälsa och vård", "Regional utveckling", "Kultur", "Kollektivtrafik", "Jobba hos oss",
                   "Demokrati och insyn", "Press"],
        "myndighet": ["Våra områden", "Stöd och bidrag", "Föreskrifter", "Publikationer", "Statistik",
                      "Om myndigheten", "Kontakta oss", "Aktuellt"],
        "tidning": ["Nyheter", "Sport", "Kultur", "Ledare", "Insändare", "Familj", "Korsord", "E-tidning"],
        "universitet": ["Utbildning", "Forskning", "Samverkan", "Bibliotek", "Student", "Medarbetare", "Om oss"],
        "foretag": ["Produkter", "Tjänster", "Branscher", "Hållbarhet", "Karriär", "Investerare", "Kontakt"],
        "forening": ["Hem", "Om föreningen", "Kalender", "Bli medlem", "Styrelsen", "Bilder", "Länkar"],
    },
    "no": {
        "kommun": ["Barnehage og skole", "Helse og omsorg", "Plan, bygg og eiendom", "Kultur og fritid",
                   "Natur og miljø", "Politikk og organisasjon", "Ledige stillinger", "Skjema"],
        "myndighet": ["Tema", "Tilskudd", "Regelverk", "Rapporter", "Om oss", "Kontakt"],
        "tidning": ["Nyheter", "Sport", "Kultur", "Meninger", "Dødsfall", "Kundeservice"],
    },
    "da": {
        "kommun": ["Borger", "Erhverv", "Politik", "Oplev kommunen", "Ledige stillinger", "Nyheder", "Selvbetjening"],
        "myndighet": ["Emner", "Tilskud", "Love og regler", "Udgivelser", "Om styrelsen", "Kontakt"],
        "tidning": ["Seneste", "Sport", "Navne", "Debat", "Erhverv", "Abonnement"],
    },
    "fi": {
        "kommun": ["Asuminen ja ympäristö", "Kasvatus ja koulutus", "Kulttuuri ja vapaa-aika", "Sote-palvelut",
                   "Työ ja yrittäminen", "Päätöksenteko", "Asiointi"],
        "myndighet": ["Palvelut", "Rahoitus", "Tilastot", "Julkaisut", "Tietoa meistä", "Ajankohtaista"],
        "foretag": ["Tuotteet", "Palvelut", "Referenssit", "Yritys", "Ura", "Ota yhteyttä"],
    },
    "en": {
        "kommun": ["Council tax", "Planning and building", "Rubbish and recycling", "Schools", "Libraries",
                   "Your council", "Jobs"],
        "myndighet": ["Guidance", "Grants", "Research and statistics", "News", "About us", "Contact"],
        "universitet": ["Study", "Research", "Collaborate", "About", "Library", "News", "Staff"],
        "foretag": ["Products", "Solutions", "Support", "Sustainability", "Careers", "Investors", "Contact"],
        "tidning": ["Home", "News", "Sport", "Opinion", "Business", "Culture", "Subscribe"],
    },
}  # fmt: skip

COOKIES = {
    "sv": ["Vi använder kakor (cookies) för att webbplatsen ska fungera så bra som möjligt för dig. Godkänn alla "
           "kakor Endast nödvändiga Inställningar",
           "Den här webbplatsen använder cookies. Läs mer om hur vi hanterar cookies. Jag förstår",
           "Vi och våra partner lagrar och får åtkomst till information på din enhet. Godkänn Avvisa Hantera val"],
    "no": ["Vi bruker informasjonskapsler for å gi deg en bedre opplevelse. Godta alle Bare nødvendige"],
    "da": ["Vi bruger cookies til statistik og til at forbedre hjemmesiden. Tillad alle Afvis Vis detaljer"],
    "fi": ["Käytämme sivustolla evästeitä. Hyväksy kaikki Vain välttämättömät Asetukset"],
    "en": ["We use some essential cookies to make this website work. Accept additional cookies Reject View cookies",
           "This site uses cookies to analyse traffic. By continuing you agree to our policy. OK"],
}  # fmt: skip

LABELS = {
    "sv": {"skip": "Hoppa till innehåll", "search": "Sök", "menu": "Meny", "home": "Startsida", "login": "Logga in",
           "updated": "Senast uppdaterad", "share": "Dela sidan", "contact": "Kontakt", "news": "Senaste nytt",
           "related": "Relaterad information", "listen": "Lyssna", "print": "Skriv ut", "more": "Läs mer",
           "about": "Om webbplatsen", "access": "Tillgänglighetsredogörelse", "helpful": "Hjälpte informationen dig?",
           "user": "Användarnamn", "password": "Lösenord", "popular": "Populära sidor", "welcome": "Välkommen till"},
    "no": {"skip": "Hopp til innhold", "search": "Søk", "menu": "Meny", "home": "Forside", "login": "Logg inn",
           "updated": "Sist oppdatert", "share": "Del siden", "contact": "Kontakt oss", "news": "Siste nytt",
           "related": "Les også", "listen": "Lytt", "print": "Skriv ut", "more": "Les mer", "about": "Om nettstedet",
           "access": "Tilgjengelighetserklæring", "helpful": "Fant du det du lette etter?", "user": "Brukernavn",
           "password": "Passord", "popular": "Mye brukt", "welcome": "Velkommen til"},
    "da": {"skip": "Spring til indhold", "search": "Søg", "menu": "Menu", "home": "Forside", "login": "Log ind",
           "updated": "Sidst opdateret", "share": "Del siden", "contact": "Kontakt", "news": "Nyheder",
           "related": "Læs også", "listen": "Læs op", "print": "Udskriv", "more": "Læs mere",
           "about": "Om hjemmesiden", "access": "Tilgængelighedserklæring", "helpful": "Fandt du det, du søgte?",
           "user": "Brugernavn", "password": "Adgangskode", "popular": "Mest besøgte", "welcome": "Velkommen til"},
    "fi": {"skip": "Siirry sisältöön", "search": "Hae", "menu": "Valikko", "home": "Etusivu", "login": "Kirjaudu",
           "updated": "Päivitetty", "share": "Jaa sivu", "contact": "Yhteystiedot", "news": "Ajankohtaista",
           "related": "Lue myös", "listen": "Kuuntele", "print": "Tulosta", "more": "Lue lisää",
           "about": "Tietoa sivustosta", "access": "Saavutettavuusseloste", "helpful": "Löysitkö etsimäsi?",
           "user": "Käyttäjätunnus", "password": "Salasana", "popular": "Suosituimmat", "welcome": "Tervetuloa:"},
    "en": {"skip": "Skip to main content", "search": "Search", "menu": "Menu", "home": "Home", "login": "Sign in",
           "updated": "Last updated", "share": "Share this page", "contact": "Contact", "news": "Latest news",
           "related": "Related content", "listen": "Listen", "print": "Print", "more": "Read more",
           "about": "About this site", "access": "Accessibility statement", "helpful": "Is this page useful?",
           "user": "Username", "password": "Password", "popular": "Popular pages", "welcome": "Welcome to"},
}  # fmt: skip
