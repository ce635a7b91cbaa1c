"""Text to typed values and reasons; plain rows the fast way; which rows repeat."""
