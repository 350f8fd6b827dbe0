"""Any Kafka: connecting (``security``, ``admin_client``), its topics (``topic_admin``), sending (``publisher``)."""
