"""The cloud-neutral platform: one file for each add-on, built on the contracts alone."""
