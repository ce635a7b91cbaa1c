"""What the demo city's files hold and the marts must come to."""
