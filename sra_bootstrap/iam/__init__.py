"""What policies say of a request: those on a resource, and those of an organization that restrict its accounts.

It is code of ours because there is no other in Python to build on: what PyPI has of IAM policies writes them, looks up
actions, or looks for weaknesses in them. Two packages decide requests: `principalmapper` is no longer kept and knows no
resource control policies, and `iamprover` is new and brings a theorem prover. In the tests an evaluator in JavaScript
that knows nothing of this one must come to the same verdicts.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""
