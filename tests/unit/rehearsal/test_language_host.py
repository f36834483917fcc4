"""What the language host reads from runtime options and from installed packages."""

import json
from pathlib import Path

import pytest

from rehearsal.language_host import dependencies, packages, runtime_options
from rehearsal.language_host.runtime_options import OptionError, RuntimeOptions


@pytest.fixture
def environment(tmp_path: Path) -> Path:
    """A virtual environment with a provider SDK, the SDK itself, and something else."""
    folder = tmp_path / "venv"
    site = folder / "lib" / "python3.11" / "site-packages"
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "python").touch()
    (folder / "pyvenv.cfg").touch()
    for name, requires in {
        "pulumi-3.272.0": [],
        "pulumi_gcp-10.2.0": ["pulumi>=3"],
        "pulumi_policy-1.21.0": ["pulumi"],
        "requests-2.32.0": [],
    }.items():
        (site / f"{name}.dist-info").mkdir(parents=True)
        lines = ["Metadata-Version: 2.1", *(f"Requires-Dist: {one}" for one in requires)]
        (site / f"{name}.dist-info" / "METADATA").write_text("\n".join(lines))
    _plugin(site / "pulumi_gcp", resource=True, name="gcp", version="10.2.0")
    return folder


def _plugin(package: Path, **content: object) -> None:
    package.mkdir(exist_ok=True)
    (package / "pulumi-plugin.json").write_text(json.dumps(content))


def _plugins(environment: Path) -> list[tuple[str, str]]:
    options = RuntimeOptions(root=environment.parent, virtualenv=environment)
    found = (package.plugin() for package in packages.installed(options))
    return [(plugin["name"], plugin["version"]) for plugin in found if plugin]


def test_required_plugins_are_those_of_installed_provider_sdks(environment: Path):
    assert _plugins(environment) == [("gcp", "v10.2.0")]


def test_a_package_that_says_it_has_no_plugin_needs_none(environment: Path):
    _plugin(environment / "lib" / "python3.11" / "site-packages" / "pulumi_gcp", resource=False)

    assert _plugins(environment) == []


def test_a_provider_sdk_without_description_is_known_by_its_name(environment: Path):
    (environment / "lib" / "python3.11" / "site-packages" / "pulumi_oci-5.5.0.dist-info").mkdir()

    assert _plugins(environment) == [("gcp", "v10.2.0"), ("oci", "v5.5.0")]


def test_direct_dependencies_leave_out_what_others_bring(environment: Path):
    options = RuntimeOptions(root=environment.parent, virtualenv=environment)

    assert [package.name for package in packages.direct(options)] == ["pulumi-gcp", "pulumi-policy", "requests"]


@pytest.mark.parametrize(
    ("python", "plugin"),
    [
        ("1.2.3", "1.2.3"),
        ("1.2", "1.2.0"),
        ("1.2.3a4", "1.2.3-alpha.4"),
        ("1.2.3b4", "1.2.3-beta.4"),
        ("1.2.3rc4", "1.2.3-rc.4"),
        ("1.2.3.post4", "1.2.3+post4"),
        ("1.2.3.post4.dev5", "1.2.3+post4dev5"),
        ("1!1.2.3", None),
        ("nonsense", None),
    ],
)
def test_a_python_version_becomes_a_plugin_version(python: str, plugin: str | None):
    assert packages.plugin_version(python) == plugin


def test_the_virtual_environment_is_relative_to_the_project(environment: Path):
    options = runtime_options.parse(str(environment.parent / "policies"), {"virtualenv": "../venv"})

    assert options.interpreter() == str(environment / "bin" / "python")


def test_a_missing_virtual_environment_is_one_message(tmp_path: Path):
    options = runtime_options.parse(str(tmp_path), {"virtualenv": "venv"})

    with pytest.raises(OptionError, match="venv does not exist; `pulumi install` creates it"):
        options.interpreter()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"toolchain": "pipenv"}, "unsupported toolchain option: pipenv"),
        ({"typechecker": "pytype"}, "unsupported typechecker option: pytype"),
        ({"virtualenv": 3.0}, "virtualenv option must be a string"),
    ],
)
def test_options_that_cannot_be_honoured_are_refused(tmp_path: Path, options: dict[str, object], message: str):
    with pytest.raises(OptionError, match=message):
        runtime_options.parse(str(tmp_path), options)


def test_installing_creates_the_virtual_environment_first(tmp_path: Path):
    (tmp_path / "requirements.txt").touch()
    options = runtime_options.parse(str(tmp_path), {"virtualenv": "venv"})

    commands = dependencies.installation(options, tmp_path)

    assert [command[1:3] for command in commands] == [["-m", "venv"], ["-m", "pip"]]


def test_a_toolchain_installs_with_its_own_command(tmp_path: Path):
    options = runtime_options.parse(str(tmp_path), {"toolchain": "uv"})

    assert dependencies.installation(options, tmp_path) == [["uv", "sync"]]
