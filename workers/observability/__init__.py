"""What operators see: metrics, health probes, logs, traces and systemd notifications."""
