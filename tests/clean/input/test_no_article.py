"""Pages that are no article are refused with their kind; articles that look a little like them are not."""

from __future__ import annotations

import json

import pytest

from tests.clean.samples import BODY, HEADLINE, STORY, cleaned
from workers.clean.input.no_article import RULES, Rule, line_kind, title_kind
from workers.clean.input.no_article_forms import FORMS, Form
from workers.errors import RejectedError
from workers.outcomes import Reason

PARAGRAPHS = "".join(f"<p>{line}</p>" for line in BODY)
TEASERS = "".join(
    f"<div class=item><h3><a href=/n/{number}>Harbour news number {number}</a></h3>"
    f"<p>{line}</p><span>{number + 1} March 2025</span></div>"
    for number, line in enumerate(BODY * 2)
)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_matches_its_example_and_not_its_counter_example(rule: Rule) -> None:
    matches = title_kind if rule.title else line_kind
    assert matches(rule.example) == rule.kind
    assert matches(rule.counter_example) is None


def page(title: str, *lines: str, inside: str = "") -> str:
    """Return a page with these lines."""
    text = "".join(f"<p>{line}</p>" for line in lines)
    return f"<!DOCTYPE html><html lang=en><head><title>{title}</title></head><body>{inside}{text}</body></html>"


@pytest.mark.parametrize(
    ("kind", "title", "lines"),
    [
        (
            "bot check",
            "Just a moment...",
            ["Checking your browser before accessing courier.example.", "Ray ID: 7f00aa"],
        ),
        ("bot check", "courier.example", ["Please verify you are human by completing the action below."]),
        ("bot check", "Access Denied", ["You don't have permission to access this page on this server."]),
        ("consent wall", "Before you continue", ["We and our 120 partners process data to show ads.", "Accept all"]),
        ("consent wall", "Your privacy | Courier", ["We use cookies to measure our audience.", "Manage settings"]),
        ("consent wall", "Datenschutz", ["Wir und unsere Partner verarbeiten Daten, auch mit Cookies."]),
        ("error page", "404 Not Found", ["nginx"]),
        (
            "error page",
            "404 Not Found",
            ["The page you are looking for could not be found. Look again, the captain said."],
        ),
        ("error page", "500 Internal Server Error", ["The server said: upstream timed out."]),
        ("bot check", "Access Denied", ["That said, you can request access if you were told to come here."]),
        ("error page", "Page not found - Courier", ["Sorry, the page you are looking for could not be found."]),
        ("error page", "503 Service Unavailable", ["The server is temporarily unable to service your request."]),
        ("error page", "Seite nicht gefunden", ["Die gewünschte Seite existiert nicht mehr."]),
        ("login page", "Log in", ["E-mail address", "Password", "Forgot your password?"]),
        ("paywall", "Ferries", ["Subscribe to continue reading this article.", "Already a subscriber? Log in"]),
        ("index page", "Islands - The Courier", [TEASERS]),
        ("bot check", "courier.example", ["Please enable JS and disable any ad blocker"]),
        ("bot check", "Nur einen Moment…", ["courier.example muss die Sicherheit Ihrer Verbindung überprüfen."]),
        ("consent wall", "Courier", ["Wij en onze 80 partners slaan informatie op een apparaat op, zoals cookies."]),
        ("consent wall", "Mit Werbung weiterlesen", ["Besuchen Sie courier.example mit Werbung und Tracking."]),
        ("error page", "Страница не найдена", ["Запрашиваемая страница не существует или была удалена."]),
        ("error page", "页面不存在", ["抱歉，您访问的页面不存在或已被删除。返回首页"]),
        (
            "error page",
            "ページが見つかりません",
            ["お探しのページは見つかりませんでした。削除された可能性があります。"],
        ),
        ("error page", "301 Moved Permanently", ["The document has moved <a href=/>here</a>."]),
        ("error page", "451", ["We recognize you are attempting to access this website from a country in the EEA."]),
        ("error page", "Courier", ["<b>Fatal error</b>: Uncaught Error: no such function in /srv/index.php:3"]),
        ("error page", "Courier", ["The page you were looking for may have been moved or deleted.", "Try searching."]),
        (
            "a wall against ad blockers",
            "Courier",
            ["It looks like you are using an ad blocker.", "Please disable it.", "Please turn off your ad blocker."],
        ),
        ("a legal page", "Terms of use", ["You may not copy our boats. " * 40, "The captain decides. " * 20]),
        ("parked domain", "courier.example", ["The domain courier.example may be for sale by its owner."]),
        ("paywall", "Subscribe to read", ["Subscribe to unlock this article.", "Then 69 euros per month."]),
        ("a list of links", "Islands", ["".join(f"<li><a href=/{n}>Boat number {n} stays</a></li>" for n in range(9))]),
        (
            "a list of links",
            "Новости",
            [
                "<a href=/a>Порт</a> <a href=/b>Паром</a> <a href=/c>Мост</a> <a href=/d>Шторм</a>"
                "<a href=/e>Музей острова</a>"
            ],
        ),
        (
            "bot check",
            "Courier - Are you a robot?",
            ["We've detected unusual activity from your network.", "Why did this happen?", "Need help?"],
        ),
        (
            "bot check",
            "courier.example",
            ["Please enable Javascript", "You have a preview view of this article while we are checking your access."],
        ),
        (
            "consent wall",
            "Courier is part of the Quay family of brands",
            ["When you use our sites and apps, we use cookies to: provide our sites to you."],
        ),
        ("error page", "Search results for boats", ["Your search returned no results."]),
        ("paywall", "Subscribe to The Courier", ["Cancel any time", "Read us wherever you sail."]),
        (
            "a form for newsletters",
            "Sign up for our newsletter",
            ["Enter your email address.", "By signing up you agree to our terms."],
        ),
        ("a form for newsletters", "Unsubscribe", ["You have been unsubscribed from our list."]),
        ("an age check", "Age verification", ["You must be 18 or older to enter.", "Yes, I am over 18", "No"]),
        ("filler text", "Hello world!", ["Welcome to WordPress. This is your first post."]),
        ("filler text", "A post", ["[removed]"]),
        ("a page about the publisher", "About us", ["The Courier is the paper of eleven islands."]),
        ("paywall", "Le bac", ["Cet article est réservé aux abonnés.", "Il vous reste 85% de cet article à lire."]),
        ("paywall", "渡し船", ["この記事は有料会員限定です。", "残り1234文字"]),
        ("paywall", "여객선", ["이 기사는 유료 구독자 전용입니다.", "로그인하고 계속 읽으세요"]),
        ("CSV", "boats.csv", ["<pre>boat,seats\nGull,12\nTern,9\nSkua,4</pre>"]),
        ("directory listing", "Index of /news", ["<pre><a href=a.html>a.html</a>  04-May-2025 08:30  1234</pre>"]),
    ],
)
def test_a_page_that_is_no_article_is_refused_with_its_kind(kind: str, title: str, lines: list[str]) -> None:
    html = page(title, *lines)
    with pytest.raises(RejectedError, match=kind) as refused:
        cleaned({"html": html, "headline": HEADLINE, "url": "https://courier.example/islands/walkout"})
    assert refused.value.reason is Reason.NO_ARTICLE


@pytest.mark.parametrize(
    "html",
    [
        page("Access denied", *BODY),
        page("302 sailors saved", BODY[0]),
        page("451 boats on the river", BODY[0]),
        page("Error", "The council found an error in the ferry's timetable on Friday.", *BODY),
        page("404 days at sea", BODY[0]),
        page("Contact", BODY[0]),
        page("Privacy policy of islands divides crews", *BODY),
        page("Privacy policy", *BODY),
        page("Datenschutz", BODY[0], "Das Gesetz schützt niemanden, sagte Holm."),
        page(HEADLINE, "Ad blockers rose by a third last year, the union of printers said on Friday.", *BODY),
        page("Cookies that track sailors", "We use cookies, the baker said, laughing.", *BODY),
        page(HEADLINE, *BODY, "We use cookies to measure our audience.", "Accept all"),
        page(HEADLINE, inside=f"<article><h1>{HEADLINE}</h1>{PARAGRAPHS}</article><section>{TEASERS}</section>"),
        page(HEADLINE, inside=f"<article><h1>{HEADLINE}</h1>{PARAGRAPHS}</article><aside>{TEASERS}</aside>"),
        page(HEADLINE, BODY[0], "".join(f"<li><a href=/{n}>Boat number {n} stays</a></li>" for n in range(9))),
        page(HEADLINE, *(f"<a href=/{n}>{line}</a>" for n, line in enumerate(BODY * 2))),
        page(
            "Imprint",
            *BODY,
            inside='<script type="application/ld+json">{"@type":"NewsArticle","headline":"Imprint"}</script>',
        ),
    ],
    ids=[
        "denied",
        "302",
        "451",
        "error",
        "404",
        "contact",
        "privacy",
        "privacy alone",
        "privacy in german",
        "blockers",
        "cookies",
        "banner",
        "teasers",
        "aside",
        "links",
        "linked",
        "imprint",
    ],
)
def test_an_article_is_not_taken_for_another_kind_of_page(html: str) -> None:
    assert BODY[0] in cleaned(html).body


@pytest.mark.parametrize(
    "title",
    ["404 not found: the missing millions of Saltby", "Error 404: where did the ferry go?",
     "Oops! Mayor opens the wrong bridge to traffic", "Something went wrong with the ferry"],
)  # fmt: skip
def test_a_headline_that_plays_with_an_error_is_none(title: str) -> None:
    assert title_kind(title) is None


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        (page(HEADLINE, BODY[0], BODY[1], "Subscribe to continue reading this article."), True),
        (page(HEADLINE, inside='<script type="application/ld+json">{"@type": "NewsArticle", "headline": "'
              + HEADLINE + '", "isAccessibleForFree": false}</script>' + f"<p>{BODY[0]}</p>"), True),
        (page(HEADLINE, *BODY), False),
        (page(HEADLINE, *BODY * 3, "Subscribe to continue reading this article."), False),
        (page(HEADLINE, BODY[0], BODY[1], "Abonnez-vous à notre newsletter"), False),
        (page(HEADLINE, BODY[0], BODY[1], "Suscríbete a nuestro boletín"), False),
    ],
)  # fmt: skip
def test_the_start_of_an_article_before_a_paywall_is_marked_as_truncated(html: str, expected: bool) -> None:
    article = cleaned(html)
    assert article.body.startswith(BODY[0])
    assert article.truncated is expected


def test_a_whole_text_is_not_truncated() -> None:
    assert not cleaned(STORY).truncated


ROWS = (("Gull", 120, 3), ("Tern", 90, 1), ("Skua", 64, 2), ("Kite", 31, 4), ("Rook", 12, 5), ("Wren", 8, 6))
NO_ARTICLE_TEXTS = {
    "CSV": [
        "\n".join(["boat,seats,runs", *(f"{name},{seats},{runs}" for name, seats, runs in ROWS)]),
        "\n".join(f"{name}\t{seats}\t{runs}" for name, seats, runs in ROWS),
        "\n".join(f"{name};{seats};{runs};" for name, seats, runs in ROWS),
        f'title,url,text\nFerries stop,https://courier.example/1,"{BODY[0]}"',
        "title\turl\tdate\nFerries stop\thttps://courier.example/1\t2025-03-07",
        "a,b\n1,2",
        "boat,seats\nGull,12\nTern,9",
        '"2025-03-07","Gull, the","12.50"\n"2025-03-08","Tern, the","9.75"\n"2025-03-09","Skua, the","4.00"',
    ],
    "a playlist": ["#EXTM3U\n#EXT-X-VERSION:3\n#EXTINF:10,\nboats/part-0.ts\n#EXTINF:10,\nhttps://a.example/part-1.ts"],
    "subtitles": [
        "WEBVTT\n\n00:00:01.000 --> 00:00:04.000\nThe boats stay.\n\n00:00:04.000 --> 00:00:06.000\nSays who?",
        "1\n00:00:01,000 --> 00:00:04,000\nThe boats stay in.\n\n2\n00:00:05,000 --> 00:00:06,000\nSays who?",
    ],
    "SQL": [
        "SELECT name, seats FROM boats WHERE seats > 12;",
        "CREATE TABLE boats (\n  id INT PRIMARY KEY,\n  name TEXT\n);",
        "INSERT INTO boats (id, name) VALUES (1, 'Gull');\nINSERT INTO boats (id, name) VALUES (2, 'Tern');",
    ],
    "a style sheet": ["body { margin: 0; }\n.boat h1 { color: #333; }\n@media print { .boat { width: 9em; } }"],
    "the error of a program": [
        'Traceback (most recent call last):\n  File "/srv/boats.py", line 3, in <module>\nValueError: no boat',
        "java.lang.IllegalStateException: no boat\n\tat example.Boats.main(Boats.java:3)",
    ],
    "JSON": [
        '{"boats": [{"name": "Gull"}]}',
        "\n".join(['"boats": [', "{", *(f'"name": "{name}",' for name, _, _ in ROWS), "}"]),
    ],
    "a log file": [
        "\n".join(f"2025-03-07 10:42:0{n} INFO {name} left" for n, (name, _, _) in enumerate(ROWS)),
        "\n".join(f"[2025-03-07T10:42:0{n}Z] WARN {name} late" for n, (name, _, _) in enumerate(ROWS)),
        "\n".join(f'10.0.0.1 - - [07/Mar/2025:10:42:00 +0000] "GET /{name} HTTP/1.1" 200' for name, *_ in ROWS),
    ],
    "robots.txt": ["User-agent: *\nDisallow: /boats/\nSitemap: https://courier.example/sitemap.xml"],
    "a list of links": [
        "\n".join(f"https://courier.example/{name}" for name, _, _ in ROWS),
        "https://courier.example/gull\nhttps://courier.example/tern",
    ],
    "source code": [
        "import sys\n\ndef boats(quay):\n    for boat in quay:\n"
        "        if boat:\n            print(boat)\n    return quay",
        "function boats(quay) {\n  let all = [];\n"
        "  for (const boat of quay) {\n    all.push(boat);\n  }\n  return all;\n}",
        "window.boats = window.boats || []; function sail(){boats.push(arguments);} sail('Gull', new Date());",
        ".boat{color:red}.quay{margin:0 auto}@media (max-width:600px){.tide{display:none}}",
        "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20260504T100000Z\nSUMMARY:Boats\nEND:VEVENT\nEND:VCALENDAR",
        "&lt;s:Envelope&gt;&lt;s:Body&gt;&lt;b:Boat&gt;Gull&lt;/b:Boat&gt;&lt;/s:Body&gt;&lt;/s:Envelope&gt;",
        "FROM debian:12\nRUN apt-get update && apt-get install -y boats\nCOPY . /srv\nCMD boats",
        "cd /srv/boats\ngit fetch --all\nmake install",
        "ida@quay:~$ sudo boats start\nida@quay:~$ exit 0",
        "ida@quay:~/boats$ ls\ngull tern\nida@quay:~/boats$ git status\nOn branch main\nida@quay:~/boats$",
        "C:\\boats>dir /w\n Volume in drive C is Quay\n 2 files\nC:\\boats>cls",
        "CC := gcc\n\nall: gull tern\n\ngull: gull.o\n\t$(CC) -o gull gull.o\n\n.PHONY: clean\nclean:\n\trm -f *.o",
        "from boats import Gull\nprint(Gull())",
        "def half(boats):\n    return boats / 2",
        "boats.forEach(sail);",
        "var gull = 1; var tern = 2; sail(gull + tern);",
        "ida.holm@courier.example",
        "550e8400-e29b-41d4-a716-446655440000",
        "/srv/boats/gull",
        "#include <stdio.h>\nint main() {\n  int boats = 3;\n  printf(\"%d\", boats);\n  return 0;\n}",
    ],
    "an index page": [
        "Harbour news\n" + "\n".join(f"{name} wins the race\nA short race.\n{n} March 2025" for name, _, n in ROWS),
        "\n".join(f"{name} wins the boat race at Saltby\nRead more" for name, *_ in ROWS),
    ],
    "a menu": [
        "Home\nNews\nSport\nWeather\nContact us\nSign in\nSubscribe",
        "Accueil | Actualités | Politique | Économie | Sport | Culture | Météo | Mentions légales",
        "Ana Sayfa\nGündem\nEkonomi\nSpor\nDünya\nYaşam\nKünye\nİletişim",
        "News Sport Weather Business Travel",
        "Home\nAbout us\nProducts\nServices\nContact",
        "Share on Facebook\nShare on Reddit\nPin it",
        "首页新闻体育财经娱乐科技视频联系我们关于我们",
        "Contact us\nPrivacy Policy\nTerms of Use\nFollow us on Facebook\n© 2026 Valley Courier. All rights reserved.",
    ],
    "an age check": ["Are you over 18?\nYes\nNo"],
    "parked domain": ["boats.example is parked free, courtesy of Quay Domains."],
    "a page of results": ["Search results for: ferry\nNo results found."],
    "a form": ["First name *\nLast name *\nEmail *\nMessage *\nSubmit"],
    "a shop": [
        "Sou'wester\nColour: yellow\nSize: L\n£39.50 incl. VAT\nAdd to basket\nFree delivery over £50",
        "Your cart (2 items)\nRope\nQuantity: 1\n$12.00\nRemove\nSubtotal: $12.00\nShipping calculated at checkout",
        "Your cart\nYour cart is empty\nContinue shopping\nSubtotal $0.00\nTaxes and shipping calculated at checkout",
        "Courier mug\n£9.99\nAdd to basket\nTide table\n£4.50\nAdd to basket\nCheckout",
    ],
    "the labels of a player": ["Play Video\nMute\nCurrent Time 0:00\nDuration 1:32\nLoaded: 0%\nFullscreen"],
    "a page that is still loading": ["Loading…\nPlease wait"],
    "an offer of subscriptions": ["Jetzt 4 Wochen gratis testen\nMonatlich kündbar\nBereits Abonnent? Hier anmelden"],
    "a list of tags": [
        "climate (12)\nferries (8)\nharbour (31)\nislands (4)\nstrike (9)\ntide (2)",
        "#ferries #harbour #strike #islands #union #news",
        "#ferries",
        "ferries, harbour, islands, strike, council, crews, pay, winter timetable",
    ],
    "a list of headlines": [
        "Ferry crews vote for a strike over pay\nCouncil delays its decision on the old bridge\n"
        "Storm closes schools across the islands\nMuseum buys a letter by a harbour master\n"
        "Sailor found safe after two nights at sea\nBudget gap grows as tourists stay away",
        "1. Fährleute stimmen für Streik\n2. Stadtrat vertagt Entscheidung über alte Brücke\n"
        "3. Sturm schließt Schulen auf den Inseln\n4. Museum kauft Brief des ersten Hafenmeisters\n"
        "5. Segler nach zwei Nächten gerettet\n6. Polizei sucht Zeugen nach Brand am Kai",
    ],
    "a calendar": [
        "May 2026\nMo Tu We Th Fr Sa Su\n" + " ".join(map(str, range(1, 32))),
        "Mai\n" + "\n".join(map(str, range(1, 31))),
    ],
    "a bar of page numbers": ["1 2 3 4 5 … 27 Next", "« Назад\n1\n2\n3\n4\nДалее »", "Seite 1 von 9\n1 2 3 … 9 Weiter"],
    "an index of letters": ["A B C D E F G H I J K L M N O P Q R S T U V W X Y Z\n0-9"],
    "a configuration file": [
        "QUAY_HOST=localhost\nQUAY_PORT=8080",
        '[boat]\nname = "Gull"\nseats = 12',
        "# m h dom mon dow\n0 5 * * 1 /srv/boats/count --all\n*/15 * * * * /srv/boats/sail\n@daily /srv/boats/moor",
        "0 5 * * 1 /srv/boats/count --all",
        "[server]\nhost = 0.0.0.0\nport = 8080\n[log]\nlevel = debug",
        "version: 2\nservices:\n  web:\n    image: boats/web:1.2\n    ports:\n      - 8080:80",
    ],
    "a live blog without entries": ["Live updates\nThis live blog has not started yet."],
    "an invitation to an app": ["Download on the App Store\nGet it on Google Play\nRead faster in our app"],
    "a form for comments": ["Comments (0)\nLog in to comment\nNo comments yet. Be the first to comment."],
    "an automatic e-mail": ["This message was created automatically by mail delivery software."],
    "filler text": ["None", "Headline goes here\nBody text goes here", "Lorem ipsum dolor sit amet, consectetur elit."],
    "a log of changes": ["commit 8f14e45fceea\nAuthor: Ida <ida@a.example>\nDate: Mon May 4\n\n    Fix\n    More"],
    "directory listing": ["\n".join(f"-rw-r--r-- 1 root root {size} May  4 08:31 {name}" for name, size, _ in ROWS)],
    "a dump of bytes": [
        "\n".join(f"000000{n}0  48 65 6c 6c 6f 20 77 6f  |Hello wo|" for n in range(4)), "iVBORw0KGgoAAAANSUhEUg" * 4
    ],
    "consent wall": ["Before you continue\nWe and our 120 partners process data to show ads.\nAccept all"],
    "bot check": ["Just a moment...\nPlease verify you are human by completing the action below."],
    "error page": [
        "Welcome to nginx!\nThe nginx web server is successfully installed and working.",
        "Rate limit exceeded. Try again in 60 seconds.",
        "404 Not Found\nThe requested URL was not found on this server.",
    ],
    "paywall": ["Subscribe to continue reading this article.\nAlready a subscriber? Log in."],
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.kind)
def test_a_form_matches_its_example_and_not_its_counter_example(form: Form) -> None:
    assert form.line.fullmatch(form.example)
    assert not form.line.fullmatch(form.counter_example)


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in NO_ARTICLE_TEXTS.items() for text in texts])
def test_a_text_that_is_no_article_is_refused_with_its_kind(kind: str, text: str) -> None:
    for message in ({"headline": HEADLINE, "body": text}, *([text] if text[0] != "{" else [])):
        with pytest.raises(RejectedError) as refusal:
            cleaned(message)
        assert refusal.value.reason == Reason.NO_ARTICLE
        assert f": {kind};" in str(refusal.value)


@pytest.mark.parametrize(
    ("kind", "rows"),
    [
        ("a calendar", "4 May: Harbour walk\n6 May: City council\n9 May: Fish market\n12 May: Choir evening"),
        ("a calendar", "Mai 2026 (12)\nApril 2026 (31)\nMärz 2026 (22)\nFebruar 2026 (18)"),
        (
            "a timetable",
            "Saltby 06:10 07:10 08:10\nHolm 06:22 07:22 08:22\nVale 06:41 07:41 08:41\nRye 06:50 07:50 08:50",
        ),
        ("a timetable", "20:00 News\n20:15 The Ferry\n21:45 Weather\n21:50 Night Talk"),
        ("a list of words", "Harbour\nIslands\nStrike\nCrews\nOld Lock"),
        ("a table of quotations", "GUL 189.20 +1.2%\nTRN 402.10 -0.4%\nSKU 140.33 +0.1%\nKIT 170.02 +0.8%"),
        ("a table of quotations", "EUR/USD 1.0832\nGBP/USD 1.2650\nUSD/JPY 151.22\nUSD/CHF 0.9012"),
        ("a price list", "Coffee 3.50 €\nTea 2.80 €\nCake 4.20 €\nWater 2.00 €"),
        ("a table of the weather", "Mon 14° 7° Sunny\nTue 12° 6° Rain\nWed 11° 5° Showers\nThu 13° 7° Cloudy"),
    ],
)
def test_rows_with_a_date_time_or_price_each_are_an_article_only_below_its_headline(kind: str, rows: str) -> None:
    for message in ({"headline": "Saltby", "body": rows}, rows, f"This week\n{rows}"):
        with pytest.raises(RejectedError, match=kind):
            cleaned(message)
    assert cleaned({"headline": HEADLINE, "body": rows}).body


@pytest.mark.parametrize("tag", ["", "<?xml version='1.0'?>"])
def test_xml_of_data_is_refused_and_other_xml_with_sentences_is_read(tag: str) -> None:
    data = f"{tag}<fleet><boat><name>Gull</name><seats>12</seats></boat><boat><name>Tern</name></boat></fleet>"
    for message in ({"headline": HEADLINE, "body": data}, data):
        with pytest.raises(RejectedError, match="XML of data"):
            cleaned(message)
    story = f"{tag}<story><lead>{BODY[0]}</lead><par>{BODY[1]}</par></story>"
    assert BODY[0] in cleaned({"headline": HEADLINE, "body": story}).body


@pytest.mark.parametrize(
    "text",
    [
        f"[Embargoed] {STORY}",
        "Lotto numbers for May 4\n7 12 23 31 44 49\nBonus ball: 8\nThere was no winner of the jackpot.",
        "Medal table\n1. Norway 12 8 9 29\n2. Chile 7 5 2 14\n3. Japan 5 9 4 18\n4. Italy 5 2 1 8",
        "On this day\n1904: Work on the canal begins.\n1953: The mayor wins.\n1979: The pier burns.\n1994: It opens.",
        "How the fire unfolded\n4 May 2026\nFire breaks out at the pier\n5 May 2026\nCrews put out the last flames\n"
        "6 May 2026\nPolice arrest a man of 34",
        "1. e4 e5 2. Nf3 Nc6 3. Bb5 a6 4. Ba4 Nf6 5. O-O Be7 6. Re1 b5 7. Bb3 d6 1-0",
        "Proof of the week\nLet n be even. Then n = 2k for some k.\nSo n^2 = 4k^2.\nHence n^2 is even.",
        "Stocks close higher\nDow Jones 39,112.16 +0.3%\nS&P 500 5,137.08 +0.8%\nNasdaq 16,274.94 +1.1%",
        "Election results: Saltby North\nFreya Holm (Ind) 12,031\nJon Vale (Lab) 11,907\nMajority 124\nTurnout 61%",
        "Saltby XI: Quill; Vale, Hua, Holm, Lima; Rye, Birch, Skua; Kite, Rook, Wren. Subs: Tern, Gull.",
        "16:05\nGoal! Vale heads Saltby into the lead.\n16:12\nYellow card for Holm.\n16:30\nHalf time: 1-0.",
        "Norway 1-2-3 in Saltby regatta",
        "BREAKING: Harbour to reopen at noon, mayor says #saltby https://courier.example/1",
        f"Title, text and date: what a paper needs\n{BODY[0]}",
        f"Exceptions\n    {BODY[0]}\n    {BODY[1]}",
        f"[Saltby, 7 March 2025] {BODY[0]}",
        f"{BODY[0]}\nboat,seats,runs\nGull,120,3\nTern,90,1\nSkua,64,2\n{BODY[1]}",
        f"{BODY[0]}\nfor boat in quay:\n    print(boat)\n{BODY[1]}\n{BODY[2]}",
        "Saltby 2 Holm 1\nVale 0 Port Ellery 0\nHolm Town 3 Northland United 3\n"
        "Old Lock 2 Saltby Athletic 2\nRye Hill 1 Norrow 2",
        "10:42 The mayor arrives.\n10:40 The crews arrive.\n10:31 The union says no.\n"
        "10:20 Talks begin.\n10:02 Boats stay in.",
        "The tide goes out, the tide comes in\nAnd nobody keeps the score\n"
        "The boats lie thin\nAnd thinner than before\nStill",
        "Oops! Mayor opens the wrong bridge\nMayor Lena Brandt cut the ribbon of a bridge that was not hers.",
        "404 homes flooded\nThe river burst its banks at Saltby on Friday.",
        "FERRIES SEE FY REVENUE 120 MLN\nFERRIES Q3 NET LOSS 4 MLN VS PROFIT 2 MLN\nFERRIES CUT DIVIDEND TO 3 CENTS\n"
        "FERRIES SAY WINTER TIMETABLE UNCHANGED\nFERRIES SAY TO SELL TWO BOATS\nFERRIES SAY NO MORE TODAY",
        "Twelve names for the lifeboat\nAda\nBrave Tern\nGrey Lady\nIda Holm\nMorning Gull\nPatience\nSaltby Lass",
        "Salt on the Window\nThe harbour sleeps beneath the snow\nThe lamps are small and far\n"
        "A boat is all the town I know\nIts mast the only star\nThe tide has taken every name\nWith no hand",
        "School closings for Tuesday\nSaltby Primary: closed\nHolm High: closed\nVale School: two hours late\n"
        "Rye Hill Nursery: open\nBuses: none before 10",
        "Island council: how the wards voted\nThe count ended at two in the morning, the clerk said.\n"
        "Ward,Green,Harbour\nNorth,1204,988\nSouth,877,1410\nWest,640,512",
        "Home\nNews\nSport\nWeather\nContact us\nFerries stop\nThe ferries stop on Friday.\nPrivacy policy\nAbout us",
        "The page for 1912 was not found when the archive opened on Monday, the librarian said.",
        "เรือข้ามฟากหยุดวิ่งวันศุกร์\nลูกเรือลงมติหยุดงานเพราะค่าแรง\nสหภาพเรียกร้องขึ้นค่าแรงก่อนฤดูหนาว\n"
        "นายกเทศมนตรีกล่าวว่าจะเจรจาอีกครั้ง\nผู้โดยสารนับพันคนได้รับผลกระทบ\nโรงเรียนบนเกาะปิดหนึ่งวัน",
        "How we keep our work\nGit keeps every step of what we write, and here is the little of it that one needs.\n"
        "Each of us has a copy of the whole, and sends the others what is new in it when the day is over.\n"
        "git init\ngit clone boats\ngit add .\ngit commit\ngit push\ngit pull\ngit log\ngit diff\ngit show\ngit tag",
        "Still liegt das Wasser;\nStill liegt der Steg;\nUnd keiner geht;\nDen langen Weg;",
        "if you come at night\nfrom the sea\nwhile the tide is low\nreturn to me",
        "make me a boat\nfind me the sea\ncut me a mast\nset me free",
        "FROM THE ARCHIVE\nFROM 1926: Boats burn at Holm\nRUN on the bank of Vale",
        f"The whole file\n{BODY[0]}\nFROM python:3.12\nWORKDIR /app\nCOPY . .\nRUN pip install boats",
        "public anger grows;\nprivate grief stays;",
        f"The night of the hack\n{BODY[0]}\nroot@quay:~# id\nuid=0(root) gid=0(root)\nroot@quay:~# exit\n{BODY[1]}",
        "Countdown\n5 4 3 2 1 and the boats are off\n* * * * *\nFive stars for the Gull\nThree for the Tern",
        "Line-up: Gull\nSkipper: Ida Holm\nCrew: Vale, Hua\nBuilt: 1904\n\tA boat of oak",
        "Your cart, your choice\nThe cart of Saltby: $12.00\nRemove the wheels\nThe fair opens today, the mayor says.",
        "let us sing: la la la,\nlet us dance (all night),\nlet us go;",
        "Old harbour wall\na gull steps\nover its shadow",
        "Saltby squad\nGoalkeepers: Quill, Rye\nDefenders: Vale, Hua, Holm\nForwards: Kite, Rook",
        "Ferry crews have voted to strike, the union tells me. https://t.example/a\n"
        "Talks start on Monday in the town hall. https://t.example/b",
        "What the tape says\n00:01 Pilot: We are low.\n00:04 Co-pilot: Pull up.\n00:06 The tape ends.",
        "to: all\nfrom: the editor\nsubject: ferries\nno more jokes about ferries",
        "Holm 34% (+2)\nVale 31% (-1)\nQuill 20% (-3)\nOthers 15% (+2)",
        "MARCH 16, 2021\nThe first boat is sold.\n"
        "April 2, 2021\nThe second boat is sold by the harbour office of Saltby to a film.",
    ],
)  # fmt: skip
def test_an_article_that_looks_a_little_like_them_is_read(text: str) -> None:
    assert cleaned({"headline": HEADLINE, "body": text}).body
    assert cleaned(text).body


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ({"status": "error", "code": "apiKeyInvalid", "message": "Your API key is invalid."}, "the error of an API"),
        ({"title": "Not Found", "status": 404, "detail": "There is no such article."}, "the error of an API"),
        ('INFO {"message": "Connection to the database was lost, and will be tried again."}', "a log file"),
        ('10:42:07 WARN boats {"message": "queue of 12 boats is full"}', "a log file"),
        ({"@timestamp": "2026-05-04T10:42:07Z", "log.level": "INFO", "message": "Started in 3 seconds."}, "a log file"),
        ('<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc>https://a.example/'
         "</loc></url></urlset>", "a sitemap"),
    ],
)  # fmt: skip
def test_what_a_server_sends_instead_of_an_article_is_refused(message: dict[str, object] | str, kind: str) -> None:
    with pytest.raises(RejectedError, match=kind) as refusal:
        cleaned(message)
    assert refusal.value.reason == Reason.NO_ARTICLE


def test_an_article_in_a_line_of_a_log_is_read() -> None:
    assert cleaned({"level": "info", "message": STORY}).body == STORY
    assert cleaned(f"INFO {json.dumps({'title': HEADLINE, 'message': BODY[0]})}").headline == HEADLINE


def test_an_article_titled_like_an_error_is_read_if_it_says_who_said_something() -> None:
    line = "Journalists had to leave the court on Monday. “Access denied,” the clerk said, and closed the door."
    assert cleaned(page("Access denied", line)).body == line


def test_a_message_with_a_code_beside_its_text_is_an_article() -> None:
    assert cleaned({"title": HEADLINE, "code": "A12", "message": STORY, "status": "published"}).body


COMMENTS = (
    "The boats of the harbour, as the pilots count them.",
    "Each boat has a name, and some of them have a berth of their own. The count is made at noon.",
)
LONG_PATH = "harbour-rt/lib/boats/quays/boats_of_quay.py"
PATCH = "--- a/quay.py\n+++ b/quay.py\n@@ -1,3 +1,3 @@\n import quay\n-BOATS = 3\n+BOATS = 4\n \n def count():\n"
COMMENTED = {
    "Python": f'"""{COMMENTS[0]}\n\n{COMMENTS[1]}\n"""\n\nfrom quay import berths\n\nBOATS = 3\n\n\ndef count():\n'
    f'    """{COMMENTS[1]}"""\n    # {COMMENTS[0]}\n    return sum(berths)\n',
    "C": f"/* {COMMENTS[0]}\n * {COMMENTS[1]} */\n#include <quay.h>\n// {COMMENTS[0]}\nint count(int *berths) {{\n"
    "  return berths[0];\n}\n",
    "Perl": f"package Quay;\n\n=head1 NAME\n\n{COMMENTS[0]}\n\n{COMMENTS[1]}\n\n=cut\n\nuse strict;\n\nsub count {{\n"
    "  my $berths = shift;\n  return $berths + 1;\n}\n\n1;\n",
    "shell": f"#!/bin/sh\n# {COMMENTS[0]}\n# {COMMENTS[1]}\nset -e\n\nBOATS=$(ls quay | wc -l)\n"
    'if [ "$BOATS" -gt 3 ]; then\n'
    f'  echo "$BOATS"\nfi\n# {COMMENTS[1]}\n',
    "JavaScript": f"// {COMMENTS[0]}\n// {COMMENTS[1]}\nexport const boats = {{\n    names: [\n"
    "        'Gull',\n        'Tern',\n    ],\n"
    "    berths: 3,\n};\n",
    "a patch": f"From: Ida Holm <ida@quay.example>\nSubject: Count boats\n\n{COMMENTS[0]}\n{COMMENTS[1]}\n---\n{PATCH}",
    "a patch of two files": f"{COMMENTS[0]}\n{COMMENTS[1]}\n---\ndiff --git a/quay.py b/quay.py\n{PATCH}"
    f"diff --git a/{LONG_PATH} b/{LONG_PATH}\nindex 8f14e45f..1e791ff7 100644\n"
    f"--- a/{LONG_PATH}\n+++ b/{LONG_PATH}\n@@ -7 +7 @@\n-GULLS = 2\n+GULLS = 5\n",
    "comments alone": f"# {COMMENTS[0]}\n# {COMMENTS[1]}\n#\n# boats=3\n# {COMMENTS[0]}\n",
    "YAML": f"# {COMMENTS[0]}\ngroups:\n  - name: boats\n    rules:\n      - alert: Count\n"
    f"        summary: {COMMENTS[1]}\n"
    "        for: 5m\n",
}


@pytest.mark.parametrize("text", COMMENTED.values(), ids=COMMENTED)
def test_code_is_told_also_by_what_is_between_its_comments(text: str) -> None:
    with pytest.raises(RejectedError) as refused:
        cleaned(text)
    assert refused.value.reason is Reason.NO_ARTICLE


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(f"-- {line}" for line in BODY),
        "\n".join(f"* {line}" for line in BODY),
        "/*\n" + "\n".join(BODY),
        "# The harbour\n\n" + "\n".join(f"- {line}" for line in BODY),
        "\n".join([*BODY, "```", "boats = count(berths)", "print(boats)", "```", *BODY]),
        "\n".join(f"{name}: {line}" for name, line in zip("ABCDEFGH", BODY * 8, strict=False)),
        f"{STORY}\n{PATCH}",
        f"{BODY[0]}\n\n{PATCH}\n{STORY}",
    ],
    ids=[
        "dialogue",
        "bullets",
        "a stray mark",
        "Markdown",
        "code within prose",
        "an interview",
        "a patch below prose",
        "a patch within prose",
    ],
)
def test_marks_of_comments_make_no_code_of_an_article(text: str) -> None:
    assert cleaned(text).body
