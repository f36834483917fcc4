"""Azure Kubernetes Service: what the contracts ask for, in one resource group of one subscription."""
