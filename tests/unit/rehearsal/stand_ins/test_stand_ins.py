"""The commands that kubeconfigs ask for tokens, called as clients of Kubernetes call them."""

import json
import subprocess
from pathlib import Path

import pytest

from components.aks.api_access import SERVER_APPLICATION
from components.aks.api_access import render_kubeconfig as aks_kubeconfig
from components.gke.api_access import render_kubeconfig as gke_kubeconfig
from components.kubeconfig import render
from rehearsal.places import CLONE

STAND_INS = CLONE / "rehearsal" / "stand_ins"
CLUSTER = "ocid1.cluster.oc1.eu-frankfurt-1.aaaa"
GENERATE = ["ce", "cluster", "generate-token"]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A rehearsal with the token of its account, and one cluster of OKE."""
    plane = tmp_path / "control-planes" / "one"
    plane.mkdir(parents=True)
    (plane.parent / "account-token").write_text("of-the-account")
    (plane / "token").write_text("of-the-cluster")
    (plane / "cluster.json").write_text(json.dumps({"id": CLUSTER, "region": "eu-frankfurt-1"}))
    return tmp_path


def call(home: Path, name: str, *arguments: str, asked: str = "v1beta1", **variables: str) -> tuple[int, str, str]:
    info = json.dumps({"kind": "ExecCredential", "apiVersion": f"client.authentication.k8s.io/{asked}", "spec": {}})
    done = subprocess.run(
        [STAND_INS / name, *arguments],
        env={"PATH": "/usr/bin:/bin", "REHEARSAL_HOME": str(home), "KUBERNETES_EXEC_INFO": info, **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def credential(output: str) -> tuple[str, str]:
    answer = json.loads(output)
    assert answer["kind"] == "ExecCredential"
    return answer["apiVersion"].rpartition("/")[2], answer["status"]["token"]


def plugin(kubeconfig: str) -> list[str]:
    """The command line in a kubeconfig of the program."""
    user = json.loads(kubeconfig)["users"][0]["user"]["exec"]
    return [user["command"], *user.get("args", [])]


def test_a_kubeconfig_of_gke_gets_the_token_of_the_account(home: Path):
    status, output, _ = call(home, *plugin(gke_kubeconfig("https://localhost:1", None)))

    assert (status, credential(output)) == (0, ("v1beta1", "of-the-account"))


def test_a_kubeconfig_of_aks_gets_the_token_of_the_account_in_the_version_that_it_asks_for(home: Path):
    command = plugin(aks_kubeconfig("https://127.0.0.1:1", "Q0E="))

    assert credential(call(home, *command)[1]) == ("v1beta1", "of-the-account")
    assert credential(call(home, *command, asked="v1")[1]) == ("v1", "of-the-account")


def test_a_kubeconfig_of_oke_gets_the_token_of_its_cluster(home: Path):
    command = {"command": "oci", "args": [*GENERATE, "--cluster-id", CLUSTER, "--region", "eu-frankfurt-1"]}
    status, output, words = call(home, *plugin(render("oke", "https://127.0.0.1:1", "Q0E=", command)))

    assert (status, credential(output), words) == (0, ("v1beta1", "of-the-cluster"), "")


def test_gkes_command_answers_in_the_one_version_that_it_knows(home: Path):
    assert credential(call(home, "gke-gcloud-auth-plugin", asked="v1")[1])[0] == "v1beta1"


@pytest.mark.parametrize(
    ("identity", "region"), [("ocid1.cluster.oc1.eu-frankfurt-1.bbbb", "eu-frankfurt-1"), (CLUSTER, "eu-paris-1")]
)
def test_a_token_for_a_cluster_that_is_not_there_opens_nothing(home: Path, identity: str, region: str):
    status, output, words = call(home, "oci", *GENERATE, "--cluster-id", identity, "--region", region)

    assert (status, credential(output)[1]) == (0, "signed-for-no-cluster")
    assert words == f"No API server will take this token: there is no cluster {identity} in {region}.\n"


AZURE = ["get-token", "--login", "azurecli", "--server-id"]


@pytest.mark.parametrize(
    ("command", "status", "words"),
    [
        (["gke-gcloud-auth-plugin", "--projects", "one"], 2, "unknown flag: --projects"),
        (["gke-gcloud-auth-plugin", "--use_edge_cloud"], 1, "--project, --location and --cluster are required"),
        (["kubelogin", "token"], 1, 'Error: unknown command "token" for "kubelogin"'),
        (["kubelogin", *AZURE, SERVER_APPLICATION, "--sever-id", "x"], 1, "Error: unknown flag: --sever-id"),
        (["kubelogin", *AZURE], 1, "Error: flag needs an argument: --server-id"),
        (["kubelogin", *AZURE, "another"], 1, "AADSTS500011: The resource principal named another was not found"),
        (["kubelogin", "get-token", "-l", "azurecli"], 1, "serverid is required"),
        (["kubelogin", "get-token", "-l", "azure", "--server-id", "x"], 1, "'azure' is not a supported login method"),
        (["kubelogin", "get-token", "-l", "spn", "--server-id", SERVER_APPLICATION], 1, "clientid is required"),
        (["oci", "ce", "cluster", "generate-tokens"], 2, 'Error: No such command "generate-tokens".'),
        (["oci", *GENERATE], 2, "Error: Missing option(s) --cluster-id."),
        (["oci", *GENERATE, "--cluster", CLUSTER], 2, "Error: no such option: --cluster"),
        (["oci", *GENERATE, "--cluster-id", " "], 2, "--cluster-id cannot be whitespace or empty string"),
    ],
)
def test_a_wrong_call_is_refused_in_the_commands_own_words(home: Path, command: list[str], status: int, words: str):
    answered, output, errors = call(home, *command)

    assert (answered, output) == (status, "")
    assert words in errors


def test_a_login_that_waits_for_a_person_is_refused(home: Path):
    status, _, words = call(home, "kubelogin", "get-token", "--client-id", "c", "--server-id", SERVER_APPLICATION)

    assert (status, words) == (
        1,
        "Error: failed to get token: the login devicecode waits for a person, and a program has none\n",
    )


def test_variables_say_how_to_log_in_before_flags_do(home: Path):
    status, output, _ = call(
        home,
        *("kubelogin", *AZURE, SERVER_APPLICATION),
        AAD_LOGIN_METHOD="workloadidentity",
        AZURE_CLIENT_ID="c",
        AZURE_FEDERATED_TOKEN_FILE="/token",
    )

    assert (status, credential(output)[1]) == (0, "of-the-account")


@pytest.mark.parametrize("name", ["gke-gcloud-auth-plugin", "kubelogin"])
def test_there_is_no_token_before_there_is_a_cluster(tmp_path: Path, name: str):
    command = [name] if name != "kubelogin" else [name, *AZURE, SERVER_APPLICATION]
    status, output, words = call(tmp_path, *command)

    assert (status, output) == (1, "")
    assert "no rehearsed cluster takes a token of this account" in words


def test_a_version_that_nobody_knows_is_refused(home: Path):
    status, _, words = call(home, "kubelogin", *AZURE, SERVER_APPLICATION, asked="v2")

    assert (status, words) == (1, "Error: api version: client.authentication.k8s.io/v2 is not supported\n")


def test_a_damaged_record_of_a_cluster_is_of_no_cluster(home: Path):
    [record] = home.glob("control-planes/*/cluster.json")
    record.write_text("{")

    status, _, words = call(home, "oci", *GENERATE, "--cluster-id", CLUSTER)

    assert (status, words) == (0, f"No API server will take this token: there is no cluster {CLUSTER}.\n")
