"""Stage three: `Plan` to `Tree`, the generated project in memory.

tree       a file with its owner; the tree of them
scaffold   the application: cookiecutter layers, copied
template   Dockerfile, Makefile, README: jinja; Terraform: copied
encode     values to TOML, HCL and ignore files
data       the files that are encoded values
render     the stage itself
"""
