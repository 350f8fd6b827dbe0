"""Prose that looks like boilerplate stays: losing a sentence of the article is the worst error."""

from __future__ import annotations

import pytest

from tests.clean.samples import BODY, HEADLINE, STORY, cleaned, lines

SENTENCES = (
    # captions and photo credits
    "The pictures were sold by Getty Images and hung in the harbour office for a year.",
    "“Look at it again. Photos from that night still make me ill”",
    "He asked for it in writing. The photograph, he said, was a fake",
    "The board voted on Tuesday. Reuters, which saw the minutes, reported the result first",
    "Mara Quill (Northern Star / Saltby)",
    "Credits, loans and fees",
    "Pictures, letters and a map",
    "Bloomberg, a former mayor, gave the most",
    "Sputnik - a short history",
    "They sent word of it via Reuters",
    # pointers and headers
    "Read: it is the only word on the sign.",
    "More – much more – will have to be spent.",
    "Listen – the pier is singing, the children say.",
    "“Read more, write less,” the teacher told them.",
    "Read the label, the nurse warned.",
    "First published in 1851, the novel sank without trace.",
    "The story first appeared in a school magazine, her brother says.",
    "For more information on the wreck, divers will have to wait until May.",
    "To see more at night, the owl turns its head.",
    # invitations
    "Follow the money.",
    "Follow Saltby Road as far as the mill.",
    "Like many on Facebook, she had never met the seller.",
    "Join the queue on Signal Hill, or stay in bed.",
    "To hide from the police, the gang opened a Telegram channel.",
    "For months the crew had met in a WhatsApp group to plan the strike.",
    "Register offices sent e-mails to three thousand couples.",
    "Signing up took a minute, she said, but the e-mails have not stopped.",
    "For all their promises, few ministers visit the islands.",
    "For the best view of the seals, walkers head to the lighthouse.",
    "Have you read the union's newsletter?",
    "Have the pills been delivered directly to the clinics?",
    "By signing up early, farmers saved a third of the price.",
    "By registering voters in prisons, the county broke new ground.",
    "Register early for the best seats, the organisers say.",
    "Unlimited access to the river is a right, the court said.",
    "You have reached the age limit, the letter said.",
    "Registration is free and open until May.",
    "This story is for my daughter, she said.",
    "Brokers may receive a commission of two per cent from the sellers.",
    # sharing, comments, dates
    "Share by share, the family sold the mill.",
    "Share with your neighbours what you have, the priest said.",
    "No comment.",
    "Skip to the end, the critics advised.",
    "Published in 1984, the report was never read.",
    "Updated in 2019, the law covers trawlers too.",
    "Posted to Malta in 1942, he met a nurse from Saltby.",
    "A year ago the harbour was full.",
    "An hour ago he was still asleep.",
    "She left films and went back to video.",
    "Powered by two engines, she crosses in an hour.",
    "We baked cookies for the firemen.",
    "We try to be different, since cookie-cutter plans fail here.",
)


@pytest.mark.parametrize("line", SENTENCES)
@pytest.mark.parametrize("at", [1, 3, 5], ids=["below-the-lead", "within", "at-the-end"])
def test_a_sentence_that_looks_like_boilerplate_stays(line: str, at: int) -> None:
    text = lines(*BODY[:at], line, *BODY[at:])
    assert cleaned({"headline": HEADLINE, "body": text}).body == text


@pytest.mark.parametrize(
    "line",
    [
        "Privacy",
        "Accessibility",
        "Get started",
        "By the river",
        "By Land and Sea",
        "By The Harbour Wall",
        "Related costs",
        "Correction of the course",
        "March 7, 2025",
    ],
)
@pytest.mark.parametrize("at", [2, 3, 4])
def test_a_sub_head_that_looks_like_boilerplate_stays(line: str, at: int) -> None:
    text = lines(*BODY[:at], line, *BODY[at:])
    assert cleaned({"headline": HEADLINE, "body": text}).body == text


@pytest.mark.parametrize("end", ["(AFP)", "(Reuters)", "(PTI)", "(AP)", "– dpa", "— AFP", "AP", "PTI", "AFP/Reuters"])
def test_a_paragraph_signed_by_an_agency_is_not_a_caption(end: str) -> None:
    article = cleaned({"headline": HEADLINE, "body": f"{STORY} {end}"})
    assert article.body == STORY
    assert article.captions == ()
    assert article.agency is not None
    within = lines(*BODY[:2], f"{BODY[2]} {end}", *BODY[3:])
    assert cleaned({"headline": HEADLINE, "body": within}).body == within


@pytest.mark.parametrize(
    ("line", "agency"),
    [
        ("(AFP)", "AFP"),
        ("– dpa", "dpa"),
        ("AP", "AP"),
        ("PTI", "PTI"),
        ("[Reuters]", "Reuters"),
        ("AFP/Reuters", "AFP"),
        ("With AFP", "AFP"),
        ("kb/mt (AFP, dpa)", "AFP"),
        ("(With agency inputs from PTI)", None),
        ("Agencies", "Agencies"),
        ("(PANA)", "PANA"),
    ],
)  # fmt: skip
def test_a_signature_below_the_last_paragraph_gives_the_agency(line: str, agency: str | None) -> None:
    article = cleaned({"headline": HEADLINE, "body": lines(STORY, line)})
    assert article.body == STORY
    assert article.agency == agency
    assert article.captions == ()


def test_a_short_line_that_ends_in_an_agency_is_a_caption() -> None:
    article = cleaned({"headline": HEADLINE, "body": lines(BODY[0], "Passengers wait at Port Ellery (AFP)", *BODY[1:])})
    assert article.body == STORY
    assert [(caption.text, caption.credit) for caption in article.captions] == [
        ("Passengers wait at Port Ellery", "AFP")
    ]


TEXTS = {
    "results": lines(
        *BODY[:3], "Results:", "Saltby 2 Holm 1", "Vale 0 Port Ellery 0", "Friday's matches:", "Holm v Vale",
        "Saltby: Host Vale on Friday.", "Holm: Visit Ellery on Sunday.", *BODY[3:],
    ),
    "up-next": lines(*BODY, "UP NEXT", "Saltby: Host Vale on Friday.", "Holm: Visit Port Ellery on Friday."),
    "poem": lines(
        "The tide goes out, the tide comes in", "And nobody keeps the score", "By Holm and Vale the boats lie thin",
        "And thinner than before", "Follow the gulls", "Share the bread", "The tide goes out, the tide comes in",
        "Read what the water said",
    ),
    "questions": lines(
        "Q: How did you come to the islands?", "A: By boat. How else?", "Q: Will you stay?", "A: More or less.",
        "Q: Do you have a message for the minister?", "A: Read the letter.", *BODY[3:],
    ),
    "chronology": lines(
        *BODY[:2], "March 16, 2021", "The first boat is sold.", "April 2, 2021", "The second boat is sold.",
        "May 9, 2022", "The pier is closed.", "June 1, 2022", "The union asks for talks.", "July 4, 2023",
        "The talks begin.", "March 7, 2025", "The talks fail.", *BODY[2:],
    ),
    "key points": lines(
        "• Nine routes lose their timetable", "• The union wants rest days", "• A mediator comes on Monday", *BODY,
    ),
    "squad": lines(
        *BODY[:3], "Goalkeepers:", "Jon Vale (Port Ellery / Northland)", "Sam Roe (Saltby United / Westland)",
        "Tom Adair (Holm Town / Northland)", *BODY[3:],
    ),
    "acronym": lines("NASA – the space agency of the United States – has bought a ferry.", *BODY),
}  # fmt: skip


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_lists_poems_results_and_questions_stay(text: str) -> None:
    assert cleaned({"headline": HEADLINE, "body": text}).body == text


def test_a_lead_whose_words_recur_below_is_not_a_standfirst() -> None:
    article = cleaned(
        lines(
            HEADLINE,
            "The union of ferry crews on the northern islands has voted for a walkout on Friday over night shifts.",
            "“Crews have worked eleven night shifts in a row,” said the secretary of the union, Mara Quill.",
            "She said the islands had known since Friday that a walkout was near.",
            *BODY[2:],
        )
    )
    assert article.summary is None
    assert article.body.startswith("The union of ferry crews")
