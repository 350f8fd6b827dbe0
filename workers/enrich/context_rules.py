"""The rules for what stands around a name, in tables with examples; ``contexts`` applies them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from schemas.records import EntityType
from workers.enrich.types import FAC, GPE, LOC, ORG, PERSON, PRODUCT
from workers.vocabulary.relatives import HIS_OR_HER_RELATIVE

Vote = tuple[EntityType, int]


@dataclass(frozen=True, slots=True)
class Rule:
    """An expression for what stands right before or right after a name, and the votes that it gives.

    It matches around the name in brackets of ``example``, and not around that of ``counterexample``; the tests check
    both.

    Attributes:
        beside: the last words before a name, or the signs after it, with which the expression can match at all. Most
            mentions have others, and no search is needed.
        is_for_words: whether it holds only for names in one word.
    """

    expression: re.Pattern[str]
    beside: Sequence[str]
    votes: tuple[Vote, ...]
    example: str
    counterexample: str
    is_for_words: bool = False


BEFORE = (
    Rule(
        re.compile(
            r"\b(?:heads|headed|founded|founder of|co-founded|chairs|chief executive of|CEO of|chairman of|chair of"
            r"|boss of|owner of|head of|president of|director of|shares? (?:of|in)|stake in|customers? of"
            r"|shareholders? of"
            r"|(?:plants?|factory|factories|unit|subsidiary|branch|arm|supplier|employees|workers|headquarters|offices)"
            r" of"
            r"|(?:analyst|economist|strategist|professor|researcher|scientist|partner|lawyer|fellow|director|manager"
            r"|executive|engineer|student|editor|trader|physicist|biologist|astronomer|historian|curator|expert"
            r"|lecturer) (?:at|with|for)"
            r"|who (?:leads|led)|leader of|members? of|joined|acquired|sued|works? for|worked for|buys? from"
            r"|bought from) $"
        ),
        (
            "heads",
            "headed",
            "leads",
            "led",
            "founded",
            "of",
            "in",
            "chairs",
            "joined",
            "acquired",
            "sued",
            "for",
            "from",
            "at",
            "with",
        ),
        ((ORG, 2),),
        "She is an analyst at [Wayve].",
        "She arrived at [Wayve].",
    ),
    Rule(
        re.compile(r"\b(?:waited|waiting|stood|gathered|protest(?:ed|ing)|rall(?:ied|ying)|camped) outside (?:the )?$"),
        ("outside", "the"),
        ((FAC, 3),),
        "Crowds gathered outside the [Odeon].",
        "Crowds walked past the [Odeon].",
    ),
    Rule(
        re.compile(
            r"\b(?:born|raised|lives?|lived|living|resides?|based|buried|grew up|brought up|school|home) (?:in|near) $"
        ),
        ("in", "near"),
        ((GPE, 4),),
        "He grew up in [Ellery].",
        "He believed in [Ellery].",
    ),
    Rule(
        re.compile(
            r"\b(?:flew|fly|flies|flying|flown|travel(?:s|led|ed|ling|ing)?|went|going|moved?|moves|fled|drove|sailed"
            r"|returned|came|trips?|roads?|trains?|flights?|way|visits?|bus|buses|headed|heading|deported"
            r"|extradited) (?:back )?to $"
        ),
        ("to",),
        ((GPE, 2),),
        "They fled to [Ellery].",
        "They spoke to [Ellery].",
    ),
    Rule(
        re.compile(r"\b(?:makers?|manufacturers?|producers?) of $"),
        ("of",),
        ((PRODUCT, 3),),
        "The maker of [Zolvex] agreed.",
        "The mayor of [Ellery] agreed.",
    ),
    Rule(
        re.compile(
            r"\b(?:(?:ship|ferry|vessel|boat|liner|yacht|tanker|trawler),? the|aboard(?: the)?"
            r"|(?:hull|engines?|deck|crew|captain|wreck|bow|stern) of the|refloat the) $"
        ),
        ("the", "aboard"),
        ((PRODUCT, 3),),
        "The crew of the [Wilma] slept.",
        "The board of the [Wilma] slept.",
    ),
    Rule(
        re.compile(
            r"\b(?:city|town|village|port|island|isle|islands|capital|state|province|region|district|suburb|county"
            r"|outskirts|streets|mayor|governor|people|residents|villagers|firefighters|firemen|voters|citizens|north"
            r"|south|east|west|northeast|northwest|southeast|southwest|republic|coast|part|parts|centre|center)"
            r" of (?:the )?$|(?:km|kilomet(?:er|re)s|miles) (?:\w+ )?(?:of|from) $",
            re.IGNORECASE,
        ),
        ("of", "from", "the"),
        ((GPE, 3),),
        "It hit the outskirts of [Ellery].",
        "It hit the shares of [Ellery].",
    ),
    Rule(
        re.compile(
            r"\b(?:constellation|galaxy|planet|moon|comet|river|mountain|volcano|peak|slopes|foothills|bay|gulf|valley"
            r"|lake|peninsula|archipelago|desert|banks|waters|shores) of (?:the )?$"
        ),
        ("of", "the"),
        ((LOC, 4),),
        "Ash fell on the slopes of [Ardo].",
        "Ash fell on the streets of [Ardo].",
    ),
    Rule(
        re.compile(rf"{HIS_OR_HER_RELATIVE}, $"),
        (",",),
        ((PERSON, 4),),
        "She left with her husband, [Saltby].",
        "She left with her luggage, [Saltby] said.",
    ),
    Rule(
        re.compile(r"\b(?:MP|MSP|MEP|[Ss]enator|[Cc]ongress(?:wo)?man) for $"),
        ("for",),
        ((GPE, 4),),
        "The MP for [Ellery] resigned.",
        "The vote for [Ellery] was close.",
    ),
)
"""What stands before a name: the words of all rules that match count."""

AFTER = (
    Rule(
        re.compile(
            r" (?:has |have |had )?(?:raised|reported|posted|earned|lost) (?:[^\s.,]+ ){0,3}"
            r"(?:million|billion|profits?|revenues?|sales|loss|losses|earnings)\b"
        ),
        (" ",),
        ((ORG, 3),),
        "[Wayve] reported a record loss.",
        "[Wayve] reported a theft.",
    ),
    Rule(
        re.compile(
            r"(?:['’]s)? (?:shares|stock|shareholders|chief executive|CEO|co-founder|founder|headquarters|employees"
            r"|executives?)\b"
            r"| (?:rose|fell|gained|lost|dropped|jumped|slid|climbed|shed|added|plunged|surged) (?:by )?(?:about )?"
            r"\d[\d.]*(?:%| per ?cent| percent)"
            r"| (?:declined to comment|did not (?:immediately )?(?:respond|reply|comment)|could not be reached)"
            r"| (?:makes|sells|manufactures|employs|operates|unveiled|acquired|has bought|cancelled its|is to report"
            r"|shareholders)\b"
        ),
        (" ", "'", "’"),
        ((ORG, 3),),
        "[Wayve]’s shares rose.",
        "[Wayve]’s daughter rose.",
    ),
    Rule(
        re.compile(
            r" (?:capsized|docked|sailed|ran aground|was sailing|set sail|had sailed)\b"
            r"|, which (?:had |has |was )?(?:left|sailed|sailing|docked|carrying|carried) "
        ),
        (" ", ","),
        ((PRODUCT, 3),),
        "The [Wilma] ran aground.",
        "The [Wilma] ran late.",
    ),
)
"""What stands after a name: all rules that match count."""

FIRST_AFTER = (
    Rule(
        re.compile(r",? \(?[1-9]\d\)?(?=[,.) ])(?!,\d)"),
        (",", " "),
        ((PERSON, 3),),
        "[Saltby], 47, left.",
        "[Saltby], 12,000 strong, left.",
    ),
    Rule(
        re.compile(r", (?:about |some |just )?[\w.-]+ (?:miles|km|kilomet(?:er|re)s)\b"),
        (",",),
        ((GPE, 4),),
        "They met in [Ellery], about 30 miles away.",
        "They met in [Ellery], about 30 people.",
    ),
    Rule(
        re.compile(r" ?, (?:who|whose|who's)\b"),
        (",", " "),
        ((PERSON, 2),),
        "[Saltby], whose boat sank, left.",
        "[Saltby], where a boat sank, is quiet.",
    ),
    Rule(
        re.compile(r" ?, where\b"),
        (",", " "),
        ((GPE, 2),),
        "[Ellery], where a boat sank, is quiet.",
        "[Ellery Bank], where she works, is quiet.",
        is_for_words=True,
    ),
    Rule(
        re.compile(r" ?, which\b"),
        (",", " "),
        ((PERSON, -3), (ORG, 0)),
        "[Wayve], which makes cars, agreed.",
        "[Saltby], who makes cars, agreed.",
    ),
)
"""What stands after a name and a comma: only the first rule that matches counts."""
