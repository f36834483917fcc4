"""The live proof: what a stack deploys to watch itself runs here, on real Prometheus and Loki, and has to find data."""
