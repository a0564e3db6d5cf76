"""What a policy on a resource, such as a bucket or a key, says of a request.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""
