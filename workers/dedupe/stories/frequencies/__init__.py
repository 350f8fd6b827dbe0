"""Word frequencies of 42 languages, from wordfreq 3.1.1 by Robyn Speer, under CC BY-SA 4.0; see ``SOURCES.md``."""
