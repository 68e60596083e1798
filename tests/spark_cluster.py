"""A standalone Spark cluster of one master and two workers on this machine, for a test session.

Every port is chosen by the system, everything it writes lies in a folder of its own, and nothing
is fetched from the network. It waits for what the daemons say in their logs, never for time.
"""

from __future__ import annotations

import os
import queue
import re
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

_PATIENCE = 90  # seconds; a start takes three to ten
_MASTER_UP = re.compile(r"Starting Spark master at (spark://\S+)")
_WORKER_IN = re.compile(r"Successfully registered with master")


@dataclass(frozen=True, slots=True)
class SparkCluster:
    """A running cluster: the address of its master, and a folder that all of it can read."""

    master: str
    """`spark://127.0.0.1:port`"""
    folder: Path

    def url(self, folder: Path, *, quick: bool = True) -> str:
        """The address of a warehouse in `folder`, for ENISHI_WAREHOUSE; small executors.

        `quick`: plans are interpreted, not compiled, which for small tables takes half the time.
        """
        java = "-XX:+UseSerialGC -XX:TieredStopAtLevel=1"
        options = {
            "spark.executor.memory": "600m",
            "spark.executor.cores": "1",
            "spark.cores.max": "2",
            "spark.driver.extraJavaOptions": java,
            "spark.executor.extraJavaOptions": java,
        }
        if quick:
            options |= {
                "spark.sql.adaptive.enabled": "false",
                "spark.sql.codegen.wholeStage": "false",
                "spark.sql.codegen.factoryMode": "NO_CODEGEN",
                "spark.sql.shuffle.partitions": "1",
            }
        return f"{self.master}{folder}?{urlencode(options)}"


class _Daemon:
    """A master or worker, its log read line by line as it comes."""

    def __init__(self, home: Path, log: Path, *arguments: str) -> None:
        log.parent.mkdir(parents=True, exist_ok=True)
        environment = os.environ | {
            "SPARK_HOME": str(home),
            "SPARK_LOCAL_IP": "127.0.0.1",
            "SPARK_CONF_DIR": str(log.parent),  # whatever the machine configures is not ours
            "SPARK_DAEMON_MEMORY": "256m",
            "SPARK_DAEMON_JAVA_OPTS": "-Dspark.master.rest.enabled=false"
            " -XX:+UseSerialGC -XX:TieredStopAtLevel=1",
        }
        self._lines: queue.Queue[str | None] = queue.Queue()
        self.log = log
        self.process = subprocess.Popen(
            [str(home / "bin" / "spark-class"), *arguments],
            env=environment,
            cwd=log.parent,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.log.open("w") as log:
            for line in self.process.stdout:
                log.write(line)
                log.flush()
                self._lines.put(line)
        self._lines.put(None)

    def wait_for(self, pattern: re.Pattern[str]) -> re.Match[str]:
        """The first line that matches. Fails with the log when the daemon ends or is mute."""
        while True:
            try:
                line = self._lines.get(timeout=_PATIENCE)
            except queue.Empty:
                line = None
            if line is None:
                raise AssertionError(f"Spark did not start:\n{self.log.read_text()[-4000:]}")
            found = pattern.search(line)
            if found is not None:
                return found

    def stop(self) -> None:
        """End it; a worker ends its executors first."""
        self.process.terminate()
        try:
            self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._reader.join()
        assert self.process.stdout is not None
        self.process.stdout.close()


@contextmanager
def spark_cluster(folder: Path, *, workers: int = 2, cores: int = 4) -> Iterator[SparkCluster]:
    """Start the cluster, end it with the block; `folder` takes its logs and work files.

    A worker offers more cores than it has, so that several applications (the tests' own, a served
    workspace) find room beside each other.
    """
    import pyspark

    assert pyspark.__file__ is not None
    home = Path(pyspark.__file__).parent
    ephemeral = ("--host", "127.0.0.1", "--port", "0", "--webui-port", "0")
    daemons: list[_Daemon] = []
    try:
        main = "org.apache.spark.deploy.master.Master"
        daemons.append(_Daemon(home, folder / "master" / "log.txt", main, *ephemeral))
        master = daemons[0].wait_for(_MASTER_UP)[1]
        for number in range(workers):
            place = folder / f"worker{number}"
            daemons.append(
                _Daemon(
                    home,
                    place / "log.txt",
                    "org.apache.spark.deploy.worker.Worker",
                    *ephemeral,
                    *("--cores", str(cores), "--memory", f"{cores}g"),
                    *("--work-dir", str(place), master),
                )
            )
        for daemon in daemons[1:]:
            daemon.wait_for(_WORKER_IN)
        yield SparkCluster(master, folder)
    finally:
        for daemon in reversed(daemons):
            daemon.stop()
