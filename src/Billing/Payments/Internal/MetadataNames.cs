namespace Quoin.Payments.Internal;

/// <summary>What everything made at a provider carries, so that it can be found from here and known there.</summary>
internal static class MetadataNames
{
    public const string OperationKey = "operation_key";
    public const string Org = "org_id";
    public const string BillingAccount = "billing_account_id";
    public const string Request = "request_id";
    public const string Flow = "flow";
    public const string Purpose = "purpose";
    public const string Plan = "plan";
    public const string PlanVersion = "plan_version";
}
