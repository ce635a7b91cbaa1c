"""A run's folder, the writer's lock, what became of the last run, what is new."""
