using System.Runtime.InteropServices;
using System.Text.Json;
using Quoin.Kernel;
using Quoin.Ledger.Internal;

namespace Quoin.Ledger.VerifyBooks;

/// <summary>An organisation's accounts and grants, and what its entries come to. As large as its chart, not its history.</summary>
internal sealed class OrgAccounts
{
    private readonly Dictionary<Guid, AccountTally> tallies = [];
    private readonly Dictionary<Guid, StoredGrant> grants = [];

    public IEnumerable<AccountTally> All => tallies.Values;

    public IEnumerable<StoredGrant> Grants => grants.Values;

    /// <summary>An account; one that entries name and nobody stored is there, too.</summary>
    public AccountTally Get(Guid id)
    {
        ref var tally = ref CollectionsMarshal.GetValueRefOrAddDefault(tallies, id, out _);
        return tally ??= new AccountTally(id);
    }

    public StoredGrant? Grant(Guid id) => grants.GetValueOrDefault(id);

    /// <summary>Takes rows of a newer snapshot.</summary>
    public void Take(IEnumerable<(Guid Id, StoredAccount Stored)> accounts, IEnumerable<StoredGrant> newer)
    {
        foreach (var (id, stored) in accounts)
        {
            var tally = Get(id);
            tally.Stored = stored;
            tally.HashedKind ??= stored.KindBytes;
        }

        foreach (var grant in newer)
        {
            grants[grant.Id] = grant;
        }
    }
}

/// <summary>A row of <c>ledger.grants</c>, as it is: nothing in it is believed.</summary>
internal sealed record StoredGrant(
    Guid Id,
    Guid BillingAccount,
    string Currency,
    string Source,
    short Priority,
    long GrantedMicros,
    DateTimeOffset? EffectiveAt,
    DateTimeOffset? ExpiresAt,
    string?[] Scopes,
    string Reference,
    DateTimeOffset CreatedAt,
    string State)
{
    /// <summary>How these terms differ from what the funding transfer's body hash covers; null when they do not.</summary>
    public (string Expected, string Found)? WhyNotFundedBy(CopiedTransfer transfer)
    {
        var source = Array.FindIndex(Enum.GetValues<GrantSource>(), source => source.Name() == Source);
        if (source < 0 || !Kernel.Currency.TryParse(Currency, out var currency) || Scopes.Contains(null))
        {
            return ("a source, a currency and scopes there can be", ToString());
        }

        if (MetadataOf(transfer) is not { } metadata)
        {
            return ("metadata of its funding transfer that can be read", CopiedTransfer.TextOf(transfer.Metadata));
        }

        var body = BodyHash.Of(new CreateGrant(
            default,
            new BillingAccountId(BillingAccount),
            CopiedTransfer.TextOf(transfer.Key),
            new Money(GrantedMicros, currency),
            (GrantSource)source,
            CreatedAt,
            Reference)
        {
            Priority = Priority,
            EffectiveAt = EffectiveAt,
            ExpiresAt = ExpiresAt,
            Scopes = Scopes!,
            Metadata = metadata,
        });
        var funded = new Guid(transfer.BodyHash, bigEndian: true);
        if (body != funded)
        {
            return ($"terms with the body hash {funded} of its funding transfer", $"terms with {body}: {this}");
        }

        return Instants.ToMicros(CreatedAt) == transfer.OccurredAtMicros
            ? null
            : ("the instant of its funding transfer as created_at", $"{CreatedAt:O}");
    }

    private static IReadOnlyDictionary<string, string>? MetadataOf(CopiedTransfer transfer)
    {
        var json = CopiedTransfer.TextOf(transfer.Metadata);
        try
        {
            return Metadata.FromJson(json.Length == 0 ? null : json);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <inheritdoc />
    public override string ToString() =>
        $"{GrantedMicros} micros of {Currency}, {Source}, priority {Priority}, effective {EffectiveAt?.ToString("O") ?? "at once"}, "
        + $"expires {ExpiresAt?.ToString("O") ?? "never"}, scopes [{string.Join(", ", Scopes)}], '{Reference}'";
}
