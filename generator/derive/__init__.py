"""The programs that make the catalogue's data, one a data file. Never shipped, never imported by byocgen.

Run with ``generator`` on the path: ``python -m derive.instances`` writes, ``python -m derive.instances --check`` only
compares and exits 1 with a diff where the committed file is not what its sources say.
"""
