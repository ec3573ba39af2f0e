"""What a long test found, with its seconds: on the terminal and in a file."""
import pathlib
import time


class Report:
    def __init__(self, path: pathlib.Path):
        self._path = path
        self._begun = time.monotonic()

    def begin(self) -> None:
        """Nothing of an earlier one is left."""
        self._path.parent.mkdir(exist_ok=True)
        self._path.write_text("", encoding="utf-8")

    def note(self, text: str) -> None:
        """A line of it, with the seconds since it was made."""
        line = f"{time.monotonic() - self._begun:7.1f} s  {text}"
        print(line, flush=True)
        with open(self._path, "a", encoding="utf-8") as file:
            file.write(line + "\n")
