"""``copydesk top``: what the processes' metrics say (``scraping``), over time (``rates``), in numbers (``figures``)."""
