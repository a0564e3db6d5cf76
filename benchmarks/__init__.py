"""What the tool costs, in calls to AWS and in seconds."""
