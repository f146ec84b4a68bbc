using System.Security.Cryptography;

namespace Quoin.Ledger.Internal;

/// <summary>
/// What a request says, in sixteen bytes: a key that comes again with another body is a conflict. Instants that the
/// ledger's own caller sets at each try are left out; the time of a fact is part of it.
/// </summary>
internal static class BodyHash
{
    /// <summary>The hash of a command that has a key; nothing for others.</summary>
    public static Guid Of(LedgerCommand command) => command switch
    {
        PostTransfer post => Of(post.Transfer),
        CreateHold create => Of(create),
        SplitHold split => Of(split),
        CaptureHold capture => Of(capture),
        CreateGrant create => Of(create),
        _ => Guid.Empty,
    };

    public static Guid Of(TransferRequest request)
    {
        var content = new ContentWriter(stackalloc byte[512]);
        content.Uuid(request.BillingAccount.Value);
        content.Integer64(Instants.ToMicros(request.OccurredAt));
        content.Text(request.Reference);
        content.Text(Metadata.ToJson(request.Metadata) ?? string.Empty);
        Add(ref content, request.Fact);
        foreach (var hold in request.Releases)
        {
            content.Uuid(hold.Value);
        }

        return End(content);
    }

    public static Guid Of(CreateHold request)
    {
        var content = new ContentWriter(stackalloc byte[512]);
        content.Uuid(request.BillingAccount.Value);
        Add(ref content, request.Amount);
        content.Text(request.Terms.Name());
        content.Text(request.Overrun.Name());
        content.Text(request.Reference);
        Add(ref content, request.Scopes);
        return End(content);
    }

    public static Guid Of(SplitHold request)
    {
        var content = new ContentWriter(stackalloc byte[512]);
        content.Uuid(request.From.Value);
        Add(ref content, request.Amount);
        content.Text(request.Reference);
        return End(content);
    }

    public static Guid Of(CaptureHold request)
    {
        var content = new ContentWriter(stackalloc byte[256]);
        content.Uuid(request.Hold.Value);
        Add(ref content, request.Amount);
        content.Text(request.Reference);
        content.Byte(request.IsLast ? (byte)1 : (byte)0);
        content.Byte(request.MayExceed ? (byte)1 : (byte)0);
        return End(content);
    }

    public static Guid Of(CreateGrant request)
    {
        var content = new ContentWriter(stackalloc byte[512]);
        content.Uuid(request.BillingAccount.Value);
        Add(ref content, request.Amount);
        content.Text(request.Source.Name());
        content.Integer64(request.EffectivePriority);
        content.Integer64(request.EffectiveAt is { } effective ? Instants.ToMicros(effective) : long.MinValue);
        content.Integer64(request.ExpiresAt is { } expires ? Instants.ToMicros(expires) : long.MaxValue);
        content.Text(request.Reference);
        content.Text(Metadata.ToJson(request.Metadata) ?? string.Empty);
        Add(ref content, request.Scopes);
        return End(content);
    }

    private static void Add(ref ContentWriter content, BusinessFact fact)
    {
        content.Text(fact.Kind);
        Add(ref content, fact.Amount);
        switch (fact)
        {
            case BusinessFact.Usage usage:
                foreach (var part in usage.Parts)
                {
                    Add(ref content, part.Amount);
                    Add(ref content, part.Scopes);
                }

                if (usage.ProviderCost is { } cost)
                {
                    Add(ref content, cost);
                }

                break;
            case BusinessFact.CreditRefunded refunded:
                content.Uuid(refunded.Grant.Value);
                break;
            case BusinessFact.CreditRefundFailed failed:
                content.Uuid(failed.Grant.Value);
                break;
            case BusinessFact.Manual manual:
                Add(ref content, manual.Legs);
                break;
            case BusinessFact.Adjustment adjustment:
                Add(ref content, adjustment.Legs);
                content.Uuid(adjustment.Original.Value);
                break;
            case BusinessFact.Reversal reversal:
                Add(ref content, reversal.Legs);
                content.Uuid(reversal.Original.Value);
                break;
        }
    }

    private static void Add(ref ContentWriter content, IReadOnlyList<Leg> legs)
    {
        foreach (var leg in legs)
        {
            content.Text(leg.Account.Name());
            content.Uuid(leg.Grant?.Value ?? Guid.Empty);
            Add(ref content, leg.Amount);
        }
    }

    private static void Add(ref ContentWriter content, IEnumerable<string> scopes)
    {
        foreach (var scope in scopes.Order(StringComparer.Ordinal))
        {
            content.Text(scope);
        }

        content.Byte(0);
    }

    private static void Add(ref ContentWriter content, Kernel.Money money)
    {
        content.Integer64(money.Micros);
        content.Text(money.Currency.Code);
    }

    private static Guid End(ContentWriter content)
    {
        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(content.Written, hash);
        return new Guid(hash[..16], bigEndian: true);
    }
}
