"""Google Kubernetes Engine: what the contracts ask for, in one Google Cloud project."""
