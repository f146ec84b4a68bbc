using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Ledger;

namespace Quoin.Charging.Internal;

/// <summary>What a run's lines of one posting come to: one transfer.</summary>
internal sealed class Posting(BillingAccountProfile account, bool namesHolds)
{
    private Money amount = Money.Zero(account.Currency);
    private Money cost = Money.Zero(account.Currency);
    private DateTimeOffset latest;
    private int count;

    /// <summary>Whether there is anything to post: lines may come to nothing, or to nothing together.</summary>
    public bool MovesMoney => !amount.IsZero || !cost.IsZero;

    public void Add(RatedLine line)
    {
        amount += line.Amount;
        cost += line.Cost;
        latest = line.BucketStart > latest ? line.BucketStart : latest;
        count++;
    }

    /// <summary>The transfer.</summary>
    /// <param name="run">Names this run, in the transfer's key.</param>
    /// <param name="correlationId">Names the request that led to it, or the first of them.</param>
    /// <param name="releases">
    /// The holds it releases: it is decided as if they were gone, and spends what they reserved first.
    /// </param>
    public TransferRequest Request(Guid run, string? correlationId, IReadOnlyList<HoldId> releases) => new(
        account.OrganisationId,
        account.Id,
        namesHolds ? $"usage:{run:n}:{account.Id}:held" : $"usage:{run:n}:{account.Id}",
        new BusinessFact.Usage(amount, Terms(account)) { ProviderCost = cost.IsZero ? null : cost },
        latest,
        $"usage of {count} rated lines")
    {
        Releases = releases,
        Metadata = correlationId is null
            ? new Dictionary<string, string>()
            : new Dictionary<string, string> { [RatingRun.CorrelationMember] = correlationId },
    };

    /// <summary>When an account pays for what it used.</summary>
    public static PaymentTerms Terms(BillingAccountProfile account) =>
        account.Settlement == Settlement.Prepaid ? PaymentTerms.Prepaid : PaymentTerms.Postpaid;
}
