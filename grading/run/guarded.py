"""An IPython kernel whose tests are confirmed by the guard."""

import json
import os
import signal
import sys
import types

from ipykernel.ipkernel import IPythonKernel

from grading.run import limits

PREFIX = "#guard "
RECEIPT = "application/vnd.course-kit.receipt+json"
OUT_OF_TIME = 97  # exit status of a kernel whose cell used up its processor time
EVENTS = "application/vnd.course-kit.events+json"


def request(cell, token, names):
    """The line before the test ``cell`` that asks for a receipt carrying ``token``.

    ``names``: dict, name in the test -> dotted name of what the release imported under it.
    """
    return PREFIX + json.dumps({"cell": cell, "token": token, "names": names}) + "\n"


def _imported(dotted):
    """What ``from PACKAGE import NAME`` gives: a module, or anything of ``exercises``; else None.

    A student may well give another imported name a meaning of their own.
    """
    package, _, name = dotted.rpartition(".")
    found = getattr(sys.modules.get(package), name, None) or sys.modules.get(dotted)
    is_check = package.split(".")[0] == "exercises"
    return found if is_check or isinstance(found, types.ModuleType) else None


def _stop(number, frame, leave=os._exit):
    leave(OUT_OF_TIME)


class GuardedKernel(IPythonKernel):
    """Runs cells as ever; a test with a request is checked before and after."""

    guard = None  # set before the kernel is made
    isolated = False
    _sealed = False

    async def do_execute(self, code, silent, store_history=True, *arguments, **options):
        """Execute a cell within its time; report what it did; confirm a test that passed."""
        signal.signal(signal.SIGPROF, _stop)
        signal.setitimer(signal.ITIMER_PROF, limits.CELL_SECONDS)
        try:
            return await self._execute(code, silent, store_history, *arguments, **options)
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)

    async def _execute(self, code, silent, store_history, *arguments, **options):
        if not self._sealed:
            self.guard.seal(self.shell)
            GuardedKernel._sealed = True
            self._publish(EVENTS, {"isolated": self.isolated})
        if not code.startswith(PREFIX):
            reply = await super().do_execute(code, silent, store_history, *arguments, **options)
            self._tell()
            return reply
        line, source = code.split("\n", 1)
        return await self._test(json.loads(line[len(PREFIX) :]), source, silent, options)

    async def _test(self, asked, source, silent, options):
        token = asked.pop("token")
        if before := self.guard.changes():
            return self._refuse(before)
        for name, dotted in asked["names"].items():
            pristine = _imported(dotted)
            if pristine is None:
                continue
            if self.shell.user_ns.get(name, pristine) is not pristine:
                self._publish(EVENTS, {"events": [f"gave the name {name} to something else"]})
            self.shell.user_ns[name] = pristine
        passes, seen = self.guard.passes(), self.guard.watch.count
        reply = await super().do_execute(source, silent, False, **options)
        self._tell()
        after = self.guard.changes()
        if self.guard.watch.count > seen:
            after.append(self.guard.watch.last)
        if reply["status"] == "ok":
            if after:
                return self._refuse(after)
            if self.guard.passes() == passes:
                return self._refuse(["did not let the check reach its verdict"])
            self._publish(RECEIPT, {"cell": asked["cell"], "token": token})
        return reply

    def _tell(self):
        """Send what the guard saw."""
        if news := self.guard.news():
            self._publish(EVENTS, {"events": news})

    def _refuse(self, reasons):
        """No points: the code before this test tampered with the grading."""
        text = f"No points: this submission {'; '.join(reasons)}."
        self._publish(EVENTS, {"events": reasons})
        content = {"ename": "Tampered", "evalue": text, "traceback": [text]}
        self.send_response(self.iopub_socket, "error", content)
        reply = {"status": "error", "user_expressions": {}, "payload": []}
        return content | reply | {"execution_count": self.execution_count}

    def _publish(self, kind, content):
        data = {"data": {kind: content}, "metadata": {}, "transient": {}}
        self.send_response(self.iopub_socket, "display_data", data)
