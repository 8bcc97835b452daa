"""The house rules of the design, each as a check."""

from __future__ import annotations

import ast
import pickle
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from tutorkit import errors

REPO = Path(__file__).resolve().parent.parent
PACKAGE = REPO / "tutorkit"
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if "versions" not in path.parts)
BROAD_ALLOWED = {"graphs/items.py", "graphs/events.py"}
HEAVY = ("openai", "anthropic", "litellm", "langgraph", "streamlit", "sqlmodel", "scipy", "torch", "pyarrow")
LAZY_ALLOWED = ("models/providers/", "graphs/engine.py", "packs/serving.py", "training/")


def relative(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def error_classes() -> list[type[errors.TutorkitError]]:
    found = [value for value in vars(errors).values() if isinstance(value, type)]
    return [kind for kind in found if issubclass(kind, errors.TutorkitError)]


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_a_module_has_at_most_400_lines_of_code(path):
    lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
    assert sum(bool(line) and not line.startswith("#") for line in lines) <= 400


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_a_function_has_at_most_60_lines(path):
    functions = [node for node in ast.walk(tree(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    long = {node.name: node.end_lineno - node.lineno + 1 for node in functions}
    # A function that is only a signature and one statement (a command, an API method) is as long as its arguments.
    bodies = {node.name: sum(not _is_docstring(inner) for inner in node.body) for node in functions}
    assert [name for name, length in long.items() if length > 60 and bodies[name] > 5] == []


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def test_except_exception_stands_where_an_items_work_and_a_listener_are_called_only():
    broad = set()
    for path in MODULES:
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.ExceptHandler):
                names = (
                    {inner.id for inner in ast.walk(node.type) if isinstance(inner, ast.Name)} if node.type else {""}
                )
                if names & {"Exception", "BaseException", ""}:
                    broad.add(relative(path))
    assert broad <= BROAD_ALLOWED


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_no_import_inside_a_function(path):
    if relative(path).startswith(LAZY_ALLOWED):
        return
    lazy = [
        inner.lineno
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for inner in ast.walk(node)
        if isinstance(inner, ast.Import | ast.ImportFrom)
    ]
    assert lazy == []


def test_only_the_engine_imports_langgraph():
    users = {
        relative(path)
        for path in MODULES
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([node.module] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names])
        if name and name.split(".")[0] == "langgraph"
    }
    assert users == {"graphs/engine.py"}


def test_importing_tutorkit_loads_nothing_heavy():
    script = f"import sys, tutorkit; print([m for m in {HEAVY!r} if m in sys.modules])"
    shown = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"


def test_public_names_resolve_at_first_use():
    package = import_module("tutorkit")
    assert set(package._HOMES) | {"__version__"} == set(package.__all__)
    for name in package.__all__:
        assert getattr(package, name) is not None
    with pytest.raises(AttributeError):
        _ = package.nothing_of_that_name


@pytest.mark.parametrize("path", [p for p in MODULES if p.name == "__init__.py"], ids=relative)
def test_what_a_package_exports_is_there(path):
    package = import_module(".".join(("tutorkit", *path.relative_to(PACKAGE).parent.parts)))
    for name in getattr(package, "__all__", []):
        assert hasattr(package, name)


@pytest.mark.parametrize("kind", error_classes(), ids=lambda kind: kind.__name__)
def test_an_error_pickles_and_ends_with_what_to_do(kind):
    if kind is errors.UnknownName:
        error = kind("task", "gsm", ["gsm8k"])
    elif kind is errors.MissingKey:
        error = kind("OpenAI", "OPENAI_API_KEY")
    elif kind is errors.MissingExtra:
        error = kind("pyarrow", "parquet", "Reading Parquet")
    elif kind is errors.UnknownPrice:
        error = kind("some/model")
    else:
        error = kind("Something happened.", data={"n": 1})
    assert error.remedy and str(error).endswith(error.remedy)
    twin = pickle.loads(pickle.dumps(error))
    assert (type(twin), str(twin), twin.data) == (kind, str(error), error.data)


def test_every_error_has_a_code_of_its_own_and_stands_in_the_drawn_tree():
    kinds = [kind for kind in error_classes() if kind is not errors.TutorkitError]
    codes = [kind.code for kind in kinds]
    assert len(set(codes)) == len(codes)
    drawn = set(re.findall(r"[├└]── (\w+)", errors.__doc__ or ""))
    assert drawn == {kind.__name__ for kind in kinds}


def test_imports_point_one_way():
    linter = Path(sys.executable).with_name("lint-imports")
    shown = subprocess.run([linter, "--no-cache"], capture_output=True, text=True, cwd=REPO, check=False)
    assert shown.returncode == 0, shown.stdout


def test_no_committed_file_names_a_package_registry():
    words = re.compile("|".join(("py" + r"pi\.org", "python" + "hosted", r"registry\." + "npm", r"deb\." + "debian")))
    listed = subprocess.run(["git", "ls-files"], capture_output=True, text=True, cwd=REPO, check=False)
    for name in listed.stdout.splitlines():
        path = REPO / name
        if path.is_file() and path.suffix not in (".gz", ".png"):
            assert not words.search(path.read_text(encoding="utf-8")), name
