"""The connection to Kafka: the settings as options of its clients, and why a broker does not let us in.

Every client takes its options from here: Faust's, aiokafka's and kafka-python's.
"""

from __future__ import annotations

import asyncio
import ssl
from contextlib import suppress
from pathlib import Path
from typing import Any

from workers.errors import SettingsError
from workers.settings import PREFIX, Settings

ANSWER_TIMEOUT = 5.0
EXPIRED = 10
"""What OpenSSL calls a certificate that has expired."""


def client_options(settings: Settings) -> dict[str, Any]:
    """The options of a client of aiokafka or kafka-python, which go by the same names.

    Raises:
        SettingsError: a file is not what it should be.
    """
    options: dict[str, Any] = {"security_protocol": settings.security_protocol}
    if settings.security_protocol.endswith("SSL"):
        options["ssl_context"] = tls(settings)
    if settings.security_protocol.startswith("SASL"):
        options["sasl_mechanism"] = settings.sasl_mechanism
        options["sasl_plain_username"] = settings.sasl_username
        options["sasl_plain_password"] = _secret(settings, "sasl_password")
    return options


def faust_credentials(settings: Settings) -> Any:
    """What Faust takes as ``broker_credentials``; None for a connection without TLS and login.

    Raises:
        SettingsError: a file is not what it should be.
    """
    import faust  # the commands that need no Faust start a second sooner

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


def tls(settings: Settings) -> ssl.SSLContext:
    """A context that trusts those who are named in the settings, checks the broker's name, and shows our certificate.

    Raises:
        SettingsError: a file is not what it should be.
    """
    try:
        context = ssl.create_default_context(cafile=settings.ssl_ca_file)
    except OSError as error:
        raise _unfit("ssl_ca_file", settings.ssl_ca_file, "certificates in PEM", error) from None
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if settings.ssl_cert_file and settings.ssl_key_file:
        # Without a password, OpenSSL would ask for one at the terminal.
        password = _secret(settings, "ssl_key_password") or ""
        try:
            context.load_cert_chain(settings.ssl_cert_file, settings.ssl_key_file, password)
        except OSError as error:
            wanted = f"a certificate in PEM that fits {PREFIX}SSL_KEY_FILE, and the key's password if it has one"
            raise _unfit("ssl_cert_file", settings.ssl_cert_file, wanted, error) from None
    return context


def refusal(address: str, settings: Settings, timeout: float = ANSWER_TIMEOUT) -> str | None:
    """Why the Kafka at ``host:port`` does not let us in, in one line; None if it does, or if it says nothing.

    Kafka's own clients try again for half a minute, and do not tell what they met with.
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
            # Closing takes a moment; where no connection came about, nothing tells when it is over.
            await asyncio.wait({connection.close()}, timeout=0.2)

    try:
        asyncio.run(connect())
    except SaslAuthenticationFailed:
        return (
            f"it does not take the login of {settings.sasl_username!r}; "
            f"check {PREFIX}SASL_USERNAME and {PREFIX}SASL_PASSWORD"
        )
    except UnsupportedSaslMechanismError:
        return f"it does not know {settings.sasl_mechanism}; check {PREFIX}SASL_MECHANISM"
    except (KafkaError, OSError, TimeoutError) as error:
        # A certificate that the broker misses comes to light after the handshake, when the first answer is awaited.
        match error if isinstance(error, ssl.SSLError) else error.__cause__:
            case ssl.SSLCertVerificationError() as why:
                mend = "renew it" if why.verify_code == EXPIRED else f"check {PREFIX}SSL_CA_FILE and the name"
                return f"its certificate is not accepted ({why.verify_message}); {mend}"
            case ssl.SSLError() as why:
                return (
                    f"TLS fails ({why.reason or 'cut off'}); "
                    f"check {PREFIX}SECURITY_PROTOCOL, and {PREFIX}SSL_CERT_FILE where brokers ask for a certificate"
                )
    return None  # it may have gone away, or be about to come: Kafka's clients have more patience


def _secret(settings: Settings, name: str) -> str | None:
    """The secret that is given by itself or in a file, which may end with a line's end."""
    file: Path | None = getattr(settings, f"{name}_file")
    if file is None:
        value: str | None = getattr(settings, name)
        return value
    text = ""
    with suppress(OSError, UnicodeDecodeError):
        text = file.read_text(encoding="utf-8").removesuffix("\n").removesuffix("\r")
    if not text:
        raise SettingsError(f"{PREFIX}{name.upper()}_FILE='{file}' holds no text in UTF-8: write the password into it")
    return text


def _unfit(name: str, path: Path | None, wanted: str, error: OSError) -> SettingsError:
    why = getattr(error, "reason", None) or error.strerror or "it cannot be used"
    return SettingsError(f"{PREFIX}{name.upper()}='{path}' is not allowed: give {wanted} ({why})")
