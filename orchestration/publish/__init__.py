"""A version written, verified, switched to, rolled back."""
