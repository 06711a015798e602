"""Compiles the model into a faster equal of it, which the server then answers with: the folder optimized/, beside the model.

`package.pack` runs it, and so does `python -m optimize`. The model's graph is written (`graph`), asked the same texts as
the model (`samples`), and kept only where it answers the same (`proof`). Otherwise the model itself serves, and the
reason is printed.
"""
