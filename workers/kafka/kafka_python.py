"""The names of kafka-python that the project uses. Import them from here, never from ``kafka``.

Importing kafka-python 3.0 on Python 3.11 or newer emits deprecation warnings, which this module silences. Python warns
only at the first import, so every import must go through here.
"""

import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, OffsetAndMetadata, TopicPartition
    from kafka.admin import ConfigResource, ConfigResourceType
    from kafka.errors import (
        AuthorizationError,
        CoordinatorNotAvailableError,
        InvalidRecordError,
        InvalidReplicationFactorError,
        InvalidTimestampError,
        KafkaError,
        KafkaTimeoutError,
        MessageSizeTooLargeError,
        RecordListTooLargeError,
        TopicAlreadyExistsError,
        TopicAuthorizationFailedError,
    )
    from kafka.net.compat import KafkaNetClient

__all__ = [
    "AuthorizationError",
    "ConfigResource",
    "ConfigResourceType",
    "CoordinatorNotAvailableError",
    "InvalidRecordError",
    "InvalidReplicationFactorError",
    "InvalidTimestampError",
    "KafkaAdminClient",
    "KafkaConsumer",
    "KafkaError",
    "KafkaNetClient",
    "KafkaProducer",
    "KafkaTimeoutError",
    "MessageSizeTooLargeError",
    "OffsetAndMetadata",
    "RecordListTooLargeError",
    "TopicAlreadyExistsError",
    "TopicAuthorizationFailedError",
    "TopicPartition",
]
