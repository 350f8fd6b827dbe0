"""One stage on Kafka.

``build`` puts a worker together, ``worker`` takes batches and acknowledges them, ``runner`` runs them, ``delivery``
sends, ``dead_letters`` addresses refused messages, ``watchdog`` ends a worker that hangs, and ``faust_app``,
``faust_fixes`` and ``consumer_thread`` adapt Faust.
"""
