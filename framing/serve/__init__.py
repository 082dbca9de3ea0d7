"""The web page and the JSON API of `framing serve`."""
