"""Groups of `jgt` commands, one Typer app a module; each command imports what it needs when it runs."""
