"""`python -m alerts` writes the list of alerts into their guide."""

from alerts.catalogue import GUIDE, with_catalogue

GUIDE.write_text(with_catalogue(GUIDE.read_text(encoding="utf-8")), encoding="utf-8")
