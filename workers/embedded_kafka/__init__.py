"""What the embedded Apache Kafka is made of: its Java and jars (``runtime``), its guard, its settings as data files.

``jars.txt`` pins every jar: ``sha256sum --check jars.txt`` in the cache directory checks them by hand.
"""
