"""Any Kafka: connecting (``security``, ``admin_client``), topics (``topic_admin``), ``publisher``, ``reader``."""
