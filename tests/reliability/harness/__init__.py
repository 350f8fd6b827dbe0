"""The stream under test: ``stream`` combines ``cluster``, ``launch``, ``worker``, ``crawler`` and ``monitor``.

``prefill`` fills a ledger beforehand, and ``proxy`` disturbs the connections to Kafka.
"""
