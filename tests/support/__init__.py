"""What several kinds of tests share: small feeds and warehouses, servers to pull from, files of every form."""
