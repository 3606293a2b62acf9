"""Pages as the systems of Swedish authorities make them, at their real size: most of it is not the text."""

PARAGRAPHS = (
    "Det regionala serviceprogrammet beskriver hur tillgången till dagligvaror, drivmedel, post och apoteksvaror ska "
    "tryggas i länets landsbygder. Programmet gäller för åren 2023–2030 och har tagits fram av regionen tillsammans "
    "med kommunerna, länsstyrelsen, handeln och de ideella krafterna.",
    "En butik som är den enda inom tio kilometer kan få särskilt driftstöd. Stödet betalas ut en gång om året, och "
    "butiken ska ha öppet minst fem dagar i veckan. År 2025 fick trettiotvå butiker stöd; två saknas i statistiken.",
    "Servicepunkter, hemsändning och samlade utlämningsställen är andra sätt att hålla avstånden korta. Här kan du "
    "läsa mer om hur ansökan går till, vilka handlingar som behövs och när ett beslut brukar komma.",
)  # fmt: skip

_ICON = (
    '<svg class="icon" aria-hidden="true" viewBox="0 0 24 24"><title>ikon</title><path d="M12 2 L22 22 L2 22 Z"/></svg>'
)
_TRACKER = (
    "<script>window.dataLayer=window.dataLayer||[];function g(){dataLayer.push(arguments)}g('js',new Date());</script>"
)


def sitevision(*, modified: str = "2025-03-04T09:15:00+01:00", paragraphs: int = 24) -> str:
    """An article page of about 40 kB: menus, cookie dialogue, icons, footer, and two thousand words at most."""
    text = "\n".join(f'<p class="normal">{PARAGRAPHS[n % 3]} Punkt {n} av planen.</p>' for n in range(paragraphs))
    return f"""<!DOCTYPE html>
<html lang="sv" class="sv-no-js sv-template-artikelsida"><head><meta charset="UTF-8">
<script>(function(c){{c.add('sv-js');c.remove('sv-no-js');}})(document.documentElement.classList)</script>
<title>Regionalt serviceprogram - Region Exempel</title><meta name="viewport" content="width=device-width">
<meta name="dcterms.modified" content="{modified}"><link rel="canonical" href="/utveckling/serviceprogram.html">
{'<link rel="stylesheet" href="/sitevision/system-resource/0123456789abcdef/css/portlets.css">' * 8}{_TRACKER * 4}
</head><body class="env-text sv-responsive"><div id="svid10_1" class="cookie-consent" role="dialog">
<h2>Vi använder kakor</h2>
<p>Vi använder kakor (cookies) för att webbplatsen ska fungera.</p><button>Godkänn alla</button></div>
<header class="sv-layout"><a href="#content" class="env-assistive-text">Till innehåll på sidan</a>
<form role="search" action="/sok.html">
<label for="q">Sök</label><input id="q" name="query"><button>Sök</button></form>
<nav aria-label="Huvudmeny"><ul class="env-nav">{_menu(60)}</ul></nav></header>
<nav class="breadcrumbs">
<ol><li><a href="/">Startsida</a></li><li><a href="/utveckling.html">Utveckling</a></li></ol></nav>
<main id="content" class="sv-layout"><div class="sv-row"><div class="sv-column-8"><div class="sv-text-portlet">
<h1 class="heading" id="h-Serviceprogram">Regionalt serviceprogram</h1>{text}
<h2>Dokument och länkar</h2><p>
<a class="env-link" href="https://regionexempel.se/download/18.5a1b2c3d4e5f/1741076100000/program%202023-2030.pdf"
>Program 2023–2030<span class="env-link-meta" aria-hidden="true"> (pdf, 1,2 MB)</span></a>
<a class="env-link" href="https://tillvaxtverket.se/" target="_blank" rel="external">Tillväxtverket{_ICON}<span
 class="env-assistive-text"> Länk till annan webbplats, öppnas i nytt fönster.</span></a>
<a href="../kontakt.html#regional">Kontakta oss</a> <a href="mailto:region@example.se">Skriv till oss</a>
<a href="https://www.example.se/gammal">Blekinge<img
 alt="länk till annan webbplats" class="sv-linkicon" src="/e.png"></a>
</p></div></div></div></main>
<aside><h2>Nyheter</h2><ul>{_menu(12)}</ul></aside>
<footer><p>Region Exempel, växel 010-000 00 00</p><ul>{_menu(14)}</ul></footer>{_TRACKER * 10}
{'<script src="/sitevision/system-resource/webapp-files/app.js" async></script>' * 12}</body></html>"""


def _menu(items: int) -> str:
    return "".join(
        f'<li class="env-nav__item"><a class="env-nav__link" href="/vard-och-halsa/omrade-{n}.html">'
        f"Område {n}{_ICON}</a></li>"
        for n in range(items)
    )


EPISERVER_FORM = f"""<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1.dtd">
<html xmlns="http://www.w3.org/1999/xhtml" xml:lang="sv"><head><title>
  Serviceprogram
  - Länet</title>
<meta http-equiv="Content-Type" content="text/html; charset=iso-8859-1" /><meta name="EPi.ID" content="4506" />
<meta http-equiv="last-modified" content="Mon, 15 Dec 2014 10:00:00 GMT" /></head><body>
<form method="post" action="/Templates/Page.aspx?id=4506" id="aspnetForm">
<input type="hidden" name="__VIEWSTATE" value="/wEP" />
<div id="header"><a href="/">Länet</a></div>
<div id="LeftMenu"><ul>
<li><a href="/a/">Näringsliv</a></li><li><a href="/b/">Miljö</a></li><li><a href="/c/">Kultur</a></li>
<li><a href="/d/">Trafik</a></li><li><a href="/e/">Om oss</a></li></ul></div>
<div id="MainBody"><h1></h1><h1>Serviceprogram för <em>länet</em></h1><p>{PARAGRAPHS[0]}</p><p>{PARAGRAPHS[1]}</p>
<p><a href="/Global/Program%20f%F6r%20l%E4net.pdf">Programmet som pdf</a></p></div>
<div class="footer">Länets växel</div><select><option>Lyssna</option></select></form></body></html>"""

WORDPRESS = f"""<!doctype html><html lang="sv-SE"><head><meta charset="utf-8">
<meta property="og:title" content="Serviceprogram"><meta name="robots" content="max-image-preview:large">
<meta property="article:modified_time" content="2024-05-06T07:08:09+00:00">
<script type="application/ld+json">
{{"@graph":[{{"@type":"WebPage","dateModified":"2023-01-01T00:00:00+00:00"}}]}}</script>
</head><body class="single page-cookies"><a class="skip-link screen-reader-text" href="#main">Hoppa till innehåll</a>
<div id="masthead"><p>Bygden</p></div><div class="site-content"><article id="post-7" class="post hentry">
<header class="entry-header"><h1 class="entry-title">Serviceprogram</h1></header><div class="entry-content">
<p>{PARAGRAPHS[2]}</p><p hidden>Dolt</p>
<p style="display: none">Osynligt</p><noscript>Slå på JavaScript</noscript></div>
<footer class="entry-footer">Publicerat av admin</footer></article></div>
<div class="sidebar"><ul><li><a href="/1">Ett</a></li></ul></div></body></html>"""
