"""The release flow of a generated project: every failure with its whole message, and the whole road."""
