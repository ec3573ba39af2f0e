"""The same sources in another folder give the same bytes: a package, and a real second compile of a few files with the flags of what
is shipped, no cache between. Of all programs: nothing in them knows where they were built."""
import hashlib
import json
import os
import pathlib
import re
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
# For each daemon few that are small, with what tells a place: a name of a file that expects() keeps, headers of other rooms, inline
# functions; and with its flags: with Asio and without, with threads, with a database's headers.
SOURCES = {
    "vrrpd": ("vrrpd/election/timers.cpp", "vrrpd/election/virtual_router.cpp", "vrrpd/packet/advertisement.cpp"),
    "lb": ("lb/balancing/sticky.cpp", "lb/upstream/roster.cpp"),
    "app": ("app/core/visit.cpp", "app/store/fingerprint.cpp"),
}
COMPILE_SECONDS = 300
OUT_OF_SOURCES = re.compile(rb"\0(\./\.\./[^\0]*)")  # a name of a file that begins so


def launcher(tool: str) -> list[str]:
    """What the build calls it by, but for the cache."""
    begin = f"CMAKE_CXX_{tool}_LAUNCHER:"
    settings = (BUILD / "CMakeCache.txt").read_text(encoding="utf-8").splitlines()
    said = next((line.partition("=")[2] for line in settings if line.startswith(begin)), "")
    return [word for word in said.split(";") if word not in ("", "ccache")]


class Reproducible(unittest.TestCase):
    def compiled(self, folder: pathlib.Path, daemon: str, relative: bool) -> pathlib.Path:
        """These sources in this folder, compiled as they are in TOP: where their objects are."""
        for name in ("common", daemon):
            shutil.copytree(TOP / name, folder / name, ignore=shutil.ignore_patterns("node_modules", "dist", "__pycache__"))
        place = folder / BUILD.relative_to(TOP)
        place.mkdir(parents=True)
        # So a cache that is told to be one for all folders calls the compiler: by paths from where it stands.
        here = os.path.relpath(folder, place) if relative else str(folder)
        for source in SOURCES[daemon]:
            words = [word.replace(f"-I{TOP}", f"-I{here}").replace(str(TOP), str(folder)) for word in self.words(source)]
            self.run_in(place, [*launcher("COMPILER"), *words, "-o", pathlib.Path(source).stem + ".o", "-c", f"{here}/{source}"])
        return place

    def linked(self, folder: pathlib.Path, daemon: str, objects: pathlib.Path) -> str:
        """The hash of what becomes of these objects in this folder, linked as in TOP, build id and all."""
        words = [word.replace(str(TOP), str(folder)) for word in self.words(SOURCES[daemon][-1]) if not word.startswith("-I")]
        place = folder / BUILD.relative_to(TOP)
        for source in SOURCES[daemon]:
            name = pathlib.Path(source).stem + ".o"
            if objects != place:
                shutil.copy(objects / name, place / name)
        self.run_in(place, [*launcher("LINKER"), *words, "-shared", "-Wl,--build-id", "-o", "linked.so",
                            *(pathlib.Path(source).stem + ".o" for source in SOURCES[daemon])])
        linked = (place / "linked.so").read_bytes()
        self.assertFalse(str(folder).encode() in linked, folder)
        return hashlib.sha256(linked).hexdigest()

    @staticmethod
    def words(source: str) -> list[str]:
        words = shlex.split(COMMANDS[TOP / source]["command"])
        return words[:words.index("-o")]

    def run_in(self, place: pathlib.Path, argv: list[str]) -> None:
        self.assertNotIn("ccache", [pathlib.Path(word).name for word in argv], "a cache would only say what it was told before")
        done = subprocess.run(argv, cwd=place, env=os.environ | {"CCACHE_DISABLE": "1"}, capture_output=True, text=True,
                              timeout=COMPILE_SECONDS, check=False)
        self.assertEqual(0, done.returncode, done.stderr)

    def test_another_folder_gives_the_same_bytes(self):
        for daemon in SOURCES:
            with self.subTest(daemon=daemon), tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory(prefix="a-longer-name-") as other:
                one, other = pathlib.Path(one), pathlib.Path(other)
                objects, others = self.compiled(one, daemon, relative=False), self.compiled(other, daemon, relative=True)
                made = self.linked(one, daemon, objects)
                self.assertEqual(made, self.linked(other, daemon, others))
                # As a cache for many folders gives them to another than they were compiled in.
                self.assertEqual(made, self.linked(one, daemon, others))

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
        """As linked, before they are stripped: their build ids are made of that. Nor where a cache's objects were compiled."""
        programs = [BIN / name for name in ("lbd", "lbctl", "vrrpd", "vrrpctl", "bookd", "dbctl")]
        for program in programs:
            with self.subTest(program=program.name):
                content = program.read_bytes()
                self.assertFalse(str(TOP).encode() in content, TOP)
                self.assertEqual([], OUT_OF_SOURCES.findall(content))


if __name__ == "__main__":
    unittest.main()
