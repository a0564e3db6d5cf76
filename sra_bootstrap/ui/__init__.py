"""What a person sees: a plan as a tree or as Markdown, the progress of an apply, its outcome, and the steps."""
