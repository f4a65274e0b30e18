"""The progress of a notebook on the terminal: a line for each cell, and what the cell prints."""

import re
import shutil
import sys
import time

SILENCE_SECONDS = 60  # after so long without a line, a log that is not a terminal gets one
ANSI = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")


class Terminal:
    """One line for each cell with its seconds, and in between what the cell prints.

    On a terminal, the cell that runs and a progress bar (text ended by a carriage return) are
    drawn over each other on the last line. A log that is not a terminal gets whole lines only.
    """

    def __init__(self, total, stream=None):
        self.stream = stream or sys.stdout
        self.live = self.stream.isatty()
        self.total = total
        self.title, self.started, self.spoke = "", 0.0, 0.0
        self.headed = False
        self.partial = {"stdout": "", "stderr": ""}

    def start(self, number, title):
        """Cell ``number`` (from 1) begins."""
        width = len(str(self.total))
        self.title = f"{number:{width}d}/{self.total}  {title}"
        self.started = self.spoke = time.monotonic()
        self.headed = False
        self.partial = {"stdout": "", "stderr": ""}
        self.tick()

    def text(self, text, name="stdout"):
        """The cell printed ``text``; whole lines of stdout stay, the rest is drawn over."""
        lines = (self.partial[name] + ANSI.sub("", text).replace("\b", "")).split("\n")
        self.partial[name] = last_redraw(lines.pop())
        if name == "stdout":
            for line in map(visible, lines):
                if line.strip():
                    self._line(line)
        self.tick()

    def end(self):
        """The cell is done: its line with its seconds."""
        seconds = time.monotonic() - self.started
        if self.partial["stdout"].strip():
            self._line(visible(self.partial["stdout"]))
        if self.headed:
            self._write(f"{'':8}{seconds:.1f} s")
        else:
            self._write(dotted(self.title, f"{seconds:.1f} s", min(self._columns(), 88)))

    def tick(self):
        """Draw the last line anew; called every second, and when a cell prints."""
        now = time.monotonic()
        if self.live:
            bar = visible(self.partial["stdout"]) or visible(self.partial["stderr"])
            text = f"        {bar.strip()}" if bar.strip() else self.title
            line = f"{text}  {now - self.started:.0f} s"
            self.stream.write("\r\x1b[K" + line[: self._columns() - 1])
            self.stream.flush()
        elif now - self.spoke > SILENCE_SECONDS:
            self._head()
            self._write(f"{'':8}... {now - self.started:.0f} s")

    def clear(self):
        """Leave the last line empty for what is printed next."""
        if self.live:
            self.stream.write("\r\x1b[K")
            self.stream.flush()

    def _columns(self):
        return shutil.get_terminal_size((88, 24)).columns

    def _head(self):
        if not self.headed:
            self._write(self.title)
            self.headed = True

    def _line(self, line):
        self._head()
        self._write(f"{'':8}{line.rstrip()}")

    def _write(self, line):
        self.clear()
        print(line, file=self.stream, flush=True)
        self.spoke = time.monotonic()


def visible(line):
    """What a terminal shows of one line: the part after the last carriage return that has text."""
    return next((part for part in reversed(line.split("\r")) if part.strip()), "")


def last_redraw(line):
    """An unfinished line without what a carriage return has already drawn over."""
    return visible(line) + ("\r" if line.endswith("\r") else "")


def dotted(left, right, width):
    """``left ..... right``, ``width`` characters wide, ``left`` cut if it must be."""
    room = width - len(right) - 2
    left = left if len(left) <= room - 3 else left[: room - 4] + "…"
    return f"{left} {'.' * (room - len(left))} {right}"
