"""Text that is not the article: rules, lists of links, donation appeals and page chrome."""
