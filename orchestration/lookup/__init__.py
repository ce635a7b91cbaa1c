"""The published file read: sql, metric, dictionary, enterprise."""
