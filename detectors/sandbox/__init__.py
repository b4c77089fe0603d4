"""Children in which anybody's code runs, and what may crash, hang or eat memory.

with sandbox.child() as child:
    for given in child.call("package.module:function", 1, "two", answer=read):
        ...

In the child the function is called with its `inside.Parent` first, and gives what it has to give one by one. What goes
over is msgpack: numbers, texts, bytes, lists and dicts, never code. `parent.at(...)` says at what it is; each time it
has so many seconds anew, after which it is ended. `parent.ask(...)` has `answer` called here.
"""

from detectors.sandbox.pool import Busy, Child, Ended, child

__all__ = ["Busy", "Child", "Ended", "child"]
