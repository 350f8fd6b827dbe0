"""What came out of the stream, for people: what a record says (``entries``), which to show (``filters``), ``stories``."""
