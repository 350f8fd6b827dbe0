"""The embedded Kafka: the broker, its Java and jars (``runtime``), its guard process, its settings as data files.

``jars.txt`` pins every jar; to check them by hand, run ``sha256sum --check jars.txt`` in the cache directory.
"""
