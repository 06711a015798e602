"""Stage three: `Plan` to `Tree`, the generated project in memory.

tree         a file with its owner; the tree of them
scaffold     the application: cookiecutter layers, copied
template     Dockerfile, Makefile, README: jinja
bootstrap    the state's bucket and a pipeline's roles
terraform    Terraform: layers copied, regions and values encoded
hosting      values of the stack that only some modes have
encode       values to TOML, HCL and ignore files
conformance  the suite that judges a server, copied
payload      the request that a project sends itself
data         the files that are encoded values
render       the stage itself
"""
