"""The only place that opens boto3: credentials, clients, what an error means, retries and pacing."""

from sra_bootstrap.aws.connection import Caller, Connection, Reader, Record, Writer
from sra_bootstrap.aws.regions import has_endpoint, is_opt_in, known_regions, partition_of, region_of_requests

__all__ = [
    "Caller",
    "Connection",
    "Reader",
    "Record",
    "Writer",
    "has_endpoint",
    "is_opt_in",
    "known_regions",
    "partition_of",
    "region_of_requests",
]
