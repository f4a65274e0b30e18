"""Fetch a data set's official files into Keras's cache, and give up in time.

``keras.datasets`` and ``keras.utils.get_file`` have no time limit: behind a firewall, or with
CIFAR-10's throttled host, a first cell would hang for minutes or for ever. So the files come by
this module to the places where Keras looks for them; Keras's own calls find them there later.
"""

import contextlib
import hashlib
import os
import queue
import threading
import time
import urllib.parse
import urllib.request
from dataclasses import dataclass

from tqdm.auto import tqdm

from helpers import config

FIRST_BYTE_SECONDS = 3.0
TOTAL_SECONDS = 180.0
JUDGE_AFTER_SECONDS = 5.0  # from then on, stop as soon as the rest would take too long
_unreachable = {}  # host -> reason; a host that did not answer is asked once per process


@dataclass(frozen=True)
class Remote:
    """A file of Keras's cache: where it lies below ``datasets/``, its official address, sha256."""

    path: str
    url: str
    sha256: str | None = None


class Unreachable(Exception):
    """The files could not be had in time; the message says why in a few words."""


def fetch(card, folder="datasets"):
    """Download those files of ``card`` that Keras's cache lacks.

    Args:
        card: anything with a ``title`` and ``remotes`` (see ``Remote``).
        folder: of the cache; Keras keeps weights in ``models``.

    Raises:
        Unreachable: no answer within seconds, a transfer that would take minutes, a wrong hash,
            or no place to write. Nothing is left half written.
    """
    root = config.keras_dir() / folder
    for remote in card.remotes:
        target = root / remote.path
        if not target.is_file():
            _fetch_file(remote, target, card.title)


def _fetch_file(remote, target, title):
    host = urllib.parse.urlsplit(remote.url).netloc
    if host in _unreachable:
        raise Unreachable(_unreachable[host])
    part = target.with_name(f"{target.name}.part{os.getpid()}")
    try:
        response = _open(remote.url)
        target.parent.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as file:
            digest = _copy(response, file, title)
        if remote.sha256 not in (None, digest):
            raise Unreachable(f"{host} sent a file with the wrong sha256")
        os.replace(part, target)
    except Unreachable as error:
        _unreachable[host] = str(error)
        raise
    except OSError as error:
        raise Unreachable(f"cannot write to Keras's cache ({error.strerror or error})") from error
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


def _open(url):
    """The response; in a thread, as ``urlopen``'s time-out excludes the look-up of the host."""
    answers = queue.SimpleQueue()

    def ask():
        try:
            answers.put(urllib.request.urlopen(url, timeout=FIRST_BYTE_SECONDS))
        except Exception as error:  # handed to the caller
            answers.put(error)

    threading.Thread(target=ask, daemon=True).start()
    host = urllib.parse.urlsplit(url).netloc
    try:
        answer = answers.get(timeout=FIRST_BYTE_SECONDS)
    except queue.Empty:
        answer = TimeoutError()
    if isinstance(answer, Exception):
        reason = getattr(answer, "reason", None) or answer
        if isinstance(reason, TimeoutError):  # of the look-up, the connection or the answer
            raise Unreachable(f"{host} did not answer in {FIRST_BYTE_SECONDS:g} s") from None
        reason = getattr(reason, "strerror", None) or reason
        raise Unreachable(f"{host}: {reason}") from answer
    return answer


def _copy(response, file, title):
    """Write the response to ``file`` within the time limit; returns its sha256."""
    digest, received, start = hashlib.sha256(), 0, time.monotonic()
    total = int(response.headers.get("Content-Length") or 0)
    quiet = not config.interactive()
    bar = tqdm(total=total or None, unit="B", unit_scale=True, desc=title, disable=quiet)
    with response, bar:
        while True:
            try:
                block = response.read1(1 << 18)  # returns what is there, so that time is watched
            except Exception as error:
                raise Unreachable(f"the transfer broke off ({error})") from error
            if not block:
                break
            file.write(block)
            digest.update(block)
            bar.update(len(block))
            received += len(block)
            seconds = time.monotonic() - start
            expected = seconds * max(total, received) / received
            if max(seconds, expected if seconds > JUDGE_AFTER_SECONDS else 0) > TOTAL_SECONDS:
                raise Unreachable(f"the host is slow ({received / 1e6:.1f} MB in {seconds:.0f} s)")
    if total and received != total:
        raise Unreachable(f"the transfer broke off after {received} of {total} bytes")
    return digest.hexdigest()
