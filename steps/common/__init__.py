"""What the steps of several services share. It holds no step."""
