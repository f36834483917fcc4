"""A rehearsed Google Cloud project with the parts that most tests need."""

from typing import Any

from tests.unit.rehearsal.providers.fake_engine import Engine, State

APIS = (
    "artifactregistry",
    "cloudkms",
    "cloudresourcemanager",
    "compute",
    "container",
    "dns",
    "iam",
    "secretmanager",
    "servicenetworking",
    "sqladmin",
)
NETWORK = "gcp:compute/network:Network"
SUBNETWORK = "gcp:compute/subnetwork:Subnetwork"
ROUTER = "gcp:compute/router:Router"
NAT = "gcp:compute/routerNat:RouterNat"
CLUSTER = "gcp:container/cluster:Cluster"
NODE_POOL = "gcp:container/nodePool:NodePool"
ACCOUNT = "gcp:serviceaccount/account:Account"
BUCKET = "gcp:storage/bucket:Bucket"
BUCKET_MEMBER = "gcp:storage/bucketIAMMember:BucketIAMMember"
KEY_RING = "gcp:kms/keyRing:KeyRing"
KEY = "gcp:kms/cryptoKey:CryptoKey"
KEY_MEMBER = "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember"
SERVICE = "gcp:projects/service:Service"
IDENTITY = "gcp:projects/serviceIdentity:ServiceIdentity"
ENCRYPTER = "roles/cloudkms.cryptoKeyEncrypterDecrypter"
POOL = "acme-dev.svc.id.goog"


class GoogleProject:
    """Creates things with inputs that Google Cloud accepts, unless a test says otherwise."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        for api in APIS:
            engine.create(SERVICE, api, service=f"{api}.googleapis.com")

    def network(self, name: str = "vpc") -> State:
        return self.engine.create(NETWORK, name, name=name, autoCreateSubnetworks=False)

    def subnetwork(self, vpc: State, name: str = "nodes", /, **inputs: Any) -> State:
        given = {
            "name": name,
            "network": vpc.id,
            "region": "europe-west4",
            "ipCidrRange": "10.0.0.0/20",
            "secondaryIpRanges": [
                {"rangeName": "pods", "ipCidrRange": "10.4.0.0/14"},
                {"rangeName": "services", "ipCidrRange": "10.8.0.0/20"},
            ],
        }
        return self.engine.create(SUBNETWORK, name, **{**given, **inputs})

    def nat(self, vpc: State, name: str = "nat", /, *, region: str = "europe-west4", **inputs: Any) -> State:
        router = self.engine.create(ROUTER, name, name=name, network=vpc.id, region=region)
        given = {"name": f"{name}-nat", "router": router["name"], "region": region}
        return self.engine.create(NAT, name, **given, **inputs)

    def cluster(self, name: str = "main", **inputs: Any) -> State:
        given = {
            "name": name,
            "location": "europe-west4",
            "initialNodeCount": 1,
            "removeDefaultNodePool": True,
            "deletionProtection": False,
        }
        given |= {key: value for key, value in inputs.items() if value is not None}
        return self.engine.create(CLUSTER, name, **given)

    def node_pool(self, cluster: State, name: str = "system", **inputs: Any) -> State:
        return self.engine.create(NODE_POOL, name, cluster=cluster.id, **inputs)

    def account(self, name: str = "builder", **inputs: Any) -> State:
        return self.engine.create(ACCOUNT, name, accountId=name, **inputs)

    def bucket(self, name: str = "acme-logs", **inputs: Any) -> State:
        given = {"name": name, "location": "europe-west4", "uniformBucketLevelAccess": True}
        return self.engine.create(BUCKET, name, **{**given, **inputs})

    def key(self, location: str = "europe-west4", ring: str = "ring") -> State:
        made = self.engine.create(KEY_RING, ring, name=ring, location=location)
        return self.engine.create(KEY, "key", name="key", keyRing=made.id)

    def grant(self, bucket: State, member: str, role: str = "roles/storage.objectViewer") -> State:
        return self.engine.create(BUCKET_MEMBER, "grant", bucket=bucket.id, role=role, member=member)

    def agent(self, service: str) -> State:
        return self.engine.create(IDENTITY, service, service=f"{service}.googleapis.com")
