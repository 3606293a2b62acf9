"""How sites say that a page is not there: sentence patterns, one group of alternatives a language.

Each pattern is for one clean sentence (see `phrases`): no "404", interjection or final stop. It describes the whole
sentence, subject and predicate, so that "service saknas på landsbygden" is none of them.
"""

import re

from linkwatch.core.signs.patterns import any_of

# ---------------------------------------------------------------- Swedish

_SV_THING = (
    r"(?:(?:den|det|denna|detta)(?: här| där)? )?"
    r"(?:(?:begärda|efterfrågade|eftersökta|sökta|önskade|angivna|aktuella|valda) )?"
    r"(?:(?:webb|hem|intranät|innehålls|artikel|informations)?sid(?:a|an|orna)|dokument(?:et)?|fil(?:en)?|artikeln?"
    r"|innehåll(?:et)?|resurs(?:en)?|objekt(?:et)?|(?:webb)?adress(?:en)?|länk(?:en)?|url(?:en|:en)?|nyhet(?:en)?"
    r"|inlägg(?:et)?|evenemang(?:et)?|annons(?:en)?|publikation(?:en)?)"
)
_SV_REACH = any_of(
    "nå", "besöka", "öppna", "komma åt", "komma till", "gå till", "se", "hitta", "visa", "läsa", "hämta",
    "ladda (?:ner|ned)", "titta på",
)  # fmt: skip
_SV_WANTED = (
    r"(?:,? (?:som )?(?:du|ni|vi) (?:nu )?(?:"
    rf"(?:försöker|försökte|vill|ville|önskar|önskade|tänkte) (?:att )?{_SV_REACH}"
    r"|(?:har )?sök(?:er|te|t)(?: efter)?|leta(?:r|de) efter|(?:har )?begär(?:de|t)?|efterfråga(?:r|de|t)"
    r"|(?:har )?(?:angav|angett|angivit|skrev|skrivit)(?: in)?|(?:har )?klicka(?:de|t) på|(?:har )?följ(?:de|t)"
    r"|har valt|valde|vill till|skulle till),?)?"
)
_SV_BUT = r"(?: (?:tyvärr|dessvärre|visst|nog|troligen|kanske|alltså))?"
_SV_NOT = rf"{_SV_BUT} (?:inte|ej){_SV_BUT}"
_SV_WENT = any_of(
    "flyttad", "flyttats", "flyttat", "bortta(?:gen|get)", "tagits (?:bort|ned|ner)", "rader(?:ad|ats)",
    "avpublicer(?:ad|ats)", "upphört", "slutat finnas", "försvunnit", "bytt (?:namn|adress|url)", "ändrat adress",
    "gått ut",
)  # fmt: skip
_SV_PREDICATE = any_of(
    rf"(?:kan|kunde|går|gick){_SV_NOT} (?:att )?(?:hittas?|återfinnas|visas?|nås?)",
    rf"(?:hittas|hittades|återfinns|återfanns|finns|fanns|existerar|existerade){_SV_NOT}(?: (?:längre|kvar|med|mer))*",
    r"(?:är |har |kunde )?(?:inte|ej) (?:hittad|funnen|hittats|funnits|tillgänglig)",
    r"saknas",
    rf"(?:har|är|kan ha|kan vara|måste ha){_SV_BUT}(?: antingen)?(?: blivit)? {_SV_WENT}",
    rf"är{_SV_BUT} (?:borta|död|bruten|trasig|felaktig|ogiltig|inaktuell|okänd|(?:inte|ej)(?: längre)? tillgänglig"
    r"|otillgänglig)",
)
_SV_HERE = (
    r"(?: (?:längre|kvar|här|just nu|hos oss|(?:på|under) (?:(?:den här|denna|vår|våran|angiven|den angivna) )?"
    r"(?:adress|webb|plats|sajt|server|url|sid|hemsid)\w*|på [\w.-]+\.[a-z]{2,}))*"
)
_SV_REST = rf"{_SV_HERE}(?:,? (?:eller|och|och/eller|men|utan|den|så|därför att|eftersom) .{{1,80}})?"
_SV = (
    rf"{_SV_THING}{_SV_WANTED} {_SV_PREDICATE}{_SV_REST}",
    rf"(?:(?:vi|systemet|servern|webbservern) )?(?:kan|kunde|lyckades|hittar|hittade|finner|fann){_SV_NOT}"
    rf"(?: (?:hitta|finna|visa|få fram))?{_SV_BUT} {_SV_THING}{_SV_WANTED}{_SV_REST}",
    rf"(?:vi )?(?:kan|kunde|hittar|hittade|fann){_SV_NOT}(?: hitta)? (?:det|vad) (?:som )?(?:du|ni) "
    r"(?:sök(?:er|te)|leta(?:r|de) efter).{0,40}",
    rf"det (?:går|gick){_SV_NOT} att (?:hitta|visa|öppna|nå) {_SV_THING}{_SV_WANTED}{_SV_REST}",
    rf"(?:här|där|det) (?:finns|fanns)(?: det)?{_SV_BUT} (?:ingen|inget|ingenting|inte (?:någon|något))(?: sådant?)?"
    r"(?: (?:sida|innehåll|dokument|att (?:se|visa|hämta)))?(?: (?:längre|(?:här|på|med) ?.{0,60}))?",
    r"(?:ingen|inga) (?:sådan )?(?:sida|sidor|dokument|innehåll)(?: hittades| funnen| finns| kunde hittas)?"
    r"(?: (?:här|på) ?.{0,40})?",
    r"(?:webb)?(?:sidan?|fil|dokument|innehåll|resurs|adress) (?:inte|ej) (?:hittad|hittat|funnen|hittas|hittades)",
    r"(?:webb)?(?:sida|innehåll) (?:borta|okänd|borttagen|hittades (?:inte|ej))",
    r"(?:okänd|ogiltig|felaktig|saknad|borttagen|bruten|trasig|död) (?:(?:webb)?sida|länk|(?:webb)?adress|url)",
    r"(?:här (?:har )?)?(?:nu |du |ni )?(?:har )?(?:du |ni |vi )?(?:nog |visst |tyvärr )?"
    r"(?:kommit|gått|hamnat|råkat hamna) (?:lite )?(?:fel|vilse|snett|på (?:fel sida|villovägar"
    r"|en (?:sida|adress) som (?:inte|ej) .{0,30}))",
    r"(?:här|nu) (?:var|blev|är) det (?:visst )?(?:tomt|stopp)",
    rf"(?:hittades|hittas|finns){_SV_NOT} {_SV_THING}{_SV_WANTED}{_SV_REST}",
    rf"(?:det|vad) (?:som )?(?:du|ni) (?:sök(?:er|te)|leta(?:r|de) efter) (?:finns|fanns|hittades){_SV_NOT}{_SV_REST}",
    r"(?:inte|ej) (?:hittad|funnen)|hittades (?:inte|ej)|hittade (?:inte|ej)",
)

# ---------------------------------------------------------------- Norwegian (bokmål and nynorsk)

_NO_NOT = r"(?: (?:dessverre|visst|diverre))? (?:ikke|ikkje)(?: (?:dessverre|lenger|lengre))?"
_NO_THING = (
    r"(?:(?:den|det|denne|dette) )?(?:(?:forespurte|ønskede|ønska|etterspurte|valgte|angitte) )?"
    r"(?:(?:nett|web)?sid(?:e|en|a|ene)|dokument(?:et)?|fil(?:en|a)?|artikkel(?:en)?|innhold(?:et)?|ressurs(?:en)?"
    r"|lenk(?:e|en|a|ja)|(?:nett)?adress(?:e|en|a)|url(?:en)?|nyhet(?:en|a)?)"
)
_NO_WANTED = (
    r"(?:,? (?:som )?(?:du|dere|de|vi) (?:(?:prøv(?:er|de)|forsøk(?:er|te)|ønsk(?:er|et)|vil(?:le)?) (?:å )?"
    r"(?:nå|besøke|åpne|finne|komme til|få tilgang til|gå til|se|vise|opne)"
    r"|(?:leter|lette|ser|så|leitar|leita|søker|søkte|spurte) etter|ba om|har bedt om|klikket på|fulgte),?)?"
)
_NO_REST = r"(?: (?:lenger|lengre|lengje|her|mer|meir|på .{1,40}))*(?:,? (?:eller|og|men|den) .{1,80})?"
_NO_PREDICATE = any_of(
    rf"(?:kan|kunne|ble|blei|vart|er|har){_NO_NOT} (?:å )?(?:bli )?(?:finnes|funnet|funne|finnast|vises|visast|nås"
    r"|tilgjengelig|tilgjengeleg)",
    rf"(?:finnes|fantes|finst|fins|finnast|eksisterer|eksisterte){_NO_NOT}",
    r"(?:er|ble|har blitt|kan være|kan ha blitt|er blitt|har|vart|kan ha)(?: dessverre)? (?:flytt(?:et|a)|slett(?:et|a)"
    r"|fjern(?:et|a)|avpublisert|borte|nedlagt|utløpt)",
    r"mangler|manglar|er (?:ugyldig|ukjent|feil|utilgjengelig)",
)
_NO = (
    rf"{_NO_THING}{_NO_WANTED} {_NO_PREDICATE}{_NO_REST}",
    rf"(?:vi )?(?:fant|finner|finn|fann|kan|kunne|klarer"
    rf"|klarte){_NO_NOT}(?: å)?(?: finne)? {_NO_THING}{_NO_WANTED}{_NO_REST}",
    rf"(?:vi )?(?:fant|finner|finn|fann|kan|kunne){_NO_NOT}(?: finne)? (?:det|den siden) (?:du|dere) "
    r"(?:leter|leitar|lette|så|ser) etter",
    rf"{_NO_THING} (?:ikke|ikkje) (?:funnet|funne|tilgjengelig)",
    r"(?:det finnes|her er det|her finnes|her var det) (?:ingen|ingenting|tomt|ikke noe)(?: .{0,50})?",
    r"(?:ukjent|ugyldig|manglende) (?:side|lenke|adresse|url)|ingen (?:side|sider)(?: funnet)?",
    r"(?:ikke|ikkje) (?:funnet|funne)|(?:her )?(?:har )?du (?:har )?(?:gått|kommet|havnet|rotet deg) (?:feil|vill"
    r"|bort)",
)

# ---------------------------------------------------------------- Danish

_DA_NOT = r"(?: (?:desværre|vist))? ikke(?: (?:desværre|længere))?"
_DA_THING = (
    r"(?:(?:den|det|denne|dette) )?(?:(?:ønskede|forespurgte|anmodede|efterspurgte|valgte|angivne|pågældende) )?"
    r"(?:(?:hjemme|web|internet)?sid(?:e|en|erne)|dokument(?:et)?|fil(?:en)?|artik(?:el|len)|indhold(?:et)?"
    r"|ressource(?:n)?|link(?:et)?|adresse(?:n)?|url(?:'en|en)?|nyhed(?:en)?)"
)
_DA_WANTED = (
    r"(?:,? (?:som )?(?:du|i|vi) (?:(?:prøv(?:er|ede)|forsøg(?:er|te)|ønsk(?:er|ede)|vil(?:le)?) (?:at )?"
    r"(?:nå|besøge|åbne|finde|komme til|tilgå|gå til|se|vise)"
    r"|(?:leder|ledte|søger|søgte|kigger) efter|søger|søgte|bad om|har bedt om|har anmodet om|klikkede på|fulgte),?)?"
)
_DA_REST = r"(?: (?:længere|mere|her|på .{1,40}))*(?:,? (?:eller|og|men|den) .{1,80})?"
_DA_PREDICATE = any_of(
    rf"(?:kan|kunne|blev|er|bliver|har){_DA_NOT} (?:blive )?(?:findes|fundet|vises|tilgås|tilgængelig)",
    rf"(?:findes|fandtes|eksisterer|eksisterede){_DA_NOT}",
    r"(?:er|blev|er blevet|kan være|kan være blevet)(?: desværre)? (?:flyttet|slettet|fjernet|afpubliceret|væk|nedlagt"
    r"|udløbet)",
    r"mangler|er (?:ugyldig|ukendt|forkert|utilgængelig)|er ikke her",
)
_DA = (
    rf"{_DA_THING}{_DA_WANTED} {_DA_PREDICATE}{_DA_REST}",
    rf"(?:vi )?(?:fandt|finder|kan|kunne){_DA_NOT}(?: finde)? {_DA_THING}{_DA_WANTED}{_DA_REST}",
    rf"(?:vi )?(?:fandt|finder|kan|kunne){_DA_NOT}(?: finde)? (?:det|den side),? (?:som )?du (?:leder|ledte|søger"
    rf"|søgte)"
    r"(?: efter)?",
    rf"{_DA_THING} ikke (?:fundet|tilgængelig)",
    r"(?:der er|her er|der findes|her var der)(?: desværre)? (?:ingen|ingenting|ikke noget|intet|tomt)(?: .{0,50})?",
    r"(?:ukendt|ugyldig|manglende) (?:side|link|adresse|url)|ingen (?:side|sider)(?: fundet)?",
    r"ikke fundet|du er (?:faret vild|gået forkert|havnet forkert)",
)

# ---------------------------------------------------------------- Finnish

_FI_THING = (
    r"(?:(?:etsimä|hakema|pyytämä|haluama|valitsema|antama|yrittämä)\w{0,4} |(?:tätä|tämä|kyseistä|pyydetty[äa]?"
    r"|haettua) )?"
    r"(?:(?:verkko|web-?|internet-?|netti)?sivu(?:a|sto|stoa|t|ja)?|dokumentti[a]?|tiedosto[a]?|sisältö[ä]?|sisältöä"
    r"|artikkeli[a]?|osoite|osoitetta|resurssi[a]?|linkki[ä]?)"
)
_FI_BUT = r"(?: (?:valitettavasti|enää|nyt))?"
_FI = (
    rf"{_FI_THING}{_FI_BUT} ei{_FI_BUT} (?:ole{_FI_BUT}(?: (?:olemassa|saatavilla|käytettävissä|löytynyt|enää|täällä))?"
    r"|löytynyt|löydy|löydetty|voitu (?:löytää|näyttää)|voida (?:löytää|näyttää))(?: .{1,60})?",
    rf"{_FI_THING} (?:on|saattaa olla|on ehkä)(?: .{{1,20}})? (?:poistettu|siirretty|siirtynyt"
    rf"|poistunut)(?: .{{1,60}})?",
    rf"(?:emme|en)(?: valitettavasti)? (?:löytäneet|löytänyt|löydä) {_FI_THING}(?: .{{1,40}})?",
    rf"{_FI_THING} puuttuu|ei löytynyt|ei löydy|tuntematon {_FI_THING}|virheellinen (?:osoite|linkki)",
    r"(?:täällä|tässä osoitteessa) ei ole (?:mitään|sivua)(?: .{0,30})?|olet (?:eksynyt|eksyksissä)",
)

# ---------------------------------------------------------------- English

_EN_THING = (
    r"(?:(?:the|this|that|your|our|a|any|such) )?(?:(?:requested|specified|desired|selected) )?"
    r"(?:web ?page|page|url|document|file|resource|content|article|link|address|item|post|location)"
)
_EN_REACH = r"(?:reach|access|visit|view|find|open|see|get to|go to|retrieve|load)"
_EN_WANTED = (
    r"(?:,? (?:that |which )?(?:you|we)(?:'re|'ve| are| were| have)?(?: just| currently)? (?:look(?:ing|ed)? for"
    r"|request(?:ed|ing)"
    r"|asked for|were after|after|seeking|search(?:ing|ed) for|entered|typed|followed|clicked(?: on)?|specified"
    rf"|(?:trying|tried|wanted|want|attempting|attempted|wish|wished) to {_EN_REACH}),?)?"
)
_EN_NOT = (
    r"(?:can ?not|can't|could(?: not|n't)|(?:wa|i|doe|ha)s(?: not|n't)|did(?: not|n't)|do(?: not|n't)|no longer|not)"
    r"(?: (?:been|longer|currently|seem to|appear to))*"
)
_EN_PREDICATE = any_of(
    rf"(?:is )?{_EN_NOT}(?: be)? (?:found|exists?|existing|available|located|displayed|shown|here|there|accessible)",
    r"(?:has|may have|might have|is|was|could have)(?: (?:been|already|since|unfortunately))* (?:moved|removed|deleted"
    r"|gone|renamed|unpublished|retired|expired|withdrawn|taken down|missing|unavailable|broken|invalid|disappeared)",
    r"missing|unavailable|unknown|removed|moved|deleted",
)
_EN_HERE = (
    r"(?: (?:here|any ?more|any longer|right now|currently|at this (?:address|url|location)"
    r"|on (?:this|our|the) (?:server|web ?site|site)))*"
)
_EN_REST = rf"{_EN_HERE}(?:,? (?:or|and|but|because|it|please|so) .{{1,80}})?"
_EN_UNABLE = (
    rf"(?:{_EN_NOT}|(?:were |are |was |am )?(?:unable|not able|failed) to|(?:weren't|aren't) able to|having trouble)"
)
_EN = (
    rf"{_EN_THING}{_EN_WANTED} {_EN_PREDICATE}{_EN_REST}",
    rf"(?:(?:we|i|the (?:server|system|site)) )?{_EN_UNABLE} (?:find|finding|found|locate) "
    rf"(?:{_EN_THING}|that|what|anything|it){_EN_WANTED}{_EN_REST}",
    r"(?:page|file|document|resource|url|content|article|object|item|post)(?: was| is)? not (?:found|available)",
    r"not found|nothing (?:was )?found(?: here)?|no (?:such )?(?:page|file|content)(?: (?:was |were )?found| here)?",
    r"there(?:'s| is)(?: really)? (?:nothing|no (?:page|content))(?: .{0,40})?|nothing (?:to see )?here",
    r"(?:you(?:'ve| have)|you(?:'re| are)|you seem to be) (?:reached a dead end|hit a dead end|lost|got lost"
    r"|taken a wrong turn).{0,20}",
    r"(?:dead|broken) link|missing page|unknown page|invalid (?:page|url|link|address)|bad (?:url|link)",
    r"(?:looks like )?(?:this|that) page (?:is|has) gone.{0,30}",
)

# ---------------------------------------------------------------- German

_DE = (
    r"(?:(?:die|diese|der|das|ihre) )?(?:(?:angeforderte|gesuchte|gewünschte|aufgerufene|angegebene) )?(?:web)?"
    r"(?:seite|datei|dokument|inhalt|adresse|url|artikel)(?:, die sie .{1,40},)?(?: (?:wurde|konnte|kann|existiert"
    r"|ist))?"
    r"(?: leider)? (?:nicht(?: mehr)?(?: (?:gefunden(?: werden)?|vorhanden|verfügbar|existent))?|fehlt)(?: .{0,40})?",
    r"wir (?:konnten|können) die (?:(?:gesuchte|gewünschte|angeforderte) )?seite (?:leider )?nicht finden",
    r"nicht gefunden|diese seite gibt es(?: leider)? nicht(?: mehr)?",
)

# ---------------------------------------------------------------- what is compiled

_ALL = "|".join(f"(?:{pattern})" for language in (_SV, _NO, _DA, _FI, _EN, _DE) for pattern in language)
_ERROR = r"(?:error|felkod|felmeddelande|felsida|fel|feil|fejl|virhe|fehler)"
_NUMBER = (
    rf"(?:(?:http|status|{_ERROR})(?: ?(?:code|kod))?[ :#-]{{0,3}}){{0,3}}"
    rf"[(\[]?\b4(?:04|10)\b[)\]]?(?:[ -]?{_ERROR}\b)?"
)

MISSING = re.compile(_ALL, re.IGNORECASE)

# The same at the start of running text, where a heading may run into the next sentence: what follows must be an end.
MISSING_FIRST = re.compile(rf"(?i:{_ALL})(?=\s*$|\s*[.,;:!…()–—]|\s+[A-ZÅÄÖÆØÉÜ])")

BARE = re.compile(
    rf"{_NUMBER}(?:[ -]?(?:sida|page|side))?|(?:felsida|error page|fejlside|feilside|virhesivu)", re.IGNORECASE
)

# Says that something went wrong, but not what: a reason to look closer, no proof.
VAGUE = re.compile(
    any_of(
        r"(?:ett |något |nåt |någonting |nu |här |det )?(?:oväntat |tekniskt |internt )?(?:fel )?(?:har )?(?:gick"
        r"|gått|blev|blivit)"
        r"(?: det)?(?: (?:visst|lite|tyvärr))?(?: (?:fel|snett|galet|på tok))(?: (?:här|nu|på vägen))?",
        r"(?:ett )?(?:oväntat |tekniskt |internt )?fel (?:har )?(?:inträffa(?:t|de)|uppstått|uppstod)(?: .{0,40})?",
        r"noe (?:gikk|har gått|gjekk) (?:galt|feil|gale).{0,20}",
        r"det (?:oppstod|har oppstått|oppsto|skjedde) en (?:uventet )?feil.{0,30}",
        r"noget (?:gik|er gået) galt.{0,20}|der (?:er sket|opstod|skete|er opstået) en (?:uventet )?fejl.{0,30}",
        r"jotain meni (?:pieleen|vikaan).{0,20}|tapahtui (?:odottamaton )?virhe.{0,20}",
        r"(?:something|it)(?: has|'s)? (?:went|gone) (?:terribly |horribly )?wrong.{0,30}",
        r"(?:an )?(?:unexpected |unknown |application )?error(?: (?:has )?occurred.{0,30})?",
        r"es ist ein fehler aufgetreten|etwas ist schief ?gelaufen",
        _ERROR,
    ),
    re.IGNORECASE,
)

INTERJECTION = re.compile(
    r"(?:hoppsan(?:sa)?|oj(?:då|san)?(?:[ ,]+oj)*|aj(?:[ ,]+aj)*|ooo*ps|oops|ops|upp?s|hups|hupsista|whoops|woops"
    r"|uh[- ]?oh"
    r"|hoppla|attans|tyvärr|dessvärre|vi beklagar|beklagar|ursäkta(?: oss)?|förlåt|sorry|unfortunately|apologies|dang"
    r"|we(?:'re| are) (?:very |so )?sorry|i(?:'m| am) sorry|vi beklager|beklager|dessverre|diverre|orsak|desværre"
    r"|undskyld"
    rf"|valitettavasti|pahoittelemme|pahoittelut|anteeksi|leider|entschuldigung|obs|observera|{_ERROR})"
    r"(?:\b[ !.,:;…–-]*)(?:(?:but|men|mutta|aber|att|that) )?",
    re.IGNORECASE,
)
NUMBER_FIRST = re.compile(rf"[(\[]?{_NUMBER}[ !.,:;–—-]*", re.IGNORECASE)
NUMBER_LAST = re.compile(rf"[ .,:;–—-]*[(\[]?{_NUMBER}$", re.IGNORECASE)
