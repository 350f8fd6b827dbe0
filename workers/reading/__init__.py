"""What came out of the stream, for people: what a record says, which to show, and how; the busiest stories."""
