"""Errors that a user can act on: each message is one line and names the place and the mend."""


class FramingError(Exception):
    """Base of all errors that `framing` raises on purpose; the command line prints it and exits with 2."""


class RecordError(FramingError):
    """A record that can't be a `Document`: the message names the record, the fault and the mend."""


class InputError(FramingError):
    """A file that can't be read: the message names the file, the line where known, and the mend."""


class ModelError(FramingError):
    """A model folder that can't be used: missing, changed or of another format version."""


class ConfigError(FramingError):
    """A configuration with an unknown key or a value out of range."""


class MissingExtraError(FramingError):
    """An optional dependency that isn't installed: the message names the command that installs it."""
