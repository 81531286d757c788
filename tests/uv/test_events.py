import pytest

from headstart.core.progress import Phase, Progress
from headstart.uv.events import EventReader


@pytest.mark.parametrize(
    "line, event",
    [
        ("Resolved 18 packages in 504ms", Progress(Phase.RESOLVE, "Resolved 18 packages", 18, 18)),
        ("Prepared 1 package in 3ms", Progress(Phase.DOWNLOAD, "Prepared 1 package", 1, 1)),
        ("Installed 2 packages in 1ms", Progress(Phase.INSTALL, "Installed 2 packages", 2, 2)),
        ("Bytecode compiled 42 files in 1s", Progress(Phase.COMPILE, "Compiled 42 files")),
        (" + alpha==1.0", None),
        ("warning: something else", None),
    ],
)
def test_a_line_becomes_the_event_it_stands_for(line, event):
    assert EventReader().read(line) == event


def test_downloads_are_counted():
    reader = EventReader()
    assert reader.read("Downloading numpy (16.1MiB)") == Progress(
        Phase.DOWNLOAD, "Downloading numpy (16.1 MiB)", 0, 1, 16_882_073, 0, 16_882_073
    )
    reader.read("Downloading pandas (512.0KiB)")
    assert reader.read(" Downloaded numpy") == Progress(
        Phase.DOWNLOAD, "Downloaded numpy", 1, 2, 0, 16_882_073, 16_882_073 + 512 * 1024
    )


def test_with_the_sizes_of_all_the_counts_are_of_all() -> None:
    reader = EventReader({"numpy": 16_900_000, "pandas": 500_000, "six": 10_000, "local": 0})
    seen = [
        reader.read("Downloading numpy (16.1MiB)"),
        reader.read(" Downloaded numpy"),
        reader.read("Downloading local (1.0MiB)"),
        reader.read("Prepared 4 packages in 3s"),
        reader.read("Installed 4 packages in 3ms"),
    ]
    assert [(it.done, it.total) for it in seen] == [(0, 4), (1, 4), (1, 4), (4, 4), (4, 4)]
    total = 17_410_000 + (1 << 20)
    assert [(it.bytes_done, it.bytes_total) for it in seen] == [
        (0, 17_410_000),
        (16_900_000, 17_410_000),
        (16_900_000, total),
        (total, total),
        (total, total),
    ]
