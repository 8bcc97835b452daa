"""Where nothing can be contained nothing is run, and what is handed in wrongly is not taken."""

from __future__ import annotations

import io
import os
import stat
import zipfile

import pytest
from support.boxes import needs_box

from tutorkit.errors import SandboxMissing, SubmissionInvalid
from tutorkit.sandbox import Limits, Sandbox, files_of_folder, files_of_zip, readable
from tutorkit.sandbox.syscalls import filter_program


def test_without_bubblewrap_nothing_runs(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SandboxMissing, match="bubblewrap") as caught:
        Sandbox.found()
    assert "apt-get install bubblewrap" in str(caught.value)


def test_a_bubblewrap_that_cannot_contain_runs_nothing(tmp_path):
    witness = tmp_path / "ran"
    fake = tmp_path / "bwrap"
    fake.write_text("#!/bin/sh\necho 'bwrap: No permissions to create a new namespace' >&2\nexit 1\n")
    fake.chmod(0o755)
    box = Sandbox(bwrap=str(fake), python=Sandbox.__module__)
    with pytest.raises(SandboxMissing, match="No permissions to create a new namespace"):
        box.run({"p.py": f"open({str(witness)!r}, 'w')".encode()}, program="p.py")
    assert not witness.exists()


def test_a_bubblewrap_that_is_no_program_runs_nothing(tmp_path):
    broken = tmp_path / "bwrap"
    broken.write_bytes(b"\x7fELF nothing")
    broken.chmod(0o755)
    before = len(os.listdir("/proc/self/fd"))
    with pytest.raises(SandboxMissing):
        Sandbox(bwrap=str(broken), python="/usr/bin/python3").run({"p.py": b""}, program="p.py")
    assert len(os.listdir("/proc/self/fd")) == before


@needs_box
def test_an_interpreter_that_is_not_there_runs_nothing():
    box = Sandbox(bwrap=Sandbox.found().bwrap, python="/nowhere/bin/python3")
    with pytest.raises(SandboxMissing):
        box.run({"p.py": b""}, program="p.py")


def test_an_unknown_machine_is_refused():
    with pytest.raises(SandboxMissing, match="riscv64"):
        filter_program("riscv64")


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_the_filter_is_whole(machine):
    program = filter_program(machine)
    assert len(program) % 8 == 0 and len(program) // 8 < 4096
    # It ends by allowing what was not denied.
    assert program[-8:] == bytes.fromhex("060000000000ff7f")


@pytest.mark.parametrize(
    "name", ["", "/etc/x", "../x", "a/../../x", "a//b", "./x", "a\\b", "a\nb", "a\x00b", "x" * 300]
)
def test_names_that_lead_out_are_refused(name):
    ended = Sandbox(bwrap="/nowhere", python="/nowhere").run({"p.py": b"", name: b""}, program="p.py")
    assert ended.status == "refused" and ended.why


def test_too_much_is_refused():
    box = Sandbox(bwrap="/nowhere", python="/nowhere")
    assert box.run({"p.py": b"x" * 11}, program="p.py", limits=Limits(source=10)).status == "refused"
    assert box.run({f"{n}.py": b"" for n in range(65)}, program="0.py").status == "refused"
    assert box.run({"p.py": b""}, program="q.py").status == "refused"


def packed(*entries, **how):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content, mode in entries:
            info = zipfile.ZipInfo(name)
            info.external_attr = mode << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, content)
    return held.getvalue()


def test_a_zip_of_files_is_taken():
    plain = packed(("a.py", b"1", stat.S_IFREG | 0o644), ("sub/", b"", stat.S_IFDIR | 0o755), ("sub/b.py", b"2", 0))
    assert files_of_zip(plain) == {"a.py": b"1", "sub/b.py": b"2"}


@pytest.mark.parametrize(
    ("archive", "what"),
    [
        (packed(("a.py", b"/etc/shadow", stat.S_IFLNK | 0o777)), "link"),
        (packed(("../a.py", b"1", 0)), "name"),
        (packed(("/a.py", b"1", 0)), "name"),
        (packed(("a.py", bytes(50_000_000), 0)), "larger than"),
        (packed(*((f"{n}.py", b"", 0) for n in range(70))), "more than"),
        (b"PK\x03\x04 nothing", "cannot be read"),
        (packed(("a.py", b"1" * 1000, 0))[:-30], "cannot be read"),
        (b"", "cannot be read"),
    ],
)
def test_other_archives_are_refused(archive, what):
    with pytest.raises(SubmissionInvalid, match=what):
        files_of_zip(archive)


def test_an_archive_that_lies_about_its_size_is_cut_short():
    honest = packed(("a.py", bytes(3_000_000), 0))
    lying = honest.replace((3_000_000).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    with pytest.raises(SubmissionInvalid):
        files_of_zip(lying)


def test_a_folder_is_read_without_its_links(tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a.py").write_text("1")
    assert files_of_folder(tmp_path) == {"sub/a.py": b"1"}
    (tmp_path / "sub" / "link.py").symlink_to("/etc/passwd")
    with pytest.raises(SubmissionInvalid, match="link"):
        files_of_folder(tmp_path)


def test_pipes_and_floods_in_a_folder_are_refused(tmp_path):
    (tmp_path / "big").write_bytes(bytes(2_000_000))
    with pytest.raises(SubmissionInvalid, match="larger"):
        files_of_folder(tmp_path)
    (tmp_path / "big").unlink()
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(SubmissionInvalid, match="no file"):
        files_of_folder(tmp_path)


def test_readable_text_keeps_what_is_text():
    assert readable("é\tx\ny 漢 🙂") == "é\tx\ny 漢 🙂"
    assert readable("a\r\nb\rc") == "a\nb\nc"
