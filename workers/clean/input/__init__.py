"""Raw bytes to the text and fields of one article: formats, HTML pages and their metadata."""
