"""Find framing cues in news text."""
