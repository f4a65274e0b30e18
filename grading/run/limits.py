"""What a submission may cost while it is graded. Numbers of one submission, not of the batch."""

import os

CELL_SECONDS = int(os.environ.get("GRADING_CELL_SECONDS", "20"))  # of processor time; a check
# takes two at most. On a busy machine they last longer, so the clock may show more:
CELL_CLOCK_SECONDS = 6 * CELL_SECONDS
TOTAL_SECONDS = int(os.environ.get("GRADING_SECONDS", "240"))  # then the rest gets no points
CPU_SECONDS = 300  # of one kernel
MEMORY_MB = 3000  # what a kernel may map beyond TensorFlow itself
FILE_MB = 100  # the largest file that it may write
SCRATCH_MB = 200  # all files together, where the system lets us say so
CELL_OUTPUT = 100_000  # characters kept of a cell's output
FLOOD = 5_000_000  # characters after which the kernel is stopped
START_SECONDS = 60  # until a kernel answers
RESTARTS = 5  # kernels after the first: one for each cell that broke its kernel
NOTEBOOK_MB = 50  # a larger file is not read
