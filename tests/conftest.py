"""Tests run offline, at the smallest profile, and touch no one's files.

Set before any test imports TensorFlow or Keras, because both read their variables at import.
"""

import os
import shutil
import tempfile

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


def pytest_unconfigure():
    shutil.rmtree(_scratch, ignore_errors=True)
