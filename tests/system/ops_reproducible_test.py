"""The same sources in another folder give the same bytes: a package, and a real second compile of a few files with the flags of what
is shipped, no cache between. Of all programs: nothing in them knows where they were built."""
import hashlib
import json
import os
import pathlib
import shlex
import shutil
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(os.environ.get("MAINSTAY_BIN") or ROOT / "build" / "release" / "bin").resolve()
BUILD = BIN.parent
COMMANDS = {pathlib.Path(one["file"]): one for one in json.loads((BUILD / "compile_commands.json").read_text(encoding="utf-8"))}
TOP = next(path for path in BUILD.parents if (path / "CMakePresets.json").exists())  # what was built, which may be another checkout
# Few, small, and with what tells a place: a name of a file that expects() keeps, headers of other rooms, inline functions.
SOURCES = ("vrrpd/election/timers.cpp", "vrrpd/election/virtual_router.cpp", "vrrpd/packet/advertisement.cpp")
COMPILE_SECONDS = 300


class Reproducible(unittest.TestCase):
    def built(self, folder: pathlib.Path, relative: bool) -> str:
        """These sources in this folder, compiled and linked as they are in TOP: the hash of what comes out, build id and all."""
        for name in ("common", "vrrpd"):
            shutil.copytree(TOP / name, folder / name)
        place = folder / BUILD.relative_to(TOP)
        place.mkdir(parents=True)
        objects = []
        for source in SOURCES:
            words = shlex.split(COMMANDS[TOP / source]["command"])
            words = words[:words.index("-o")]
            objects.append(pathlib.Path(source).stem + ".o")
            # So a cache that is told to be one for all folders calls the compiler: by paths from where it stands.
            here = os.path.relpath(folder, place) if relative else str(folder)
            self.run_in(place, [word.replace(f"-I{TOP}", f"-I{here}").replace(str(TOP), str(folder)) for word in words] +
                        ["-o", objects[-1], "-c", f"{here}/{source}"])
        self.run_in(place, [word.replace(str(TOP), str(folder)) for word in words if not word.startswith("-I")] +
                    ["-shared", "-Wl,--build-id", "-o", "linked.so", *objects])
        linked = (place / "linked.so").read_bytes()
        self.assertFalse(str(folder).encode() in linked, folder)
        return hashlib.sha256(linked).hexdigest()

    def run_in(self, place: pathlib.Path, argv: list[str]) -> None:
        self.assertFalse(argv[0].endswith("ccache"), "a cache would only say what it was told before")
        done = subprocess.run(argv, cwd=place, env=os.environ | {"CCACHE_DISABLE": "1"}, capture_output=True, text=True,
                              timeout=COMPILE_SECONDS, check=False)
        self.assertEqual(0, done.returncode, done.stderr)

    def test_another_folder_gives_the_same_bytes(self):
        with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory(prefix="a-longer-name-") as other:
            self.assertEqual(self.built(pathlib.Path(one), relative=False), self.built(pathlib.Path(other), relative=True))

    def test_a_package_packed_of_the_sources_in_another_folder_is_the_same(self):
        """The smallest, which has scripts, units, compressed files and generated pages, and no program."""
        with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory(prefix="a-longer-name-") as other:
            copy = pathlib.Path(other, "sources")
            shutil.copytree(TOP, copy, ignore=shutil.ignore_patterns("build", ".git", "node_modules", "__pycache__"))
            self.run_in(copy, ["cmake", "--preset", "release"])
            self.assertEqual(self.packed(BUILD, pathlib.Path(one)), self.packed(copy / "build/release", pathlib.Path(other, "packed")))

    def packed(self, build: pathlib.Path, place: pathlib.Path) -> str:
        self.run_in(build, ["cmake", "--build", ".", "--target", "package_pages", "packed_node_changelog"])
        self.run_in(build, ["cpack", "-G", "DEB", "-B", str(place), "-D", "CPACK_COMPONENTS_ALL=node", "--config", "CPackConfig.cmake"])
        return hashlib.sha256(next(place.glob("mainstay-node_*.deb")).read_bytes()).hexdigest()

    def test_no_program_knows_where_it_was_built(self):
        """As linked, before they are stripped: their build ids are made of that."""
        programs = [BIN / name for name in ("lbd", "lbctl", "vrrpd", "vrrpctl", "bookd", "dbctl")]
        for program in programs:
            with self.subTest(program=program.name):
                self.assertFalse(str(TOP).encode() in program.read_bytes(), TOP)


if __name__ == "__main__":
    unittest.main()
