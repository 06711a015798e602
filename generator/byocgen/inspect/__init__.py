"""What a model file says about itself, read without running it: no unpickling, no import of the library that wrote it.

facts   what is found
"""
