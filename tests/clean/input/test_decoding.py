"""Texts are read in the encoding that they are in, whatever they declare."""

from __future__ import annotations

import json

import pytest

from tests.clean.input.test_bad_input import reason
from tests.clean.samples import BODY, HEADLINE, STORY, cleaned
from workers.clean.input.decoding import codec_of, decode
from workers.outcomes import Reason

TEXTS = {
    "de": "Der Rat beschloss, die alte Hafenbrücke für sechs Monate zu schließen. Die Lkw fahren „durchs Tal“.",
    "es": "El ayuntamiento decidió cerrar el viejo puente del puerto. Los camiones irán por el valle hasta mañana.",
    "pl": "Rada miejska zdecydowała zamknąć stary most. Ciężarówki będą jeździć drogą przez dolinę do końca września.",
    "cs": "Městská rada se rozhodla uzavřít starý přístavní most. Nákladní auta budou jezdit údolím až do jara.",
    "tr": "Belediye meclisi eski liman köprüsünü altı aylığına kapattı. Kamyonlar bahara kadar vadi yolunu kullanacak.",
    "ru": "Городской совет решил закрыть старый портовый мост на шесть месяцев. Грузовики поедут через долину.",
    "el": "Το δημοτικό συμβούλιο αποφάσισε να κλείσει την παλιά γέφυρα του λιμανιού για έξι μήνες.",
    "ar": "قرر مجلس المدينة إغلاق جسر الميناء القديم لمدة ستة أشهر. وستسلك الشاحنات طريق الوادي حتى الربيع.",
    "he": "מועצת העיר החליטה לסגור את גשר הנמל הישן לשישה חודשים. המשאיות ייסעו בדרך העמק עד האביב.",
    "ja": "市議会は火曜日、古い港の橋を六か月閉鎖すると決めた。市長は、トラックは谷の道を通ると述べた。",
    "zh": "市议会周二决定，老港桥从下周起关闭六个月，因为工程师发现两根大梁开裂。卡车必须绕行山谷公路。",
    "zh-Hant": "市議會週二決定，老港橋從下週起關閉六個月，因為工程師發現兩根大樑開裂。卡車必須繞行山谷公路。",
    "ko": "시의회는 화요일 낡은 항구 다리를 여섯 달 동안 폐쇄하기로 결정했다. 트럭은 계곡 길로 다녀야 한다.",
}


@pytest.mark.parametrize(
    ("language", "encoding"),
    [
        ("de", "cp1252"), ("es", "cp1252"), ("pl", "cp1250"), ("pl", "iso8859_2"), ("cs", "cp1250"), ("tr", "cp1254"),
        ("ru", "cp1251"), ("ru", "koi8_r"), ("ru", "cp866"), ("el", "cp1253"), ("el", "iso8859_7"), ("ar", "cp1256"),
        ("he", "cp1255"), ("ja", "cp932"), ("ja", "euc_jp"), ("ja", "iso2022_jp"), ("zh", "gb18030"),
        ("zh-Hant", "big5"), ("ko", "cp949"),
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "template", ["{}", "<html><head><title>x</title></head><body><p class=lead>{}</p></body></html>"]
)
def test_an_encoding_that_nobody_declares_is_detected(language: str, encoding: str, template: str) -> None:
    text = template.format(TEXTS[language])
    assert decode(text.encode(encoding)).text == text


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("language", ["de", "ru", "zh"])
def test_utf_16_and_utf_32_need_no_mark(language: str, encoding: str) -> None:
    assert decode(TEXTS[language].encode(encoding)).text == TEXTS[language]


@pytest.mark.parametrize(
    ("label", "codec"),
    [
        ("utf8mb4", "utf-8"), ('"UTF-8;"', "utf-8"), ("utf8", "utf-8"), (" 'latin1' ", "cp1252"), ("latin_1", "cp1252"),
        ("ISO-8859-1", "cp1252"), ("us-ascii", "cp1252"), ("gb2312", "gb18030"), ("GBK", "gb18030"),
        ("x-sjis", "cp932"), ("Shift_JIS", "cp932"), ("windows-31j", "cp932"), ("cp932", "cp932"),
        ("ks_c_5601-1987", "cp949"), ("big5-hkscs", "big5hkscs"), ("win-1251", "cp1251"), ("cp-1251", "cp1251"),
        ("iso-8859-9", "cp1254"), ("utf-7", None), ("rot13", None), ("unicode_escape", None), ("none", None),
        ("", None),
    ],
)  # fmt: skip
def test_labels_mean_what_browsers_read_in_them(label: str, codec: str | None) -> None:
    assert codec_of(label) == codec


@pytest.mark.parametrize(
    "declaration",
    [
        "<meta charset=koi8-r>",
        "<meta charset = 'KOI8-R;'>",
        '<META http-equiv="Content-Type" content="text/html; charset = koi8-r">',
        "<meta http-equiv=Content-Type content='text/html;charset=\"koi8-r\"'>",
        '<?xml version="1.0" encoding="koi8-r"?>',
    ],
)
def test_a_declaration_is_read_in_every_form(declaration: str) -> None:
    text = f"{declaration}<p>Мост</p>"  # too short for a guess
    assert decode(text.encode("koi8-r")).text == text


@pytest.mark.parametrize(
    ("declared", "encoding", "language"),
    [
        ("iso-8859-1", "utf-8", "ru"),
        ("utf-8", "cp1252", "de"),
        ("utf-16", "cp1252", "de"),
        ("nonsense", "cp1251", "ru"),
    ],
)
def test_a_wrong_declaration_does_not_count(declared: str, encoding: str, language: str) -> None:
    text = f"<html><head><meta charset={declared}></head><body><p>{TEXTS[language]}</p></body></html>"
    assert decode(text.encode(encoding), declared).text == text


def test_labels_of_subsets_read_the_superset() -> None:
    assert decode("朱镕基和陶喆".encode("gbk"), "gb2312").text == "朱镕基和陶喆"
    assert decode("髙橋①".encode("cp932"), "shift_jis").text == "髙橋①"
    assert decode("“it’s €4m” – she".encode("cp1252"), "iso-8859-1").text == "“it’s €4m” – she"


@pytest.mark.parametrize(
    ("data", "text", "replaced"),
    [
        (STORY.encode() + b"\xff", f"{STORY}�", 1),
        (STORY.encode().replace(b"s", b"s\0", 3), STORY, 3),
        (STORY.encode() + b" \xed\xa0\xbd\xed\xb8\x80", f"{STORY} \U0001f600", 0),
        (b"+AGEAYgBj- is not read as UTF-7", "+AGEAYgBj- is not read as UTF-7", 0),
    ],
)
def test_a_few_bad_bytes_are_replaced_and_counted(data: bytes, text: str, replaced: int) -> None:
    decoded = decode(data)
    assert (decoded.text, decoded.replaced) == (text, replaced)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "a PNG picture"),
        (b"%PDF-1.7\n%plain", "a PDF document"),
        (b"PK\x03\x04\x14\0\0\0", "a ZIP archive"),
        (b"Obj\x01\x04\x14avro.codec", "an Avro file"),
        (b"\0\0\0\0\x07\x02\x10walkout\x06\x01\x02\x03\x04", "a record of a schema registry"),
        (b"\x83\xa8headline\xa3abc\xa4body\xa4text", "a MessagePack object"),
        (b"\x80\x04\x95\x10\0\0\0\0\0\0\0}", "a pickled Python object"),
        (b"\x28\0\0\0\x02headline\0\x04\0\0\0abc\0\x02body\0\x02\0\0\0x\0\0", "a BSON document"),
        (bytes(range(1, 32)) * 9, "binary data"),
    ],
)
def test_a_refusal_names_what_binary_data_look_like(data: bytes, kind: str) -> None:
    why, message = reason(data)
    assert (why, kind in message) == (Reason.UNREADABLE, True), message


def text_of(length: int) -> bytes:
    return (STORY.encode() * length)[:length]


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"\0\0\x01\x86\xa1\xc8\x01" + text_of(100), "a record of a schema registry"),
        (b"\x03\0" + bytes(range(100, 116)) + b"\xc8\x01" + text_of(100), "a record of a schema registry"),
        (b"\xc3\x01abcdefgh\xc8\x01" + text_of(100), "an Avro record with a fingerprint"),
        (b"\xa1dbody\x78\x64" + text_of(100), "a CBOR object"),
        (b"\x74\0\0\0\x02body\0\x65\0\0\0" + text_of(100) + b"\0\0", "a BSON document"),
        (b"\n\x0dHarbour shuts\x12\xc8\x01" + text_of(200), "a Protobuf message"),
        (b"\n\xc8\x01" + text_of(200) + b"\x1a\x05Bodoe", "a Protobuf message"),
        (b"\x04\x22\x4d\x18\x64\x40\xa7" + text_of(100), "data compressed with LZ4"),
        (b"\xff\x06\0\0sNaPpY" + text_of(100), "data compressed with Snappy"),
    ],
)
def test_a_text_within_binary_data_is_no_article(data: bytes, kind: str) -> None:
    why, message = reason(data)
    assert (why, kind in message) == (Reason.UNREADABLE, True), message


@pytest.mark.parametrize(
    "data",
    [
        STORY.encode("utf-16-be"), STORY.encode("utf-16-le"), STORY.encode("utf-32-be"), STORY.encode("utf-32-le"),
        f"\n{STORY}".encode(), f"\n\x12{STORY}".encode(), f"¡dicho! {STORY}".encode("cp1252"), b"\0" + STORY.encode(),
    ],
)  # fmt: skip
def test_a_text_that_starts_oddly_is_one(data: bytes) -> None:
    assert STORY in decode(data).text


@pytest.mark.parametrize("escaped", [False, True])
@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize(
    "line", ["Große Boote, “sagte” Åse à Paris…", "Экипажи паромов голосуют", "フェリーが止まる。"]
)
def test_utf_8_that_was_read_as_latin_1_is_read_as_it_was_written(line: str, times: int, escaped: bool) -> None:
    written = f"{line} {BODY[0]}"
    read = written
    for _ in range(times):
        read = read.encode().decode("latin-1")
    message = json.dumps({"headline": HEADLINE, "body": read}, ensure_ascii=escaped)
    assert cleaned(message).body == written
    assert cleaned(f"<html><body><article><p>{read}</p></article></body></html>").body == written


def test_a_closing_quotation_mark_that_was_read_as_windows_1252_is_read() -> None:
    assert cleaned({"headline": HEADLINE, "body": f"â€œStayâ€\x9d, they said. {BODY[0]}"}).body.startswith(
        "“Stay”, they"
    )
