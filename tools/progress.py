"""The progress of a notebook on the terminal: a line for each cell, and what the cell prints."""

import asyncio
import re
import shutil
import sys
import time

SILENCE = 60  # seconds without a line, after which a log that is not a terminal gets one
ANSI = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")


class Terminal:
    """One line for each cell with its seconds, and in between what the cell prints.

    On a terminal, the cell that runs and a progress bar (text ended by a carriage return) are
    drawn over each other on the last line. A log that is not a terminal gets whole lines only.
    """

    def __init__(self, total, stream=None):
        self.stream = stream or sys.stdout
        self.total = total
        self.title = ""

    def start(self, number, title):
        """Cell ``number`` (from 1) begins."""
        self.title = f"{number:{len(str(self.total))}d}/{self.total}  {title}"[:76]
        self.title_stands = False  # as a whole line, above what the cell has printed
        self.started = self.last_line = time.monotonic()
        self.unfinished = {"stdout": "", "stderr": ""}
        self.tick()

    def text(self, text, name="stdout"):
        """The cell printed ``text``; whole lines of stdout stay, the rest is drawn over."""
        text = self.unfinished[name] + ANSI.sub("", text).replace("\b", "")
        *lines, rest = text.split("\n")
        self.unfinished[name] = visible(rest) + ("\r" if rest.endswith("\r") else "")
        for line in map(visible, lines):
            if line and name == "stdout":
                self._line_of_cell(line)
        self.tick()

    def end(self):
        """The cell is done: its line with its seconds."""
        if visible(self.unfinished["stdout"]):
            self._line_of_cell(visible(self.unfinished["stdout"]))
        left = " " * 7 if self.title_stands else f"{self.title + ' ':.<79}"
        self._line(f"{left} {time.monotonic() - self.started:.1f} s")

    def tick(self):
        """Draw the last line anew; called every second, and when a cell prints."""
        if not self.title:
            return  # no cell has begun
        seconds = time.monotonic() - self.started
        bar = visible(self.unfinished["stdout"]) or visible(self.unfinished["stderr"])
        text = f"{'':8}{bar.strip()}" if bar else self.title
        self._draw(f"{text}  {seconds:.0f} s")
        if not self.stream.isatty() and time.monotonic() - self.last_line > SILENCE:
            self._line_of_cell(f"... {seconds:.0f} s")

    async def tick_every_second(self):
        while True:
            await asyncio.sleep(1)
            self.tick()

    def clear(self):
        """Leave the last line empty for what is printed next."""
        self._draw("")

    def _draw(self, line):
        if self.stream.isatty():
            width = shutil.get_terminal_size((88, 24)).columns - 1
            self.stream.write("\r\x1b[K" + line[:width])
            self.stream.flush()

    def _line_of_cell(self, line):
        if not self.title_stands:
            self._line(self.title)
        self.title_stands = True
        self._line(f"{'':8}{line}")

    def _line(self, line):
        self.clear()
        print(line.rstrip(), file=self.stream, flush=True)
        self.last_line = time.monotonic()


def visible(line):
    """What a terminal shows of one line: the part after the last carriage return that has text."""
    return next((part for part in reversed(line.split("\r")) if part.strip()), "")
