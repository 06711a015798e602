"""Stage five: actions to files. The only stage that writes.

project   a new project, whole or not at all
changes   changes to a project that is there, all or nothing
journal   what makes them so: where a change is prepared
recovery  the way back from one that did not come to its end
durable   bytes and names that are on the disk
busy      one run at a time
threeway  a person's edits and byocgen's in one text, by git
"""

from byocgen.apply.busy import alone
from byocgen.apply.changes import change
from byocgen.apply.journal import pending
from byocgen.apply.project import Copy, create, refuse_occupied
from byocgen.apply.recovery import Recovery, recover
from byocgen.apply.threeway import Merged, merge

__all__ = [
    "Copy",
    "Merged",
    "Recovery",
    "alone",
    "change",
    "create",
    "merge",
    "pending",
    "recover",
    "refuse_occupied",
]
