"""A cluster that is there already, such as minikube or kind: every contract by means inside the cluster."""
