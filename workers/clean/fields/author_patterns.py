"""What stands in bylines beside people's names: labels, jobs, dates, addresses, buttons."""

from __future__ import annotations

import re

from workers.vocabulary.desks import DESK
from workers.vocabulary.months import MONTH_EXACTLY
from workers.vocabulary.particles import PARTICLE

# In verbose patterns a blank is written ``[ ]``.
ADDRESS = re.compile(
    r"""
      [<(\[]? \s* (?: mailto: )? [\w.+-]{1,64} @ [\w-]{1,63} (?: \. [\w-]{1,63} ){1,5} \s* [>)\]]?
    | [(\[]? \s* (?: https?:// | www\. ) [^\s)\]]{1,500} \s* [)\]]?
    | [(\[] \s* @\w{1,50} \s* [)\]]
    | (?<! \S ) @\w{1,50}
    | </?\w [^<>]{0,300} >  # a tag
    """,
    re.VERBOSE,
)
BUTTONS = re.compile(
    r"""
    (?: (?<! \w ) (?:
        share (?: [ ] (?: this | on | via | with | article | story ) \b | [ ]? : )
      | click [ ] to [ ] (?: share | e-?mail | print )
      | like [ ] this [ ]? :
      | follow (?: [ ] (?: @ | on \b | him \b | her \b | the [ ] author ) | [ ]* $ )
      | e-?mail [ ] (?: this | the [ ] author | author )
      | (?: on[ ] )?
        (?: facebook | twitter | instagram | youtube | pinterest | flipboard | whatsapp | linkedin | reddit )
      | (?: share | copy[ ]link | print ) [ ]* $
      | (?: share | print | e-?mail | tweet ) (?: [ ,|/]+ (?: share | print | e-?mail | tweet | comments? ) \b )+
    ) ) [^\n]*
    """,
    re.IGNORECASE | re.VERBOSE | re.MULTILINE,
)
"""What buttons beside a byline say, to the end of the line: ``Share this: Facebook``."""
BRACKETED = re.compile(r"\s*[(\[（【](?P<inside>[^()\[\]（）【】]{0,80})[)\]）】]\s*")
DATE = re.compile(
    rf"""
    (?: \b (?: last[ ] | originally[ ] | first[ ] )? (?: updated | published | posted | modified | reviewed )
        (?: [ ]on | [ ]? : )? [ ]? )?
    (?: \b (?: on | at | am | um | el | le | il | em | op | den | kl\.? ) [ ] )?
    (?: \b (?: mon | tues | wednes | thurs | fri | satur | sun ) day ,? [ ] )?
    (?: \b {MONTH_EXACTLY} \.? [ ] \d{{1,2}} (?: st | nd | rd | th )? \b (?: ,? [ ] \d{{4}} )?
      | \b \d{{1,2}} \.? [ ] (?: de[ ] )? [^\W\d_]{{3,12}} \.? ,? [ ] (?: de[ ] )? (?:19|20)\d\d \b
      | \b \d{{1,4}} [./-] \d{{1,2}} [./-] \d{{1,4}} (?: T[\d:.+Z-]* )?
      | \b \d{{1,2}} [:.] \d\d (?: :\d\d )? [ ]? (?: [ap]\.?m\b\.? | uhr\b )?
        (?: [ ] (?-i: [A-Z]{{2,3}}T | GMT | UTC | ET ) \b )?
    )
    """,
    re.IGNORECASE | re.VERBOSE,
)
LABEL = re.compile(
    r"""
    (?: (?: (?: (?:this|an?|the) [ ] )? (?:guest[ ])? (?: story | article | post | words | text | report | opinion
              | analysis | column | comment | review | interview | essay ) [ ] (?: (?:is|was) [ ] )?
            (?: written [ ] )? by
          | (?: written | writing | authored | reported | reporting | posted | compiled | published | submitted
              | contributed | curated )
            [ ] (?: and[ ]\w+[ ] )? by
          | (?: view[ ]all[ ] | more[ ] | all[ ] )? (?: posts | articles | stories ) [ ] (?: by | from | of )
          | more[ ] (?: by | from )
        ) \b [:\s]*
      | (?: words | text | story | interview | (?:guest[ ])?authors? | (?:staff[ ])?writer | reporters? | contributors?
          | columnist | correspondent
          | texte | auteure?s? | textes | autor(?:[aeio]|in|en|es|innen|ka|zy)? (?:[ ](?:textu|članka|teksta))?
          | texto | testo | (?:articolo[ ]|testo[ ])?(?:a[ ]cura[ ])?di | a[ ]cura[ ]di
          | tekst | teksti | kirjoittaja | skribent | journalist | redaktør
          | napsala? | napisała? | napisao | napisala | piše | opracowała? | scris[ ]de | írta | szerző
          | yazan | yazar | haber | muhabir | tác[ ]giả | penulis | oleh | pewarta | reporter | wartawan
          | автор(?:ка|ы|и)? (?:[ ]стать[иі])? | текст | журналист(?:ка)? | кореспондент | корреспондент
          | συντάκτης | γράφει | κείμενο
          | بقلم | كتبت? | إعداد | تقرير | الكاتب | نویسنده | خبرنگار | מאת | כתבה? | लेखक | द्वारा | লেখক | โดย | เรื่อง
        ) (?: \s* [:=] | \s+ [–-] \s ) \s*
      | a[ ]cura[ ]di \s+ | (?: texto | redacción \s* : ) \s+ (?= \S+ \s+ \S )
      | opr(?:ac)?\. \s+ | ผู้เขียน \s+
      | (?: oleh | بقلم | كتبت? | מאת | द्वारा | โดย | γράφε[ιί][ ][οη] | беседовала? ) (?: \s+ [–-] )? \s+
        (?= \S+ \s+ \S )
      | (?: (?:(?:the|about[ ]the)[ ] )? authors? | words | text ) \s+ (?= \S+ \s+ \S )
      | (?: 作者 | 撰文 | 撰稿 | (?: 取材 | 構成 ) (?: ・ (?: 取材 | 構成 | 文 | 写真 | 撮影 ) )*
          | 文 (?: ・ (?: 写真 | 撮影 ) )? | 글 | 취재
          | (?: \w{0,6}? [社報报台] )? (?: [见見][习習] )? [記记]者
        ) \s* [:：/／=＝] \s*
      | 글 \s+
      | from \s+ (?= \S+ \s+ \S )
      | by \s* [:\s] \s* (?: the \s+ (?=rev(?:erend|\.)) )?
      | (?: geschrieben | verfasst | aufgezeichnet | protokoll | porträt
          | (?:(?:ein|eine)[ ])? (?: beitrag | artikel | gastbeitrag | kommentar | interview | analyse | essay | glosse
              | kolumne | leitartikel | reportage | bericht | rezension | meinung ) ) \s+ von \s+
      | aus[ ]\w+(?:[ ]\w+)?[ ]berichte[nt] \s+
      | (?: propos[ ]recueillis | écrit | rédigé ) \s+ par \s+
      | (?: escrito | publicado | redactado ) \s+ por \s+
      | (?: scritto | pubblicato ) \s+ da \s+
      | (?: geschreven ) \s+ door \s+
      | (?: skrevet | skriven | skrivet | publisert ) \s+ a[vf] \s+
      | (?: von | par | por | di | door | af | av | från ) \s* : \s*
      # These are given names and particles too: ``Von Miller``, ``Di Maria``.
      | (?: von | par | por | di | door | af | av | från ) \s+ (?= \S+ \s+ \S )
    )
    """,
    re.IGNORECASE | re.VERBOSE,
)
PREPOSITION = re.compile(r"(?:by|von|par|por|di|door|af|av|från) ", re.IGNORECASE)
NOT_BY = re.compile(
    r"""
    (?: (?<= \w{3} ) \. [ ] )?
    (?i: (?: (?: \A \w+ | (?-i: \b [a-z]+ ) ) ly[ ] )?  # medically, but not Ida Kelly
         (?: edited | editing | reviewed | (?: fact [ -] )? checked | tested | researched | translated | photographed
           | illustrated | produced ) [ ] by
       | (?: editors? | editing | redaktor | lektorat ) \s* :
       | (?: photograph(?:s|y)? | photos? | pictures? | fotos? | foto | images? | video | illustrations? | graphics )
         (?: [ ] by | \s* : )
       | \b (?: photography | photos | pictures | fotos | bilder ) [ ] (?= \S+ [ ] \S )
    ) (?: \b | (?<=:) )
    (?: (?! (?i: [,;–—-] \s* by | [ ] words
      | [ ,;] (?: written | words | text | story | report(?:ed|ing)? ) (?: [ ] by | (?= : ) ) ) \b ) . )*
  | (?: \A | , | [ ] (?: and | und | et | y | & ) [ ] ) (?: (?! [ ] (?: and | und | et | y | & ) [ ] ) [^,;|()] ){2,60}
    \( (?i: photo(?:s|graphs?|graphy|grapher)? | pictures? | fotos? | bilder | images? | video | illustrations? ) \)
  | \s* (?: (?: 責任 | 责任 )? [編编][輯辑] | 校[对對] | 核稿 | 审核 | [摄攝]影 | 写真 | 撮影 | 사진 ) \s*
    [:：/／=＝] .*
    """,
    re.VERBOSE,
)
"""People who did not write the article, up to those who did: ``Reviewed by Jon Vale, written by Ida Holm``."""
ALSO_PICTURES = re.compile(
    r"\A(?:words|text|story|report|article|written) (?:and|&) (?:photos|photography|pictures|photographs|video) by\b",
    re.IGNORECASE,
)
SUFFIX = re.compile(r",?[ ]*\b(?P<suffix>Jr\b\.?|Sr\b\.?|II|III|IV)(?=[ ]*(?:,|;|$|\band\b|&))")
EAST_ASIAN_ROLE = re.compile(
    r"""
    ^ (?: \w{0,6}? [社報报台] | 本 )? (?: [见見][习習] | 特[约約] )?
      (?: [記记]者 | 通[讯訊][员員] | [編编][译譯] ) \s*
  | [ ]* (?: 特派員 | 特派员 | 記者 | 记者 | 기자 | 특파원 ) $
  | ^ [^\W\d_]{1,10} [＝] (?= [^\W\d_] )  # where from: ソウル＝
  | \s* [/／]? \s* [^\W\d_]{0,4} (?: 報導 | 报道 | 報道 | 外電 | 外电 ) $
    """,
    re.VERBOSE,
)
CHINESE_REPORTERS = re.compile(r"(?:\w{0,6}?[社報报台]|本[報报])?[記记]者")
CHINESE_NAMES = re.compile(r"(?<=[記记]者)[ :：]?[\u4e00-\u9fff]{2,4}(?: [\u4e00-\u9fff]{2,4})+")
DEGREE = re.compile(r",?[ ]+(?:Ph\.?[ ]?D|M\.?D|MBA|MSc|BSc|MA|MP|QC|KC|Esq)\b\.?(?=[ ]*(?:,|;|$))")
FAMILY_FIRST = re.compile(
    rf"""
    (?P<family> (?: (?:{PARTICLE}) [ ] ){{0,2}} [^\W\d_][\w'’-]+ )
    ,[ ]?
    (?P<given> [^\W\d_][\w'’.-]* (?: [ ] [^\W\d_]\. )? )
    (?P<suffix> [ ] (?: Jr\.? | Sr\.? | II | III | IV ) )?
    """,
    re.IGNORECASE | re.VERBOSE,
)
PARTICLE_FIRST = re.compile(rf"(?:{PARTICLE} ){{2}}[^\W\d_][\w'’-]+, [^\W\d_][\w'’.-]*", re.IGNORECASE)
IS_PARTICLE = re.compile(rf"{PARTICLE}|d['’]\w.*|y|e|zu|zur|af|av|dalla|dello|ten|te|'t|op").fullmatch
INVISIBLE_BREAK = re.compile(r"(?:\s*[\u200b\u2060\ufeff])+\s*")  # what an editor pasted between a name and a job
LIST_BREAK = re.compile(r"\s*(?:;|\||·|•|\n)\s*")
AND = re.compile(r",? (?:and|und|et|y|e|&) ")
NAME_BREAK = re.compile(
    r"""
      \s* (?: , | ، | 、 | & ) \s* (?: (?i: and | und | as \s told \s to ) \s+ (?: by \s+ )? )?
    | \s+ [/–—-] \s+
    | \s+ (?i: (?: and | und ) (?: \s+ by )? | (?: with \s reporting \s )? by | et | as \s told \s to ) \s+
    """,
    re.VERBOSE,
)
IN_BRACKETS = re.compile(r"\A\s*\(([^()]*)\)\s*\Z")
MORE = re.compile(r"\s\+ ?\d{1,3} (?:more|others)\b")
AND_OTHERS = re.compile(r",? (?:and|&|with|und|et|y) (?:other )?(?:news )?(?:agencies|wires|newswires|wire services)$")
OFFICE_BREAK = re.compile(r"\s*(?:[;|·•\n,&/]|\s(?:and|und|et|y)\s)\s*")
SHORT_BREAK = re.compile(
    r"\s+(?:y|e|og|och|en|ja|i|и|та|oraz|sowie|és|ve|dan|và|și|şi|a|with|mit|avec|con|med)\s+|/"
)  # within names too: José Ortega y Gasset
PLACE = re.compile(r"\s+(?:in|at|from|for|of the|aus|à|en|på|i)\s+[^\W\d_a-z].*$")
_ROLE_WORD = r"""
    (?i: \b (?: staff | reporters? | correspondents? | editors? | writers? | (?:news|web)?desk | contributors?
         | contributing | admin
         | columnists? | journalists? | producers? | photographers? | presenters? | analysts? | professor | lecturer
         | newsroom | editorial | special[ ]to | bureau[ ]chief | chef(?:in)? | developer | webmaster
         | vice[ ]president | director | manager | head[ ]of | (?:co-)?founder | ceo | expert | consultant | coordinator
         | specialist | freelance(?:r)? | blogger | intern | team | reports? | wires? | administrator
         | (?: news | press )[ ]services? | press[ ]release | (?: sponsored | partner | branded | paid )[ ]content
         | updated | published | min(?:ute)?s?[ ]read
         | redaktion | redakteur(?:in)? | korrespondent(?:in)? | autor(?:in)? | journalistin? | volontär(?:in)?
         | redacción | redactor(?:a)? | periodista | corresponsal | redazione | giornalista | rédaction | journaliste
         | redactie | redactora? | redação | jornalista
       ) \b )
"""
ROLE = re.compile(_ROLE_WORD, re.VERBOSE)
DESK_WORD = re.compile(rf"(?:\b|(?<=-)){DESK}\b", re.IGNORECASE)
JOB_START = re.compile(
    r"""
    (?: chief | senior | junior | deputy | associate | assistant | managing | executive | foreign | political | politics
      | economics? | business | health | science | environment | education | technology | transport | sports? | crime
      | legal | diplomatic | defence | defense | security | arts | culture | religious | global
      | world | national | local | regional | north | south | east | west | middle | data | investigations? | features?
      | digital | multimedia | video | news | our
    ) \b
    """,
    re.IGNORECASE | re.VERBOSE,
)
"""The words that jobs start with and names do not: ``Chief Political Correspondent``."""
OF_OFFICE = re.compile(r"\b(?:web|online|news|digital|video|multimedia|entertainment|lifestyle)\b", re.IGNORECASE)
"""The words that offices have in their names, and people do not: ``Harbour Web Desk``."""
RANK_AFTER_NAME = re.compile(
    r"""
    (?P<name> [^\W\d_a-z]\S* \s+ [^\W\d_a-z]\S* (?: \s+ [^\W\d_a-z]\S* )? ) \s+
    (?: Chief | Senior | Junior | Deputy | Associate | Assistant | Managing | Executive | Head | Lead | Technical
      | Certified
    ) \s .*
    """,
    re.VERBOSE,
)
ROLE_AFTER_NAME = re.compile(
    rf"(?P<name> [^\W\d_a-z]\S* \s+ [^\W\d_a-z]\S* ) \s+ (?: .{{0,60}} \s )? {_ROLE_WORD} .*", re.VERBOSE
)
NO_NAME = re.compile(
    r"""
      https?:
    | www\.
    | [@:\d_]
    | ^ \W* $
    | ^ [a-z]+ (?: [.-] [a-z]+ )+ $  # how a program knows a user: ida.holm
    | \w \. (?: com | org | net | [a-z]{2} ) \b
    | ^ (?i: view | follow | read | subscribe | contact | full[ ]profile | here | fact[ -]checked
          | (?: more[ ] )? about ) \b
    """,
    re.VERBOSE,
)
OUTLET = re.compile(
    r".+ (?:News|Times|Tribune|Herald|Gazette|Chronicle|Inquirer|Telegraph|TV|Radio|Network|Media|Magazine|Online"
    r"|Zeitung)|USA TODAY"
)
"""Newspapers and broadcasters, by their last word, which is no surname."""
REPEATED = re.compile(r"(?P<once>\S+ .+?)(?: (?P=once))+")
INITIALS = re.compile(r"[a-z]{2,3}")  # a writer's, or red for the desk: jse
ABSENT = frozenset({
    "none", "null", "n/a", "unknown", "anonymous", "by", "written by", "author", "the author", "authors", "guest",
    "admin", "true", "false", "array", "object object", "guest author", "guest post", "guest contributor", "undefined",
    "user", "super", "superuser", "root", "test", "tba", "nn", "n.n.", "contributed", "submitted", "various",
    "multiple", "no author", "reader",
})  # fmt: skip
