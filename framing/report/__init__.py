"""Drawing: articles as HTML and on a terminal."""
