"""Compiles the model into a faster equal of it, which the server then answers with: optimized.npz, beside the model.

`package.pack` runs it, and so does `python -m optimize`. Only what is known well is compiled (`estimators`), and only what
then answers the same (`proof`). Otherwise the model itself serves, and the reason is printed.
"""
