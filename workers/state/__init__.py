"""The ledgers on Kafka: ``manager`` owns them, ``changelog`` reads their topic, ``snapshots`` caches them on disk."""
