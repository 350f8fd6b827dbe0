from __future__ import annotations

from pathlib import Path

import pytest

from workers.errors import SettingsError
from workers.settings import READ_ELSEWHERE, Settings, shown, table

BAD = {
    "COPYDESK_ENVIRONMENT": ["prod", "Production"],
    "COPYDESK_BROKER": ["kafka", "host:", ":9092", "host:port", "a:1,,b:2", "a:1 b:2", "a:0", "a:65536"],
    "COPYDESK_PARTITIONS": ["0", "-1", "many", "1.5", "10001", "9" * 5_000],
    "COPYDESK_REPLICATION": ["0", "10"],
    "COPYDESK_LANGUAGES": ["english", "en,en", "en;de", "EN", ","],
    "COPYDESK_MAX_MESSAGE_BYTES": ["65535", "8388609", "2MB"],
    "COPYDESK_FIELDS": ["headline", "headline=", "title=headline", "body=a,body=b", "body=a|"],
    "COPYDESK_COMPRESSION": ["brotli", "ZSTD"],
    "COPYDESK_RETENTION_BYTES": ["0", "-1", "1048575", "1GiB"],
    "COPYDESK_WINDOW_HOURS": ["0", "8761", "3d"],
    "COPYDESK_COPY_THRESHOLD": ["19", "101", "35%"],
    "COPYDESK_COPIES": ["Mark", "off"],
    "COPYDESK_COPIES_OFF": [
        *("kind:far", "roundup", "https://reuters.com", "reuters.com,kind:unchanged", "reuters.com/world"),
        *("reuters.com apnews.com", "Reuters;AP", "*.reuters.com", '"reuters.com"'),
    ],
    "COPYDESK_DUPLICATE_BODIES": ["yes", "On"],
    "COPYDESK_RAW_RETENTION_HOURS": ["0", "8761", "7d"],
    "COPYDESK_STATE_DIR": ["/nowhere/state", "/etc/passwd"],
    "COPYDESK_SNAPSHOT_SECONDS": ["0", "86401"],
    "COPYDESK_MODELS": ["en", "en=", "english=x", "=x"],
    "COPYDESK_SESSION_TIMEOUT": ["5", "301"],
    "COPYDESK_INSTANCE_ID": ["a b", "x" * 201, "a/b"],
    "COPYDESK_METRICS_HOST": ["two words", " "],
    "COPYDESK_METRICS_PORT": ["-1", "65536", "http"],
    "COPYDESK_ENRICH_PROCESSES": ["0", "257"],
    "COPYDESK_SECURITY_PROTOCOL": ["ssl", "TLS"],
    "COPYDESK_SASL_MECHANISM": ["GSSAPI", "plain"],
    "COPYDESK_SASL_PASSWORD_FILE": ["/nowhere/password"],
    "COPYDESK_SSL_CA_FILE": ["/nowhere/ca.pem"],
    "COPYDESK_PEOPLE": ["/nowhere/people.tsv"],
    "COPYDESK_SSL_CERT_FILE": ["/nowhere/cert.pem"],
    "COPYDESK_SSL_KEY_FILE": ["/nowhere/key.pem"],
    "COPYDESK_SSL_KEY_PASSWORD_FILE": ["/nowhere/password"],
    "COPYDESK_STALL_SECONDS": ["29", "86401"],
    "COPYDESK_DEAD_LETTER_LIMIT": ["0", "101"],
    "COPYDESK_DEAD_LETTER_WINDOW": ["0", "1000001"],
    "COPYDESK_CRASH_LIMIT": ["0", "1001"],
    "COPYDESK_LOG_LEVEL": ["info", "TRACE"],
    "COPYDESK_LOG_FORMAT": ["xml", "two\nlines"],
    "COPYDESK_TRACES": ["yes", "1", "On"],
}
ANY_VALUE = {"COPYDESK_DATA_DIR", "COPYDESK_SASL_USERNAME", "COPYDESK_SASL_PASSWORD", "COPYDESK_SSL_KEY_PASSWORD"}
"""Settings that accept any value."""


def test_an_empty_environment_yields_the_defaults() -> None:
    assert Settings.from_environment({}) == Settings()
    assert Settings.from_environment({"PATH": "/bin", "COPYDESK_BROKER": ""}) == Settings()


@pytest.mark.parametrize(("variable", "default", "allowed", "help"), table())
def test_every_default_is_an_allowed_value(variable: str, default: str, allowed: str, help: str) -> None:
    assert Settings.from_environment({variable: default}) == Settings()
    assert allowed
    assert help


def test_every_setting_has_bad_values_in_the_table_or_accepts_any() -> None:
    assert BAD.keys() | ANY_VALUE == {variable for variable, *_ in table()}


@pytest.mark.parametrize(("variable", "value"), [(variable, value) for variable in BAD for value in BAD[variable]])
def test_the_error_for_a_bad_value_names_variable_value_and_allowed_values_in_one_line(
    variable: str, value: str
) -> None:
    allowed = {name: allowed for name, _, allowed, _ in table()}[variable]
    with pytest.raises(SettingsError) as error:
        Settings.from_environment({variable: value})
    assert str(error.value) == f"{variable}={value!r} is not allowed: give {allowed}"
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("variable", "value", "name", "expected"),
    [
        ("COPYDESK_BROKER", "a.example:9092,[::1]:9093", "broker", "a.example:9092,[::1]:9093"),
        ("COPYDESK_BROKER", "a:9092, b:9092", "broker", "a:9092,b:9092"),
        ("COPYDESK_LANGUAGES", "en, nl", "languages", ("en", "nl")),
        ("COPYDESK_MODELS", "en=en_core_web_md, fr = /srv/fr", "models", {"en": "en_core_web_md", "fr": "/srv/fr"}),
        ("COPYDESK_COPIES_OFF", "www.Reuters.com , kind:near", "copies_off", ("reuters.com", "kind:near")),
        ("COPYDESK_COPIES_OFF", "St. Louis  Post, AP/dpa", "copies_off", ("st. louis post", "ap/dpa")),
        ("COPYDESK_METRICS_PORT", "0", "metrics_port", 0),
        ("COPYDESK_INSTANCE_ID", "clean-0.zone_b", "instance_id", "clean-0.zone_b"),
        ("COPYDESK_DATA_DIR", "/srv/copydesk", "data_dir", Path("/srv/copydesk")),
    ],
)
def test_an_allowed_value_is_parsed(variable: str, value: str, name: str, expected: object) -> None:
    settings = Settings.from_environment({variable: value})
    assert getattr(settings, name) == expected
    assert Settings.from_environment({variable: shown(expected)}) == settings


def test_an_unknown_variable_with_our_prefix_is_rejected() -> None:
    with pytest.raises(SettingsError, match="COPYDESK_WINDOW is not a setting; did you mean COPYDESK_WINDOW_HOURS"):
        Settings.from_environment({"COPYDESK_WINDOW": "72"})
    for variable in READ_ELSEWHERE:
        assert Settings.from_environment({variable: "/srv/jars"}) == Settings()


def test_production_rejects_the_embedded_broker() -> None:
    production = {"COPYDESK_ENVIRONMENT": "production", "COPYDESK_SECURITY_PROTOCOL": "PLAINTEXT"}
    with pytest.raises(SettingsError) as error:
        Settings.from_environment(production)
    message = str(error.value)
    assert "COPYDESK_BROKER='embedded' is not allowed when COPYDESK_ENVIRONMENT='production'" in message
    assert message.endswith("give host:port")
    assert Settings.from_environment({**production, "COPYDESK_BROKER": "kafka:9092"}).broker == "kafka:9092"


def test_all_other_languages_share_the_last_shard() -> None:
    assert Settings(languages=("en", "de")).shards == ("en", "de", "other")


def test_a_language_may_have_several_shards() -> None:
    languages = Settings.from_environment({"COPYDESK_LANGUAGES": "en:3, de"}).languages
    assert Settings(languages=languages).shards == ("en:1", "en:2", "en:3", "de", "other")
    for wrong in ("en:1", "en:0", "en:", "en:2,en", "en:100", "en:x", "en:2:2"):
        with pytest.raises(SettingsError, match="COPYDESK_LANGUAGES"):
            Settings.from_environment({"COPYDESK_LANGUAGES": wrong})
