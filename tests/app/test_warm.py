"""Kernels forked from a process that has imported the course: as those of their own in all that can be seen."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.manager import KernelManager

from rnnviz.app import warm
from rnnviz.app.kernels import OwnPython

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="kernels are forked on Linux only"
)


def wait_until(true: Callable[[], bool], seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


def lives(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    except FileNotFoundError:
        return False


@pytest.fixture(scope="module")
def nursery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[subprocess.Popen[bytes]]:
    place = tmp_path_factory.mktemp("nursery") / "line"
    command = [sys.executable, "-m", "rnnviz.app.warm.nursery", str(place)]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as process, pytest.MonkeyPatch.context() as patch:
        wait_until(place.exists, 120)
        patch.setenv(warm.NURSERY, str(place))
        yield process
        process.communicate(timeout=20)
    assert process.returncode == 0


class Kernel:
    """A kernel that is started, asked and stopped as Jupyter does it."""

    def __init__(self, **options: Any) -> None:
        self.manager = KernelManager(kernel_spec_manager=OwnPython(**options))
        self.manager.start_kernel()
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=60)

    def run(self, code: str) -> str:
        """Run some code and return what it printed, or the name of its error."""
        said: list[str] = []

        def hear(message: dict[str, Any]) -> None:
            said.append(message["content"].get("text") or message["content"].get("ename") or "")

        self.client.execute_interactive(code, timeout=60, output_hook=hear)
        return "".join(said).strip()

    def stop(self) -> None:
        self.client.stop_channels()
        if self.manager.has_kernel:
            self.manager.shutdown_kernel(now=True)


@pytest.fixture
def kernel(nursery: subprocess.Popen[bytes]) -> Iterator[Kernel]:
    kernel = Kernel()
    yield kernel
    kernel.stop()


def test_torch_is_there_and_nothing_of_another_kernel(kernel: Kernel) -> None:
    assert (
        kernel.run("import sys; print('torch' in sys.modules, 'rnnviz_widgets' in sys.modules)")
        == "True True"
    )
    assert kernel.run(
        "import torch; x = 1; print(torch.initial_seed(), torch.get_num_threads() > 0)"
    ).endswith("True")
    other = Kernel()
    try:
        assert other.run("print(x)") == "NameError"
        pick = "import numpy, random, tempfile; print(numpy.random.random(), random.random())"
        assert kernel.run(pick) != other.run(pick)
        assert kernel.run("print(__name__)") == "__main__"
    finally:
        other.stop()


def test_it_has_the_folder_and_the_environment_of_who_asked(
    nursery: subprocess.Popen[bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RNNVIZ_TRIED", "here")
    monkeypatch.chdir(tmp_path)
    kernel = Kernel()
    try:
        where = kernel.run("import os; print(os.getcwd(), os.environ['RNNVIZ_TRIED'])")
        assert where == f"{tmp_path.resolve()} here"
    finally:
        kernel.stop()


def test_widgets_open_their_lines(kernel: Kernel) -> None:
    made = "import rnnviz_widgets as rw; c = rw.Cursor(); print(type(c.comm).__module__)"
    assert kernel.run(made).startswith("ipykernel.")
    targets = "print(sorted(get_ipython().kernel.comm_manager.targets))"
    assert kernel.run(targets) == "['jupyter.widget', 'jupyter.widget.control']"


def test_it_can_be_interrupted_and_goes_on(kernel: Kernel) -> None:
    sent: list[str] = []
    kernel.client.execute("import time\nfor k in range(600): time.sleep(0.1)")
    wait_until(lambda: kernel.client.get_iopub_msg(timeout=30)["content"].get("execution_state") == "busy")
    time.sleep(0.5)
    kernel.manager.interrupt_kernel()

    def interrupted() -> bool:
        message = kernel.client.get_iopub_msg(timeout=30)
        sent.append(message["content"].get("ename", ""))
        return "KeyboardInterrupt" in sent

    wait_until(interrupted)
    # What was asked while it broke off is not run, in any kernel.
    wait_until(lambda: kernel.run("print(1 + 1)") == "2")


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM])
def test_what_ends_the_stand_in_ends_the_kernel(kernel: Kernel, end: signal.Signals) -> None:
    pid = int(kernel.run("import os; print(os.getpid())"))
    stand_in = kernel.manager.provisioner.process.pid  # type: ignore[union-attr, attr-defined]
    assert lives(pid)
    assert pid != stand_in
    os.kill(stand_in, end)
    wait_until(lambda: not lives(pid))


def test_a_kernel_that_dies_is_seen_to_be_dead(kernel: Kernel) -> None:
    kernel.client.execute("import os; os.kill(os.getpid(), 9)")
    wait_until(lambda: not kernel.manager.is_alive())
    assert kernel.manager.provisioner.process.returncode == -9  # type: ignore[union-attr, attr-defined]
    kernel.manager.restart_kernel(now=True)
    kernel.client.wait_for_ready(timeout=60)
    assert kernel.run("print(2)") == "2"


def test_a_line_that_ends_after_its_kernel_was_buried_disturbs_nobody() -> None:
    code = (
        "import socket\n"
        "from rnnviz.app.warm.nursery import Nursery\n"
        "nursery = Nursery(socket.socket())\n"
        "nursery.end(2**22 + 1)\n"
        "print(nursery.kernels)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "{}"


def test_what_a_kernel_started_ends_with_it(kernel: Kernel) -> None:
    child = int(kernel.run("import subprocess; print(subprocess.Popen(['sleep', '600']).pid)"))
    assert lives(child)
    kernel.stop()
    wait_until(lambda: not lives(child))


def test_a_kernel_that_must_have_imported_nothing_has_not(nursery: subprocess.Popen[bytes]) -> None:
    kernel = Kernel(warm=False)
    try:
        assert kernel.run("import sys; print('torch' in sys.modules)") == "False"
    finally:
        kernel.stop()


def test_without_a_nursery_the_stand_in_becomes_a_kernel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(warm.NURSERY, str(tmp_path / "not there"))
    kernel = Kernel()
    try:
        assert kernel.run("import sys; print('torch' in sys.modules)") == "False"
    finally:
        kernel.stop()


def test_a_nursery_ends_with_what_started_it_and_takes_its_kernels_along(tmp_path: Path) -> None:
    code = (
        "import os, time\n"
        "from rnnviz.app import warm\n"
        "warm.start_nursery()\n"
        "while not os.path.exists(os.environ[warm.NURSERY]): time.sleep(0.05)\n"
        "print(os.environ[warm.NURSERY], flush=True)\n"
        "time.sleep(600)\n"
    )
    environment = {name: value for name, value in os.environ.items() if name != warm.NURSERY}
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, env=environment
    ) as server:
        assert server.stdout
        place = server.stdout.readline().strip()
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv(warm.NURSERY, place)
            kernel = Kernel()
        pid = int(kernel.run("import os; print(os.getpid())"))
        server.kill()
    wait_until(lambda: not lives(pid))
    wait_until(lambda: not kernel.manager.is_alive())
    wait_until(lambda: not Path(place).parent.exists())
    kernel.stop()
