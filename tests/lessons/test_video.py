"""Films of the lessons: GIF, and MP4 where its writer is installed."""

import imageio.v3 as iio
import numpy as np
import pytest

from lessons import video


def test_videos(tmp_path, monkeypatch):
    frames = [np.full((31, 45, 3), value, "uint8") for value in (0, 120, 240)]
    path = video.write(iter(frames), tmp_path / "new" / "zoom.gif", milliseconds=100)
    assert iio.imread(path).shape == (3, 31, 45, 3)
    with pytest.raises(ValueError, match=r"ends in \.gif or \.mp4"):
        video.write(frames, tmp_path / "zoom.avi")
    with pytest.raises(ValueError, match="at least one frame"):
        video.write([], tmp_path / "zoom.gif")
    with pytest.raises(ValueError, match="same size"):
        video.write([frames[0], frames[0][:5]], tmp_path / "zoom.gif")
    monkeypatch.setattr(video.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ImportError, match=r"\[video\]"):
        video.write(frames, tmp_path / "zoom.mp4")


def test_mp4_has_even_sides(tmp_path):
    pytest.importorskip("imageio_ffmpeg")
    frames = [np.full((31, 45, 3), value, "uint8") for value in (0, 120, 240)]
    path = video.write(frames, tmp_path / "zoom.mp4")
    assert path.stat().st_size > 500 and b"ftyp" in path.read_bytes()[:16]
