"""nbgrader's execution step, guarded: only the cells that count, within limits, points confirmed.

A kernel that dies, hangs or floods costs the cell that did it, not the submission: the next cells
go on in a fresh kernel, in which the earlier ones are run again, without that cell.
"""

import ast
import atexit
import contextlib
import os
import secrets
import signal
import tempfile
import time

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbgrader.preprocessors import Execute

from grading import cells as cell_tools
from grading import course, repair
from grading.run import limits, plugins
from grading.run.guarded import EVENTS, OUT_OF_TIME, RECEIPT, request
from grading.run.kernel import VARIABLE
from grading.run.server import KernelServer

ENDINGS = {"MemoryError": "ran out of memory", "SystemExit": "called for an exit"}
UNCONFIRMED = "No points: the check did not confirm this answer."


class Trouble(Exception):
    """A kernel that cannot go on; the message says why."""


class GuardedExecute(Execute):
    """``Execute`` of nbgrader with what ``grading`` promises; takes the same settings."""

    def preprocess(self, nb, resources, km=None):
        """Run a submission's cells; returns it with outputs and notes for the feedback."""
        self._check_assign_resources(resources)
        # What the names of the release stand for, so that no student can replace it.
        self.modules = modules(plugins.release_of(self, resources).cells)
        self.events, self.isolated, self.crashes = [], None, []
        self.deadline = time.monotonic() + limits.TOTAL_SECONDS
        chosen = cell_tools.needed(nb.cells)
        for cell in nb.cells:
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [], None
        self._run_all(nb, chosen)
        tests = [nb.cells[index] for index in chosen if cell_tools.is_test(nb.cells[index])]
        noisy = [
            cell_tools.grade_id(cell)
            for cell in tests
            if any(output.get("name") == "stderr" for output in cell.outputs)
        ]
        for cell in tests:
            _settle(cell)
        told = [f"while it was graded, this submission {event}" for event in self.events]
        repair.add_notes(nb, self.crashes + told)
        events = self.crashes + self.events
        nb.metadata["grading"].update(events=events, isolated=self.isolated, error_stream=noisy)
        return nb, resources

    # -- kernels ----------------------------------------------------------------------------------

    def _run_all(self, nb, chosen):
        """Run the chosen cells, with a fresh kernel after each trouble."""
        broken, place = set(), 0
        for _ in range(limits.RESTARTS + 1):
            try:
                place = self._run_from(nb, chosen, place, broken)
                return
            except Trouble as trouble:
                place, reason = trouble.args
            if place >= len(chosen):
                return
            cell = nb.cells[chosen[place]]
            broken.add(chosen[place])
            name = cell_tools.grade_id(cell) or cell.get("id")
            self.crashes.append(f"cell {name}: {reason}")
            cell.outputs.append(_error("Stopped", f"{reason}; the rest went on without this cell."))
            place += 1
            if time.monotonic() > self.deadline:
                break
        for index in chosen[place:]:
            if not nb.cells[index].outputs:
                nb.cells[index].outputs = [_error("NotRun", "Not run: too much went wrong before.")]

    def _run_from(self, nb, chosen, place, broken):
        """Start a kernel, repeat what came before ``place`` without its tests, go on from there."""
        NotebookClient.__init__(self, nb, None)  # as ExecutePreprocessor.preprocess does
        self.interrupt_on_timeout, self.startup_timeout = False, limits.START_SECONDS
        self.reset_execution_trackers()
        self.flooded, self.status = False, None
        try:
            with self.setup_kernel():
                for index in chosen[:place]:
                    if index not in broken and not cell_tools.is_test(nb.cells[index]):
                        self._run_cell(nbformat.from_dict(dict(nb.cells[index])), index)
                try:
                    while place < len(chosen):
                        self._run_cell(nb.cells[chosen[place]], chosen[place])
                        place += 1
                except DeadKernelError:
                    self.status = getattr(self.km.provisioner.process, "returncode", None)
                    raise
        except (Trouble, DeadKernelError, CellTimeoutError, RuntimeError) as error:
            raise Trouble(place, self._reason(error)) from None
        return place

    def _reason(self, error):
        if self.flooded:
            return f"more than {limits.FLOOD:,} characters of output"
        if isinstance(error, CellTimeoutError):
            return f"not done after {self.timeout} seconds"
        if isinstance(error, DeadKernelError) and self.status == OUT_OF_TIME:
            return f"more than {limits.CELL_SECONDS} seconds of processor time"
        if isinstance(error, DeadKernelError):
            return "it ended the process that ran it, by a call, for memory or for time"
        return str(error) or type(error).__name__

    def _run_cell(self, cell, index):
        left = self.deadline - time.monotonic()
        if left < 0:
            raise Trouble(f"the time of a submission, {limits.TOTAL_SECONDS} seconds, was used up")
        self.timeout = int(max(1, min(limits.CELL_CLOCK_SECONDS, left)))
        self.size, source = 0, cell.source
        cell.outputs = []
        if not cell_tools.is_test(cell):
            self.execute_cell(cell, index, store_history=True)
            self._look(cell)
            return
        token = secrets.token_hex(16)
        name = cell_tools.grade_id(cell)
        used = cell_tools.names(source)[1]
        known = {key: module for key, module in self.modules.items() if key in used}
        self.receipt = None
        try:
            cell.source = request(name, token, known) + source
            self.execute_cell(cell, index, store_history=False)
        finally:
            cell.source = source
        self._look(cell)
        cell.metadata["confirmed"] = self.receipt == {"cell": name, "token": token}

    def _look(self, cell):
        """Name what a cell's output gives away."""
        name = cell_tools.grade_id(cell) or cell.get("id")
        for output in cell.outputs:
            if output.output_type == "error" and output.ename in ENDINGS:
                self._take_events({"events": [f"{ENDINGS[output.ename]} in cell {name}"]})
            elif output.get("text", "").startswith("Right: ") and not cell_tools.is_test(cell):
                self._take_events({"events": [f"printed what a check prints, in cell {name}"]})

    def create_kernel_manager(self):
        """A kernel that is reached through files in one folder, the only one it may write to."""
        if VARIABLE not in os.environ:  # plain nbgrader
            os.environ.update(_own_server().environment())
        folder = os.environ["GRADING_RUNTIME"]
        manager = super().create_kernel_manager()
        name = os.path.join(folder, secrets.token_hex(6))
        manager.transport, manager.connection_file, manager.ip = "ipc", f"{name}.json", name
        return manager

    # -- messages ---------------------------------------------------------------------------------

    def process_message(self, msg, cell, cell_index):
        """Take out what the guard says, and stop a flood."""
        data = msg["content"].get("data") if msg["msg_type"] == "display_data" else None
        if isinstance(data, dict) and RECEIPT in data:
            self.receipt = data[RECEIPT]
            return None
        if isinstance(data, dict) and EVENTS in data:
            self._take_events(data[EVENTS])
            return None
        if msg["msg_type"] in ("stream", "display_data", "execute_result", "error"):
            self.size += len(str(msg["content"]))
            if self.size > limits.FLOOD and not self.flooded:
                self.flooded = True
                os.kill(self.km.provisioner.pid, signal.SIGKILL)
            if self.size > limits.CELL_OUTPUT:
                return None
        if msg["msg_type"].startswith("comm"):
            return None  # widgets have no place in a grading run
        return super().process_message(msg, cell, cell_index)

    def _take_events(self, content):
        if "isolated" in content and self.isolated is None:
            self.isolated = bool(content["isolated"])
        for event in content.get("events", [])[:20]:
            event = str(event)[:200]
            if event not in self.events and len(self.events) < 20:
                self.events.append(event)


def _own_server():
    """A kernel server that ends with this process."""
    stack = contextlib.ExitStack()
    atexit.register(stack.close)
    work = stack.enter_context(tempfile.TemporaryDirectory(prefix="grading-"))
    return stack.enter_context(KernelServer(work, [course.default().root]))


def modules(cells):
    """Imported names of a notebook: dict, name -> dotted name of the module it stands for."""
    found = {}
    for cell in cells:
        if cell["cell_type"] != "code" or cell_tools.nbgrader_of(cell):
            continue
        try:
            tree = ast.parse(cell_tools.plain_python(cell["source"]))
        except SyntaxError:
            continue
        for node in tree.body:
            if isinstance(node, ast.Import):
                for each in node.names:
                    dotted = each.name if each.asname else each.name.split(".")[0]
                    found[each.asname or dotted] = dotted
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                for each in node.names:
                    found[each.asname or each.name] = f"{node.module}.{each.name}"
    return found


def _error(name, text):
    return nbformat.v4.new_output("error", ename=name, evalue=text, traceback=[text])


def _settle(cell):
    """Make a test's outputs say what the guard confirmed, in the way that nbgrader reads them.

    A line on the error stream costs all points in nbgrader, whoever wrote it; here it does not. A
    test that was not confirmed gets an error, whatever it printed.
    """
    confirmed = cell.metadata.pop("confirmed", False)
    failed = any(output.output_type == "error" for output in cell.outputs)
    if confirmed and not failed:
        for output in cell.outputs:
            if output.output_type == "stream":
                output.name = "stdout"
        cell.outputs = [o for o in cell.outputs if o.output_type != "execute_result"]
    elif not failed:
        cell.outputs.append(_error("NotConfirmed", UNCONFIRMED))
