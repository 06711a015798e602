"""Stage two: `Manifest` and `Catalog` to `Plan`.

decision   one decided value: what, why, from where
plan       all of them, by subject
fits       what the catalogue forbids
image      architecture, base, Python, framework
serving    workers, threads, limits
layers     which Terraform templates apply
stack      names, region, timeouts, provider
pipeline   who releases, and from where
decide     the stage itself
"""
