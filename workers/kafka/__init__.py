"""Any Kafka: how to connect (``security``) and its topics (``topic_admin``)."""
