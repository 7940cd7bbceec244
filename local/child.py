"""Runs one program that must not outlive the process that started it.

Called by path as `python -I -S child.py PARENT_PID SIGNAL COMMAND...`, with the standard library only, so that it costs
milliseconds. On Linux the kernel sends SIGNAL when the parent dies, however it dies; elsewhere the program just runs.
"""

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1


def main() -> None:
    parent, signal_number, *command = sys.argv[1:]
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, int(signal_number), 0, 0, 0)
        if os.getppid() != int(parent):  # it died before the request was in place
            sys.exit(1)
    try:
        os.execvp(command[0], command)  # noqa: S606 - replacing this process is the purpose
    except OSError as error:
        sys.exit(f"{command[0]}: {error.strerror}")


if __name__ == "__main__":
    main()
