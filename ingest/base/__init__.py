"""Where state lies, reasons, the clock, durable files, SQL text, and errors that say what to do. Imports nothing of ours."""
