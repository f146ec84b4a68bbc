using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Payments.Internal;

/// <summary>
/// Finds the organisation of something a provider names. Written with the row that first holds the id, so that news whose
/// metadata say nothing still finds its home.
/// </summary>
internal sealed class ProviderIds(OrgDirectory directory)
{
    public const string Customer = "payments.customer";
    public const string Checkout = "payments.checkout";
    public const string Subscription = "payments.subscription";
    public const string Invoice = "payments.invoice";
    public const string Payment = "payments.payment";
    public const string Charge = "payments.charge";
    public const string Refund = "payments.refund";
    public const string Dispute = "payments.dispute";

    /// <summary>Makes a provider's id lead to a row.</summary>
    /// <exception cref="InvalidOperationException">It leads to another one: a provider's id is nobody else's.</exception>
    public async Task Add(
        NpgsqlTransaction transaction,
        string kind,
        ProviderPlace place,
        string id,
        OrgId org,
        Guid row,
        CancellationToken cancellationToken)
    {
        if (await directory.Add(transaction, kind, HashOf(place, id), org, row, cancellationToken) is DirectoryOutcome.Taken)
        {
            throw new InvalidOperationException($"The {kind} {id} belongs to another row.");
        }
    }

    /// <summary>Where a provider's id leads; null when it leads nowhere.</summary>
    public Task<DirectoryPlace?> Find(string kind, ProviderPlace place, string id, CancellationToken cancellationToken) =>
        directory.Find(kind, HashOf(place, id), cancellationToken);

    /// <summary>Where several ids of one kind lead; one that leads nowhere is missing.</summary>
    public async Task<IReadOnlyDictionary<string, DirectoryPlace>> Find(
        string kind, ProviderPlace place, IReadOnlyCollection<string> ids, CancellationToken cancellationToken)
    {
        var hashes = ids.ToDictionary(id => id, id => HashOf(place, id), StringComparer.Ordinal);
        var places = await directory.Find(kind, hashes.Values, cancellationToken);
        return hashes.Where(pair => places.ContainsKey(pair.Value))
            .ToDictionary(pair => pair.Key, pair => places[pair.Value], StringComparer.Ordinal);
    }

    private static byte[] HashOf(ProviderPlace place, string id) =>
        OrgDirectory.HashOf($"{place.Provider}/{place.ModeWord}/{id}");
}
