using Quoin.Kernel;

namespace Quoin.Ledger.Internal;

/// <summary>
/// What a command must be before it is queued: one that is not would poison its group. Endpoints refuse such input with
/// words; here it is a bug of the caller.
/// </summary>
internal static class CommandChecks
{
    public static void Require(LedgerCommand command)
    {
        switch (command)
        {
            case PostTransfer post:
                Require(post.Transfer);
                break;
            case PostLinkedTransfers linked:
                Check(linked.Transfers.Count is > 0 and <= Limits.LinkedTransfersMax, "too many or no transfers");
                Check(linked.Transfers.All(transfer => transfer.Org == linked.Org), "transfers of several organisations");
                foreach (var transfer in linked.Transfers)
                {
                    Require(transfer);
                }

                break;
            case CreateHold create:
                Key(create.Key);
                Text(create.Reference, Limits.ReferenceLettersMax);
                Positive(create.Amount);
                Check(create.ExpiresAt > create.At && create.ExpiresAt - create.At <= Limits.HoldLongest, "not a time to hold");
                Check(create.Scopes.Count <= Limits.ScopesMax, "too many scopes");
                break;
            case RenewHold renew:
                Check(renew.ExpiresAt - renew.At <= Limits.HoldLongest, "too long a hold");
                break;
            case ReleaseHold { Part: { } part }:
                Positive(part);
                break;
            case SplitHold split:
                Key(split.Key);
                Text(split.Reference, Limits.ReferenceLettersMax);
                Positive(split.Amount);
                Check(split.ExpiresAt > split.At && split.ExpiresAt - split.At <= Limits.HoldLongest, "not a time to hold");
                break;
            case CaptureHold capture:
                Key(capture.Key);
                Text(capture.Reference, Limits.ReferenceLettersMax);
                Positive(capture.Amount);
                break;
            case CreateGrant create:
                Require(create);
                break;
            case VoidGrant @void:
                Text(@void.Reference, Limits.ReferenceLettersMax);
                break;
            case SetCreditLimit set:
                Check(set.Limit is null || set.Limit.Value.Currency == set.Currency, "a limit in another currency");
                Check(set.Limit is null or { Micros: >= 0 and <= Limits.AmountMicrosMax }, "a limit beyond all measure");
                break;
        }
    }

    private static void Require(TransferRequest transfer)
    {
        Key(transfer.Key);
        Text(transfer.Reference, Limits.ReferenceLettersMax);
        Require(transfer.Metadata);
        Check(transfer.Releases.Count <= Limits.ReleasesMax, "too many holds");
        Amount(transfer.Fact.Amount);
        switch (transfer.Fact)
        {
            case BusinessFact.Usage usage:
                var isWhole = usage.Parts.Count == 0
                    || (usage.Parts.All(part => part.Amount.Micros >= 0)
                        && usage.Parts.Aggregate(Money.Zero(usage.Amount.Currency), (sum, part) => sum + part.Amount) == usage.Amount);
                Check(isWhole || usage.Amount.Micros < 0, "parts that do not sum to their amount");
                break;
            case BusinessFact.PlanPeriod or BusinessFact.TaxCharged or BusinessFact.ProcessorFee or BusinessFact.Payout
                or BusinessFact.RoundingDifference:
                break;
            case BusinessFact.Manual manual:
                Require(manual.Legs);
                break;
            case BusinessFact.Adjustment adjustment:
                Require(adjustment.Legs);
                break;
            case BusinessFact.Reversal reversal:
                Require(reversal.Legs, Limits.ReversalLegsMax);
                break;
            default:
                Positive(transfer.Fact.Amount);
                break;
        }
    }

    private static void Require(CreateGrant create)
    {
        Key(create.Key);
        Text(create.Reference, Limits.ReferenceLettersMax);
        Require(create.Metadata);
        Positive(create.Amount);
        Check(create.EffectivePriority is >= 0 and <= Limits.PriorityMax, "not a priority");
        Check(create.ExpiresAt is null || create.ExpiresAt > (create.EffectiveAt ?? create.At), "an expiry before it takes effect");
        Check(
            create.Scopes.Count <= Limits.ScopesMax && create.Scopes.All(scope => scope.Length is > 0 and <= Limits.ScopeLettersMax),
            "too many or too long scopes");
    }

    private static void Require(IReadOnlyList<Leg> legs, int legsMax = Limits.LegsMax)
    {
        Check(legs.Count >= 2 && legs.Count <= legsMax, "too many or too few legs");
        Check(legs.All(leg => leg.Grant is not null == (leg.Account == AccountKind.Grants)), "a leg on grants without its grant");
        var isBalanced = legs
            .GroupBy(leg => leg.Amount.Currency)
            .All(group => group.Aggregate(Int128.Zero, (sum, leg) => sum + leg.Amount.Micros) == 0);
        Check(isBalanced, "legs that do not sum to zero");
        foreach (var leg in legs)
        {
            Amount(leg.Amount);
        }
    }

    private static void Require(IReadOnlyDictionary<string, string> metadata)
    {
        Check(metadata.Count <= Limits.MetadataNamesMax, "too many names in metadata");
        Check(metadata.Sum(pair => pair.Key.Length + pair.Value.Length) <= Limits.MetadataLettersMax, "too much metadata");
    }

    private static void Key(string key)
    {
        Check(key.Length > 0, "an empty key");
        Check(!key.StartsWith(Limits.OwnKeyPrefix, StringComparison.Ordinal), "a key of the ledger's own");
        Text(key, Limits.KeyLettersMax);
    }

    // NUL is no text to PostgreSQL, half of a surrogate pair none to UTF-8: the driver would fail as it writes, and with
    // it everything in the group.
    private static void Text(string text, int lettersMax) =>
        Check(text.Length <= lettersMax && !text.Contains('\0', StringComparison.Ordinal) && IsWhole(text), "a text that cannot be kept");

    private static bool IsWhole(string text)
    {
        for (var index = text.AsSpan().IndexOfAnyInRange('\ud800', '\udfff'); index >= 0 && index < text.Length; index++)
        {
            if (char.IsSurrogate(text[index]))
            {
                if (index + 1 == text.Length || !char.IsSurrogatePair(text[index], text[index + 1]))
                {
                    return false;
                }

                index++;
            }
        }

        return true;
    }

    private static void Positive(Money amount)
    {
        Check(amount.Micros > 0, "an amount that is not positive");
        Amount(amount);
    }

    private static void Amount(Money amount) =>
        Check(amount.Micros is >= -Limits.AmountMicrosMax and <= Limits.AmountMicrosMax, "an amount beyond all measure");

    private static void Check(bool holds, string what)
    {
        if (!holds)
        {
            throw new ArgumentException($"The books do not take {what}.");
        }
    }
}
