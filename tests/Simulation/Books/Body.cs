using Quoin.Kernel;
using Quoin.Ledger;

namespace Quoin.Tests.Simulation.Books;

/// <summary>
/// What a request says, as text: what must be the same for a key to be answered with its first effect. Instants a caller
/// sets at each try are no part of it; the time of a fact is.
/// </summary>
internal static class Body
{
    public static string Of(TransferRequest request) => string.Join(
        '|',
        "transfer",
        request.BillingAccount,
        request.OccurredAt.ToString("O"),
        request.Reference,
        string.Join(',', request.Metadata.OrderBy(pair => pair.Key).Select(pair => $"{pair.Key}={pair.Value}")),
        Of(request.Fact),
        string.Join(',', request.Releases));

    public static string Of(CreateHold request) => string.Join(
        '|',
        "hold",
        request.BillingAccount,
        Of(request.Amount),
        request.Terms,
        request.Overrun,
        request.Reference,
        Of(request.Scopes));

    public static string Of(SplitHold request) => string.Join('|', "split", request.From, Of(request.Amount), request.Reference);

    public static string Of(CaptureHold request) => string.Join(
        '|', "capture", request.Hold, Of(request.Amount), request.Reference, request.IsLast, request.MayExceed);

    public static string Of(CreateGrant request) => string.Join(
        '|',
        "grant",
        request.BillingAccount,
        Of(request.Amount),
        request.Source,
        request.Priority,
        request.EffectiveAt?.ToString("O"),
        request.ExpiresAt?.ToString("O"),
        request.Reference,
        Of(request.Scopes));

    private static string Of(BusinessFact fact) => fact switch
    {
        BusinessFact.Usage usage => $"{fact.Kind} {Of(fact.Amount)} "
            + string.Join(';', usage.Parts.Select(part => $"{Of(part.Amount)}:{Of(part.Scopes)}"))
            + (usage.ProviderCost is { } cost ? $" costs {Of(cost)}" : string.Empty),
        BusinessFact.CreditRefunded refunded => $"{fact.Kind} {Of(fact.Amount)} {refunded.Grant}",
        BusinessFact.CreditRefundFailed failed => $"{fact.Kind} {Of(fact.Amount)} {failed.Grant}",
        BusinessFact.Manual manual => $"{fact.Kind} {Of(fact.Amount)} {Of(manual.Legs)}",
        BusinessFact.Adjustment adjustment => $"{fact.Kind} {Of(fact.Amount)} {Of(adjustment.Legs)} {adjustment.Original}",
        BusinessFact.Reversal reversal => $"{fact.Kind} {Of(fact.Amount)} {Of(reversal.Legs)} {reversal.Original}",
        _ => $"{fact.Kind} {Of(fact.Amount)}",
    };

    private static string Of(IEnumerable<Leg> legs) =>
        string.Join(';', legs.Select(leg => $"{leg.Account} {leg.Grant} {Of(leg.Amount)}"));

    private static string Of(IEnumerable<string> scopes) => string.Join(',', scopes.Order(StringComparer.Ordinal));

    private static string Of(Money money) => $"{money.Micros} {money.Currency}";
}
