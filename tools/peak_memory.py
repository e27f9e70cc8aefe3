"""The most memory that a program ever has resident."""

import ctypes
import os
import signal
import subprocess

_PTRACE_TRACEME, _PTRACE_CONT, _PTRACE_SETOPTIONS, _PTRACE_O_TRACEEXIT = 0, 7, 0x4200, 0x40


def run_and_watch(command, env=None, stdin=None):
    """Runs it to its end: its exit code, and megabytes asked for as it exits.

    Not ru_maxrss: that one counts what the process inherited before its exec, which here is Python.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    # A traced process stops at its exec: it cannot have ended before it is watched.
    child = subprocess.Popen(
        command,
        env=env,
        stdin=stdin,
        stdout=subprocess.DEVNULL,
        preexec_fn=lambda: libc.ptrace(_PTRACE_TRACEME, 0, None, None),
    )
    os.waitpid(child.pid, 0)
    options = ctypes.c_void_p(_PTRACE_O_TRACEEXIT)
    if libc.ptrace(_PTRACE_SETOPTIONS, child.pid, None, options) != 0:
        raise OSError(ctypes.get_errno(), "ptrace: " + os.strerror(ctypes.get_errno()))
    libc.ptrace(_PTRACE_CONT, child.pid, None, None)
    peak = None
    while True:
        _, status = os.waitpid(child.pid, 0)
        if not os.WIFSTOPPED(status):
            child.returncode = os.waitstatus_to_exitcode(status)
            return child.returncode, peak
        if status >> 16:
            peak = resident_peak(child.pid)
        number = 0 if os.WSTOPSIG(status) == signal.SIGTRAP else os.WSTOPSIG(status)
        libc.ptrace(_PTRACE_CONT, child.pid, None, ctypes.c_void_p(number))


def resident_peak(process):
    with open(f"/proc/{process}/status", encoding="ascii") as file:
        line = next(line for line in file if line.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024
