"""The endless zoom: every frame dreams on a slightly enlarged copy of the last."""

from pathlib import Path

import imageio.v3 as iio
import numpy as np

from lessons.dream.checks import checked_image
from lessons.dream.octaves import dream, resize


def zoom(image, network, layer, channels=None, *, frames=30, factor=1.05, **options):
    """Frames of a flight into the dream, one after another.

    Args:
        image: where the flight starts, ``(H, W, 3)``, uint8 or float in [0, 255].
        network, layer, channels: as in ``dream``.
        frames: how many, the first dream included.
        factor: enlargement from frame to frame, above 1.
        options: of ``dream``. The first frame uses them as they are; the others need only few
            ``num_iterations``, because each goes on where the last one stopped.

    Yields:
        uint8 arrays ``(H, W, 3)``.

    Raises:
        ValueError: a number that makes no sense, as soon as the first frame is asked for.
    """
    if isinstance(frames, bool) or not isinstance(frames, (int, np.integer)) or frames < 1:
        raise ValueError(f"frames must be a whole number of at least 1, got {frames!r}")
    if not np.isfinite(factor) or not 1 < factor <= 2:
        raise ValueError(f"factor must be above 1 and at most 2, got {factor!r}")
    seed = options.pop("seed", 0)
    current = checked_image(image).astype("float32")
    for frame in range(frames):
        if frame:
            current = enlarged(current, factor)
        current = dream(current, network, layer, channels, seed=seed + frame, **options)
        yield np.rint(current).astype("uint8")


def enlarged(image, factor):
    """The middle of an image, scaled to the size of the whole; float32 in [0, 255]."""
    height, width = image.shape[:2]
    inner = [max(1, round(side / factor)) for side in (height, width)]
    top, left = (height - inner[0]) // 2, (width - inner[1]) // 2
    crop = image[top : top + inner[0], left : left + inner[1]]
    return np.clip(resize(crop, (height, width)), 0, 255)


def write_video(frames, path, *, milliseconds=80):
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
    if not frames or len({np.shape(frame) for frame in frames}) != 1:
        raise ValueError("write_video needs at least one frame, and all of the same size")
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".gif":
        iio.imwrite(path, frames, duration=milliseconds, loop=0)
    elif path.suffix == ".mp4":
        _write_mp4(frames, path, milliseconds)
    else:
        raise ValueError(f"a video ends in .gif or .mp4, got {path.name}")
    return path


def _write_mp4(frames, path, milliseconds):
    try:
        import imageio_ffmpeg
    except ImportError as error:
        raise ImportError(
            'MP4 needs imageio-ffmpeg: pip install "generative-course-kit[video]"; GIF works now'
        ) from error
    height, width = frames[0].shape[:2]
    size = (width // 2 * 2, height // 2 * 2)  # the usual codec wants even sides
    writer = imageio_ffmpeg.write_frames(
        str(path), size, fps=1000 / milliseconds, macro_block_size=2, ffmpeg_log_level="error"
    )
    writer.send(None)
    for frame in frames:
        writer.send(np.ascontiguousarray(frame[: size[1], : size[0]]))
    writer.close()
