"""What strangers' code may try, each tried for real: as whoever runs the tests, and as an ordinary user."""

from __future__ import annotations

import os
import selectors
import socket
import struct
import threading
from pathlib import Path

import pytest
from support.boxes import USERS, Ourselves, needs_box, nobody

from tutorkit.sandbox import Limits, box

pytestmark = [needs_box, pytest.mark.slow]


@pytest.fixture(scope="module", params=USERS)
def runner(request):
    if request.param == "nobody":
        with nobody() as probe:
            yield probe
    else:
        yield Ourselves()


def run(runner, code, *, files=None, **limits):
    given = {"program.py": code if isinstance(code, bytes) else code.encode()}
    return runner.run({**given, **(files or {})}, program="program.py", limits=Limits(**limits))


def tried(runner, code):
    """Run code that must fail with an OSError, and return its number."""
    ended = run(runner, f"import os\ntry:\n    {code}\nexcept OSError as error:\n    print('no', error.errno)")
    assert ended.status == "finished", ended
    assert ended.output.startswith("no "), ended.output
    return int(ended.output.split()[1])


def processes_with(word: str) -> list[str]:
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                if word.encode() in (folder / "cmdline").read_bytes():
                    found.append(folder.name)
            except OSError:
                continue
    return found


def test_a_program_runs(runner):
    ended = run(runner, "import sys, helper\nprint(helper.N)\nprint('e', file=sys.stderr)\nsys.exit(3)",
                files={"helper.py": b"N = 6 * 7"})  # fmt: skip
    assert ended.status == "finished" and ended.exit_code == 1, ended
    assert "No module named 'helper'" in ended.output
    ended = run(
        runner,
        "import sys\nsys.path.insert(0, '/work')\nimport helper, sub.deep\nprint(helper.N)\nsys.exit(3)",
        files={"helper.py": b"N = 6 * 7", "sub/deep.py": b""},
    )
    assert (ended.status, ended.exit_code, ended.output) == ("finished", 3, "42\n")


def test_the_report_is_apart_from_the_output(runner):
    ended = run(runner, "import os\nprint('out', flush=True)\nos.write(1, b'put')\nos.write(3, b'said')")
    assert (ended.output, ended.report) == ("out\nput", b"said")


def test_an_endless_loop_is_ended(runner):
    assert run(runner, "while True: pass", cpu_s=1).status == "timed_out"
    assert run(runner, "while True: pass", wall_s=0.5).status == "timed_out"
    assert run(runner, "import time\ntime.sleep(1000)", wall_s=0.5).status == "timed_out"


def test_a_loop_that_hears_no_signal_is_ended(runner):
    code = """
import signal
for n in range(1, 65):
    try:
        signal.signal(n, signal.SIG_IGN)
    except (OSError, ValueError):
        pass
"""
    assert run(runner, code + "while True: pass", wall_s=0.5).status == "timed_out"
    ended = run(runner, code + "while True: pass", cpu_s=1)
    assert (ended.status, ended.signal) == ("killed", 9)


def test_a_program_that_closes_everything_and_sleeps_is_ended(runner):
    code = "import os, time\nos.closerange(0, 64)\ntime.sleep(1000)"
    assert run(runner, code, wall_s=0.5).status == "timed_out"


@pytest.mark.parametrize(
    "call",
    [
        "os.fork()",
        "os.forkpty()",
        "os.posix_spawn(__import__('sys').executable, ['x'], {})",
        "__import__('subprocess').run([__import__('sys').executable])",
    ],
)
def test_no_process_is_made(runner, call):
    assert tried(runner, call) in (1, 2)


def test_no_thread_is_made(runner):
    ended = run(runner, "import threading\nthreading.Thread(target=print).start()")
    assert "can't start new thread" in ended.output


def test_a_fork_bomb_does_nothing(runner):
    code = """
import os
made = 0
for _ in range(10_000):
    try:
        os.fork()
        made += 1
    except OSError:
        pass
print(made)
"""
    ended = run(runner, code)
    assert (ended.status, ended.output) == ("finished", "0\n")


HOST = (
    "/etc/shadow /etc/passwd /proc/1/environ /proc/self/status /sys/kernel /dev/mem /dev/shm /dev/tty /dev/kmsg /tmp "
    "/home /var /oldroot /newroot /usr/bin/env"
)


@pytest.mark.parametrize("path", HOST.split())
def test_the_host_is_not_there(runner, path):
    assert tried(runner, f"os.stat({path!r})") == 2


def test_the_project_and_the_homes_are_not_there(runner):
    code = f"""
import os
print(os.environ["HOME"], os.path.exists({str(Path(box.__file__).parent)!r}), os.path.exists({os.getcwd()!r}))
print(*os.listdir("/"))
"""
    first, second = run(runner, code).output.splitlines()
    assert first == "/work False False"
    assert not {"etc", "home", "tmp", "var", "proc", "sys", "opt", "mnt", "srv"} & set(second.split())


@pytest.mark.parametrize("folder", ["/", "/usr", "/usr/lib", "/dev", "/work/..", "/root"])
def test_nothing_is_written_outside(runner, folder):
    assert tried(runner, f"open({folder + '/written'!r}, 'w')") in (1, 2, 13, 30)


def test_the_interpreter_and_its_library_cannot_be_changed(runner):
    assert tried(runner, "open(os.__file__, 'a')") in (13, 30)
    assert tried(runner, "open('/start.py', 'a')") in (13, 30)
    assert tried(runner, "os.chmod('/start.py', 0o777)") in (1, 30)
    assert tried(runner, "os.rename('/work', '/elsewhere')") in (13, 16, 18, 30)


def test_files_of_its_own_can_be_written_up_to_their_limit(runner):
    ended = run(runner, "open('mine', 'w').write('x' * 1000)\nprint(len(open('/work/mine').read()))")
    assert ended.output == "1000\n"
    code = """
import signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
try:
    open("big", "wb").write(bytes(2_000_000))
except OSError as error:
    print(error.errno)
"""
    assert run(runner, code).output == "27\n"


def test_the_folder_gets_full(runner):
    code = """
written = 0
try:
    for n in range(1000):
        with open(f"f{n}", "wb") as out:
            out.write(bytes(500_000))
            written += 500_000
except OSError as error:
    print(error.errno, written < 5_000_000)
"""
    assert run(runner, code, disk=4_000_000).output == "28 True\n"


@pytest.mark.parametrize("family", ["AF_INET", "AF_INET6", "AF_UNIX", "AF_NETLINK", "AF_PACKET", "AF_VSOCK"])
def test_there_is_no_socket(runner, family):
    assert tried(runner, f"__import__('socket').socket(getattr(__import__('socket'), {family!r}))") == 1


def test_the_filter_is_not_all_that_keeps_the_network_away(monkeypatch, allowing):
    """Without it there is still nobody to talk to, not even on this machine."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        heard = []

        def listen():
            try:
                heard.append(server.accept())
            except OSError:
                return

        threading.Thread(target=listen, daemon=True).start()
        code = f"""
import socket
for host in ("127.0.0.1", "10.0.0.1"):
    try:
        socket.create_connection((host, {port}), 1)
    except OSError as error:
        print(error.errno)
"""
        # 101 is ENETUNREACH, 111 ECONNREFUSED: the loopback of the box is another one.
        assert set(run(Ourselves(), code).output.split()) <= {"101", "111"}
        server.shutdown(socket.SHUT_RDWR)
    assert heard == []


@pytest.fixture
def allowing(monkeypatch):
    """Boxes whose filter lets everything pass."""
    monkeypatch.setattr(box, "filter_program", lambda: struct.pack("=HBBI", 0x06, 0, 0, 0x7FFF0000))


def test_the_filter_is_not_all_that_ends_processes(allowing):
    """Without it, children that were begotten for root, who knows no limit of processes, die with the box."""
    code = """
import os, time
for _ in range(40):
    try:
        if os.fork() == 0:
            os.setsid()
            time.sleep(1000)
    except OSError:
        break
os.write(3, b"begotten")
os.closerange(0, 64)
{end}
"""
    for end in ("os._exit(0)", "time.sleep(1000)"):
        name = f"leftover{os.getpid()}{len(end)}.py"
        ended = Ourselves().run({name: code.format(end=end).encode()}, program=name, limits=Limits(wall_s=1.5))
        assert ended.report == b"begotten"
        assert processes_with(name) == []


@pytest.mark.parametrize("end", ["", "while True: pass", "print('x' * 10**8)", "import os; os.abort()"])
def test_nothing_is_left_when_run_returns(end):
    name = f"gone{os.getpid()}.py"
    Ourselves().run({name: end.encode()}, program=name, limits=Limits(wall_s=0.7))
    assert processes_with(name) == []


def test_no_descriptors_are_left_open():
    before = len(os.listdir("/proc/self/fd"))
    for code in ("1", "while True: pass", "print('x' * 10**8)"):
        run(Ourselves(), code, wall_s=0.3)
    assert len(os.listdir("/proc/self/fd")) == before


def test_only_the_four_descriptors_are_open_inside(runner):
    ended = run(runner, "import os\nfor n in range(300):\n    try: os.fstat(n); print(n)\n    except OSError: pass")
    assert ended.output.split() == ["0", "1", "2", "3"]


def test_standard_input_is_empty(runner):
    assert run(runner, "import sys\nprint(repr(sys.stdin.read()))").output == "''\n"


def test_a_gigabyte_is_not_had(runner):
    assert run(runner, "x = bytearray(1_000_000_000)").status == "out_of_memory"
    assert run(runner, "x = []\nwhile True: x.append(bytearray(10_000_000))").status == "out_of_memory"


@pytest.mark.parametrize(
    "call",
    [
        "os.memfd_create('m')",
        "_call(29 if _x86 else 194, 0, 1000, 0o1600)",  # shmget
        "_call(68 if _x86 else 186, 0, 0o1600)",  # msgget
        "_call(101 if _x86 else 117, 0, 0, 0, 0)",  # ptrace
        "_call(272 if _x86 else 97, 0x10000000)",  # unshare a user namespace
        "_call(165 if _x86 else 40, 0, 0, 0, 0, 0)",  # mount
        "_call(321 if _x86 else 280, 0, 0, 0)",  # bpf
        "_call(250 if _x86 else 219, 0, 0)",  # keyctl
        "_call(425, 1, 0)",  # io_uring_setup
        "_call(298 if _x86 else 241, 0, 0, 0, 0, 0)",  # perf_event_open
        "_call(310 if _x86 else 270, 1, 0, 0, 0, 0, 0)",  # process_vm_readv
    ],
)
def test_calls_that_exercises_have_no_use_for_fail(runner, call):
    code = f"""
import ctypes, os, platform
_x86 = platform.machine() == "x86_64"
def _call(*numbers):
    if ctypes.CDLL(None, use_errno=True).syscall(*numbers) < 0:
        raise OSError(ctypes.get_errno(), "no")
try:
    {call}
except OSError as error:
    print("no", error.errno)
"""
    assert run(runner, code).output == "no 1\n"


def test_the_other_numbers_of_the_calls_are_deadly(runner):
    code = "import ctypes\nctypes.CDLL(None).syscall(0x40000000 + 41, 2, 1, 0)\nprint('alive')"
    ended = run(runner, code)
    # On x86-64 the second table of numbers ends the program; elsewhere there is no such call.
    assert ended.signal == 31 if os.uname().machine == "x86_64" else ended.output == "alive\n"


def test_no_signal_reaches_anybody_outside(runner):
    code = f"""
import os, signal
print(os.getpid(), os.getppid())
for pid in (3, 4, 5, {os.getpid()}, {os.getppid()}):
    try:
        os.kill(pid, 0)
        print("reached", pid)
    except OSError as error:
        print("no", error.errno)
os.kill(os.getppid(), signal.SIGKILL)
"""
    ended = run(runner, code)
    assert ended.output.splitlines()[0] == "2 1"
    assert "reached" not in ended.output
    # The first process of the box hears no SIGKILL from within.
    assert (ended.status, ended.exit_code) == ("finished", 0)


def test_it_is_nobody_with_no_rights(runner):
    code = """
import ctypes, os
print(os.getuid(), os.geteuid(), os.getgid(), os.uname().nodename)
for call in ("setuid", "setgid"):
    try: getattr(os, call)(0); print("changed")
    except OSError as error: print(error.errno)
libc = ctypes.CDLL(None)
print(libc.prctl(39, 0, 0, 0, 0), [n for n in range(64) if libc.prctl(23, n, 0, 0, 0) == 1])
"""
    lines = run(runner, code).output.splitlines()
    assert lines[0] == "65534 65534 65534 box"
    assert "changed" not in lines
    # No new rights by any program, and no capability left in the bounding set.
    assert lines[-1] == "1 []"


def test_the_environment_is_empty_of_secrets(runner, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "hunter2")
    shown = run(runner, "import os\nprint(sorted(os.environ))").output
    assert eval(shown) == ["HOME", "LANG", "LD_LIBRARY_PATH", "PATH", "PWD", "PYTHONHASHSEED", "TMPDIR"]


def test_a_flood_of_output_is_cut(runner):
    ended = run(runner, "print('x' * 100_000_000)")
    assert (ended.status, len(ended.output)) == ("output_cut", 10_000)
    ended = run(runner, "import os\nwhile True: os.write(2, b'y' * 4096)")
    assert (ended.status, len(ended.output)) == ("output_cut", 10_000)
    ended = run(runner, "import os\nwhile True: os.write(3, b'z' * 4096)", report=5000)
    assert (ended.status, len(ended.report)) == ("output_cut", 5000 - len(b"ready\n"))


def test_what_is_printed_can_be_stored_and_shown(runner):
    ended = run(runner, r"import os; os.write(1, b'a\xff\xfe\x00b\x1b[2Jc\r\nd'); print('\ud800\u202e', flush=True)")
    assert ended.output.encode("utf-8")
    assert ended.output.startswith("a���b�[2Jc\nd") and "\ud800" not in ended.output and "‮" not in ended.output


def test_a_crash_of_the_interpreter_is_told(runner):
    ended = run(runner, "import ctypes\nctypes.string_at(0)")
    assert (ended.status, ended.signal) == ("killed", 11)


def test_sets_come_out_in_one_order(runner):
    code = "print({'alpha', 'beta', 'gamma', 'delta'})"
    assert len({run(runner, code).output for _ in range(4)}) == 1


def test_runs_side_by_side_do_not_meet(runner):
    results = {}

    code = "import time\nopen('x', 'w').write('{n}')\ntime.sleep(0.2)\nprint(open('x').read())"

    def one(n):
        results[n] = run(runner, code.format(n=n)).output

    threads = [threading.Thread(target=one, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == {n: f"{n}\n" for n in range(4)}


@pytest.mark.parametrize("moment", range(1, 4))
def test_an_interrupted_wait_leaves_nothing(monkeypatch, moment):
    name = f"interrupted{os.getpid()}-{moment}.py"
    usual = selectors.DefaultSelector.select
    seen = []

    def select(self, timeout=None):
        seen.append(timeout)
        if len(seen) == moment:
            raise KeyboardInterrupt
        return usual(self, timeout)

    code = b"import os, time\nos.write(3, b'.')\ntime.sleep(30)"
    before = len(os.listdir("/proc/self/fd"))
    monkeypatch.setattr(selectors.DefaultSelector, "select", select)
    with pytest.raises(KeyboardInterrupt):
        Ourselves().run({name: code}, program=name, limits=Limits(wall_s=20))
    monkeypatch.undo()
    assert processes_with(name) == []
    assert len(os.listdir("/proc/self/fd")) == before


@pytest.mark.parametrize("wall_s", [0.0, 0.001, 0.003, 0.01, 0.02])
def test_a_time_that_is_up_before_anything_began_leaves_nothing(wall_s):
    name = f"early{os.getpid()}-{wall_s}.py"
    ended = Ourselves().run({name: b"import time\ntime.sleep(30)"}, program=name, limits=Limits(wall_s=wall_s))
    assert ended.status == "timed_out"
    assert processes_with(name) == []
