"""Stage two: `Manifest` and `Catalog` to `Plan`.

decision   one decided value: what, why, from where
plan       all of them, by subject
fits       what the catalogue forbids
availability  whether a region has the type
agreement  where a model file and the manifest differ
machines   the same, of variants and shadows
drivers    which build, driver and machine image a GPU needs
image      architecture, base, Python, framework
serving    workers, threads, limits
layers     which Terraform templates apply
modes      what serverless, async, batch, scaling and variants need
quotas     limits of the account to look at
stack      names, region, timeouts, provider
pipeline   who releases, and from where
cost       what it costs a month
chain      what a decision follows from
decide     the stage itself
"""
