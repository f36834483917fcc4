"""Starts the contract check as an engine analyzer."""

from contract_check.pack import serve

if __name__ == "__main__":
    serve()
