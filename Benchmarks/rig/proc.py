"""What /proc says about a process and everything below it."""

import os
import re

TICKS = os.sysconf("SC_CLK_TCK")


def _fields(pid):
    """The fields of /proc/PID/stat after the command's name, or None once the process is gone."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            text = file.read()
    except OSError:
        return None
    return text[text.rindex(")") + 2 :].split()


def tree(pid):
    """A process and its descendants."""
    children = {}
    for name in os.listdir("/proc"):
        fields = _fields(name) if name.isdigit() else None
        if fields:
            children.setdefault(int(fields[1]), []).append(int(name))
    found, waiting = [], [pid]
    while waiting:
        at = waiting.pop()
        found.append(at)
        waiting += children.get(at, [])
    return found


def cpu_seconds(pids):
    """User and system time so far, that of reaped children included."""
    ticks = 0
    for pid in pids:
        fields = _fields(pid)
        if fields:
            ticks += sum(int(field) for field in fields[11:15])
    return ticks / TICKS


def memory_mb(pids, key="VmHWM"):
    """Peak (VmHWM) or present (VmRSS) resident memory."""
    kilobytes = 0
    for pid in pids:
        try:
            with open(f"/proc/{pid}/status") as file:
                found = re.search(rf"^{key}:\s+(\d+) kB", file.read(), re.MULTILINE)
        except OSError:
            continue
        kilobytes += int(found.group(1)) if found else 0
    return kilobytes / 1024


def reset_peak_memory(pids):
    for pid in pids:
        try:
            with open(f"/proc/{pid}/clear_refs", "w") as file:
                file.write("5")
        except OSError:
            pass


def machine_busy_seconds():
    """Processor time that the whole machine has spent on anything."""
    with open("/proc/stat") as file:
        user, nice, system, _idle, _wait, interrupts, soft = (int(x) for x in file.readline().split()[1:8])
    return (user + nice + system + interrupts + soft) / TICKS
