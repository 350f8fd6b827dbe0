from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.records import EntityType, Section
from tests.enrich.support import NameRecogniser, article
from tests.timing import seconds
from workers.enrich import Enricher

PERSON, ORG, GPE, LOC = EntityType.PERSON, EntityType.ORG, EntityType.GPE, EntityType.LOC


def names(body: str, language: str) -> dict[str, EntityType]:
    """The surfaces of all mentions without a model, and their types."""
    (out,) = Enricher({}).enrich([article(body, language=language)])
    return {mention.text: entity.type for entity in out.entities for mention in entity.mentions}


@pytest.mark.parametrize(
    ("language", "body", "expected"),
    [
        ("de", "In München sagte Olaf Scholz, Siemens baue.", {"München": GPE, "Olaf Scholz": PERSON, "Siemens": ORG}),
        ("de", "Der Altkanzler Olaf Scholz kam. Scholz schwieg.", {"Scholz": PERSON, "Olaf Scholz": PERSON}),
        ("fr", "Le président Emmanuel Macron a visité Renault.", {"Emmanuel Macron": PERSON, "Renault": ORG}),
        ("fr", "« C'est fini pour nous », a déclaré Lecornu.", {"Lecornu": PERSON}),
        ("es", "El presidente del Gobierno, Pedro Sánchez, voló a Turín.", {"Pedro Sánchez": PERSON, "Turín": GPE}),
        ("it", "L'Italia compra gas in Libia, ha detto Meloni.", {"Italia": GPE, "Libia": GPE, "Meloni": PERSON}),
        ("pt", "A ministra Marina Silva chegou a Lisboa.", {"Marina Silva": PERSON, "Lisboa": GPE}),
        ("pt", "Em Viana do Castelo falou Luís Montenegro.", {"Viana do Castelo": GPE, "Luís Montenegro": PERSON}),
        ("pt", "Luís Montenegro voou. Montenegro dormiu.", {"Luís Montenegro": PERSON, "Montenegro": PERSON}),
        ("es", "El equipo de Santiago de Chile ganó.", {"Santiago de Chile": GPE}),
        ("fr", "La vallée d'Aspe et le tunnel du Somport ferment.", {"Aspe": LOC, "Somport": LOC}),
        ("fr", "Le col est fermé entre Urdos et Canfranc jusqu'à Pâques.", {"Urdos": GPE, "Canfranc": GPE}),
        ("fr", "Le cinéma Le Phare rouvre avec les frères Lambert.", {"Le Phare": ORG, "Lambert": PERSON}),
        ("it", "Chiude il traforo del Frejus, poi la piazza della Loggia.", {"Frejus": LOC, "Loggia": LOC}),
        ("de", "Der Tierschutzbund sagte nichts. Der Arbeiter sagte viel.", {"Tierschutzbund": ORG}),
        ("nl", "Premier Rob Jetten reisde naar Duitsland.", {"Rob Jetten": PERSON, "Duitsland": GPE}),
        ("nl", "Directeur Anna Visser van Milieudefensie juicht.", {"Anna Visser": PERSON, "Milieudefensie": ORG}),
        ("sv", "Miljöminister Romina Pourmokhtari reste till Boden.", {"Romina Pourmokhtari": PERSON, "Boden": GPE}),
        ("pl", "Burmistrz Adam Nowak wrócił.", {"Adam Nowak": PERSON}),
        ("tr", "Adalet Bakanı Yılmaz Tunç Ankara'da konuştu.", {"Yılmaz Tunç": PERSON, "Ankara": GPE}),
        ("it", "L'azienda apre a Voghera e a Chieri.", {"Voghera": GPE, "Chieri": GPE}),
        ("de", "Die RWTH Aachen bekommt Besuch. Der Feuerwehr-Chef kam mittlerweile.", {"RWTH Aachen": ORG}),
        ("de", "Ein Sprecher. Mittlerweile regnet es, sagt die Polizei.", {}),
        ("tr", "Maçta Göztepeli Emre Belözoğlu attı. İSTANBUL'DA BÜYÜK SEVİNÇ", {
            "Emre Belözoğlu": PERSON, "İSTANBUL": GPE}),
        ("es", "Con el que Londres firmó. Lluvia de Londres.", {"Londres": GPE}),
        ("es", "El ministro de Economía tardó en llegar en Febrero.", {}),
        ("ru", "Президент Франции Эмманюэль Макрон уехал.", {"Франции": GPE, "Эмманюэль Макрон": PERSON}),
        ("uk", "Президент Володимир Зеленський приїхав до Польщі.", {"Володимир Зеленський": PERSON, "Польщі": GPE}),
        ("ar", "وصل الوفد إلى القاهرة ثم الأردن ولبنان.", {"القاهرة": GPE, "الأردن": GPE, "لبنان": GPE}),
        ("zh", "法国总统抵达北京，将访问乌克兰。", {"法国": GPE, "北京": GPE, "乌克兰": GPE}),
        ("ja", "首相は韓国のソウルと北朝鮮について話した。", {"韓国": GPE, "ソウル": GPE, "北朝鮮": GPE}),
        ("ar", "قوات للولايات المتحدة وبالعراق في خان يونس.", {"لولايات المتحدة": GPE, "العراق": GPE, "خان يونس": GPE}),
        ("ar", "وعد بدعم مالي كبير.", {}),
        ("ar", "وقع انفجار في مالي.", {"مالي": GPE}),
        ("ar", "قال حزب الله إنه يحترم قرار مجلس الأمن.", {"حزب الله": ORG, "مجلس الأمن": ORG}),
        ("ja", "マリーとチャドウィックがパリ・サンジェルマンに感謝した。", {}),
        ("ja", "トルコ石とインド洋とメキシコ湾の本。", {}),
        ("ja", "フランス・パリとイタリア、それにガザ。", {"フランス": GPE, "パリ": GPE, "イタリア": GPE, "ガザ": GPE}),
        ("zh", "马里兰州、马里奥和巴黎圣日耳曼队。", {"马里兰州": GPE}),
        ("ja", "鈴木健二さんと同社の社長、米大統領が会った。", {"鈴木健二": PERSON}),
        ("ja", "フランス大統領とアンナ・リンド社長。リンド社長は静かだ。", {
            "フランス": GPE, "アンナ・リンド": PERSON, "リンド": PERSON}),
        ("ja", "東北電力は山形大学と協力する。", {"東北電力": ORG, "山形大学": ORG}),
        ("zh", "省长刘大明表示，南开大学教授赵宁认为会下雪。赵宁很忙。", {
            "刘大明": PERSON, "南开大学": ORG, "赵宁": PERSON}),
        ("zh", "彼得·施密特在会上说，总统要求部长出席。", {"彼得·施密特": PERSON}),
        ("ar", "قال وزير الصحة خالد منصور إن العمل مستمر. وأضاف منصور أنه سعيد.", {
            "خالد منصور": PERSON, "منصور": PERSON}),
        ("ar", "أعلنت وزارة الزراعة أن المدير سعيد بالنتائج.", {"وزارة الزراعة": ORG}),
        ("pl", "Wójt Jan Nowicki czekał. Zdaniem Nowickiego w Toruniu i na Węgrzech pada.", {
            "Jan Nowicki": PERSON, "Nowickiego": PERSON, "Toruniu": GPE, "Węgrzech": GPE}),
        ("uk", "Міністр оборони Тарас Коваль поїхав. За словами Коваля, тихо.", {
            "Тарас Коваль": PERSON, "Коваля": PERSON}),
        ("de", "Im Sommer Löhne kürzen, das will der Ernst Müller nicht.", {"Ernst Müller": PERSON}),
        ("zh", "马里和古巴，伊朗德国，朝鲜半岛。", {"马里": GPE, "古巴": GPE, "伊朗": GPE, "德国": GPE}),
        ("zh", "日本海军抵达；世卫组织称刚果民主共和国。", {"日本": GPE, "世卫组织": ORG, "刚果民主共和国": GPE}),
    ],
)  # fmt: skip
def test_names_are_found_without_a_model(language: str, body: str, expected: dict[str, EntityType]) -> None:
    assert names(body, language) == expected


@pytest.mark.parametrize(
    ("language", "body", "expected"),
    [
        ("de", "Das Landgericht Kassel gab ihr recht.", ["Landgericht Kassel"]),
        ("de", "Das Bundesministerium für Bildung zahlt.", ["Bundesministerium für Bildung"]),
        ("de", "Ein Gericht in Köln und jedes Ministerium prüfen die Universität.", []),
        ("de", "Der Auftrag für die Krause Bau GmbH ist groß.", ["Krause Bau GmbH"]),
        ("de", "Der Puma-Chef und die Berlin-Politiker schwiegen.", ["Puma"]),
        ("fr", "Le Ministère de la santé a saisi la Cour des comptes.", [
            "Cour des comptes", "Ministère de la santé"]),
        ("es", "Lo confirmó la Audiencia Provincial de Cádiz.", ["Audiencia Provincial de Cádiz"]),
        ("it", "L'Agenzia per la cybersicurezza nazionale (Acn) indaga.", [
            "Acn", "Agenzia per la cybersicurezza nazionale"]),
        ("pt", "A Agência Nacional de Aviação Civil (Anac) multou.", ["Agência Nacional de Aviação Civil", "Anac"]),
        ("nl", "De Vrije Universiteit Brussel zoekt studenten.", ["Vrije Universiteit Brussel"]),
        ("nl", "Chipbedrijf Besi groeit.", ["Besi"]),
        ("pl", "Sprawą zajmie się Sąd Okręgowy w Gdyni.", ["Sąd Okręgowy"]),
        ("sv", "Skolinspektionen och Lunds universitet svarar.", ["Lunds universitet", "Skolinspektionen"]),
        ("tr", "Hacettepe Üniversitesi ile Adalet Bakanlığı anlaştı.", ["Adalet Bakanlığı", "Hacettepe Üniversitesi"]),
        ("uk", "Міністерство оборони і Верховний Суд мовчать.", ["Верховний Суд", "Міністерство оборони"]),
    ],
)  # fmt: skip
def test_organisations_are_known_by_their_own_words(language: str, body: str, expected: list[str]) -> None:
    assert sorted(name for name, kind in names(body, language).items() if kind is ORG) == expected


def test_a_full_name_and_its_acronym_are_one_organisation() -> None:
    body = "Lo dice l'Istituto superiore di sanità (Iss). Oggi Iss e ministero si vedono."
    (out,) = Enricher({}).enrich([article(body, language="it")])
    assert [(entity.name, entity.count) for entity in out.entities] == [("Istituto superiore di sanità", 3)]


@pytest.mark.parametrize(
    ("language", "body", "expected"),
    [
        ("ru", "Анна Ковалёва приехала. Журналисты ждали Ковалёву. По словам Ковалёвой, всё хорошо.", [
            ("Анна Ковалёва", 3)]),
        ("uk", "Тарас Ковальський приїхав. За словами Ковальського, все добре.", [("Тарас Ковальський", 2)]),
        ("pl", "Trener Marek Zawada wrócił. Zdaniem Zawady to koniec, a Markowi Zawadzie brak sił.", [
            ("Marek Zawada", 2), ("Markowi Zawadzie", 1)]),
        ("pl", "Premier Jan Nowicki i minister Anna Nowicka spali. Zdaniem Nowickiej było cicho.", [
            ("Anna Nowicka", 2), ("Jan Nowicki", 1)]),
        ("ja", "鈴木健二さんが来た。鈴木さんは話し、鈴木さんは帰った。", [("鈴木健二", 3)]),
        ("it", "Il sindaco Ugo De Vita tace. Secondo De Vita pioverà.", [("Ugo De Vita", 2)]),
        ("pt", "A diretora Rita Moutinho saiu. Segundo Moutinho, chove.", [("Rita Moutinho", 2)]),
    ],
)  # fmt: skip
def test_forms_of_a_name_are_one_person(language: str, body: str, expected: list[tuple[str, int]]) -> None:
    (out,) = Enricher({}).enrich([article(body, language=language)])
    assert sorted((entity.name, entity.count) for entity in out.entities) == expected


def test_cities_and_countries_are_identified_in_every_script() -> None:
    for language, body in (
        ("de", "Er flog nach München."),
        ("ru", "Он прилетел в Мюнхен."),
        ("ja", "ミュンヘンに着いた。"),
    ):
        (out,) = Enricher({}).enrich([article(body, language=language)])
        assert [(entity.name, entity.id) for entity in out.entities] == [("Munich", "geonames:2867714")]


@pytest.mark.parametrize(
    ("language", "body", "id"),
    [
        ("ar", "وصل الوفد إلى واشنطن.", "geonames:4140963"),
        ("ja", "ワシントンに着いた。", "geonames:4140963"),
        ("ar", "زار سلطان عمان بلاده.", "iso3166:OM"),
        ("ar", "سافر من الأردن، من عمان تحديدا.", "geonames:250441"),
    ],
)
def test_a_name_of_several_places_means_the_likeliest(language: str, body: str, id: str) -> None:
    (out,) = Enricher({}).enrich([article(body, language=language)])
    assert id in {entity.id for entity in out.entities}


@pytest.mark.parametrize(
    ("language", "body", "id"),
    [
        ("it", "Il presidente della Lombardia tace.", "iso3166:IT-25"),
        ("sv", "Snö väntas i Dalarna.", "iso3166:SE-W"),
        ("de", "Er reiste in die Toskana.", "iso3166:IT-52"),
        ("uk", "Сніг іде у Львівській області.", "iso3166:UA-46"),
        ("zh", "四川省下雪了。", "iso3166:CN-SC"),
        ("ja", "青森県は雪だった。", "iso3166:JP-02"),
    ],
)
def test_regions_are_identified(language: str, body: str, id: str) -> None:
    (out,) = Enricher({}).enrich([article(body, language=language)])
    assert [(entity.id, entity.links["country"]) for entity in out.entities] == [(id, id.partition("-")[0])]


@pytest.mark.parametrize(
    ("language", "body"), [("fr", "Cher ami, le Nord gagne."), ("it", "La Lazio ha vinto il derby.")]
)
def test_a_word_or_a_club_is_no_region(language: str, body: str) -> None:
    (out,) = Enricher({}).enrich([article(body, language=language)])
    assert not [entity for entity in out.entities if (entity.id or "").startswith("iso3166:")]


def test_a_city_of_several_lies_in_a_country_that_the_article_names() -> None:
    for country, id in (("España", "geonames:2509954"), ("Venezuela", "geonames:3625549")):
        (out,) = Enricher({}).enrich([article(f"Llueve en Valencia. {country} espera.", language="es")])
        assert id in {entity.id for entity in out.entities}


def test_the_record_says_whose_rules_were_used() -> None:
    found = Enricher({}).enrich([article("Regen.", language=language) for language in ("de", "en", "sw")])
    assert [out.entity_meta.rules_language for out in found] == ["de", "en", None]


def test_each_language_without_a_model_is_reported_once() -> None:
    reported: list[tuple[str, bool]] = []
    enricher = Enricher({"en": NameRecogniser({})}, lambda *each: reported.append(each))
    for languages in (["en", "de"], ["de", "sw", "en"]):
        enricher.enrich([article("Regen.", language=language) for language in languages])
    assert reported == [("de", True), ("sw", False)]


PARTS = [
    "Präsident ",
    "président ",
    "Jean ",
    "Macron",
    "MÜNCHEN",
    " in ",
    " à ",
    "d'",
    "-",
    ". ",
    "\n",
    "Франции",
    " Анна",
    "«",
    "»",
    "北京",
    "ولبنان ",
    "🚧",
    "Sánchez",
]


@given(
    st.lists(st.sampled_from(PARTS), max_size=30).map("".join),
    st.sampled_from(["de", "fr", "ru", "ar", "zh", "es", "sw"]),
)
def test_mentions_equal_their_slice(body: str, language: str) -> None:
    (out,) = Enricher({}).enrich([article(body, language=language)])
    mentions = [mention for entity in out.entities for mention in entity.mentions]
    assert all(body[m.start : m.end] == m.text and m.section is Section.BODY for m in mentions)


@pytest.mark.parametrize("language", ["de", "fr", "ru", "ar", "zh", "ja", "it", "pl", "tr", "nl"])
def test_time_grows_linearly_with_a_long_hostile_text(language: str) -> None:
    def elapsed(times: int) -> float:
        part = (
            "Jean Macron à MÜNCHEN Анна «Зенит» Франции 北京 ولبنان Banca di Jan van Bank i i (ii) 省长李明在 李明さん "
        )
        unique = article("".join(f"{part}Aa{i} Bb{i} (AB{i}) " for i in range(times)), language=language)
        return seconds(lambda: Enricher({}).enrich([unique]), rounds=2)

    elapsed(1)  # loads the tables
    assert elapsed(800) < 40 * max(elapsed(100), 0.02)
