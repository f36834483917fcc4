"""The contract check: every resource's inputs against what the SDKs, charts and APIs say they take."""
