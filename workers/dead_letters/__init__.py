"""Dead letters after the stream: what they say (``letters``), as files to edit (``files``), sent back (``replay``)."""
