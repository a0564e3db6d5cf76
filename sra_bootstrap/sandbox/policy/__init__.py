"""What the sandbox knows of policies beyond what they say: who is there, who asks, and how AWS keeps a policy."""
