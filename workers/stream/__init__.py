"""One stage on Kafka: ``worker`` wires it, ``runner`` runs its batches, ``faust_app`` adapts Faust."""
