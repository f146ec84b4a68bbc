using Quoin.Accounts;
using Quoin.Kernel;

namespace Quoin.Payments.Internal;

/// <summary>What this program writes on everything it has the provider make, and finds again in its news.</summary>
internal static class ProviderMetadata
{
    public const string OperationKey = "operation_key";
    public const string Org = "org_id";
    public const string BillingAccount = "billing_account_id";
    public const string Request = "request_id";
    public const string Flow = "flow";
    public const string Purpose = "purpose";
    public const string Plan = "plan";
    public const string PlanVersion = "plan_version";

    /// <summary>What stands on an event's object; null where its kind carries none.</summary>
    public static IReadOnlyDictionary<string, string>? Of(ProviderEventSubject? subject) => subject switch
    {
        ProviderEventSubject.Checkout(var value) => value.Metadata,
        ProviderEventSubject.Subscription(var value) => value.Metadata,
        ProviderEventSubject.Invoice(var value) => value.Metadata,
        ProviderEventSubject.Payment(var value) => value.Metadata,
        ProviderEventSubject.Customer(var value) => value.Metadata,
        ProviderEventSubject.Refund(var value) => value.Metadata,
        _ => null,
    };

    /// <summary>The account it names; null when it names none that could be one.</summary>
    public static BillingAccountKey? AccountOf(IReadOnlyDictionary<string, string>? metadata) =>
        metadata is not null
        && metadata.TryGetValue(Org, out var org)
        && metadata.TryGetValue(BillingAccount, out var account)
        && Id.TryParse<OrgId>(org, out var orgId)
        && Id.TryParse<BillingAccountId>(account, out var accountId)
            ? new BillingAccountKey(orgId, accountId)
            : null;
}
