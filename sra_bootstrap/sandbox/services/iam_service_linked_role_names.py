"""AWS IAM: what services call the roles that are linked to them.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_aws-services-that-work-with-iam.html leads to the page of
each service; many are in AWS's managed policies too, as the roles that these let be made.
"""

from __future__ import annotations

_PREFIX = "AWSServiceRoleFor"
_REST = {
    "access-analyzer.amazonaws.com": "AccessAnalyzer",
    "accountdiscovery.ssm.amazonaws.com": "AmazonSSM_AccountDiscovery",
    "agentless.inspector2.amazonaws.com": "AmazonInspector2Agentless",
    "auditmanager.amazonaws.com": "AuditManager",
    "autoscaling.amazonaws.com": "AutoScaling",
    "backup.amazonaws.com": "Backup",
    "cloudtrail.amazonaws.com": "CloudTrail",
    "compute-optimizer.amazonaws.com": "ComputeOptimizer",
    "config-conforms.amazonaws.com": "ConfigConforms",
    "config-multiaccountsetup.amazonaws.com": "ConfigMultiAccountSetup",
    "config.amazonaws.com": "Config",
    "controltower.amazonaws.com": "AWSControlTower",
    "cost-optimization-hub.bcm.amazonaws.com": "CostOptimizationHub",
    "delivery.logs.amazonaws.com": "LogDelivery",
    "detective.amazonaws.com": "Detective",
    "ecs.amazonaws.com": "ECS",
    "elasticloadbalancing.amazonaws.com": "ElasticLoadBalancing",
    "fms.amazonaws.com": "FMS",
    "guardduty.amazonaws.com": "AmazonGuardDuty",
    "health.amazonaws.com": "Health_Organizations",
    "inspector2.amazonaws.com": "AmazonInspector2",
    "ipam.amazonaws.com": "IPAM",
    "lakeformation.amazonaws.com": "LakeFormationDataAccess",
    "macie.amazonaws.com": "AmazonMacie",
    "malware-protection.guardduty.amazonaws.com": "AmazonGuardDutyMalwareProtection",
    "member.org.stacksets.cloudformation.amazonaws.com": "CloudFormationStackSetsOrgMember",
    "network-firewall.amazonaws.com": "NetworkFirewall",
    "observabilityadmin.amazonaws.com": "ObservabilityAdmin",
    "organizations.amazonaws.com": "Organizations",
    "ram.amazonaws.com": "ResourceAccessManager",
    "rds.amazonaws.com": "RDS",
    "remediation.config.amazonaws.com": "ConfigRemediation",
    "reporting.trustedadvisor.amazonaws.com": "TrustedAdvisorReporting",
    "resource-explorer-2.amazonaws.com": "ResourceExplorer",
    "resource-management.securitylake.amazonaws.com": "SecurityLakeResourceManagement",
    "route53resolver.amazonaws.com": "Route53Resolver",
    "security-ir.amazonaws.com": "SecurityIncidentResponse",
    "securityhub.amazonaws.com": "SecurityHub",
    "securitylake.amazonaws.com": "SecurityLake",
    "servicequotas.amazonaws.com": "ServiceQuotas",
    "ssm.amazonaws.com": "AmazonSSM",
    "sso.amazonaws.com": "SSO",
    "stacksets.cloudformation.amazonaws.com": "CloudFormationStackSetsOrgAdmin",
    "support.amazonaws.com": "Support",
    "transitgateway.amazonaws.com": "VPCTransitGateway",
    "triage.security-ir.amazonaws.com": "SecurityIncidentResponse_Triage",
    "vpc-lattice.amazonaws.com": "VpcLattice",
}
NAMES = {principal: _PREFIX + rest for principal, rest in _REST.items()}
"""The name of the role of a service, by its principal."""

TAKES_SUFFIX = frozenset({"autoscaling.amazonaws.com"})
"""The services that take a suffix: https://docs.aws.amazon.com/autoscaling/ec2/userguide/autoscaling-service-linked-role.html."""
