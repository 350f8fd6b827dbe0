"""Pages that are no article are refused with their kind; articles that look a little like them are not."""

from __future__ import annotations

import pytest

from tests.clean.samples import BODY, HEADLINE, STORY, cleaned
from workers.clean.input.no_article import RULES, Rule, line_kind, title_kind
from workers.clean.input.no_article_text import FORMS, Form
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
        ("parked domain", "courier.example", ["The domain courier.example may be for sale by its owner."]),
        ("paywall", "Subscribe to read", ["Subscribe to unlock this article.", "Then 69 euros per month."]),
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
        page("Cookies that track sailors", "We use cookies, the baker said, laughing.", *BODY),
        page(HEADLINE, *BODY, "We use cookies to measure our audience.", "Accept all"),
        page(HEADLINE, inside=f"<article><h1>{HEADLINE}</h1>{PARAGRAPHS}</article><section>{TEASERS}</section>"),
        page(HEADLINE, inside=f"<article><h1>{HEADLINE}</h1>{PARAGRAPHS}</article><aside>{TEASERS}</aside>"),
    ],
    ids=["denied", "302", "451", "error", "404", "cookies", "banner", "teasers", "aside"],
)
def test_an_article_is_not_taken_for_another_kind_of_page(html: str) -> None:
    assert BODY[0] in cleaned(html).body


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
    ],
    "SQL": ["INSERT INTO boats (id, name) VALUES (1, 'Gull');\nINSERT INTO boats (id, name) VALUES (2, 'Tern');"],
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
    "a list of links": ["\n".join(f"https://courier.example/{name}" for name, _, _ in ROWS)],
    "source code": [
        "import sys\n\ndef boats(quay):\n    for boat in quay:\n"
        "        if boat:\n            print(boat)\n    return quay",
        "function boats(quay) {\n  let all = [];\n"
        "  for (const boat of quay) {\n    all.push(boat);\n  }\n  return all;\n}",
        "#include <stdio.h>\nint main() {\n  int boats = 3;\n  printf(\"%d\", boats);\n  return 0;\n}",
    ],
    "an index page": [
        "Harbour news\n" + "\n".join(f"{name} wins the race\nA short race.\n{n} March 2025" for name, _, n in ROWS),
        "\n".join(f"{name} wins the boat race at Saltby\nRead more" for name, *_ in ROWS),
    ],
    "consent wall": ["Before you continue\nWe and our 120 partners process data to show ads.\nAccept all"],
    "bot check": ["Just a moment...\nPlease verify you are human by completing the action below."],
    "error page": ["404 Not Found\nThe requested URL was not found on this server."],
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
    "text",
    [
        f"[Embargoed] {STORY}",
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
        ('<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc>https://a.example/'
         "</loc></url></urlset>", "a sitemap"),
    ],
)  # fmt: skip
def test_what_a_server_sends_instead_of_an_article_is_refused(message: dict[str, object] | str, kind: str) -> None:
    with pytest.raises(RejectedError, match=kind) as refusal:
        cleaned(message)
    assert refusal.value.reason == Reason.NO_ARTICLE


def test_a_message_with_a_code_beside_its_text_is_an_article() -> None:
    assert cleaned({"title": HEADLINE, "code": "A12", "message": STORY, "status": "published"}).body
