"""Connection settings: invalid combinations are rejected in one line, and no secret is ever shown."""

from __future__ import annotations

import os
import ssl
import subprocess
import sys
from pathlib import Path

import faust
import pytest
from click.testing import CliRunner, Result

from tests.integration.secured import PASSWORD, certificates, needs_openssl
from workers.cli import main
from workers.errors import SettingsError
from workers.kafka.security import client_options, faust_credentials
from workers.outcomes import ExitCode
from workers.settings import Settings, secrets

SECRET = "hush-hush"
LOGIN = {
    "COPYDESK_BROKER": "kafka:9092",
    "COPYDESK_SECURITY_PROTOCOL": "SASL_SSL",
    "COPYDESK_SASL_USERNAME": "desk",
    "COPYDESK_SASL_PASSWORD": SECRET,
}
ENCRYPTED = {"COPYDESK_BROKER": "kafka:9092", "COPYDESK_SECURITY_PROTOCOL": "SSL"}


def run(*arguments: str, **environment: str) -> Result:
    return CliRunner().invoke(main, arguments, env=environment)


def rejection(environment: dict[str, str]) -> str:
    with pytest.raises(SettingsError) as error:
        client_options(Settings.from_environment(environment))
    assert "\n" not in str(error.value)
    assert SECRET not in str(error.value)
    return str(error.value)


@pytest.fixture(scope="module")
def certificate_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("certificates")
    certificates(home)
    return home


def login_without(name: str) -> dict[str, str]:
    return {key: value for key, value in LOGIN.items() if key != f"COPYDESK_{name}"}


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        (login_without("SASL_USERNAME"), "COPYDESK_SASL_USERNAME is required"),
        (login_without("SASL_PASSWORD"), "COPYDESK_SASL_PASSWORD_FILE (or _PASSWORD) is required"),
        (
            login_without("SECURITY_PROTOCOL"),
            "COPYDESK_SASL_USERNAME is not used when COPYDESK_SECURITY_PROTOCOL='PLAINTEXT'",
        ),
        (
            login_without("BROKER"),
            "COPYDESK_SECURITY_PROTOCOL='SASL_SSL' is not allowed when COPYDESK_BROKER='embedded'",
        ),
        (LOGIN | {"COPYDESK_SASL_PASSWORD_FILE": __file__}, "COPYDESK_SASL_PASSWORD_FILE are both set"),
        (LOGIN | {"COPYDESK_SSL_CERT_FILE": __file__}, "SSL_CERT_FILE and COPYDESK_SSL_KEY_FILE belong together"),
        (LOGIN | {"COPYDESK_SSL_KEY_FILE": __file__}, "SSL_CERT_FILE and COPYDESK_SSL_KEY_FILE belong together"),
        (LOGIN | {"COPYDESK_SSL_KEY_PASSWORD": SECRET}, "COPYDESK_SSL_KEY_PASSWORD is not used without"),
        (LOGIN | {"COPYDESK_SSL_CA_FILE": __file__}, "COPYDESK_SSL_CA_FILE='"),
        (LOGIN | {"COPYDESK_SSL_CA_FILE": "/no/such/file"}, "COPYDESK_SSL_CA_FILE='/no/such/file' is not allowed"),
        (
            LOGIN | {"COPYDESK_SSL_CA_FILE": "/"},
            "COPYDESK_SSL_CA_FILE='/' is not allowed: give a readable file",
        ),
        (ENCRYPTED | {"COPYDESK_SASL_PASSWORD": SECRET}, "COPYDESK_SASL_PASSWORD is not used"),
        ({"COPYDESK_SSL_CA_FILE": __file__}, "COPYDESK_SSL_CA_FILE is not used"),
    ],
)
def test_contradictory_settings_are_rejected_in_one_line(environment: dict[str, str], message: str) -> None:
    assert message in rejection(environment)


def test_production_accepts_plaintext_only_if_it_is_set_explicitly() -> None:
    production = {"COPYDESK_ENVIRONMENT": "production", "COPYDESK_BROKER": "kafka:9092"}
    assert "COPYDESK_SECURITY_PROTOCOL='PLAINTEXT' is not allowed when COPYDESK_ENVIRONMENT=" in rejection(production)
    assert Settings.from_environment(production | {"COPYDESK_SECURITY_PROTOCOL": "PLAINTEXT"})
    assert Settings.from_environment(production | LOGIN)


def test_secrets_are_hidden_in_repr_config_and_errors() -> None:
    settings = Settings.from_environment(LOGIN)
    assert SECRET not in repr(settings)
    assert secrets() == {"COPYDESK_SASL_PASSWORD", "COPYDESK_SSL_KEY_PASSWORD"}
    shown = run("config", **LOGIN)
    assert shown.exit_code == 0
    assert SECRET not in shown.output
    assert "COPYDESK_SASL_PASSWORD=***  (default unset)" in shown.output
    assert "COPYDESK_SSL_KEY_PASSWORD=\n" in shown.output
    failed = run("config", **LOGIN | {"COPYDESK_SSL_CA_FILE": "/no/such/file"})
    assert failed.exit_code == ExitCode.MISCONFIGURED
    assert SECRET not in failed.output
    assert SECRET not in repr(faust_credentials(settings))


@pytest.mark.process
def test_otlp_token_is_not_logged_even_if_its_header_is_malformed() -> None:
    script = (
        "from workers.observability.logs import configure; from workers.outcomes import Stage\n"
        "configure('DEBUG', 'json')\n"
        "from workers.observability.tracing import otlp_traces\n"
        "otlp_traces(Stage.CLEAN).close()"
    )
    environment = os.environ | {"OTEL_EXPORTER_OTLP_HEADERS": f"authorization: Bearer {SECRET}"}
    completed = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, check=True, text=True
    )
    assert SECRET not in completed.stdout + completed.stderr


def test_invalid_certificate_file_ends_every_command_with_one_line() -> None:
    stopped = run("topics", "list", **LOGIN | {"COPYDESK_SSL_CA_FILE": __file__})
    assert stopped.exit_code == ExitCode.MISCONFIGURED
    assert stopped.stderr.startswith(f"copydesk: COPYDESK_SSL_CA_FILE='{__file__}' is not allowed: give certificates")
    assert stopped.stderr.count("\n") == 1


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_password_file_is_read_without_its_final_line_break(tmp_path: Path, end: str) -> None:
    (tmp_path / "password").write_bytes(f" pässword {end}".encode())
    environment = login_without("SASL_PASSWORD") | {"COPYDESK_SASL_PASSWORD_FILE": str(tmp_path / "password")}
    options = client_options(Settings.from_environment(environment))
    assert options["sasl_plain_password"] == " pässword "


@pytest.mark.parametrize("content", [b"", b"\n", b"\xff\xfe"])
def test_password_file_without_a_password_is_rejected(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "password").write_bytes(content)
    environment = login_without("SASL_PASSWORD") | {"COPYDESK_SASL_PASSWORD_FILE": str(tmp_path / "password")}
    assert "give a file that contains the password in UTF-8" in rejection(environment)


def test_kafka_clients_and_faust_get_the_same_options() -> None:
    settings = Settings.from_environment(LOGIN)
    options = client_options(settings)
    context = options.pop("ssl_context")
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2
    assert options == {
        "security_protocol": "SASL_SSL",
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": "desk",
        "sasl_plain_password": SECRET,
    }
    credentials = faust_credentials(settings)
    assert credentials.protocol.value == "SASL_SSL"
    assert credentials.mechanism.value == "SCRAM-SHA-512"
    assert credentials.password == SECRET


def test_each_protocol_gets_only_the_options_it_needs() -> None:
    plain = Settings()
    assert client_options(plain) == {"security_protocol": "PLAINTEXT"}
    assert faust_credentials(plain) is None
    encrypted = Settings.from_environment(ENCRYPTED)
    assert client_options(encrypted).keys() == {"security_protocol", "ssl_context"}
    assert isinstance(faust_credentials(encrypted), faust.SSLCredentials)
    login = Settings.from_environment(LOGIN | {"COPYDESK_SECURITY_PROTOCOL": "SASL_PLAINTEXT"})
    assert "ssl_context" not in client_options(login)
    assert faust_credentials(login).protocol.value == "SASL_PLAINTEXT"


@pytest.mark.process
@needs_openssl
def test_encrypted_key_needs_its_password(certificate_dir: Path) -> None:
    key = ENCRYPTED | {
        "COPYDESK_SSL_CERT_FILE": str(certificate_dir / "client.pem"),
        "COPYDESK_SSL_KEY_FILE": str(certificate_dir / "client.key"),
    }
    assert client_options(Settings.from_environment(key | {"COPYDESK_SSL_KEY_PASSWORD": PASSWORD}))
    assert client_options(
        Settings.from_environment(key | {"COPYDESK_SSL_KEY_PASSWORD_FILE": str(certificate_dir / "password")})
    )
    assert "and the key's password if it has one" in rejection(key)
    assert "and the key's password if it has one" in rejection(key | {"COPYDESK_SSL_KEY_PASSWORD": SECRET})
    assert "that matches COPYDESK_SSL_KEY_FILE" in rejection(
        ENCRYPTED
        | {
            "COPYDESK_SSL_CERT_FILE": str(certificate_dir / "client.pem"),
            "COPYDESK_SSL_KEY_FILE": str(certificate_dir / "broker.key"),
        }
    )


def test_the_demo_runs_in_plaintext_only() -> None:
    stopped = run("demo", **LOGIN)
    assert stopped.exit_code == ExitCode.MISCONFIGURED
    assert stopped.stderr == (
        "copydesk: COPYDESK_SECURITY_PROTOCOL='SASL_SSL' does not apply to the demo, "
        "which runs an embedded Kafka: unset it\n"
    )
