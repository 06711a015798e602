"""Stage one: text to `Manifest`.

source          YAML text to values and their positions
model           the fields (pydantic)
load            values to a Manifest, or diagnostics
contradictions  rules between fields that need no catalogue
container       variables and packages that would break the container
pending         fields whose generation comes later
schema          the JSON Schema
migrations      earlier versions, a step each
upgrade         an older version to this one
edit            changes of a text at a field
compose         options of `byocgen new` to a manifest's text
"""
