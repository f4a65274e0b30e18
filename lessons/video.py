"""Films of the lessons: GIF with what the kit installs, MP4 with the extra ``video``."""

import importlib.util
from pathlib import Path

import imageio.v3 as iio

from helpers import images


def write(frames, path, *, milliseconds=80):
    """Write frames as an animation; returns its path.

    Args:
        frames: uint8 arrays ``(H, W, 3)`` of one size.
        path: ``.gif``, or ``.mp4`` with the extra ``video`` installed.
        milliseconds: each frame's time.

    Raises:
        ValueError: no frames, frames of different sizes, or another kind of file.
        ImportError: an ``.mp4`` without the package that writes it.
    """
    frames, path = list(frames), Path(path)
    if path.suffix not in (".gif", ".mp4"):
        raise ValueError(f"a video ends in .gif or .mp4, got {path.name}")
    if path.suffix == ".gif":
        return images.write_gif(frames, path, milliseconds=milliseconds)
    if importlib.util.find_spec("imageio_ffmpeg") is None:
        raise ImportError(
            'MP4 needs imageio-ffmpeg: pip install "generative-course-kit[video]"; GIF works now'
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    height, width = (side // 2 * 2 for side in frames[0].shape[:2])  # the codec wants even sides
    even = [frame[:height, :width] for frame in frames]
    iio.imwrite(path, even, plugin="FFMPEG", fps=1000 / milliseconds, macro_block_size=2)
    return path
