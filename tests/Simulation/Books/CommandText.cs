using Quoin.Kernel;
using Quoin.Ledger;

namespace Quoin.Tests.Simulation.Books;

/// <summary>Commands as a person reads them in a trace: names in place of ids.</summary>
internal static class CommandText
{
    public static string Of(LedgerCommand command, Names names)
    {
        string Named(Guid id) => names.Of(id) ?? "nobody's";
        return command switch
        {
            PostTransfer post => Of(post.Transfer, names),
            PostLinkedTransfers linked => $"linked {string.Join(" + ", linked.Transfers.Select(one => Of(one, names)))}",
            CreateGrant grant => $"{grant.Key} grant {grant.Amount} {grant.Source} {grant.Priority} "
                + $"{grant.EffectiveAt:dHH:mm}–{grant.ExpiresAt:dHH:mm} {string.Join('/', grant.Scopes)} at {grant.At:dHH:mm:ss}",
            VoidGrant change => $"void {Named(change.Grant.Value)}",
            ExpireGrant change => $"expire {Named(change.Grant.Value)} at {change.At:dHH:mm:ss}",
            ActivateGrant change => $"activate {Named(change.Grant.Value)} at {change.At:dHH:mm:ss}",
            SetCreditLimit set => $"limit {set.Terms} {set.Limit} {set.Currency}",
            CreateHold hold => $"{hold.Key} hold {hold.Amount} {hold.Terms} {hold.Overrun} {string.Join('/', hold.Scopes)} "
                + $"at {hold.At:dHH:mm:ss} until {hold.ExpiresAt:dHH:mm:ss}",
            CaptureHold capture => $"{capture.Key} of {Named(capture.Hold.Value)} {capture.Amount} "
                + $"{(capture.IsLast ? "last" : "part")}{(capture.MayExceed ? " or more" : string.Empty)} at {capture.At:dHH:mm:ss}",
            RenewHold renew => $"renew {Named(renew.Hold.Value)} at {renew.At:dHH:mm:ss} until {renew.ExpiresAt:dHH:mm:ss}",
            ReleaseHold { Part: { } part } release => $"release {part} of {Named(release.Hold.Value)} at {release.At:dHH:mm:ss}",
            ReleaseHold release => $"release {Named(release.Hold.Value)}",
            SplitHold split => $"{split.Key} split {split.Amount} off {Named(split.From.Value)} "
                + $"at {split.At:dHH:mm:ss} until {split.ExpiresAt:dHH:mm:ss}",
            ExpireHold expire => $"expire {Named(expire.Hold.Value)} at {expire.At:dHH:mm:ss}",
            _ => command.GetType().Name,
        };
    }

    private static string Of(TransferRequest request, Names names)
    {
        var about = request.Fact switch
        {
            BusinessFact.Usage usage => string.Join(
                ' ',
                [
                    .. usage.Parts.Select(part => $"{part.Amount.Micros}:{string.Join('/', part.Scopes)}"),
                    usage.ProviderCost is { } cost ? $"costs {cost}" : string.Empty,
                ]),
            BusinessFact.CreditRefunded refunded => names.Of(refunded.Grant.Value),
            BusinessFact.CreditRefundFailed failed => names.Of(failed.Grant.Value),
            BusinessFact.Reversal reversal => names.Of(reversal.Original.Value),
            BusinessFact.Manual manual => string.Join(' ', manual.Legs.Select(leg => $"{leg.Account} {leg.Amount.Micros}")),
            _ => null,
        };
        var releases = request.Releases.Count == 0
            ? string.Empty
            : $" releases {string.Join(", ", request.Releases.Select(hold => names.Of(hold.Value) ?? "nobody's"))}";
        return $"{request.Key} {request.Fact.Kind} {request.Fact.Amount} {about}{releases} at {request.OccurredAt:dHH:mm:ss}";
    }
}
