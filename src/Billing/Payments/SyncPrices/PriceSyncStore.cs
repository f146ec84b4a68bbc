using Npgsql;
using Quoin.Kernel;
using Quoin.Payments.Internal;
using Quoin.Platform;
using Quoin.Pricing;

namespace Quoin.Payments.SyncPrices;

/// <summary>What came of bringing a plan's version to a provider.</summary>
internal sealed record PriceSyncRow(
    PlanVersionId Plan,
    PaymentMode Mode,
    PriceSyncStatus Status,
    string? Problem,
    string? ProviderRequest,
    int Attempts,
    DateTimeOffset DueAt,
    DateTimeOffset UpdatedAt)
{
    public static PriceSyncRow Read(NpgsqlDataReader row) => new(
        new PlanVersionId(row.GetGuid(0)),
        row.Mode(1),
        row.Word<PriceSyncStatus>(2),
        row.TextOrNull(3),
        row.TextOrNull(4),
        row.GetInt32(5),
        row.Instant(6),
        row.Instant(7));
}

/// <summary>The rows of plans' prices and of their synchronisation; shared by all organisations.</summary>
internal sealed class PriceSyncStore(NpgsqlDataSource database, TimeProvider time, IdSource ids)
{
    private const string AllSql = """
        select plan_version_id, mode, status, problem, provider_request_id, attempts, due_at, updated_at
        from payments.plan_price_syncs
        where provider = $1
        """;

    /// <summary>How every version stands that was ever tried at a provider.</summary>
    public Task<IReadOnlyList<PriceSyncRow>> All(string provider, CancellationToken cancellationToken) =>
        database.Sql(AllSql, provider).All(PriceSyncRow.Read, cancellationToken);

    private const string HasFailedSql = """
        select exists (
            select
            from payments.plan_price_syncs
            where plan_version_id = $1
              and provider = $2
              and mode = $3
              and status = 'failed'
        )
        """;

    /// <summary>Whether a version was found to be unsellable.</summary>
    public async Task<bool> HasFailed(PlanVersionId plan, ProviderPlace place, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(HasFailedSql, plan.Value, place.Provider, place.ModeWord);
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private const string SaveSql = """
        insert into payments.plan_price_syncs
            (plan_version_id, provider, mode, status, problem, provider_request_id, attempts, due_at, created_at, updated_at)
        values ($1, $2, $3, $4, $5, $6, 1, $7, $8, $8)
        on conflict (plan_version_id, provider, mode) do update
        set status = excluded.status,
            problem = excluded.problem,
            provider_request_id = excluded.provider_request_id,
            attempts = payments.plan_price_syncs.attempts + 1,
            due_at = excluded.due_at,
            updated_at = excluded.updated_at
        """;

    /// <summary>Keeps what came of an attempt.</summary>
    public Task Save(
        PlanVersionId plan,
        ProviderPlace place,
        PriceSyncStatus status,
        string? problem,
        string? providerRequest,
        DateTimeOffset dueAt,
        CancellationToken cancellationToken) => database
        .Sql(
            SaveSql,
            plan.Value,
            place.Provider,
            place.ModeWord,
            Word.Of(status),
            problem,
            providerRequest,
            dueAt,
            Instant.Now(time))
        .Run(cancellationToken);

    // Another replica may have been faster: its row stays, and the provider made one price for both, by the key.
    private const string InsertPriceSql = """
        insert into payments.plan_prices
            (plan_price_id, plan_version_id, provider, mode, component, usage_type, interval_unit, interval_count, currency,
            amount_minor, provider_product_id, provider_price_id, is_active, created_at, updated_at)
        values ($1, $2, $3, $4, 'base', 'licensed', $5, $6, $7, $8, $9, $10, true, $11, $11)
        on conflict do nothing
        """;

    /// <summary>Keeps a price the provider made; one that is there stays.</summary>
    public Task InsertPrice(
        PlanVersionId plan, ProviderPlace place, PlanPriceTerms terms, ProviderPrice made, CancellationToken cancellationToken) =>
        database.Sql(
            InsertPriceSql,
            ids.Next<PlanPriceId>().Value,
            plan.Value,
            place.Provider,
            place.ModeWord,
            Word.Of(terms.Interval),
            terms.IntervalCount,
            terms.Currency.Code,
            terms.AmountMinor,
            made.Product,
            made.Id,
            Instant.Now(time)).Run(cancellationToken);
}
