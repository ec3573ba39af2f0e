"""The layer check finds what it is there to find."""
import pathlib
import subprocess
import sys
import tempfile
import unittest

CHECK = pathlib.Path(__file__).resolve().parents[3] / "scripts" / "check_layers.py"


class CheckLayersTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.root = pathlib.Path(self.folder.name)
        self.write("common/CMakeLists.txt", "stack_library(common::core HEADERS time.hpp)")
        self.write("common/time.hpp", "")
        self.write("lb/CMakeLists.txt",
                   "stack_library(lb::http SOURCES fields.cpp secret.hpp HEADERS fields.hpp DEPS common::core)\n"
                   "stack_library(lb::proxy HEADERS session.hpp DEPS lb::http)\n"
                   "stack_program(lbd SOURCES main.cpp DEPS lb::proxy)")
        self.write("lb/fields.hpp", '#include "common/time.hpp"')
        self.write("lb/fields.cpp", '#include "lb/secret.hpp"')
        self.write("lb/secret.hpp", "")
        self.write("lb/session.hpp", '#include "lb/fields.hpp"')
        self.write("lb/main.cpp", '#include "lb/session.hpp"')

    def tearDown(self):
        self.folder.cleanup()

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def check(self):
        done = subprocess.run([sys.executable, CHECK, self.root], capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr

    def assert_refused(self, *words):
        status, said = self.check()
        self.assertEqual(status, 1, said)
        for word in words:
            self.assertIn(word, said)

    def test_a_sound_tree_passes(self):
        status, said = self.check()
        self.assertEqual(status, 0, said)
        self.assertIn("layers hold", said)

    def test_an_include_upwards_is_refused(self):
        self.write("lb/fields.cpp", '#include "lb/session.hpp"')
        self.assert_refused("lb/fields.cpp", "lb::http does not depend on lb::proxy")

    def test_a_private_header_is_refused(self):
        self.write("lb/session.hpp", '#include "lb/secret.hpp"')
        self.assert_refused("private to lb::http")

    def test_a_cycle_is_refused(self):
        self.write("common/CMakeLists.txt", "stack_library(common::core HEADERS time.hpp DEPS lb::proxy)")
        self.assert_refused("cycle:")

    def test_a_file_outside_every_room_is_refused(self):
        self.write("lb/leftover.cpp", "")
        self.assert_refused("lb/leftover.cpp", "no room")

    def test_another_daemon_is_refused(self):
        self.write("vrrpd/CMakeLists.txt", "stack_library(vrrp::link HEADERS link.hpp DEPS lb::http)")
        self.write("vrrpd/link.hpp", '#include "lb/fields.hpp"')
        self.assert_refused("another daemon")


if __name__ == "__main__":
    unittest.main()
