"""For every test, those of the notebooks included: one thread, so that the last digits are the same."""

import os

# Before torch is imported here, and inherited by each kernel and server that a test starts.
for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[name] = "1"
