"""What the tool costs, in calls to AWS, in memory and in seconds: `python -m benchmarks`."""
