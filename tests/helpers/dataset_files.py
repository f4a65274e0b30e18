"""Tiny data sets in the layouts that the readers know, and a host that behaves as told."""

import gzip
import http.server
import io
import pickle
import pickletools
import tarfile
import threading

import numpy as np

SHAPES = {"mnist": (28, 28), "fashion_mnist": (28, 28), "cifar10": (32, 32, 3)}


def make_arrays(name, train=30, test=20, seed=0):
    """Random images with labels 0, 1, ... 9, 0, ... under the names of an npz file."""
    rng, arrays = np.random.default_rng(seed), {}
    for split, count in (("train", train), ("test", test)):
        arrays[f"x_{split}"] = rng.integers(0, 256, (count, *SHAPES[name]), "uint8")
        arrays[f"y_{split}"] = (np.arange(count) % 10).astype("uint8")
    return arrays


def write_npz(folder, name, **changes):
    """NAME.npz in ``folder``; ``changes`` replace arrays, ``None`` leaves one out."""
    folder.mkdir(parents=True, exist_ok=True)
    arrays = make_arrays(name) | changes
    path = folder / f"{name}.npz"
    np.savez(path, **{key: value for key, value in arrays.items() if value is not None})
    return path


def write_fashion_cache(root, arrays):
    """Keras's cache of Fashion-MNIST below ``root``: four gzipped idx files."""
    folder = root / "datasets" / "fashion-mnist"
    folder.mkdir(parents=True)
    for split, prefix in (("train", "train"), ("test", "t10k")):
        for letter, kind in (("x", "images-idx3"), ("y", "labels-idx1")):
            array = arrays[f"{letter}_{split}"]
            header = b"\0\0\x08" + bytes([array.ndim]) + np.array(array.shape, ">i4").tobytes()
            path = folder / f"{prefix}-{kind}-ubyte.gz"
            path.write_bytes(gzip.compress(header + array.tobytes()))
    return folder


def python2_pickle(value):
    """A pickle whose strings are Python 2's, like those in CIFAR-10's official files."""
    data = bytearray(pickle.dumps(value, protocol=3))
    codes = {"SHORT_BINBYTES": b"U", "BINBYTES": b"T", "BINUNICODE": b"T"}
    for code, _, position in pickletools.genops(bytes(data)):
        if code.name in codes:
            data[position : position + 1] = codes[code.name]
    data[1] = 2
    return bytes(data)


def cifar_files(arrays):
    """name -> content of the six official batch files."""

    def batch(images, labels):
        rows = images.transpose(0, 3, 1, 2).reshape(len(images), -1)
        return python2_pickle({b"data": rows, b"labels": labels.tolist()})

    files = {"test_batch": batch(arrays["x_test"], arrays["y_test"])}
    parts = zip(np.split(arrays["x_train"], 5), np.split(arrays["y_train"], 5), strict=True)
    for number, (images, labels) in enumerate(parts, start=1):
        files[f"data_batch_{number}"] = batch(images, labels)
    return files


def cifar_archive(arrays):
    """The bytes of a tar.gz like the official one."""
    return tar_gz(cifar_files(arrays))


def tar_gz(files):
    """The bytes of an archive of CIFAR-10's folder with these files, name -> content."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(f"cifar-10-batches-py/{name}")
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


class Host:
    """A web server on this machine, with a ``behavior``.

    "serve" answers well, "missing" with 404; "silent" never answers, "slow" sends a few bytes now
    and then, "short" hangs up early.
    """

    def __init__(self, content):
        self.content, self.behavior, self.requests = content, "serve", 0
        self.released = threading.Event()
        host = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                host.requests += 1
                host.answer(self)

            def log_message(self, *arguments):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.server_port}/file"

    def answer(self, request):
        if self.behavior == "missing":
            request.send_error(404)
            return
        if self.behavior == "silent":
            self.released.wait(30)
            return
        request.send_response(200)
        request.send_header("Content-Length", str(len(self.content)))
        request.end_headers()
        if self.behavior == "serve":
            request.wfile.write(self.content)
        elif self.behavior == "short":
            request.wfile.write(self.content[:1000])
        else:  # slow: a few bytes now and then
            for start in range(0, len(self.content), 10):
                request.wfile.write(self.content[start : start + 10])
                request.wfile.flush()
                if self.released.wait(0.02):
                    return

    def close(self):
        self.released.set()
        self.server.shutdown()
        self.server.server_close()
