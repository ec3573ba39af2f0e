"""What pages of the release before ask for stays, whatever became of the tree meanwhile; a second run changes nothing."""
import hashlib
import pathlib
import shutil
import subprocess
import tempfile
import unittest

REPOSITORY = pathlib.Path(__file__).resolve().parents[3]
NAMES = {"style.css": "/assets/style-{}.css", "guest.js": "/assets/guest-{}.js", "icon.svg": "/assets/icon-{}.svg",
         "fonts.css": "/assets/fonts-{}.css"}


@unittest.skipUnless(shutil.which("node"), "node is not here")
class Release(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="mainstay-web-")
        self.addCleanup(folder.cleanup)
        self.tree = pathlib.Path(folder.name)
        for path in ("scripts/web", "app/web/client/pack.mjs"):
            (self.tree / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(REPOSITORY / path, self.tree / path)
        self.git("init", "--quiet")
        self.write({"dist/index.html": "<page of 1>", "dist/assets/index-1.js": "script 1", "dist/assets/common-0.js": "common",
                    "fonts/ui-1.woff2": "font 1", "fonts/fonts.css": "ui-1.woff2", "templates/style.css": "style 1",
                    "templates/guest.js": "guest 1", "templates/icon.svg": "icon"})
        self.first = self.commit()
        (self.tree / "app/web/dist/assets/index-1.js").unlink()
        (self.tree / "app/web/fonts/ui-1.woff2").unlink()
        self.write({"dist/index.html": "<page of 2>", "dist/assets/index-2.js": "script 2", "fonts/ui-2.woff2": "font 2",
                    "fonts/fonts.css": "ui-2.woff2", "templates/style.css": "style 2"})
        self.commit()

    def git(self, *words: str) -> str:
        return subprocess.run(["git", "-c", "user.name=test", "-c", "user.email=test@example.org", *words], cwd=self.tree,
                              check=True, capture_output=True, text=True).stdout.strip()

    def write(self, files: dict) -> None:
        for path, text in files.items():
            file = self.tree / "app/web" / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")

    def commit(self) -> str:
        self.git("add", "-A")
        self.git("commit", "--quiet", "--message", "a release")
        return self.git("rev-parse", "HEAD")

    def release(self, commit: str) -> dict:
        subprocess.run([self.tree / "scripts/web", "release", commit], check=True, capture_output=True)
        previous = self.tree / "app/web/dist/previous"
        return {path.name: path.read_bytes() for path in previous.iterdir() if path.suffix not in (".br", ".gz")}

    def named(self, template: str, text: str) -> str:
        return NAMES[template].format(hashlib.sha256(text.encode()).hexdigest()[:12])

    def test_what_is_gone_is_kept_and_all_that_was_there_is_named(self):
        kept = self.release(self.first)
        lines = kept.pop("RELEASE").decode().splitlines()
        self.assertEqual(lines[0], self.first)
        style, fonts = self.named("style.css", "style 1"), self.named("fonts.css", "ui-1.woff2")
        self.assertEqual(set(lines[1:]), {"/admin/assets/index-1.js", "/admin/assets/common-0.js", "/fonts/ui-1.woff2", style, fonts,
                                          self.named("guest.js", "guest 1"), self.named("icon.svg", "icon")})
        # The others are today's as well.
        self.assertEqual(kept, {"index-1.js": b"script 1", "ui-1.woff2": b"font 1", pathlib.Path(style).name: b"style 1",
                                pathlib.Path(fonts).name: b"ui-1.woff2"})
        files = (self.tree / "app/web/dist/files.txt").read_text(encoding="utf-8").splitlines()
        self.assertIn("previous/index-1.js", files)
        self.assertNotIn("previous/RELEASE", files)
        self.assertTrue((self.tree / "app/web/dist/previous/index-1.js.br").exists())

    def test_a_second_run_keeps_the_same_and_another_release_takes_its_place(self):
        first = self.release(self.first)
        self.assertEqual(self.release(self.first), first)
        self.assertEqual(set(self.release("HEAD")), {"RELEASE"})  # today's pages lack nothing


if __name__ == "__main__":
    unittest.main(verbosity=2)
