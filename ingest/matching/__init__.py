"""One entity across departments: which enterprise or small place a record means that carries no valid code."""
