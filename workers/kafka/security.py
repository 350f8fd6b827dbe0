"""Turns the settings into connection options for Kafka clients, and finds out why a broker rejects a connection.

Every client takes its options from here: Faust, aiokafka and kafka-python.
"""

from __future__ import annotations

import asyncio
import ssl
from contextlib import suppress
from pathlib import Path
from typing import Any

from workers.errors import SettingsError
from workers.settings import PREFIX, Settings

PROBE_TIMEOUT = 5.0
"""Seconds for the connection attempt that finds out why a broker rejects us."""
CLOSE_TIMEOUT = 0.2
"""Seconds for that connection to close."""
X509_CERT_HAS_EXPIRED = 10
"""OpenSSL's verification error for an expired certificate."""


def client_options(settings: Settings) -> dict[str, Any]:
    """The connection options for a client of aiokafka or kafka-python; both use the same names.

    Raises:
        SettingsError: a certificate, key or password file is unreadable or invalid.
    """
    options: dict[str, Any] = {"security_protocol": settings.security_protocol}
    if settings.security_protocol.endswith("SSL"):
        options["ssl_context"] = tls_context(settings)
    if settings.security_protocol.startswith("SASL"):
        options["sasl_mechanism"] = settings.sasl_mechanism
        options["sasl_plain_username"] = settings.sasl_username
        options["sasl_plain_password"] = _secret(settings, "sasl_password")
    return options


def faust_credentials(settings: Settings) -> Any:
    """The value for Faust's ``broker_credentials``; None for a connection without TLS and login.

    Raises:
        SettingsError: a certificate, key or password file is unreadable or invalid.
    """
    import faust  # here, because it takes a second and most commands do not need it

    options = client_options(settings)
    context = options.get("ssl_context")
    if "sasl_mechanism" in options:
        return faust.SASLCredentials(
            username=options["sasl_plain_username"],
            password=options["sasl_plain_password"],
            mechanism=options["sasl_mechanism"],
            ssl_context=context,
        )
    return faust.SSLCredentials(context) if context else None


def tls_context(settings: Settings) -> ssl.SSLContext:
    """A TLS context that trusts the configured CAs, verifies the broker's host name, and presents our certificate.

    Raises:
        SettingsError: a certificate, key or password file is unreadable or invalid.
    """
    try:
        context = ssl.create_default_context(cafile=settings.ssl_ca_file)
    except OSError as error:
        raise _invalid_file("ssl_ca_file", settings.ssl_ca_file, "certificates in PEM", error) from None
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if settings.ssl_cert_file and settings.ssl_key_file:
        # Given no password at all, OpenSSL would prompt for one on the terminal.
        password = _secret(settings, "ssl_key_password") or ""
        try:
            context.load_cert_chain(settings.ssl_cert_file, settings.ssl_key_file, password)
        except OSError as error:
            expected = f"a certificate in PEM that matches {PREFIX}SSL_KEY_FILE, and the key's password if it has one"
            raise _invalid_file("ssl_cert_file", settings.ssl_cert_file, expected, error) from None
    return context


def rejection_reason(address: str, settings: Settings, timeout: float = PROBE_TIMEOUT) -> str | None:
    """Why the Kafka at ``host:port`` rejects our connection, in one line; None if it accepts it or does not answer.

    The Kafka clients retry for half a minute and then do not report the cause.
    """
    from aiokafka.conn import AIOKafkaConnection
    from aiokafka.errors import KafkaError, SaslAuthenticationFailed, UnsupportedSaslMechanismError

    host, _, port = address.rpartition(":")
    options = client_options(settings)

    async def connect() -> None:
        connection = AIOKafkaConnection(host.strip("[]"), int(port), request_timeout_ms=int(1000 * timeout), **options)
        try:
            await connection.connect()
        finally:
            # Closing takes a moment, and without a connection the future never completes.
            await asyncio.wait({connection.close()}, timeout=CLOSE_TIMEOUT)

    try:
        asyncio.run(connect())
    except SaslAuthenticationFailed:
        return (
            f"it rejects the login of {settings.sasl_username!r}; check {PREFIX}SASL_USERNAME and {PREFIX}SASL_PASSWORD"
        )
    except UnsupportedSaslMechanismError:
        return f"it does not support {settings.sasl_mechanism}; check {PREFIX}SASL_MECHANISM"
    except (KafkaError, OSError, TimeoutError) as error:
        # If the broker misses our certificate, that error surfaces only after the handshake, with the first response.
        match error if isinstance(error, ssl.SSLError) else error.__cause__:
            case ssl.SSLCertVerificationError() as cause:
                expired = cause.verify_code == X509_CERT_HAS_EXPIRED
                remedy = "renew it" if expired else f"check {PREFIX}SSL_CA_FILE and the host name"
                return f"its certificate is not valid ({cause.verify_message}); {remedy}"
            case ssl.SSLError() as cause:
                return (
                    f"TLS fails ({cause.reason or 'connection closed'}); check {PREFIX}SECURITY_PROTOCOL, "
                    f"and {PREFIX}SSL_CERT_FILE if the broker asks for a certificate"
                )
    return None  # it may be down or still starting: the Kafka client keeps retrying for longer


def _secret(settings: Settings, name: str) -> str | None:
    """The secret, from its own setting or from its file, without the file's final line break."""
    file: Path | None = getattr(settings, f"{name}_file")
    if file is None:
        value: str | None = getattr(settings, name)
        return value
    text = ""
    with suppress(OSError, UnicodeDecodeError):
        text = file.read_text(encoding="utf-8").removesuffix("\n").removesuffix("\r")
    if not text:
        raise SettingsError(
            f"{PREFIX}{name.upper()}_FILE='{file}' is not allowed: give a file that contains the password in UTF-8"
        )
    return text


def _invalid_file(name: str, path: Path | None, expected: str, error: OSError) -> SettingsError:
    why = getattr(error, "reason", None) or error.strerror or "it cannot be used"
    return SettingsError(f"{PREFIX}{name.upper()}='{path}' is not allowed: give {expected} ({why})")
