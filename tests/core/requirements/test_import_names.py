import pytest

from headstart.core.requirements.import_names import MAX_NAMES, import_names


@pytest.mark.parametrize(
    "name, files, names",
    [
        ("numpy", ["numpy/__init__.py", "numpy/core/__init__.py", "numpy.libs/a.so"], ["numpy"]),
        ("six", ["six.py", "six-1.dist-info/RECORD", "__pycache__/six.cpython-311.pyc"], ["six"]),
        ("pyzmq", ["zmq/__init__.py", "../../../bin/tool.py"], ["zmq"]),
        ("cffi", ["cffi/__init__.py", "_cffi_backend.cpython-311-x86_64-linux-gnu.so"], ["cffi"]),
        ("backend", ["_cffi_backend.abi3.so"], ["_cffi_backend"]),
        ("fast", ["fast/__init__.cpython-311-x86_64-linux-gnu.so"], ["fast"]),
        ("fast", ["fast.pyd"], ["fast"]),
        ("attrs", ["attr/__init__.py", "attrs/__init__.py"], ["attrs", "attr"]),
        ("a", ["google/cloud/a/__init__.py", "google/cloud/a/b.py"], ["google.cloud.a"]),
        ("a", ["a/__init__.py", "tests/test_a.py", "docs/conf.py", "setup.py"], ["a"]),
        ("tests", ["tests/__init__.py"], ["tests"]),
        ("types-a", ["a-stubs/__init__.pyi"], []),
        ("a", ["a/class.py", "a/__main__.py", "b-c.py", "__pycache__/a.py"], []),
        ("empty", [], []),
    ],
)
def test_names_are_those_of_the_modules_that_record_lists(name, files, names):
    assert import_names(name, files) == tuple(names)


def test_top_level_says_which_of_them_are_meant():
    files = ["yaml/__init__.py", "_yaml/__init__.py", "helper.py"]
    assert import_names("pyyaml", files, "_yaml\nyaml\n") == ("yaml",)
    assert import_names("pyyaml", files, "gone\n") == ("helper", "yaml")


def test_names_that_the_metadata_declares_count_alone():
    files = ["a/__init__.py", "b/__init__.py"]
    assert import_names("a", files, declared=["b", "a ; private"]) == ("b",)
    assert import_names("a", files, declared=[""]) == ()


def test_a_namespace_of_hundreds_is_not_imported_as_a_whole():
    files = [f"azure/part{number}/__init__.py" for number in range(500)]
    assert len(import_names("azure", files)) == MAX_NAMES


def test_deep_folders_end():
    assert import_names("deep", ["/".join("a" * 200) + "/b.py"]) == ()
