"""AWS Security Hub CSPM: the products whose findings a hub accepts."""

from __future__ import annotations

from typing import Any

from sra_bootstrap.sandbox.extension import Call, operation
from sra_bootstrap.sandbox.paging import page
from sra_bootstrap.sandbox.services.securityhub import conflict, hub_of, not_found
from sra_bootstrap.sandbox.services.securityhub_administrator import invalid
from sra_bootstrap.sandbox.services.securityhub_catalogue import RECEIVERS, SENDERS
from sra_bootstrap.sandbox.services.securityhub_standards import BAD_TOKEN


def _product_arn(call: Call, product: str) -> str:
    return f"arn:{call.partition}:securityhub:{call.region}::product/aws/{product}"


def _subscription_arn(call: Call, product: str) -> str:
    return f"arn:{call.partition}:securityhub:{call.region}:{call.account_id}:product-subscription/aws/{product}"


@operation("securityhub", "DescribeProducts")
def describe_products(
    call: Call, MaxResults: int = 100, NextToken: str | None = None, ProductArn: str | None = None
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_DescribeProducts.html."""
    hub_of(call)
    products = [
        {
            "ProductArn": _product_arn(call, product),
            "ProductName": name,
            "CompanyName": company,
            "Description": f"{company} {name}",
            "Categories": [],
            "IntegrationTypes": ["SEND_FINDINGS_TO_SECURITY_HUB" if sends else "RECEIVE_FINDINGS_FROM_SECURITY_HUB"],
        }
        for sends, catalogue in ((True, SENDERS), (False, RECEIVERS))
        for product, (name, company) in catalogue.items()
    ]
    if ProductArn is not None:
        products = [product for product in products if product["ProductArn"] == ProductArn]
    found, following = page(products, MaxResults, NextToken, BAD_TOKEN)
    return {"Products": found} | ({} if following is None else {"NextToken": following})


@operation("securityhub", "ListEnabledProductsForImport")
def list_enabled_products_for_import(call: Call, MaxResults: int = 100, NextToken: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_ListEnabledProductsForImport.html."""
    arns = [_subscription_arn(call, product) for product in sorted(hub_of(call).products)]
    found, following = page(arns, MaxResults, NextToken, BAD_TOKEN)
    return {"ProductSubscriptions": found} | ({} if following is None else {"NextToken": following})


@operation("securityhub", "EnableImportFindingsForProduct")
def enable_import_findings_for_product(call: Call, ProductArn: str) -> dict[str, str]:
    """https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_EnableImportFindingsForProduct.html.

    The code of a product that is not there: https://github.com/prowler-cloud/prowler/issues/1052. No configuration
    policy decides about integrations: the operation has no AccessDeniedException.

    Raises:
        AwsFault: the integration is enabled, or there is no such product that sends findings.
    """
    hub = hub_of(call)
    product = next((one for one in SENDERS if _product_arn(call, one) == ProductArn), None)
    if product is None:
        raise not_found(f'{{"productArn":"{ProductArn}"}}')
    if product in hub.products:
        raise conflict("Customer is already subscribed to the product.")
    hub.products.add(product)
    return {"ProductSubscriptionArn": _subscription_arn(call, product)}


@operation("securityhub", "DisableImportFindingsForProduct")
def disable_import_findings_for_product(call: Call, ProductSubscriptionArn: str) -> None:
    """https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_DisableImportFindingsForProduct.html.

    Raises:
        AwsFault: the integration is not enabled.
    """
    hub = hub_of(call)
    if ":product-subscription/" not in ProductSubscriptionArn:
        raise invalid("Invalid parameter 'ProductSubscriptionArn'.")
    product = next((one for one in hub.products if _subscription_arn(call, one) == ProductSubscriptionArn), None)
    if product is None:
        raise not_found(f"Subscription {ProductSubscriptionArn} not found")
    hub.products.remove(product)
