"""Says who an article names as the speaker of a quote: by the verb of saying beside it, and the names beside that."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import NamedTuple

from schemas.records import Entity, Section
from workers.enrich.lexicon import rows
from workers.enrich.types import NORP, ORG, PERSON
from workers.vocabulary.letters import CAPITAL
from workers.vocabulary.relatives import HIS_OR_HER_RELATIVE

_WINDOW = 300
"""How far from a quote its attribution may reach, in code points."""
_MAX_WORDS_TO_VERB = 25
_MAX_WORDS_TO_LAST_VERB = 2
_MAX_SENTENCES_TO_PRONOUN = 3

_STOP = re.compile(r"[.!?…。！？\n](?:(?<=[。！？\n])|[\"”»“’'」]?(?=\s))")
"""The end of a sentence, unless it ends an abbreviation. Of one set of signs, so that a search skips to those."""
_ABBREVIATION = re.compile(rf"\b(?:Mr|Mrs|Ms|Dr|St|Sr|Sra|Sen|Gov|Gen|Rep|Prof|{CAPITAL})$")
_WORD = re.compile(r"\w+")
_POSSESSIVE = re.compile(r"['’]s?\b")
_RELATIVE_BEFORE = re.compile(rf"{HIS_OR_HER_RELATIVE},? $")
"""Before a relative of whom a pronoun after it does not speak: Her husband, Tom, died. She said …"""
_PLURAL_ENDS = ("s", "sh", "ch", "ese", "men", "women")
"""Of words for many people, or for a people as a whole: the Germans, the French."""
_MAX_ROLE = 60
_ENDS = re.compile(r"[.,;:\n]|$| (?:in|on|at|after|before|who|as)\b")
_ROLE = re.compile(r" (?:[a-z-]+ ){0,3}")
"""What may stand between a people and a person: German tennis player Zverev."""
_PLAIN_ROLE = re.compile(r"[\w’' -]+")
_MAX_ROLE_WORDS = 3
_ARTICLES = frozenset(
    {"the", "a", "an", "der", "die", "das", "den", "dem", "le", "la", "les", "l", "el", "il", "lo", "o"}
)


@dataclass(frozen=True, slots=True)
class SpeechWords:
    """The words by which a language attributes speech; see ``lexicon/speech.tsv``.

    Attributes:
        personal_verbs: those of the verbs whose subject is a person.
        joins_words: whether the language puts no blanks between words.
        drops_pronouns: whether a verb alone says that he or she said it.
        ends_with_verb: whether the subject stands before a quote and the verb after it.
        writes_dashes: whether speech may stand after a dash. Elsewhere that is an item of a list.
    """

    verbs: re.Pattern[str]
    personal_verbs: re.Pattern[str]
    pronouns: frozenset[str]
    helpers: frozenset[str]
    barriers: frozenset[str]
    joins_words: bool
    drops_pronouns: bool
    ends_with_verb: bool
    writes_dashes: bool


class Attribution(NamedTuple):
    """Who said something: the name of an entity, or None if it is nobody with a name or not certain."""

    speaker: str | None


class _Name(NamedTuple):
    """A mention of somebody or something that may speak."""

    start: int
    end: int
    entity: Entity

    @property
    def is_person(self) -> bool:
        return self.entity.type is PERSON


class _People(NamedTuple):
    """A mention of a country's people or of one of them; ``may_be_many`` if the word does not say which."""

    start: int
    end: int
    country: str
    may_be_many: bool


def words_of_speech(language: str) -> SpeechWords | None:
    """The words by which the language attributes speech; None if they are not known."""
    return _speech_words().get(language)


@cache
def _speech_words() -> Mapping[str, SpeechWords]:
    table: dict[str, dict[str, list[str]]] = {}
    for language, kind, words in rows("speech"):
        table.setdefault(language, {})[kind] = words.split("|")
    found = {}
    for language, kinds in table.items():
        joins_words = language in {"zh", "ja"}
        found[language] = SpeechWords(
            verbs=_any_of([*kinds["verb"], *kinds.get("report", ())], joins_words),
            personal_verbs=_any_of(kinds["verb"], joins_words),
            pronouns=frozenset(kinds["pronoun"]),
            helpers=frozenset(kinds.get("helper", ())),
            barriers=frozenset(kinds.get("barrier", ())),
            joins_words=joins_words,
            drops_pronouns=language in {"es", "it", "pt"},
            ends_with_verb=joins_words or language == "tr",
            writes_dashes=language in {"es", "fr", "pl", "pt", "ru", "sv", "uk"},
        )
    return found


def _any_of(verbs: Sequence[str], joins_words: bool) -> re.Pattern[str]:
    longest_first = "|".join(sorted(map(re.escape, verbs), key=len, reverse=True))
    return re.compile(longest_first if joins_words else rf"\b(?:{longest_first})\b")


class Attributor:
    """Finds speakers in one text, in which what is said has been masked.

    Attributes:
        last: who said what was attributed last, and ``last_end`` where that ended: "he" may refer to that speaker.
    """

    def __init__(self, text: str, words: SpeechWords, entities: Sequence[Entity]) -> None:
        self.text, self.words = text, words
        self.last, self.last_end = Attribution(None), -1
        speakers = [each for each in entities if each.type in (PERSON, ORG)]
        names = [_Name(m.start, m.end, each) for each in speakers for m in each.mentions if m.section is Section.BODY]
        self._names = sorted((name for name in names if text[name.start] != "_"), key=lambda name: name.start)
        self._name_starts = [name.start for name in self._names]
        self._entities = entities
        self._stops = [match.end() for match in _STOP.finditer(text) if self._is_stop(match.start())]

    def _is_stop(self, place: int) -> bool:
        if self._is_in_name(place):
            return False
        return self.text[place] != "." or not _ABBREVIATION.search(self.text, max(0, place - 5), place)

    def before(self, opening: int) -> Attribution | None:
        """Who the sentence before a quote says will speak (Li said: “…”); None if it says nothing of the kind."""
        end = opening
        while end and self.text[end - 1].isspace():
            end -= 1
        start = self._sentence_start(end)
        mark = self.text[end - 1 : end]
        if end - start < 2 or mark not in (":", "：", ",") or (mark == "," and "\n" in self.text[end:opening]):
            return None
        verb = next(reversed(list(self.words.verbs.finditer(self.text, start, end))), None)
        names = self._between(start, end)
        if verb is None:
            is_subject = mark != "," and names and names[0].is_person and self._is_free(names[0])
            return Attribution(names[0].entity.name) if is_subject and self._is_first_word(start, names[0]) else None
        if mark == "," and len(_WORD.findall(self.text, verb.end(), end)) > 6:
            return None
        return self._of_verb(start, verb, end, names, start)

    def after(self, opening: int, closing: int, ends_with: str) -> Attribution | None:
        """Who the clause after a quote says has spoken (“…,” said Li); None if it says nothing of the kind.

        Args:
            opening: the place of the mark before the quote.
            closing: the place of the mark after it.
            ends_with: the last sign of the quote. After a full stop, only a clause after a comma belongs to it.
        """
        start = closing + 1
        if ends_with in ".…" and not self.text.startswith(",", start) and not self.words.joins_words:
            return None
        end = self.sentence_end(start)
        verb = self.words.verbs.search(self.text, start, end)
        if verb is None or len(_WORD.findall(self.text, start, verb.start())) > _MAX_WORDS_TO_VERB:
            return None
        if self.words.joins_words:  # the subject stands before the quote
            names = self._between(self._sentence_start(opening), opening)
            return Attribution(next((name.entity.name for name in names if name.is_person), None))
        names = self._between(start, end)
        if self.words.ends_with_verb and not any(self._may_follow(verb, name) for name in names):
            if len(_WORD.findall(self.text, start, verb.start())) > _MAX_WORDS_TO_LAST_VERB:
                return None
            people = [name for name in self._between(self._sentence_start(opening), opening) if name.is_person]
            return Attribution(people[0].entity.name) if people else self._nearest(self._sentence_start(opening))
        return self._of_verb(start, verb, end, names, self._sentence_start(opening))

    def has_verb(self, start: int, end: int) -> bool:
        """Whether a verb of saying stands there."""
        return self.words.verbs.search(self.text, start, end) is not None

    def sentence_end(self, place: int) -> int:
        """The end of the sentence, at most a window away."""
        i = bisect_right(self._stops, place)
        return min(self._stops[i] if i < len(self._stops) else len(self.text), place + _WINDOW)

    def _sentence_start(self, place: int) -> int:
        i = bisect_left(self._stops, place)
        return max(self._stops[i - 1] if i else 0, place - _WINDOW)

    def _of_verb(self, start: int, verb: re.Match[str], end: int, names: Sequence[_Name], sentence: int) -> Attribution:
        """The subject of a verb between ``start`` and ``end``: before it, or else after it.

        ``sentence`` is where the sentence begins; what a pronoun refers to stands before that.
        """
        subjects = [name for name in names if name.end <= verb.start() and self._is_free(name)]
        people = [name for name in subjects if name.is_person]
        if adjacent := [name for name in subjects if not self.text[name.end : verb.start()].strip()]:
            people = adjacent if adjacent[0].is_person or not people else people
        if people:
            return Attribution(people[0].entity.name)
        between = [word.lower() for word in _WORD.findall(self.text, start, verb.start())]
        following = _WORD.search(self.text, verb.end(), end)
        pronouns, helpers = self.words.pronouns, self.words.helpers
        if between and between[-1] in pronouns | helpers and pronouns.intersection(between[-3:]):
            return self._nearest(sentence)
        if not set(between) - helpers:
            if following and following.group() in pronouns | helpers:
                return self._nearest(sentence)
            if subject := next((name for name in names if self._may_follow(verb, name)), None):
                return Attribution(self._with_role(subject, names).entity.name)
            if self.words.drops_pronouns and (not following or following.group() in self.words.barriers):
                return self._nearest(sentence)
        return Attribution(self._one_of_people(verb))

    def _nearest(self, end: int) -> Attribution:
        """The person that a pronoun after ``end`` refers to: who spoke last, or the first one in a sentence before."""
        for _ in range(_MAX_SENTENCES_TO_PRONOUN):
            start = self._sentence_start(end)
            if start >= end:
                break
            if start <= self.last_end < end:
                return self.last
            people = [name for name in self._between(start, end) if name.is_person]
            if people:
                is_meant = self._is_free(people[0]) and not _RELATIVE_BEFORE.search(
                    self.text, max(0, people[0].start - 30), people[0].start
                )
                return Attribution(people[0].entity.name if is_meant else None)
            end = start
        return Attribution(None)

    def _one_of_people(self, verb: re.Match[str]) -> str | None:
        """Who "the German" beside a verb is: the only one whom the article calls so, if the paragraph has the name."""
        people = self._people_by_end.get(verb.start() - 1) or self._peoples.get(verb.end() + len(" the "))
        if people is None or people.may_be_many or not self.text.endswith("the ", 0, people.start):
            return None
        if people.start > verb.start() and not _ENDS.match(self.text, people.end):
            return None  # said the German minister
        called = self._called_by_country.get(people.country, set())
        paragraph = self.text.rfind("\n", max(0, verb.start() - _WINDOW), verb.start()) + 1
        named = {name.entity.name for name in self._between(paragraph, verb.start())}
        return next(iter(called)) if len(called) == 1 and called <= named else None

    @cached_property
    def _peoples(self) -> Mapping[int, _People]:
        """The mentions of a country's people, by where they begin."""
        found = (
            _People(m.start, m.end, each.links["country"], m.text.endswith(_PLURAL_ENDS))
            for each in self._entities
            if each.type is NORP and "country" in each.links
            for m in each.mentions
            if m.section is Section.BODY
        )
        return {people.start: people for people in sorted(found)}

    @cached_property
    def _people_by_end(self) -> Mapping[int, _People]:
        return {people.end: people for people in self._peoples.values()}

    @cached_property
    def _called_by_country(self) -> Mapping[str, set[str]]:
        """Who is called one of a country's people beside the name (German Alexander Zverev; Zverev, the German)."""
        found: dict[str, set[str]] = {}
        starts = list(self._peoples)
        for name in self._names if starts else ():
            after = self._peoples.get(name.end + len(", the "))
            before = self._peoples[starts[max(0, bisect_left(starts, name.start) - 1)]]
            if after and self.text.startswith(", the ", name.end):
                found.setdefault(after.country, set()).add(name.entity.name)
            if name.start - _MAX_ROLE <= before.end <= name.start and _ROLE.fullmatch(
                self.text, before.end, name.start
            ):
                found.setdefault(before.country, set()).add(name.entity.name)
        return found

    def _is_in_name(self, place: int) -> bool:
        i = bisect_right(self._name_starts, place) - 1
        return i >= 0 and place < self._names[i].end - 1

    def _between(self, start: int, end: int) -> Sequence[_Name]:
        """The names that begin between the two places."""
        return self._names[bisect_left(self._name_starts, start) : bisect_left(self._name_starts, end)]

    def _is_free(self, name: _Name) -> bool:
        """Whether the name may be a subject: no possessive, and not after a preposition (a friend of Li)."""
        if _POSSESSIVE.match(self.text, name.end):
            return False
        before = [word.lower() for word in _WORD.findall(self.text, max(0, name.start - 30), name.start)]
        while before and before[-1] in _ARTICLES - self.words.barriers:
            before.pop()
        return not before or before[-1] not in self.words.barriers

    def _may_follow(self, verb: re.Match[str], name: _Name) -> bool:
        """Whether the name may be the subject of the verb before it; an organisation only right after it."""
        if name.start < verb.end() or not self._is_free(name):
            return False
        between = [word.lower() for word in _WORD.findall(self.text, verb.end(), name.start)]
        if self._is_apposition(verb.end(), name) and between[0] not in self.words.barriers:
            return True  # said the head of the agency, Li
        return self.words.barriers.isdisjoint(between) and (name.is_person or not set(between) - _ARTICLES)

    def _with_role(self, subject: _Name, names: Sequence[_Name]) -> _Name:
        """The subject, or if it is an organisation, the person whose role there follows (said Fed chair Powell)."""
        after = next((name for name in names if name.start >= subject.end), None)
        if subject.is_person or after is None or not after.is_person:
            return subject
        role = self.text[subject.end : after.start]
        words = _WORD.findall(role)
        is_role = 0 < len(words) <= _MAX_ROLE_WORDS and role.islower() and _PLAIN_ROLE.fullmatch(role)
        return after if is_role and self.words.barriers.isdisjoint(words) else subject

    def _is_apposition(self, start: int, name: _Name) -> bool:
        """Whether a person's name stands after a role that begins at ``start``, and a comma."""
        role = self.text[start : name.start]
        return name.is_person and role.endswith(", ") and role.count(",") == 1 and len(role) <= _MAX_ROLE

    def _is_first_word(self, start: int, name: _Name) -> bool:
        return not self.text[start : name.start].strip()
