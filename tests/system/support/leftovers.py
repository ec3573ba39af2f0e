"""What a test started goes with it, also when it is told to end: by Ctrl-C, or by SIGTERM."""
import atexit
import signal
import threading

_there: list = []


def _interrupt(*_) -> None:
    raise KeyboardInterrupt  # the one word that ends a run of unittest; what atexit registered is run then


def goes_with_the_test(thing) -> None:
    """`thing.remove()` is called at the end of this program, unless `is_gone(thing)` was said before."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, _interrupt)
    if thing not in _there:
        _there.append(thing)


def is_gone(thing) -> None:
    if thing in _there:
        _there.remove(thing)


@atexit.register
def _remove_all() -> None:
    while _there:
        _there.pop().remove()
