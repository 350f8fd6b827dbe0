"""Dates: every form that programs and people write is read right, or is no date."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from babel.dates import format_date, format_datetime
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.clean.samples import BODY, HEADLINE, STORY, cleaned, lines
from workers.clean.fields import dates
from workers.clean.fields.dates import calendars
from workers.clean.fields.dates.labels import LABELS, Label
from workers.clean.fields.dates.words import LANGUAGES

RECEIVED = datetime(2026, 5, 6, 12, 0, tzinfo=UTC)
HALF_PAST_SIX = "2026-05-04T06:30:00Z"


def read(written: str, language: str | None = None, received: datetime | None = RECEIVED) -> str | None:
    """Return the time of a date in a message; None if it is absent or refused."""
    found = dates.guessed(written, dates.Context(received, language))
    return found and found.time


@pytest.mark.parametrize(
    "written",
    [
        # ISO 8601 and its kin
        "2026-05-04T06:30:00Z", "2026-05-04T08:30:00.987654321+02:00", "2026-05-04 08:30:00 +0200",
        "20260504T063000Z",
        "2026-05-04T08:30+02", "2026-05-04 06:30:00", "2026/05/04 06:30", "2026-5-4 6:30", "20260504063000",
        "2026-W19-1T06:30:00Z", "2026-124T06:30:00Z", "  2026-05-04\u00a006:30 ", "2026-05-04T04:30:00−02:00",
        # the sign of an offset, and names of zones
        "2026-05-04 08:30:00 UTC+2", "2026-05-04 08:30 GMT+0200", "2026-05-04 08:30 +2", "2026-05-04 08:30 UTC+02:00",
        "2026-05-04 04:30 UTC-2", "2026-05-04 08:30 CEST", "2026-05-04 08:30 (MESZ)", "2026-05-04 02:30 EDT",
        "2026-05-04 02:30 ET", "2026-05-04T08:30[Europe/Berlin]", "2026-05-04 08:30 Europe/Berlin",
        "2026-05-04T08:30:00+02:00[Europe/Berlin]", "2026-05-04T08:30 Etc/GMT-2",
        # epochs in seconds, milliseconds, microseconds, nanoseconds
        "1777876200", "1777876200.25", "1777876200000", "1777876200000000", "1777876200000000000",
        # the forms of libraries
        "Mon, 04 May 2026 08:30:00 +0200", "Mon, 04 May 2026 06:30:00 GMT", "Monday, 04-May-26 06:30:00 GMT",
        "Mon May 04 2026 08:30:00 GMT+0200 (Central European Summer Time)", "Mon May 04 08:30:00 CEST 2026",
        "Mon May  4 06:30:00 2026", "2026-05-04 08:30:00 +0200 CEST", "/Date(1777876200000)/",
        "/Date(1777876200000+0200)/", "datetime.datetime(2026, 5, 4, 6, 30)", 'ISODate("2026-05-04T06:30:00Z")',
        "datetime.datetime(2026, 5, 4, 6, 30, tzinfo=datetime.timezone.utc)",
        "datetime.datetime(2026, 5, 4, 8, 30, tzinfo=datetime.timezone(datetime.timedelta(seconds=7200)))",
        "datetime.datetime(2026, 5, 4, 8, 30, tzinfo=zoneinfo.ZoneInfo(key='Europe/Berlin'))",
        # databases and telexes
        "04-MAY-26 06.30.00 AM", "04-MAY-2026 06.30.00.123456 AM", "04-MAY-26 08.30.00.000000 AM +02:00",
        "2026-05-04-06.30.00.123456", "04MAY2026:06:30:00", "040630Z MAY 26", "4 May 2026 0630Z",
        # in English
        "May 4, 2026 2:30 a.m. EDT", "May 4th, 2026 at 6:30 AM", "4 May 2026, 07.30 BST", "06:30 - 4 May 2026",
        "2026-05-04 06:30 QQQ", "2026-05-04T08:30:00+02:00Z", "05/04/2026 2:30 AM EDT",
    ],
)  # fmt: skip
def test_a_date_is_read_to_the_minute_and_written_in_utc(written: str) -> None:
    assert read(written) == HALF_PAST_SIX


@pytest.mark.parametrize(
    "written",
    ["י״ז באייר תשפ״ו, 4 במאי 2026", "4 במאי 2026, י\"ז באייר תשפ\"ו", "17 Iyar 5786 / May 4, 2026",
     "16 Dhu al-Qadah 1447 AH, May 4, 2026", "May 4, 2026 / Shawwal 16, 1447"],
)  # fmt: skip
def test_a_date_of_another_calendar_beside_one_of_the_common_is_ignored(written: str) -> None:
    assert read(written) == "2026-05-04T00:00:00Z"
    assert read("17 Iyar 5786") is None


@pytest.mark.parametrize("written", ["2026-05-04T06", "2026-05-04T06Z", "2026-05-04T08+02:00", "20260504T06Z"])
def test_a_time_of_iso_8601_may_be_an_hour_alone(written: str) -> None:
    assert read(written) == "2026-05-04T06:00:00Z"


@pytest.mark.parametrize(
    ("language", "written"),
    [
        ("de", "Montag, 4. Mai 2026, 6.30 Uhr"), ("de", "am 04.05.26 um 06:30 Uhr"),
        ("fr", "lundi 4 mai 2026 à 06h30"),
        ("es", "4 de mayo de 2026, a las 6:30 a. m."), ("pt", "4 de maio de 2026 às 6h30"),
        ("it", "4 maggio 2026 - ore 06:30"),
        ("da", "4. maj 2026 kl. 06.30"), ("fi", "maanantai 4.5.2026 klo 6.30"), ("pl", "4 maja 2026, 06:30"),
        ("cs", "pondělí 4. května 2026 v 6:30"), ("ru", "4 мая 2026 г., 06:30"),
        ("hu", "2026. május 4., hétfő 06:30"),
        ("el", "4 Μαΐου 2026, 6:30 πμ"), ("tr", "4 MAYIS 2026 06:30"), ("ar", "٤ مايو/أيار ٢٠٢٦ ٠٦:٣٠"),
        ("fa", "۴ مه ۲۰۲۶، ۰۶:۳۰"), ("hi", "४ मई २०२६, ०६:३०"), ("he", "4 במאי 2026, 06:30"),
        ("th", "วันจันทร์ที่ 4 พฤษภาคม พ.ศ. 2569 เวลา 06.30 น."), ("th", "2569-05-04T13:30:00+07:00"),
        ("vi", "Thứ Hai, 4/5/2026, 13:30 (GMT+7)"), ("id", "Senin, 4 Mei 2026 13:30 WIB"),
        ("zh", "2026年5月4日 上午6:30"), ("zh", "２０２６年５月４日06時30分"),
        ("ja", "2026年5月4日（月） 午前6時30分"),
        ("ja", "令和8年5月4日 6時30分"), ("ko", "2026년 5월 4일 오전 6:30"), ("ko", "2026. 5. 4. 오전 6:30"),
        ("en-GB", "04/05/2026 06:30"), ("en-US", "05/04/2026 06:30"), ("de", "04/05/2026 06:30"),
        (None, "Mon 04/05/2026 06:30"),
        ("ru", "4 мая 2026, 09:30 (МСК)"), ("ru", "4 мая 2026 в 09:30 мск"), ("id", "Senin, 04 Mei 2026 | 13.30 WIB"),
        ("th", "4 พ.ค. 69 06:30"), ("fa", "دوشنبه ۱۴ اردیبهشت ۱۴۰۵ ساعت ۰۶:۳۰"), ("fa", "۱۴۰۵/۰۲/۱۴ ۰۶:۳۰"),
        ("fa", "14 ثور 1405 06:30"),
        ("en", "2026-05-04T08:30:00&#43;02:00"), ("en", "2026-05-04T06%3A30%3A00Z"),
        ("en", "4&nbsp;May&nbsp;2026 06:30"),
        # zones in words, and the source that Chinese pages name beside the date
        ("ar", "الاثنين 4 مايو 2026 - 06:30 بتوقيت غرينتش"), ("fr", "4 mai 2026 à 8h30 (heure de Paris)"),
        ("ru", "4 мая 2026, 9:30 по московскому времени"),
        ("zh", "2026-05-04 06:30 来源：海港社"), ("zh", "来源: 海港社 2026-05-04 06:30"),
        ("zh-TW", "2026-05-04 06:30 來源："),
    ],
)  # fmt: skip
def test_a_date_is_read_in_the_language_of_its_article(language: str | None, written: str) -> None:
    assert read(written, language) == HALF_PAST_SIX


@pytest.mark.parametrize(
    ("language", "written"),
    [("zh", "二〇二六年五月四日"), ("zh", "民國115年5月4日"), ("ja", "令和八年五月四日"),
     ("vi", "ngày 4 tháng 5 năm 2026"),
     ("mn", "2026 оны 5-р сарын 4"), ("eu", "2026ko maiatzaren 4a"), ("lt", "2026 m. gegužės 4 d."),
     (None, "4 mai 2026"), (None, "20260504"), (None, "2026-05-04+02:00"), (None, "31/12/2025"),
     (None, "04.05.2026")],
)  # fmt: skip
def test_a_day_without_a_time_starts_at_midnight(language: str | None, written: str) -> None:
    expected = "2025-12-31" if "31" in written else "2026-05-04"
    assert read(written, language) == f"{expected}T00:00:00Z"


def test_dutch_hours_are_read() -> None:
    assert read("4 mei 2026 om 06:30 uur", "nl") == read("4 mei 2026 6.30 uur", "nl") == HALF_PAST_SIX


def test_24_00_is_the_start_of_the_next_day() -> None:
    assert read("2026-05-04T24:00:00Z") == "2026-05-05T00:00:00Z"


@pytest.mark.parametrize(
    "written",
    ["0001-01-01T00:00:00Z", "0000-00-00 00:00:00", "-0001-11-30T00:00:00+00:00", "1970-01-01T00:00:00Z",
     "1970-01-01", "0",
     "1969-12-31T19:00:00-05:00", "1900-01-01", "9999-12-31T23:59:59Z", "-62135596800000", "/Date(-62135596800000)/",
     "None", "null", "", " ", "N/A", "NaN", "Invalid Date"],
)  # fmt: skip
def test_zeros_of_databases_and_words_for_no_date_are_absent(written: str) -> None:
    assert dates.declared(written, dates.Context(RECEIVED)) is None


@pytest.mark.parametrize(
    ("language", "written"),
    [
        # incomplete, impossible or something else
        (None, "5"), (None, "March"), (None, "March 7"), (None, "10:30"), (None, "2026-03"),
        (None, "tomorrow"), (None, "May 2026"),
        (None, "99999999999"), (None, "2026-02-30"), (None, "2026-13-01"), (None, "1 2 3"),
        (None, "Top 5 of May 2026"),
        (None, "-99:00000000000000000000200000000000000000000000000000000"), (None, "2026-05-04 27:00"),
        (None, "x" * 10_000),
        # more than one reading
        (None, "04/05/2026"), ("en", "04/05/2026"), ("en-US", "04.05.2026"), (None, "04/05/26"), (None, "18/5/26"),
        (None, "4 listopada 2025"),
        # calendars that are not ours, eras that are not known
        ("ar", "17 رمضان 1447 هـ"), ("th", "4 พ.ค. 26"), ("fa", "۳۱ مهر ۱۴۰۵"), ("en", "3 min"), ("fr", "3 min"),
        ("he", "י״ז באייר תשפ״ו"),
        # too vague
        ("en", "2 weeks ago"), ("en", "last month"), ("hi", "कल"), ("en", "Friday to Sunday"), ("fr", "mar"),
        ("en", "Friday boats"), ("en", "T10:00"),
        # the future
        (None, "2026-05-08"), ("de", "8. Mai 2026"),
    ],
)  # fmt: skip
def test_what_is_in_doubt_is_no_date(language: str | None, written: str) -> None:
    with pytest.raises(ValueError, match=r"not a date|more than one way|more than a day"):
        dates.declared(written, dates.Context(RECEIVED, language))


@pytest.mark.parametrize(
    ("language", "url", "day"),
    [("en", "https://www.courier.co.uk/a", "04"), ("en-GB", None, "04"), (None, "https://courier.de/", "04"),
     ("en", "https://x.tv/", None),
     ("en", "https://courier.com/", None), ("sv", None, None)],
)  # fmt: skip
def test_language_and_country_decide_the_order_of_day_and_month(
    language: str, url: str | None, day: str | None
) -> None:
    found = dates.guessed("04/05/2026", dates.Context(RECEIVED, language, url))
    assert (found and found.time[8:10]) == day


@pytest.mark.parametrize(
    ("language", "written", "expected"),
    [
        ("en", "5 hours ago", "2026-05-06T07:00:00Z"),
        ("en", "about an hour ago", "2026-05-06T11:00:00Z"), ("de", "vor 2 Stunden", "2026-05-06T10:00:00Z"),
        ("de", "vor einer Stunde", "2026-05-06T11:00:00Z"), ("fr", "il y a 3 jours", "2026-05-03T00:00:00Z"),
        ("es", "hace 20 minutos", "2026-05-06T11:40:00Z"), ("ru", "2 часа назад", "2026-05-06T10:00:00Z"),
        ("zh", "3小时前", "2026-05-06T09:00:00Z"), ("ja", "3時間前", "2026-05-06T09:00:00Z"),
        ("ko", "3시간 전", "2026-05-06T09:00:00Z"),
        ("de", "gestern 14:30", "2026-05-05T14:30:00Z"), ("fr", "hier à 14h30", "2026-05-05T14:30:00Z"),
        ("zh", "昨天 14:30", "2026-05-05T14:30:00Z"), ("sv", "i går 14:30", "2026-05-05T14:30:00Z"),
        (None, "yesterday", "2026-05-05T00:00:00Z"),
        ("ru", "5 часов назад", "2026-05-06T07:00:00Z"), ("uk", "5 годин тому", "2026-05-06T07:00:00Z"),
        ("pl", "5 godzin temu", "2026-05-06T07:00:00Z"), ("ar", "منذ 5 ساعات", "2026-05-06T07:00:00Z"),
        ("en", "Just now", "2026-05-06T12:00:00Z"), ("en", "a few seconds ago", "2026-05-06T12:00:00Z"),
        ("de", "gerade eben", "2026-05-06T12:00:00Z"), ("fr", "À l’instant", "2026-05-06T12:00:00Z"),
        ("zh", "刚刚", "2026-05-06T12:00:00Z"),
        ("ar", "منذ ساعتين", "2026-05-06T10:00:00Z"), ("he", "לפני שעה", "2026-05-06T11:00:00Z"),
        ("en", "Last Friday", "2026-05-01T00:00:00Z"), ("en", "on Monday", "2026-05-04T00:00:00Z"),
        (None, "Wednesday", "2026-05-06T00:00:00Z"), ("en", "last Wednesday", "2026-04-29T00:00:00Z"),
        ("en", "Wednesday at 14:05", "2026-04-29T14:05:00Z"), ("de", "letzten Freitag", "2026-05-01T00:00:00Z"),
        ("fr", "vendredi à 14h05", "2026-05-01T14:05:00Z"),
    ],
)  # fmt: skip
def test_a_relative_date_counts_from_the_time_of_the_message(language: str | None, written: str, expected: str) -> None:
    found = dates.declared(written, dates.Context(RECEIVED, language))
    assert found is not None
    assert (found.time, found.source) == (expected, "relative")
    with pytest.raises(ValueError, match="relative to the time of the message, which is not known"):
        dates.declared(written, dates.Context(None, language))


@pytest.mark.parametrize("label", LABELS, ids=lambda label: label.id)
def test_a_label_says_what_a_date_is_of(label: Label) -> None:
    found = dates.in_line(label.example, dates.Context(RECEIVED))
    assert [name for name, date in found._asdict().items() if date] == [label.kind]
    assert dates.in_line(label.no_example, dates.Context(RECEIVED)) == dates.Dates()


@pytest.mark.parametrize(
    ("line", "published", "modified"),
    [
        ("Published 4 May 2026, 06:30 | Updated 5 May 2026 09:00", "2026-05-04T06:30", "2026-05-05T09:00"),
        ("4 May 2026 (Updated: 5 May 2026, 9:00 AM)", "2026-05-04T00:00", "2026-05-05T09:00"),
        ("Posted by Ada Birch on May 4, 2026", "2026-05-04T00:00", None),
        (
            "Veröffentlicht am 4. Mai 2026, 06:30 Uhr – zuletzt aktualisiert: 5. Mai 2026",
            "2026-05-04T06:30",
            "2026-05-05T00:00",
        ),
        ("发布时间：2026-05-04 06:30 更新时间：2026-05-05 09:00", "2026-05-04T06:30", "2026-05-05T09:00"),
        ("4 May 2026 | 5 min read", "2026-05-04T00:00", None),
        ("Posted: 4 May 2026 06:30, 3 min read", "2026-05-04T06:30", None),
        ("Updated - May 05, 2026 09:00 am", None, "2026-05-05T09:00"),
        ("发布时间：2026-05-04 06:30 作者：王明 浏览量：41", "2026-05-04T06:30", None),
        ("更新於 2026/05/05 09:00", None, "2026-05-05T09:00"),
        ("Stand: 05.05.2026", None, "2026-05-05T00:00"),
        ("Five people died on 4 May 2026 in Saltby", None, None),
    ],
)
def test_a_line_gives_both_dates(line: str, published: str | None, modified: str | None) -> None:
    found = dates.in_line(line, dates.Context(RECEIVED))
    assert tuple(date and date.time[:16] for date in found) == (published, modified)


def test_the_best_date_of_a_page_has_a_time_and_the_zone_that_the_page_gives() -> None:
    context = dates.Context(RECEIVED)
    day, local, zoned = (
        ("2026-05-04", "json-ld"),
        ("2026-05-04T08:30", "json-ld"),
        ("2026-05-04T08:30:10+02:00", "meta"),
    )
    assert dates.best([day, local], context) == ("2026-05-04T08:30:00Z", "json-ld", False)
    assert dates.best([local, zoned], context) == ("2026-05-04T06:30:10Z", "meta", True)
    assert dates.best([local, ("2026-05-04T09:30:00+02:00", "meta")], context) == (
        "2026-05-04T08:30:00Z",
        "json-ld",
        False,
    )
    assert dates.best([], context) is None


@pytest.mark.parametrize(
    ("url", "expected"),
    [("https://x.test/2026/05/04/bridge", "2026-05-04"), ("https://x.test/bridge-20260504.html", "2026-05-04"),
     ("https://x.test/2026-5-4/a", "2026-05-04"), ("https://x.test/2026/05/bridge", None),
     ("https://x.test/2026/13/44/", None),
     ("https://x.test/2031/05/04/", None), ("https://x.test/a?d=/2026/05/04/", None),
     ("https://x.test/1202605049", None)],
)  # fmt: skip
def test_a_url_may_name_the_day(url: str, expected: str | None) -> None:
    found = dates.in_url(url, dates.Context(RECEIVED))
    assert (found and (found.time[:10], found.source)) == (expected and (expected, "url"))


# --- in the article ---


def test_the_article_says_where_each_date_comes_from_and_which_lack_a_zone() -> None:
    message = {"headline": HEADLINE, "body": STORY, "published": "2025-03-07T08:15:30+01:00", "modified": "2025-03-08"}
    article = cleaned(message | {"url": "https://x.test/2025/03/01/a"})
    assert article.date_sources == {"published": "message", "modified": "message"}
    assert article.dates_without_zone == ("modified",)
    article = cleaned({"headline": HEADLINE, "body": STORY, "url": "https://x.test/2025/03/01/a"})
    assert (article.published, article.date_sources) == ("2025-03-01T00:00:00Z", {"published": "url"})
    article = cleaned(lines(HEADLINE, "Published 7 March 2025 at 08:15 | Updated 8 March 2025", *BODY))
    assert (article.published, article.modified) == ("2025-03-07T08:15:00Z", "2025-03-08T00:00:00Z")
    assert article.date_sources == {"published": "text", "modified": "text"}


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("de", "Veröffentlicht am 7. März 2025, 08:15 Uhr"),
        ("fr", "Publié le 7 mars 2025 à 08h15"),
        ("ja", "2025年3月7日 8時15分"),
    ],
)
def test_a_line_of_dates_above_the_text_becomes_a_field(language: str, line: str) -> None:
    article = cleaned({"headline": HEADLINE, "body": lines(line, *BODY), "language": language})
    assert (article.published, article.body) == ("2025-03-07T08:15:00Z", STORY)


@pytest.mark.parametrize(
    ("written", "problem"),
    [("31/31/2025", "not a date"), ("2025-03-11", "more than a day after"), ("03/04/2025", "more than one way")],
)
def test_a_date_that_cannot_be_used_costs_only_itself(written: str, problem: str) -> None:
    article = cleaned({"headline": HEADLINE, "body": STORY, "published": written})
    assert (article.published, article.body) == (None, STORY)
    [warning] = article.warnings
    assert (warning.field, warning.value) == ("published", written)
    assert problem in warning.problem


def test_a_date_may_be_a_number_and_follows_the_language_of_the_message() -> None:
    assert cleaned({"body": STORY, "published": 1741335330}).published == "2025-03-07T08:15:30Z"
    assert cleaned({"body": STORY, "published": "07/03/2025", "language": "fr"}).published == "2025-03-07T00:00:00Z"
    german = "Die Besatzungen der Fähren stimmten am Freitag nach dem Ende der Gespräche für einen Streik."
    assert cleaned({"body": german, "published": "07/03/2025"}).published == "2025-03-07T00:00:00Z"


# --- laws ---

MOMENTS = st.datetimes(datetime(1980, 1, 1), datetime(2026, 5, 1), timezones=st.sampled_from(  # noqa: DTZ001
    [UTC, timezone(timedelta(hours=2)), timezone(timedelta(hours=-9, minutes=-30)), timezone(timedelta(hours=14))]
))  # fmt: skip
FORMS = (
    "%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%d %H:%M %z", "%Y%m%dT%H%M%S%z", "%a, %d %b %Y %H:%M:%S %z", "%d %B %Y %H:%M %z",
    "%a %b %d %Y %H:%M:%S GMT%z (Some Zone)", "%B %d, %Y %I:%M %p UTC%z", "%G-W%V-%uT%H:%M%z", "%Y-%jT%H:%M:%S%z",
)  # fmt: skip


@given(MOMENTS, st.sampled_from(FORMS))
def test_a_date_with_a_zone_in_any_form_is_read_back_to_the_minute(moment: datetime, form: str) -> None:
    assert (
        read(moment.strftime(form))
        == moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:") + (moment.strftime("%S") if "%S" in form else "00") + "Z"
    )


@given(st.dates(date(1980, 1, 2), date(2026, 5, 1)), st.sampled_from(LANGUAGES), st.sampled_from(["full", "long"]))
@settings(deadline=None)
def test_a_day_in_any_language_is_read_back_or_is_none(day: date, language: str, length: str) -> None:
    written = format_date(day, length, locale=language.replace("-", "_"))
    assert read(written, language) in ({f"{day}T00:00:00Z"} if language not in {"mn"} else {f"{day}T00:00:00Z", None})
    assert read(written) in {f"{day}T00:00:00Z", None}


@given(MOMENTS, st.sampled_from(LANGUAGES), st.sampled_from(["short", "medium", "long"]))
@settings(deadline=None)
def test_a_time_in_any_language_is_never_read_wrong(moment: datetime, language: str, length: str) -> None:
    written = format_datetime(moment.astimezone(UTC), length, locale=language.replace("-", "_"))
    assert (read(written, language) or "none")[:16] in {moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M"), "none"}


@given(st.text(max_size=130) | st.lists(st.sampled_from(
    ["1", "2026", "04", ":", "/", ".", " ", "-", "May", "mar", "年", "月", "kl", "by", "on", "posted ", "UTC",
     "+", "|", "4th", "(", "十"]
), max_size=60).map("".join))  # fmt: skip
def test_anything_else_never_raises_and_never_takes_long(text: str) -> None:
    start = time.thread_time()
    for language in (None, "de", "ja"):
        context = dates.Context(RECEIVED, language)
        dates.guessed(text, context)
        dates.in_line(text, context)
    assert time.thread_time() - start < 0.2


@pytest.mark.parametrize(
    ("year", "starts"),
    [(1357, date(1978, 3, 21)), (1399, date(2020, 3, 20)), (1400, date(2021, 3, 21)), (1403, date(2024, 3, 20)),
     (1404, date(2025, 3, 21)), (1405, date(2026, 3, 21)), (1408, date(2029, 3, 20))],
)  # fmt: skip
def test_a_persian_year_starts_at_the_equinox(year: int, starts: date) -> None:
    assert calendars.in_common_era(f"{year}/01/01") == starts.isoformat()
    assert calendars.in_common_era(f"1 فروردین {year}") == starts.isoformat()


@pytest.mark.parametrize(
    "written",
    ["4 مايو 2026م الموافق 17 ذو القعدة 1447هـ", "الاثنين 17 ذو القعدة 1447 هـ - 4 مايو 2026 م",
     "17/11/1447هـ الموافق 04/05/2026",
     "نُشر: 00:00-4 مايو 2026 م ـ 17 ذو القِعدة 1447 هـ"],
)  # fmt: skip
def test_a_date_beside_that_of_the_islamic_calendar_is_read(written: str) -> None:
    assert read(written, "ar") == "2026-05-04T00:00:00Z"


def test_a_name_after_a_date_is_no_part_of_it() -> None:
    assert read("Posted on May 4, 2026 by Ida Holm") == "2026-05-04T00:00:00Z"


def test_a_short_year_is_read_where_day_and_month_can_only_be_read_in_one_way() -> None:
    assert read("4/28/26") == "2026-04-28T00:00:00Z"
