"""Build the organization of the AWS Security Reference Architecture from a bare management account."""

__version__ = "0.1.0"
