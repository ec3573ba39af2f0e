"""The soak (scripts/soak), cut short: everything at once, with memory and descriptors flat and no GET failed."""

import os
import subprocess
import sys
import unittest

sys.dont_write_bytecode = True

from support.lbd_process import BINARIES, REPOSITORY  # noqa: E402

SECONDS = 40


class Soak(unittest.TestCase):
    def test_memory_and_descriptors_stay_flat(self):
        done = subprocess.run([os.path.join(REPOSITORY, "scripts", "soak"), "--seconds", str(SECONDS)], text=True,
                              env={**os.environ, "MAINSTAY_BIN": BINARIES}, stdin=subprocess.DEVNULL,
                              capture_output=True, timeout=SECONDS + 60, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()
