"""Oracle Kubernetes Engine: every contract, delivered in one compartment of a tenancy."""
