"""The architecture itself: one file a step, named as AWS names the service."""
