"""Language host: runs a Pulumi program written in Python.

Pulumi's own host is a binary that no package registry carries, but the `pulumi` package has a language server
for inline programs. This process serves that one for the program in the project's directory. The engine
starts it with its own address as the last argument, reads the port from the first line of standard output and
shows everything after that.
"""

from __future__ import annotations

import json
import os
import runpy
import signal
import sys
import threading
import traceback
from concurrent import futures
from pathlib import Path
from typing import Any

import grpc  # type: ignore[import-untyped]
from google.protobuf import empty_pb2  # type: ignore[import-untyped]
from pulumi import RunError
from pulumi.automation._server import LanguageServer
from pulumi.runtime._grpc_settings import _GRPC_CHANNEL_OPTIONS
from pulumi.runtime.proto import language_pb2, language_pb2_grpc, plugin_pb2

INTERRUPTED = (signal.SIGINT, signal.SIGTERM)


class LanguageHost(LanguageServer):
    """The language server of the `pulumi` package, for a program in a directory."""

    def __init__(self, engine_address: str) -> None:
        """Serve the engine that listens on `engine_address`."""
        super().__init__(program=self._run_program)
        self._engine_address = engine_address
        self._directory = Path.cwd()
        self._entry_point = "."

    def Handshake(self, request: Any, context: Any) -> language_pb2.LanguageHandshakeResponse:
        """Accept the engine's greeting, which tells nothing that `Run` does not tell again."""
        return language_pb2.LanguageHandshakeResponse()

    def Cancel(self, request: Any, context: Any) -> empty_pb2.Empty:
        """Accept; the engine closes its resource monitor next, which ends the program."""
        return empty_pb2.Empty()

    def GetRequiredPackages(self, request: Any, context: Any) -> language_pb2.GetRequiredPackagesResponse:
        """Name the installed Pulumi packages, so that a missing plugin is told before the program runs."""
        return language_pb2.GetRequiredPackagesResponse(packages=required_packages(sys.path))

    def Run(self, request: Any, context: Any) -> language_pb2.RunResponse:
        """Run the program; its errors have reached the engine's log before this returns."""
        self._directory = Path(request.info.program_directory or request.pwd)
        self._entry_point = request.info.entry_point or "."
        fault = self._interpreter_fault(request.info)
        if fault:
            return language_pb2.RunResponse(error=fault)
        sys.argv = [str(self._directory / self._entry_point), *request.args]
        # Where inline programs have their arguments, the server looks for the engine's address.
        request.args[:] = [self._engine_address]
        answer = super().Run(request, context)  # type: ignore[no-untyped-call]
        # "Bail" means failed and already reported: passing the text on would show it a second time.
        return language_pb2.RunResponse(bail=True) if answer.error else language_pb2.RunResponse()

    def _interpreter_fault(self, info: Any) -> str:
        if "virtualenv" not in info.options.fields:
            return ""
        wanted = (Path(info.root_directory) / info.options.fields["virtualenv"].string_value).resolve()
        if wanted == Path(sys.prefix).resolve():
            return ""
        return (
            f"Pulumi.yaml asks for the virtual environment {wanted}, but this pulumi command belongs to "
            f"{sys.prefix}, so the program was not run. Run {wanted / 'bin' / 'pulumi'} instead; if it is "
            f"missing, run {wanted / 'bin' / 'python'} -m toolchain install"
        )

    def _run_program(self) -> None:
        os.chdir(self._directory)
        # Not left to runpy, which takes the folder away when the module ends: outputs resolve after that.
        sys.path.insert(0, str(self._directory))
        try:
            runpy.run_path(str(self._directory / self._entry_point), run_name="__main__")
        except RunError:
            raise
        except Exception as error:
            told = f"Program failed with an unhandled exception:\n{readable_traceback(error)}"
            raise RunError(told) from error


def readable_traceback(error: BaseException) -> str:
    """Format a traceback without the frames of this host and of runpy above the program's first."""
    frames = error.__traceback__
    hosts = (__file__, runpy.__file__, "<frozen runpy>")
    while frames is not None and frames.tb_next is not None and frames.tb_frame.f_code.co_filename in hosts:
        frames = frames.tb_next
    return "".join(traceback.format_exception(type(error), error, frames)).rstrip()


def required_packages(search_path: list[str]) -> list[plugin_pb2.PackageDependency]:
    """Read the `pulumi-plugin.json` of every package on the search path that wraps a resource plugin."""
    packages = []
    for folder in dict.fromkeys(search_path):
        for declaration in sorted(Path(folder or ".").glob("*/pulumi-plugin.json")):
            plugin = json.loads(declaration.read_text(encoding="utf-8"))
            if plugin.get("resource"):
                packages.append(
                    plugin_pb2.PackageDependency(
                        name=plugin.get("name") or declaration.parent.name.removeprefix("pulumi_"),
                        kind="resource",
                        version=plugin.get("version", ""),
                        server=plugin.get("server", ""),
                    )
                )
    return packages


def main() -> None:
    """Serve until the engine interrupts this process or is gone."""
    # Beside this script and not in a package: it runs where there is none.
    from lifeline import end_with_engine  # type: ignore[import-not-found]

    end_with_engine()
    stopped = threading.Event()
    for number in INTERRUPTED:
        signal.signal(number, lambda *_: stopped.set())
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=4), options=_GRPC_CHANNEL_OPTIONS)
    language_pb2_grpc.add_LanguageRuntimeServicer_to_server(LanguageHost(sys.argv[-1]), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(port, flush=True)
    stopped.wait()
    server.stop(grace=None)
    sys.stdout.flush()
    sys.stderr.flush()
    # Not a return, which would wait for the thread of a program that still runs.
    os._exit(0)


if __name__ == "__main__":
    main()
