"""Names as they stand in the news of today, read with the real model: each test stands for a kind of name."""

from __future__ import annotations

import pytest

from schemas.records import EnrichedArticle
from tests.enrich.support import article
from workers.enrich import Enricher
from workers.enrich.recogniser import SpacyRecogniser


@pytest.fixture(scope="module")
def enricher(english: SpacyRecogniser) -> Enricher:
    return Enricher({"en": english})


def names(out: EnrichedArticle) -> dict[str, tuple[str, int]]:
    return {e.name: (e.type.value, e.count) for e in out.entities}


@pytest.mark.parametrize(
    ("headline", "body", "expected"),
    [
        pytest.param(
            "Georgia Wells joins paper",
            "Georgia Wells, a reporter, said on Monday that she would move. Wells covered trade.",
            {"Georgia Wells": ("PERSON", 3)},
            id="a given name that is also a state",
        ),
        pytest.param(
            "New film stars Sweeney",
            "Actress Sydney Sweeney will star in a thriller. Sweeney, 27, said she was thrilled.",
            {"Sydney Sweeney": ("PERSON", 3)},
            id="a given name that is also a city, after a title",
        ),
        pytest.param(
            "Hacker sentenced",
            "Jordan Ellis was sentenced in Ohio. Ellis, 34, pleaded guilty. Paris Martineau of The Courier was there.",
            {"Jordan Ellis": ("PERSON", 2), "Ohio": ("GPE", 1), "Paris Martineau": ("PERSON", 1)},
            id="a person of an organisation",
        ),
        pytest.param(
            "Allies wait for America",
            "America Ferrera said that America had not won the America's Cup. South America and Bank of America had.",
            {
                "America Ferrera": ("PERSON", 1),
                "United States": ("GPE", 2),
                "America's Cup": ("EVENT", 1),
                "South America": ("LOC", 1),
                "Bank of America": ("ORG", 1),
            },
            id="a country's short name, and names that contain it",
        ),
        pytest.param(
            "Zelenskiy meets allies",
            "President Volodymyr Zelensky met allies on Monday. Zelenskyy spoke of Kharkiv.",
            {"Volodymyr Zelensky": ("PERSON", 3), "Kharkiv": ("GPE", 1)},
            id="spellings of one surname",
        ),
        pytest.param(
            "Nvidia shares jump",
            "Nvidia rose 4% after the chipmaker beat forecasts. Shares of Nvidia (NVDA.O) hit a record.",
            {"Nvidia": ("ORG", 3)},
            id="a company and its ticker",
        ),
        pytest.param(
            "Haaland scores twice",
            "Erling Haaland scored twice as Manchester City beat Fulham. Fulham 2-0 was the score at half-time, and the"
            " striker put a penalty wide. Real Madrid lost in Madrid. Jean-Philippe Mateta missed the match.",
            {
                "Erling Haaland": ("PERSON", 2),
                "Manchester City": ("ORG", 1),
                "Fulham": ("ORG", 2),
                "Real Madrid": ("ORG", 1),
                "Madrid": ("GPE", 1),
                "Jean-Philippe Mateta": ("PERSON", 1),
            },
            id="clubs, cities and a score",
        ),
        pytest.param(
            "VELLMAR SACKS OYELARAN AFTER DEFEAT",
            "The club said on Sunday that Marta Oyelaran had to go. Oyelaran had coached it since May.",
            {"Marta Oyelaran": ("PERSON", 3)},
            id="a name in a headline in capitals",
        ),
        pytest.param(
            "Bus falls into gorge",
            "SHIMLA, Oct 7 (PTI) Five people died on Tuesday. A tourist in Shimla saw the slope move.",
            {"Shimla": ("GPE", 2), "PTI": ("ORG", 1)},
            id="a dateline without a dash",
        ),
        pytest.param(
            "Two jailed over canal murders",
            "Judge Timothy Spencer KC jailed them for murdering Amrit Kaur. Ms Kaur was 24. Spencer called it vile.",
            {"Timothy Spencer": ("PERSON", 2), "Amrit Kaur": ("PERSON", 2)},
            id="letters after a name, and a given name that the model misses",
        ),
        pytest.param(
            "Puffins return",
            "Ellis Brandt of the RSPB counted them for Natural England. The RSPB said there were more than ever.",
            {"Ellis Brandt": ("PERSON", 1), "RSPB": ("ORG", 2), "Natural England": ("ORG", 1)},
            id="organisations by initials and after a nation",
        ),
        pytest.param(
            "Kallas calls for unity",
            "Kaja Kallas said that Europe must act. Kallas met Sanae Takaichi in Tokyo. Takaichi agreed.",
            {
                "Kaja Kallas": ("PERSON", 3),
                "Sanae Takaichi": ("PERSON", 2),
                "Europe": ("LOC", 1),
                "Tokyo": ("GPE", 1),
            },
            id="given names of many languages",
        ),
        pytest.param(
            "Wildfire spreads",
            "Cal Fire said that the blaze had grown. Etihad cancelled flights from Abu Dhabi.",
            {"Cal Fire": ("ORG", 1), "Etihad": ("ORG", 1), "Abu Dhabi": ("GPE", 1)},
            id="an agency and an airline",
        ),
        pytest.param(
            "Kim attends parade",
            "Leader Kim Jong Un attended a parade with his daughter, Kim Ju Ae. Kim said the army was ready."
            " His sister Kim Yo Jong watched. Kim left early.",
            {"Kim Jong Un": ("PERSON", 4), "Kim Ju Ae": ("PERSON", 1), "Kim Yo Jong": ("PERSON", 1)},
            id="relatives of one family name",
        ),
        pytest.param(
            "Bolsonaro appeals",
            "Former President Jair Bolsonaro will appeal, his son Flavio Bolsonaro said. Bolsonaro's lawyer said that"
            " Justice Alexandre de Moraes was biased. De Moraes denied it. Banco do Brasil did not comment.",
            {
                "Jair Bolsonaro": ("PERSON", 3),
                "Flavio Bolsonaro": ("PERSON", 1),
                "Alexandre de Moraes": ("PERSON", 2),
                "Banco do Brasil": ("ORG", 1),
            },
            id="a surname with a particle, and a bank that is called after its country",
        ),
        pytest.param(
            "SOCCER - Spain win",
            "Rebels in eastern Democratic Republic of Congo took Goma. Musk posted on X. Austin is in Texas.",
            {
                "Spain": ("GPE", 1),
                "Democratic Republic of the Congo": ("GPE", 1),
                "Goma": ("GPE", 1),
                "Austin": ("GPE", 1),
                "Texas": ("GPE", 1),
                "X": ("ORG", 1),
            },
            id="a slug, a wider span, and a letter that ends a sentence",
        ),
        pytest.param(
            "Delta cuts outlook",
            "Delta said on Thursday that profit would fall. Shares of Delta dropped and United fell as well. The"
            " airline has a hub in Detroit. The chief executive expects Frontier to shrink.",
            {
                "Delta": ("ORG", 3),
                "United": ("ORG", 1),
                "Frontier": ("ORG", 1),
                "Detroit": ("GPE", 1),
            },
            id="companies that are called by a word",
        ),
        pytest.param(
            "Everton 2-0 Forest",
            "Iliman Ndiaye scored twice as Everton beat Forest. Ndiaye, who is 25, has six goals. Novak Tienne,"
            " injured, watched. Tienne said little.",
            {
                "Everton": ("ORG", 2),
                "Forest": ("ORG", 2),
                "Iliman Ndiaye": ("PERSON", 2),
                "Novak Tienne": ("PERSON", 2),
            },
            id="clubs in a very short text",
        ),
        pytest.param(
            "Judges doubt tariffs",
            "Justice Amy Barrett and Justice Neil Gorsuch asked questions. The European Commission appealed, and the"
            " Commission won. Storm Amy closed roads in Oban. She belongs to the Muscogee (Creek) Nation.",
            {
                "Amy Barrett": ("PERSON", 1),
                "Neil Gorsuch": ("PERSON", 1),
                "European Commission": ("ORG", 2),
                "Storm Amy": ("EVENT", 1),
                "Oban": ("GPE", 1),
                "Muscogee (Creek) Nation": ("ORG", 1),
            },
            id="an institution by its last word, a storm and a name with brackets",
        ),
        pytest.param(
            "Guard is charged",
            "Jordan Hill scored 21 points. Savannah Guthrie interviewed Chad Johnson, Israel Adesanya knocked out"
            " Perth's best, and Phoenix police arrested Phoenix Ikner. Jordan King Abdullah was in Amman.",
            {
                "Jordan Hill": ("PERSON", 1),
                "Savannah Guthrie": ("PERSON", 1),
                "Chad Johnson": ("PERSON", 1),
                "Israel Adesanya": ("PERSON", 1),
                "Phoenix Ikner": ("PERSON", 1),
                "Abdullah": ("PERSON", 1),
                "Jordan": ("GPE", 1),
                "Perth": ("GPE", 1),
                "Phoenix": ("GPE", 1),
                "Amman": ("GPE", 1),
            },
            id="given names that are places, and words or unknown names after them",
        ),
        pytest.param(
            "Peer speaks",
            "Baroness Scotland spoke. Prime Minister Luis Montenegro resigned in Lisbon. Montenegro said little. An"
            ' Se-young won. Prosecutors charged Sean "Diddy" Combs. Jackson, Mississippi, has no water, and Mayor John'
            " Horhn said Jackson needs money.",
            {
                "Scotland": ("PERSON", 1),
                "Luis Montenegro": ("PERSON", 2),
                "An Se-young": ("PERSON", 1),
                'Sean "Diddy" Combs': ("PERSON", 1),
                "John Horhn": ("PERSON", 1),
                "Lisbon": ("GPE", 1),
                "Jackson": ("GPE", 2),
                "Mississippi": ("GPE", 1),
            },
            id="surnames that are places, one that is an article, and a nickname",
        ),
        pytest.param(
            "Retailers fall",
            "Shares in Gap rose, and Shell and Orange said they would cut jobs. Orange has 130,000 employees. He closed"
            " the gap in Hong Kong.",
            {"Gap": ("ORG", 1), "Shell": ("ORG", 1), "Orange": ("ORG", 2), "Hong Kong": ("GPE", 1)},
            id="companies that are words, by what is said of them",
        ),
        pytest.param(
            "Telescope finds ferry",
            "The ferry Elpida Star left Piraeus for Naxos and Santorini. Baker Outi Salmela was aboard. The telescope"
            " of the baker was lost.",
            {
                "Elpida Star": ("PRODUCT", 1),
                "Piraeus": ("GPE", 1),
                "Naxos": ("LOC", 1),
                "Santorini": ("LOC", 1),
                "Outi Salmela": ("PERSON", 1),
            },
            id="a ship, islands in a list, and words that are no names",
        ),
        pytest.param(
            "Ships stay in port",
            "The operator has taken the Olga Star out of service. Cranes stand idle on the Varnplaat, and the concert"
            " at the Steinverein was cancelled. The National Earthquake Centre saw no danger.",
            {
                "Olga Star": ("ORG", 1),
                "Varnplaat": ("LOC", 1),
                "Steinverein": ("ORG", 1),
                "National Earthquake Centre": ("ORG", 1),
            },
            id="names with an article are no people's",
        ),
        pytest.param(
            "Comet passes",
            "The comet passed the constellation of Carina. It was seen from Serra da Estrela and Santa Cruz do Sul.",
            {"Carina": ("LOC", 1), "Serra da Estrela": ("LOC", 1), "Santa Cruz do Sul": ("GPE", 1)},
            id="a constellation, and places joined by particles",
        ),
        pytest.param(
            "Lady Gaga joins tour",
            "Lady Gaga will sing with Bad Bunny, Doja Cat and Sister Sledge. Gaga cried, and so did Beyoncé. Bunny was"
            " late. SZA said no.",
            {
                "Lady Gaga": ("PERSON", 3),
                "Bad Bunny": ("PERSON", 2),
                "Doja Cat": ("PERSON", 1),
                "Sister Sledge": ("ORG", 1),
                "Beyoncé": ("PERSON", 1),
                "SZA": ("PERSON", 1),
            },
            id="stage names",
        ),
        pytest.param(
            "Coalition agrees",
            "Finance Minister Anna Lindqvist and Labour Minister Bärbel Vogt agreed. Deputy Housing Minister Jon Aske"
            " Jr. has said no. Queen Sorelle wore blue. FAA Administrator Brian Holm left. The PZKW warned of floods.",
            {
                "Anna Lindqvist": ("PERSON", 1),
                "Bärbel Vogt": ("PERSON", 1),
                "Jon Aske Jr.": ("PERSON", 1),
                "Sorelle": ("PERSON", 1),
                "FAA": ("ORG", 1),
                "Brian Holm": ("PERSON", 1),
                "PZKW": ("ORG", 1),
            },
            id="offices, and what stands beside them",
        ),
        pytest.param(
            "Study is disputed",
            "Paul Oyelaran of Children's Hospital of Philadelphia disagrees. Peraton, which runs the lab, fell. Floods"
            " along the Velani north of Colombo cut the Atlantic coast road.",
            {
                "Paul Oyelaran": ("PERSON", 1),
                "Children's Hospital of Philadelphia": ("ORG", 1),
                "Peraton": ("ORG", 1),
                "Velani": ("LOC", 1),
                "Colombo": ("GPE", 1),
                "Atlantic": ("LOC", 1),
            },
            id="a person of a hospital, a company that does something, and waters",
        ),
        pytest.param(
            "Villa sign striker",
            "The striker left Leeds in June on a free transfer. Villa, Forest and Everton wanted him. Brighton play"
            " Wolves on Saturday.",
            {
                "Villa": ("ORG", 2),
                "Leeds": ("ORG", 1),
                "Forest": ("ORG", 1),
                "Everton": ("ORG", 1),
                "Brighton": ("ORG", 1),
                "Wolves": ("ORG", 1),
            },
            id="clubs that are called by towns and words, in an article with few other words on sport",
        ),
        pytest.param(
            "Army seizes town",
            "Vishwash Kumar Ramesh survived. Yoshinobu Yamamoto did not. General Tarek al-Burhan said he would"
            " stay. Burhan flew to Gia Lai province. The USS Iwo Jima sailed. Laurence des Cars resigned. The B. J."
            " Medical College closed.",
            {
                "Vishwash Kumar Ramesh": ("PERSON", 1),
                "Yoshinobu Yamamoto": ("PERSON", 1),
                "Tarek al-Burhan": ("PERSON", 2),
                "Gia Lai": ("GPE", 1),
                "USS Iwo Jima": ("PRODUCT", 1),
                "Laurence des Cars": ("PERSON", 1),
                "B. J. Medical College": ("ORG", 1),
            },
            id="full names of which a model misses a word, and the short one without an article",
        ),
        pytest.param(
            "Bayern end Arsenal's run",
            "Bayern Munich won the match with a goal in stoppage time, and the striker scored twice. But Bayern tired."
            " Arsenal drew. He set out from Golo, where cholera broke out, and wrote on Weibo. The work is described in"
            " Nature.",
            {
                "Bayern Munich": ("ORG", 3),
                "Arsenal": ("ORG", 2),
                "Golo": ("GPE", 1),
                "Weibo": ("ORG", 1),
                "Nature": ("ORG", 1),
            },
            id="clubs in a headline, a place by what happens there, a platform and a journal",
        ),
        pytest.param(
            "Bank to float",
            "Charles Hall of Peel Hunt called it late. Hall said so twice. They met at Quellin Hall.",
            {"Charles Hall": ("PERSON", 2), "Peel Hunt": ("ORG", 1), "Quellin Hall": ("FAC", 1)},
            id="a surname that is a word for buildings",
        ),
        pytest.param(
            "Chip maker grows",
            "German manufacturer Lindqvist said that it would buy chips.",
            {"Lindqvist": ("ORG", 1), "German": ("NORP", 1)},
            id="a company by what it makes",
        ),
        pytest.param(
            "Leaders meet",
            "President Marta Oyelaran's office said that A.M.M. Nasir Uddin would fly home on Easter Sunday. Charles de"
            " Gaulle retired. De Gaulle wrote. She was in Quellin Colliery, three miles away.",
            {
                "Marta Oyelaran": ("PERSON", 1),
                "A.M.M. Nasir Uddin": ("PERSON", 1),
                "Charles de Gaulle": ("PERSON", 2),
                "Quellin Colliery": ("GPE", 1),
            },
            id="people without a possessive, with initials and particles",
        ),
        pytest.param(
            "Carmaker Renault to cut jobs",
            "Truckmaker Scania said on Monday that the union IF Metall had agreed. Rival Siemens did not. Google"
            " Cloud signed Renault.",
            {
                "Renault": ("ORG", 2),
                "Scania": ("ORG", 1),
                "IF Metall": ("ORG", 1),
                "Siemens": ("ORG", 1),
                "Google": ("ORG", 1),
            },
            id="companies after a noun that begins a sentence, and parts of one",
        ),
        pytest.param(
            "Embassy is closed",
            "The Houthis fired on a ship. Their leader, Abdul-Malik al-Houthi, was silent, and a Houthi envoy left. The"
            " U.S. Attorney's Office for the Southern District of New York wrote to the Embassy of Japan.",
            {
                "Houthis": ("ORG", 2),
                "Abdul-Malik al-Houthi": ("PERSON", 1),
                "U.S. Attorney's Office": ("ORG", 1),
                "Southern District of New York": ("GPE", 1),
                "Embassy of Japan": ("ORG", 1),
            },
            id="groups and offices",
        ),
        pytest.param(
            "Party wins seat",
            "Nigel Farage's Reform UK won the seat. The Pima County Sheriff's Department and the Workers' Party of"
            " Brazil did not comment. The World Anti-Doping Agency wrote to him; Wada was not amused.",
            {
                "Nigel Farage": ("PERSON", 1),
                "Reform UK": ("ORG", 1),
                "Pima County Sheriff's Department": ("ORG", 1),
                "Workers' Party of Brazil": ("ORG", 1),
                "World Anti-Doping Agency": ("ORG", 2),
            },
            id="what belongs to somebody, owners in names, and an acronym that is spoken as a word",
        ),
        pytest.param(
            "Storm kills nine",
            "Typhoon Ragasa hit Luzon. Ragasa killed nine people. Aryna Sabalenka won the match.",
            {"Typhoon Ragasa": ("EVENT", 2), "Luzon": ("LOC", 1), "Aryna Sabalenka": ("PERSON", 1)},
            id="a storm by its name alone, and a person whom no list knows",
        ),
    ],
)
def test_names_are_found_whole_with_their_type_and_count(
    enricher: Enricher, headline: str, body: str, expected: dict[str, tuple[str, int]]
) -> None:
    (out,) = enricher.enrich([article(body, headline=headline)])
    found = names(out)
    assert {name: found.get(name) for name in expected} == expected
    assert set(found) - set(expected) <= {"Courier", "Musk"}
