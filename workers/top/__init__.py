"""``copydesk top``: what the processes' metrics say (``scraping``), as rates (``figures``), on a screen (``view``)."""
