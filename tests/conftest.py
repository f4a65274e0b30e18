"""Tests run offline, at the smallest profile, and touch no one's files.

Set before any test imports TensorFlow or Keras, because both read their variables at import.
"""

import os
import shutil
import sys
import tempfile

import pytest

_scratch = tempfile.mkdtemp(prefix="course-tests-")
os.environ["COURSE_OFFLINE"] = "1"
os.environ["COURSE_PROFILE"] = "smoke"
os.environ["COURSE_OUTPUT_DIR"] = os.path.join(_scratch, "outputs")
os.environ["KERAS_HOME"] = os.path.join(_scratch, "keras")  # not a cache with full data sets
os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["MPLBACKEND"] = "Agg"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "2"
for _name in ("COURSE_DATA_DIR", "COURSE_QUIET"):
    os.environ.pop(_name, None)


@pytest.fixture(autouse=True)
def the_same_weights_in_every_run():
    """Whatever a test builds without a seed starts alike: a test fails always or never."""
    if "keras" in sys.modules:
        sys.modules["keras"].utils.set_random_seed(0)


def pytest_unconfigure():
    shutil.rmtree(_scratch, ignore_errors=True)
