"""The ledgers on Kafka.

``manager`` owns them, ``changelog`` reads their topic, ``entries`` finds stray records in it, and ``snapshots`` caches
them on disk.
"""
