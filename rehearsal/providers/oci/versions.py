"""What Oracle Kubernetes Engine offers in the rehearsal. Any node image of the right form is taken to exist."""

from typing import Final

KUBERNETES_VERSIONS: Final = ("v1.33.1", "v1.34.1", "v1.34.2", "v1.35.2", "v1.36.4")
"""Names of published node images (`Oracle-Linux-…-OKE-1.35.2-…`) tell the patches that OKE supports."""

SHAPES: Final = (
    "VM.Standard.A1.Flex",
    "VM.Standard.A2.Flex",
    "VM.Standard.E3.Flex",
    "VM.Standard.E4.Flex",
    "VM.Standard.E5.Flex",
    "VM.Standard.E6.Flex",
    "VM.Standard3.Flex",
)
