"""Labels: the words before a date that say what it is the date of, as in ``Published … | Updated …``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

Kind = Literal["published", "modified"]


class Label(NamedTuple):
    """A row of ``LABELS``: a verbose pattern, a line that it must match at the start and one that it must not."""

    id: str
    kind: Kind
    pattern: str
    example: str
    no_example: str


LABELS = (
    Label(
        "en", "published",
        r"""
          (?:first[ ])?(?:published|posted|created|issued|released|filed|submitted|added|aired|uploaded)
          (?:[ ]online)?(?:[ ]by[ ][^\d|]{1,60}?[ ]on
          | [ ]on | [ ]at | :)?
        | (?:publication | publish | release | pub)[-_]?[ ]?date:?
        | date:
        | by[ ][^\d|]{1,60}?[ ]on
        """,
        "Published on 4 May 2026", "Republished 4 May 2026",
    ),
    Label(
        "en-modified", "modified",
        r"""
          (?:last[ ] | first[ ])?(?:updated|modified|revised|edited|changed)(?:[ ]on | [ ]at | :)?
        | (?:latest | last)[ ](?:update | change | revision):?
        | update:
        """,
        "Last updated 4 May 2026", "Outdated 4 May 2026",
    ),
    Label(
        "de", "published",
        r"""
          (?:erst)?(?:ver[öo]ffentlicht | erschienen | publiziert | erstellt | eingestellt
          | gesendet)(?:[ ]von[ ][^\d|]{1,60}?[ ]am | [ ]am | :)?
        | (?:datum | ver[öo]ffentlichung | erscheinungsdatum | erstver[öo]ffentlichung):
        | vom
        """,
        "Veröffentlicht am 4. Mai 2026", "Unveröffentlicht 4. Mai 2026",
    ),
    Label(
        "de-modified", "modified",
        r"""
          (?:zuletzt[ ])?(?:aktualisiert | ge[äa]ndert | bearbeitet | [üu]berarbeitet)(?:[ ]am | :)?
        | (?:letzte[ ](?:aktualisierung | [äa]nderung) | stand|update):?
        """,
        "Stand: 4. Mai 2026", "Bestand: 4. Mai 2026",
    ),
    Label(
        "fr", "published",
        r"""
          (?:publi[ée]e? | post[ée]e? | mis[ ]en[ ]ligne | paru | cr[ée][ée]e?
          | diffus[ée]e?)(?:[ ]par[ ][^\d|]{1,60}?[ ]le | [ ]le | :)?
        """,
        "Publié le 4 mai 2026", "Republié le 4 mai 2026",
    ),
    Label(
        "fr-modified", "modified",
        r"""
          (?:mis(?:e)?[ ][àa][ ]jour | modifi[ée]e? | actualis[ée]e? | derni[èe]re[ ](?:mise[ ][àa][ ]jour
          | modification))(?:[ ]le | :)?
        | m[àa]j:
        """,
        "Mis à jour le 4 mai 2026", "Un jour, le 4 mai 2026",
    ),
    Label(
        "es", "published",
        r"""
          (?:publicad[oa] | creado | fecha(?:[ ]de[ ]publicaci[óo]n)?)(?:[ ]por[ ][^\d|]{1,60}?[ ]el
          | [ ]el | :)?
        """,
        "Publicado el 4 de mayo de 2026", "Republicado el 4 de mayo de 2026",
    ),
    Label(
        "es-modified", "modified",
        r"""
          (?:[úu]ltima[ ])?(?:actualizad[oa] | actualizaci[óo]n | modificado)(?:[ ]el | :)?
        """,
        "Actualizado: 4 de mayo de 2026", "Desactualizado 4 de mayo de 2026",
    ),
    Label(
        "pt", "published",
        r"""
          (?:publicad[oa] | postado | criado)(?:[ ]por[ ][^\d|]{1,60}?[ ]em | [ ]em | :)?
        | data:
        """,
        "Publicado em 4 de maio de 2026", "Republicado em 4 de maio de 2026",
    ),
    Label(
        "pt-modified", "modified",
        r"""
          (?:[úu]ltima[ ])?(?:atualizad[oa] | atualiza[çc][ãa]o)(?:[ ]em | :)?
        """,
        "Atualizado em 4 de maio de 2026", "Desatualizado em 4 de maio de 2026",
    ),
    Label(
        "it", "published",
        r"""
          (?:pubblicat[oa] | inserito | creato)(?:[ ]da[ ][^\d|]{1,60}?[ ]il | [ ]il | :)?
        """,
        "Pubblicato il 4 maggio 2026", "Ripubblicato il 4 maggio 2026",
    ),
    Label(
        "it-modified", "modified",
        r"""
          (?:ultimo[ ])?(?:aggiornat[oa] | aggiornamento | modificato)(?:[ ]il | :)?
        """,
        "Aggiornato il 4 maggio 2026", "Giornata il 4 maggio 2026",
    ),
    Label(
        "nl", "published",
        r"""
          (?:gepubliceerd|geplaatst | verschenen)(?:[ ]door[ ][^\d|]{1,60}?[ ]op | [ ]op | :)?
        """,
        "Gepubliceerd op 4 mei 2026", "Ongepubliceerd 4 mei 2026",
    ),
    Label(
        "nl-modified", "modified",
        r"""
          (?:laatst[ ])?(?:bijgewerkt | ge[üu]pdatet | gewijzigd|laatste[ ]update)(?:[ ]op | :)?
        """,
        "Bijgewerkt op 4 mei 2026", "Gewerkt op 4 mei 2026",
    ),
    Label(
        "nordic", "published",
        r"""
          (?:publi[cs]erad|publi[cs]eret | publisert | offentliggjort | skapad|oprettet | opprettet
          | julkaistu | birt)(?:[ ]av[ ][^\d|]{1,60}?[ ]den | [ ]den | :)?
        """,
        "Publicerad 4 maj 2026", "Opublicerad 4 maj 2026",
    ),
    Label(
        "nordic-modified", "modified",
        r"""
          (?:senast[ ] | sist[ ] | sidst[ ])?(?:uppdaterad|opdateret | oppdatert | [äa]ndrad|p[äa]ivitetty
          | muokattu | uppf[æa]rt)(?:[ ]den | :)?
        """,
        "Uppdaterad 4 maj 2026", "Ouppdaterad 4 maj 2026",
    ),
    Label(
        "slavic", "published",
        r"""
          (?:opublikowan[oya] | utworzono | dodano | data[ ]publikacji | publikov[áa]no | vyd[áa]no
          | vytvo[řr]eno | zverejnen[ée] | objavljeno | publikovano | опубликован[оа]? | дата[ ]публикации
          | опубліковано | публикуван[оа] | публикувано | објављено | створено | создано)(?:[ ]w[ ]dniu
          | :)?
        """,
        "Opublikowano: 4 maja 2026", "Nieopublikowano 4 maja 2026",
    ),
    Label(
        "slavic-modified", "modified",
        r"""
          (?:aktualizacja | zaktualizowano | aktualizov[áa]no | aktualizovan[ée] | a[žz]urirano
          | обновлен[оа] | изменено | оновлено | обновена | ажурирано | последно[ ]обновяване):?
        """,
        "Обновлено: 4 мая 2026", "Необновлено 4 мая 2026",
    ),
    Label(
        "tr", "published",
        r"""
          (?:yay[ıi]nlanma(?:[ ]tarihi)? | giri[şs](?:[ ]tarihi)? | olu[şs]turulma(?:[ ]tarihi)?
          | eklenme(?:[ ]tarihi)?):?
        """,
        "Giriş: 4 Mayıs 2026", "Çıkış: 4 Mayıs 2026",
    ),
    Label(
        "tr-modified", "modified",
        r"""
          (?:g[üu]ncelle(?:me | nme)(?:[ ]tarihi)? | son[ ]g[üu]ncelleme):?
        """,
        "Güncelleme: 4 Mayıs 2026", "Gündem: 4 Mayıs 2026",
    ),
    Label(
        "el", "published",
        r"""
          (?:δημοσι[εέ][υύ](?:τηκε | θηκε | ση) | ημερομηνία[ ]δημοσίευσης | δημοσίευση):?
        """,
        "Δημοσίευση: 4 Μαΐου 2026", "Αναδημοσίευση: 4 Μαΐου 2026",
    ),
    Label(
        "el-modified", "modified",
        r"""
          (?:τελευταία[ ])?(?:ενημ[εέ]ρωση | ενημερώθηκε):?
        """,
        "Ενημέρωση: 4 Μαΐου 2026", "Παρενημέρωση: 4 Μαΐου 2026",
    ),
    Label(
        "hu-ro", "published",
        r"""
          (?:megjelent | k[öo]zz[ée]t[ée]ve | l[ée]trehozva | publicat(?:[ ][îi]n | [ ]la)?
          | data[ ]public[ăa]rii):?
        """,
        "Megjelent: 2026. május 4.", "Republicat: 4 mai 2026",
    ),
    Label(
        "hu-ro-modified", "modified",
        r"""
          (?:friss[íi]tve | friss[üu]lt | m[óo]dos[íi]tva | actualizat | ultima[ ]actualizare):?
        """,
        "Frissítve: 2026. május 4.", "Reactualizat 4 mai 2026",
    ),
    Label(
        "ar-fa-he", "published",
        r"""
          (?:نشر | تم[ ]النشر | نُشر | تاريخ[ ]النشر | تاریخ[ ]انتشار | منتشر[ ]شده | فורסם | פורסם
          | תאריך[ ]פרסום)(?:[ ]في | [ ]?در:? | :)?
        """,
        "نشر في 4 مايو 2026", "منشور 4 مايو 2026",
    ),
    Label(
        "ar-fa-he-modified", "modified",
        r"""
          (?:آخر[ ]تحديث | تم[ ]التحديث | تحديث | به‌روزرسانی | עודכן | עדכון[ ]אחרון)(?:[ ]في | :)?
        """,
        "آخر تحديث: 4 مايو 2026", "التحديثات 4 مايو 2026",
    ),
    Label(
        "asia", "published",
        r"""
          (?:diterbitkan | dipublikasikan | terbit | đăng | ngày[ ]đăng | xuất[ ]bản | เผยแพร่ | โพสต์
          | प्रकाशित | पब्लिश | প্রকাশ(?:িত | ের[ ]সময়)?)(?:[ ]pada | :)?
        """,
        "Diterbitkan 4 Mei 2026", "Terbitan 4 Mei 2026",
    ),
    Label(
        "asia-modified", "modified",
        r"""
          (?:diperbarui | dikemas[ ]kini | cập[ ]nhật(?:[ ]lúc)? | อัปเดต(?:ล่าสุด)? | अपडेट(?:ेड)?
          | আপডেট)(?:[ ]pada | :)?
        """,
        "Cập nhật: 4 tháng 5 năm 2026", "Perbarui 4 Mei 2026",
    ),
    Label(
        "east-asia", "published",
        r"""
          (?:公開日?時? | 掲載日? | 配信日?時? | 投稿日 | 発行日 | 发布(?:时间 | 日期 | 于)?
          | 發布(?:時間 | 日期 | 於)? | 發佈(?:時間)?
          | 发表(?:时间 | 于)? | 發表(?:時間 | 於)? | 刊登 | 입력 | 등록 | 승인 | 기사입력 | 게시):?
        """,
        "发布时间：2026年5月4日", "时间：2026年5月4日",
    ),
    Label(
        "east-asia-modified", "modified",
        r"""
          (?:最終)?(?:更新(?:日 | 於 | 于)?(?:時間 | 时间)? | 修改时间 | 수정 | 최종수정 | 업데이트):?
        """,
        "更新日：2026年5月4日", "新聞：2026年5月4日",
    ),
)  # fmt: skip
"""The labels of dates."""


class Part(NamedTuple):
    """A part of a text that may be a date; ``kind`` is None if no label says of what."""

    kind: Kind | None
    text: str


def _pattern(kind: Kind) -> str:
    return "|".join(label.pattern for label in LABELS if label.kind == kind)


# In verbose patterns a blank is written ``[ ]``.
_LABEL = re.compile(
    rf"""
    (?<! [^\W\d_] )
    (?: (?P<modified> {_pattern("modified")} )
      | (?P<published> {_pattern("published")} )
    )
    (?: (?<=:) | (?= \s* [\d:(] | \s [^\W\d_] | \s [–—-] \s ) )
    \s* [:–—-]? \s*
    """,
    re.IGNORECASE | re.VERBOSE,
)
_SEPARATOR = re.compile(
    r"[|•·()\[\]]| [–—-] |,? (?=\d{1,3} min\b)| (?=[^\W\d_]{1,20} ?:)| (?:by|von|par|por|door|av) (?=[^\W\d_a-zß-ÿ])"
)
_BEHIND_BYLINE = re.compile(
    r"(?:[Bb]y|BY|[Vv]on|[Pp]ar|[Pp]or|[Dd]i|[Dd]oor|[Aa]v) [^\W\d_a-zß-ÿ][^\d|]{1,80}?"
    r"(?P<with_word>(?<=[\s,])(?:[^\W\d_]{3,12}\.? )?(?P<number>\d.*))"
)
"""A byline and the date behind it, which may start with a word: ``By Ida Holm, May 4, 2026``."""
_EDGES = " |•·–—-,;:()[]/"


def chunks(text: str) -> Iterator[Part]:
    """Yield what is between the labels of the text."""
    start = 0
    kind: Kind | None = None
    for match in _LABEL.finditer(text):
        yield Part(kind, text[start : match.start()].strip(_EDGES))
        start, kind = match.end(), "modified" if match["modified"] else "published"
    yield Part(kind, text[start:].strip(_EDGES))


def parts(text: str) -> Iterator[Part]:
    """Yield the chunks of the text: each whole, then, if separators divide it, in pieces."""
    for kind, chunk in chunks(text):
        if chunk:
            yield Part(kind, chunk)
            pieces = [piece for each in _SEPARATOR.split(chunk) if (piece := each.strip(_EDGES))]
            if len(pieces) > 1:
                yield from (Part(kind, piece) for piece in pieces)
            if behind := _BEHIND_BYLINE.fullmatch(chunk):
                yield from (Part(kind, piece) for piece in behind.group("with_word", "number"))
