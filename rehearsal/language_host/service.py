"""The calls that the engine makes to a language host."""

import json
import os
import subprocess
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any, NoReturn

import grpc
from google.protobuf.empty_pb2 import Empty
from google.protobuf.json_format import MessageToDict
from pulumi.runtime.proto import language_pb2, language_pb2_grpc, plugin_pb2

from rehearsal.language_host import dependencies, packages, runtime_options
from rehearsal.language_host.output import streamed
from rehearsal.language_host.processes import Processes
from rehearsal.language_host.program import SHOWN_TO_USER
from rehearsal.language_host.runtime_options import OptionError, RuntimeOptions

_PROGRAM = Path(__file__).with_name("program.py")


@contextmanager
def _explained(context: grpc.ServicerContext) -> Iterator[None]:
    """Turns what the user can put right into a gRPC status, whose text is all that the engine shows."""
    try:
        yield
    except (OptionError, OSError, subprocess.CalledProcessError) as error:
        context.abort(grpc.StatusCode.FAILED_PRECONDITION, str(error))


class LanguageHost(language_pb2_grpc.LanguageRuntimeServicer):
    """Runs Python programs and plugins for one engine."""

    def __init__(self, engine: str, processes: Processes) -> None:
        self._engine = engine
        self._processes = processes

    def Handshake(
        self, request: language_pb2.LanguageHandshakeRequest, context: grpc.ServicerContext
    ) -> language_pb2.LanguageHandshakeResponse:
        self._engine = request.engine_address
        return language_pb2.LanguageHandshakeResponse()

    def GetPluginInfo(self, request: Empty, context: grpc.ServicerContext) -> plugin_pb2.PluginInfo:
        return plugin_pb2.PluginInfo(version=version("pulumi"))

    def Run(self, request: language_pb2.RunRequest, context: grpc.ServicerContext) -> language_pb2.RunResponse:
        with _explained(context):
            options = _options(request.info)
            complaint = dependencies.type_errors(options, request.info.program_directory)
            if complaint:
                return language_pb2.RunResponse(error=complaint)
            if request.attach_debugger:
                return language_pb2.RunResponse(
                    error="This language host cannot attach a debugger; the official CLI's can."
                )
            child = self._processes.start(
                [options.interpreter(), str(_PROGRAM), json.dumps(self._run(request))],
                folder=None,
                environment=os.environ | _configuration(request),
            )
            self._stop_with(context, child)
            status = self._processes.wait(child)
            if status == SHOWN_TO_USER:
                return language_pb2.RunResponse(bail=True)
            # The official host reports a signal as -1.
            failed = f"program exited with non-zero exit code: {max(status, -1)}" if status else ""
            return language_pb2.RunResponse(error=failed)

    def _stop_with(self, context: grpc.ServicerContext, child: subprocess.Popen[bytes]) -> None:
        """Stops a child that still runs when the engine gives up the call."""
        if not context.add_callback(lambda: self._processes.stop(child)):
            self._processes.stop(child)

    def _run(self, request: language_pb2.RunRequest) -> dict[str, Any]:
        return {
            "folder": request.pwd,
            "entry_point": request.info.entry_point,
            "arguments": list(request.args),
            "settings": {
                "monitor": request.monitor_address,
                "engine": self._engine,
                "project": request.project,
                "stack": request.stack,
                "parallel": request.parallel,
                "dry_run": request.dryRun,
                "organization": request.organization,
                "root_directory": request.info.root_directory,
            },
        }

    def RunPlugin(
        self, request: language_pb2.RunPluginRequest, context: grpc.ServicerContext
    ) -> Iterator[language_pb2.RunPluginResponse]:
        with _explained(context):
            python, folder = _options(request.info).interpreter(), request.info.program_directory
            # A policy pack expects its own folder last, and to work in it.
            # It learns neither stack nor configuration here (the official host stands in for a pack until the engine
            # has sent them), so it judges resources alone.
            analyzer = request.kind == "analyzer"
            command = (
                [python, "-u", "-m", "pulumi.policy", *request.args, folder]
                if analyzer
                else [python, folder, *request.args]
            )
            child = self._processes.start(
                command,
                folder=Path(folder if analyzer else request.pwd),
                environment=dict(variable.split("=", 1) for variable in request.env),
                piped=True,
            )
            self._stop_with(context, child)
            return self._plugin_output(child)

    def _plugin_output(self, child: subprocess.Popen[bytes]) -> Iterator[language_pb2.RunPluginResponse]:
        for stream, data in streamed(child):
            if stream == "stdout":
                yield language_pb2.RunPluginResponse(stdout=data)
            else:
                yield language_pb2.RunPluginResponse(stderr=data)
        yield language_pb2.RunPluginResponse(exitcode=self._processes.wait(child))

    def GetRequiredPackages(
        self, request: language_pb2.GetRequiredPackagesRequest, context: grpc.ServicerContext
    ) -> language_pb2.GetRequiredPackagesResponse:
        with _explained(context):
            found = (package.plugin() for package in packages.installed(_options(request.info)))
            return language_pb2.GetRequiredPackagesResponse(
                packages=[_dependency(plugin) for plugin in found if plugin]
            )

    def GetRequiredPlugins(
        self, request: language_pb2.GetRequiredPluginsRequest, context: grpc.ServicerContext
    ) -> language_pb2.GetRequiredPluginsResponse:
        with _explained(context):
            found = (package.plugin() for package in packages.installed(_options(request.info)))
            plugins = [
                plugin_pb2.PluginDependency(
                    name=plugin["name"], version=plugin["version"], kind="resource", server=plugin.get("server", "")
                )
                for plugin in found
                if plugin
            ]
            return language_pb2.GetRequiredPluginsResponse(plugins=plugins)

    def GetProgramDependencies(
        self, request: language_pb2.GetProgramDependenciesRequest, context: grpc.ServicerContext
    ) -> language_pb2.GetProgramDependenciesResponse:
        with _explained(context):
            options = _options(request.info)
            found = packages.installed(options) if request.transitiveDependencies else packages.direct(options)
            listed = [language_pb2.DependencyInfo(name=package.name, version=package.version) for package in found]
            return language_pb2.GetProgramDependenciesResponse(dependencies=listed)

    def About(self, request: language_pb2.AboutRequest, context: grpc.ServicerContext) -> language_pb2.AboutResponse:
        with _explained(context):
            options = _options(request.info)
            python = options.interpreter()
            asked = subprocess.run([python, "--version"], capture_output=True, text=True, check=True)
            metadata = {"toolchain": options.toolchain, "typechecker": options.typechecker or "none"}
            python_version = asked.stdout.strip().removeprefix("Python ")
            return language_pb2.AboutResponse(executable=python, version=python_version, metadata=metadata)

    def InstallDependencies(
        self, request: language_pb2.InstallDependenciesRequest, context: grpc.ServicerContext
    ) -> Iterator[language_pb2.InstallDependenciesResponse]:
        with _explained(context):
            options, folder = _options(request.info), Path(request.info.program_directory)
            return self._installation(dependencies.installation(options, folder), folder, context)

    def _installation(
        self, commands: list[list[str]], folder: Path, context: grpc.ServicerContext
    ) -> Iterator[language_pb2.InstallDependenciesResponse]:
        for command in commands:
            child = self._processes.start(command, folder=folder, environment=os.environ, piped=True)
            self._stop_with(context, child)
            for stream, data in streamed(child):
                yield language_pb2.InstallDependenciesResponse(**{stream: data})
            if status := self._processes.wait(child):
                context.abort(
                    grpc.StatusCode.FAILED_PRECONDITION, f"{' '.join(command)} failed with exit code {status}"
                )

    def RuntimeOptionsPrompts(
        self, request: language_pb2.RuntimeOptionsRequest, context: grpc.ServicerContext
    ) -> language_pb2.RuntimeOptionsResponse:
        return language_pb2.RuntimeOptionsResponse(prompts=_prompts(MessageToDict(request.info.options)))

    def Cancel(self, request: Empty, context: grpc.ServicerContext) -> Empty:
        self._processes.interrupt_all()
        return Empty()

    def _only_official(self, request: Any, context: grpc.ServicerContext) -> NoReturn:
        context.abort(grpc.StatusCode.UNIMPLEMENTED, "Generating and packing code needs the official Pulumi CLI.")
        raise NotImplementedError

    Template = Link = Pack = _only_official
    GenerateProgram = GenerateProject = GeneratePackage = _only_official


def _options(info: language_pb2.ProgramInfo) -> RuntimeOptions:
    return runtime_options.parse(info.root_directory, MessageToDict(info.options))


def _configuration(request: language_pb2.RunRequest) -> dict[str, str]:
    return {
        "PULUMI_CONFIG": json.dumps(dict(request.config)),
        "PULUMI_CONFIG_SECRET_KEYS": json.dumps(list(request.configSecretKeys)),
    }


def _dependency(plugin: dict[str, Any]) -> plugin_pb2.PackageDependency:
    parameterization = plugin.get("parameterization")
    return plugin_pb2.PackageDependency(
        name=plugin["name"],
        version=plugin["version"],
        kind="resource",
        server=plugin.get("server", ""),
        parameterization=plugin_pb2.PackageParameterization(
            name=parameterization["name"],
            version=parameterization["version"],
            value=b64decode(parameterization["value"]),
        )
        if parameterization
        else None,
    )


def _prompts(given: dict[str, Any]) -> list[language_pb2.RuntimeOptionPrompt]:
    if "toolchain" not in given:
        key, description, choices = "toolchain", "The toolchain that installs dependencies", runtime_options.TOOLCHAINS
    elif given["toolchain"] == "pip" and "virtualenv" not in given:
        key, description, choices = "virtualenv", "The virtualenv to use", ("venv",)
    else:
        return []
    values = [
        language_pb2.RuntimeOptionPrompt.RuntimeOptionValue(stringValue=choice, displayName=choice)
        for choice in choices
    ]
    return [language_pb2.RuntimeOptionPrompt(key=key, description=description, choices=values, default=values[0])]
