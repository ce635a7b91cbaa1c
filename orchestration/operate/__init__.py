"""Status, doctor, serve, demo, docs: what an operator asks for."""
