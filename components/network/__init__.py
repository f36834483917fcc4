"""Who may reach whom: connections that parts of the stack declare, and the NetworkPolicies that are made of them."""
