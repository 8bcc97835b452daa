"""The filter of system calls: a boxed program makes no process, thread, socket or namespace, and traces nobody.

Namespaces and limits alone leave gaps. The kernel doesn't hold root to a limit on processes, also where root bears
another number in the box; System V and memory files take memory that no limit of address space counts; virtual machine
sockets and io_uring pass by the empty network. What isn't listed is allowed: all listed calls fail with EPERM.
"""

from __future__ import annotations

import platform
import struct
from collections.abc import Mapping
from types import MappingProxyType

from tutorkit.errors import SandboxMissing

# Linux: include/uapi/linux/{audit,seccomp,bpf_common}.h
_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_ALLOW, _KILL, _FAIL = 0x7FFF0000, 0x80000000, 0x00050000
_EPERM, _ENOSYS = 1, 38
_NUMBER_AT, _MACHINE_AT = 0, 4
_X32 = 0x40000000

_MACHINES: Mapping[str, int] = MappingProxyType({"x86_64": 0xC000003E, "aarch64": 0xC00000B7})

# Name: its number on x86_64, and on aarch64. Linux: arch/x86/entry/syscalls/syscall_64.tbl, asm-generic/unistd.h
_DENIED: Mapping[str, tuple[int | None, int | None]] = MappingProxyType(
    {
        # processes and threads
        "clone": (56, 220),
        "fork": (57, None),
        "vfork": (58, None),
        # the network, and what could reach it otherwise
        "socket": (41, 198),
        "io_uring_setup": (425, 425),
        "io_uring_enter": (426, 426),
        "io_uring_register": (427, 427),
        # other processes
        "ptrace": (101, 117),
        "process_vm_readv": (310, 270),
        "process_vm_writev": (311, 271),
        "pidfd_getfd": (438, 438),
        "kcmp": (312, 272),
        # namespaces and mounts
        "unshare": (272, 97),
        "setns": (308, 268),
        "mount": (165, 40),
        "umount2": (166, 39),
        "pivot_root": (155, 41),
        "chroot": (161, 51),
        "move_mount": (429, 429),
        "open_tree": (428, 428),
        "fsopen": (430, 430),
        "fsconfig": (431, 431),
        "fsmount": (432, 432),
        "fspick": (433, 433),
        "mount_setattr": (442, 442),
        "mknod": (133, None),
        "mknodat": (259, 33),
        # memory that no limit counts
        "shmget": (29, 194),
        "shmat": (30, 196),
        "msgget": (68, 186),
        "semget": (64, 190),
        "mq_open": (240, 180),
        "memfd_create": (319, 279),
        "memfd_secret": (447, 447),
        # keys of the user outside, and doors of the kernel that exercises have no use for
        "add_key": (248, 217),
        "request_key": (249, 218),
        "keyctl": (250, 219),
        "bpf": (321, 280),
        "perf_event_open": (298, 241),
        "userfaultfd": (323, 282),
        "fanotify_init": (300, 262),
        "name_to_handle_at": (303, 264),
        "open_by_handle_at": (304, 265),
        "init_module": (175, 105),
        "finit_module": (313, 273),
        "delete_module": (176, 106),
        "kexec_load": (246, 104),
        "kexec_file_load": (320, 294),
        "reboot": (169, 142),
        "swapon": (167, 224),
        "swapoff": (168, 225),
        "acct": (163, 89),
        "quotactl": (179, 60),
        "personality": (135, 92),
        "syslog": (103, 116),
        "settimeofday": (164, 170),
        "clock_settime": (227, 112),
        "clock_adjtime": (305, 266),
        "adjtimex": (159, 171),
        "iopl": (172, None),
        "ioperm": (173, None),
        "modify_ldt": (154, None),
        "migrate_pages": (256, 238),
        "move_pages": (279, 239),
    }
)
# The C library tries this one first and clone afterwards, but only where it is told that there is no such call.
_CLONE3 = 435


def filter_program(machine: str | None = None) -> bytes:
    """Return the filter as the kernel takes it: eight bytes an instruction.

    Args:
        machine: ``x86_64`` or ``aarch64``; this machine when left out.

    Raises:
        SandboxMissing: for a machine whose call numbers are not known here.
    """
    name = machine or platform.machine()
    if name not in _MACHINES:
        raise SandboxMissing(
            f"The numbers of the system calls of {name} are not known, so they cannot be filtered.",
            remedy=f"Run learners' code on one of {', '.join(_MACHINES)}.",
            data={"machine": name},
        )
    column = list(_MACHINES).index(name)
    program = [
        _instruction(_LOAD, value=_MACHINE_AT),
        _instruction(_EQUAL, yes=1, value=_MACHINES[name]),
        _instruction(_RETURN, value=_KILL),
        _instruction(_LOAD, value=_NUMBER_AT),
    ]
    if name == "x86_64":
        # The same calls under other numbers.
        program += [_instruction(_AT_LEAST, no=1, value=_X32), _instruction(_RETURN, value=_KILL)]
    program += _failing(_CLONE3, _ENOSYS)
    for numbers in _DENIED.values():
        if (number := numbers[column]) is not None:
            program += _failing(number, _EPERM)
    program.append(_instruction(_RETURN, value=_ALLOW))
    return b"".join(program)


def _failing(number: int, code: int) -> list[bytes]:
    return [_instruction(_EQUAL, no=1, value=number), _instruction(_RETURN, value=_FAIL | code)]


def _instruction(code: int, *, yes: int = 0, no: int = 0, value: int) -> bytes:
    return struct.pack("=HBBI", code, yes, no, value)
