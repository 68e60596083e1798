"""The Spark application of this process: started when first needed, shared by every engine in it.

A Python process has one Spark application at a time, so engines over several folders of the same
master share one. It ends with the process, or when another master is asked for.

The address of a warehouse names the master and takes Spark's own settings as options:

    spark://host:7077/srv/enishi?spark.cores.max=16&spark.executor.memory=8g
    spark://local/srv/enishi        no cluster: this machine, all its cores (`spark://local:2/…`: 2)
"""

from __future__ import annotations

import atexit
import logging
import os
import shutil
import socket
import subprocess
import tempfile
import threading
import time
import warnings
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from enishi.kernel.errors import Conflict, Unavailable
from enishi.kernel.text import Text
from enishi.warehouse.engine import EngineUrl

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

SETTINGS: Mapping[str, str] = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.timestampType": "TIMESTAMP_NTZ",
    "spark.sql.ansi.enabled": "true",  # what does not fit is an error, never a silent NULL
    # Without these two, a comparison of DECIMAL(38,2) with DECIMAL(38,8) drops six places.
    "spark.sql.decimalOperations.allowPrecisionLoss": "false",
    "spark.sql.legacy.decimal.retainFractionDigitsOnTruncate": "true",
    "spark.sql.parquet.datetimeRebaseModeInRead": "CORRECTED",
    "spark.sql.parquet.datetimeRebaseModeInWrite": "CORRECTED",
    "spark.sql.parquet.compression.codec": "zstd",
    "spark.sql.variable.substitute": "false",  # `${…}` in a text is a text
}
"""What SQL means in a session of Enishi; set on each session, whatever the cluster configures."""

_APPLICATION: Mapping[str, str] = {
    "spark.app.name": "enishi",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.driver.maxResultSize": "0",  # a million ids are an ordinary answer
    "spark.sql.catalogImplementation": "in-memory",
    "spark.hadoop.mapreduce.fileoutputcommitter.marksuccessfuljobs": "false",
}
_AT_LAUNCH = ("spark.driver.memory", "spark.driver.extraJavaOptions", "spark.driver.extraClassPath")
_LOOPBACK = ("127.", "localhost")
_REACHED_WITHIN = 5.0  # seconds for the master to take a connection
_WORKERS_WITHIN = 60.0  # seconds for the first executor to come
_TELLS_SQL = ("SQLQueryContextLogger", "DataFrameQueryContextLogger")


@dataclass(frozen=True, slots=True)
class Application:
    """What an address asks for: a master, and Spark's settings beyond Enishi's own."""

    host: str
    port: int | None
    settings: tuple[tuple[str, str], ...] = ()

    @property
    def local(self) -> bool:
        return self.host == "local"

    @property
    def master(self) -> str:
        if self.local:
            return f"local[{self.port or '*'}]"
        return f"spark://{self.host}:{self.port or 7077}"

    def configuration(self, scratch: str) -> dict[str, str]:
        """Every setting of the application; `scratch` is a folder Spark may write to."""
        found = {**_APPLICATION, **SETTINGS, "spark.sql.warehouse.dir": scratch}
        if self.local or self.host.startswith(_LOOPBACK):
            found |= {
                "spark.driver.host": "127.0.0.1",
                "spark.driver.bindAddress": "127.0.0.1",
            }
        return found | dict(self.settings)


def application(url: EngineUrl) -> Application:
    """The application behind a warehouse's address."""
    own = {name: value for name, value in url.options.items() if name.startswith("spark.")}
    return Application(url.host, url.port, tuple(sorted(own.items())))


class _Process:
    """What this process has running."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.application: Application | None = None
        self.context: Any = None
        self.session: SparkSession | None = None
        self.engines = 0
        self.scratch: tempfile.TemporaryDirectory[str] | None = None


_process = _Process()


def attach(wanted: Application) -> None:
    """Count one more engine that uses the application, and start it if nothing runs.

    Raises ImportError without pyspark, Conflict `spark_other_master` while engines of another
    master are open, Unavailable `engine_missing` (no Java), `engine_unreachable`.
    """
    import pyspark  # noqa: F401  its absence is told before anything is tried

    with _process.lock:
        if _process.engines and _process.application != wanted:
            known = _process.application
            assert known is not None
            if known.master != wanted.master:
                raise _other_master(known.master)
        else:
            _process.application = wanted
        session()
        _process.engines += 1


def detach() -> None:
    """Count one engine less. The application stays, for the next."""
    with _process.lock:
        _process.engines = max(0, _process.engines - 1)


def session() -> SparkSession:
    """The running session; started anew where Spark has ended it (a master that went away).

    Only between `attach` and `detach`. Raises as `attach`.
    """
    with _process.lock:
        wanted = _process.application
        assert wanted is not None
        if _process.session is None or not alive() or _process.context.master != wanted.master:
            stop()
            _process.application = wanted
            _start(wanted)
        assert _process.session is not None
        return _process.session


def stop() -> None:
    """End the application of this process, if one runs."""
    with _process.lock:
        context, _process.context, _process.session = _process.context, None, None
        if context is not None:
            with suppress(Exception):  # the other side may be gone already: nothing to end
                context.stop()
        if _process.scratch is not None:
            _process.scratch.cleanup()
            _process.scratch = None


def alive() -> bool:
    """Whether the application runs."""
    try:
        return not _process.context._jsc.sc().isStopped()
    except Exception:  # the gateway itself has gone
        return False


def _start(wanted: Application) -> None:
    from pyspark import SparkConf, SparkContext
    from pyspark.sql import SparkSession

    _quiet()
    if not wanted.local:
        refuse_unreachable(wanted)
    _process.scratch = tempfile.TemporaryDirectory(prefix="enishi-spark-")
    settings = wanted.configuration(_process.scratch.name) | {"spark.master": wanted.master}
    conf = SparkConf(loadDefaults=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        _launch(settings)
        for name, value in settings.items():
            conf.set(name, value)
        try:
            context = SparkContext(conf=conf)
        except Exception as error:
            raise _unreachable(wanted.master, type(error).__name__) from error
        context.setLogLevel("OFF")
        _process.context, _process.session = context, SparkSession(context)
        for name, value in SETTINGS.items():
            _process.session.conf.set(name, value)
    atexit.unregister(stop)
    atexit.register(stop)
    try:
        _await_workers(wanted)
    except BaseException:
        stop()
        raise
    if "spark.sql.shuffle.partitions" not in dict(wanted.settings):
        tasks = max(2, context.defaultParallelism)
        _process.session.conf.set("spark.sql.shuffle.partitions", str(tasks))


def _launch(settings: Mapping[str, str]) -> None:
    """Start the JVM, unless it runs. Secrets reach it later, by its socket, not by its arguments.

    What it prints is kept from the terminal: a failing task would print values of rows.
    """
    from pyspark import SparkConf, SparkContext
    from pyspark.java_gateway import launch_gateway

    gateway = SparkContext._gateway
    if gateway is not None:
        process = getattr(gateway, "proc", None)
        if process is None or process.poll() is None:
            return
        SparkContext._gateway = SparkContext._jvm = None  # it has died: a new one is started
    refuse_without_java()
    conf = SparkConf(loadDefaults=False)
    for name in _AT_LAUNCH:
        if name in settings:
            conf.set(name, settings[name])
    silent: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    try:
        gateway = launch_gateway(conf, silent)  # type: ignore[no-untyped-call]  # PySpark's own
    except Exception as error:
        raise _no_java() from error
    SparkContext._ensure_initialized(gateway=gateway, conf=conf)


def _quiet() -> None:
    """PySpark writes failed statements to stderr, with whatever stands in them."""
    for name in _TELLS_SQL:
        logging.getLogger(name).disabled = True
    logging.getLogger("py4j").setLevel(logging.ERROR)


def _await_workers(wanted: Application) -> None:
    """Wait until the master has given the application a worker; without one, questions hang."""
    if wanted.local:
        return
    context = _process.context
    tracker = context._jsc.sc().statusTracker()
    until = time.monotonic() + _WORKERS_WITHIN
    while len(tracker.getExecutorInfos()) < 2:  # the driver itself is one of them
        if context._jsc.sc().isStopped() or time.monotonic() > until:
            raise _no_workers(wanted.master)
        time.sleep(0.1)


def refuse_unreachable(wanted: Application) -> None:
    """Raise Unavailable `engine_unreachable` at once, where Spark itself would try for a minute."""
    try:
        with socket.create_connection((wanted.host, wanted.port or 7077), _REACHED_WITHIN):
            pass
    except OSError as error:
        raise _unreachable(wanted.master, error.strerror or type(error).__name__) from error


def refuse_without_java() -> None:
    """Raise Unavailable `engine_missing` where there is no Java to start."""
    home = os.environ.get("JAVA_HOME")
    if home and (Path(home) / "bin" / "java").exists():
        return
    if home or shutil.which("java") is None:
        raise _no_java()


def _no_java() -> Unavailable:
    return Unavailable(
        Text("Spark に必要な Java が見つからないか、起動しません。",
             "Java, which Spark needs, is not there or does not start."),
        Text("Java 17 以降を入れ(例: apt-get install openjdk-17-jre-headless)、"
             "JAVA_HOME を確かめてください。",
             "Install Java 17 or newer (apt-get install openjdk-17-jre-headless) and check"
             " JAVA_HOME."),
        code="engine_missing",
    )  # fmt: skip


def _unreachable(master: str, reason: str) -> Unavailable:
    return Unavailable(
        Text(f"Spark のマスター {master} に接続できません。",
             f"The Spark master {master} cannot be reached."),
        Text("マスターが動いているか、倉庫の URL とネットワークを確かめてください。",
             "Check that it runs, the warehouse's URL and the network."),
        code="engine_unreachable",
        detail={"reason": reason},
    )  # fmt: skip


def _no_workers(master: str) -> Unavailable:
    return Unavailable(
        Text(f"Spark のマスター {master} に、空いているワーカーがありません。",
             f"The Spark master {master} has no worker free for Enishi."),
        Text("ワーカーの数と空きコア・メモリを確かめるか、倉庫の URL に"
             " spark.executor.memory や spark.cores.max を書いて小さくしてください。",
             "Check its workers, their free cores and memory, or ask for less in the warehouse's"
             " URL: spark.executor.memory, spark.cores.max."),
        code="engine_unreachable",
        detail={"reason": "no executor"},
    )  # fmt: skip


def _other_master(master: str) -> Conflict:
    return Conflict(
        Text(f"このプロセスはすでに別の Spark マスター({master})を使っています。",
             f"This process already uses another Spark master ({master})."),
        Text("そちらを閉じてから開くか、別のプロセスで開いてください。",
             "Close what uses it first, or open this one in another process."),
        code="spark_other_master",
    )  # fmt: skip
