using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Metering.Internal;

/// <summary>The holds that events of folds name, until the last of a fold's usage is taken.</summary>
internal static class FoldHolds
{
    private const string AddSql = """
        insert into metering.fold_holds (org_id, fold_id, hold_id, billing_account_id)
        select *
        from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[])
        on conflict (org_id, fold_id, hold_id) do nothing
        """;

    /// <summary>Adds the statement that remembers what new events name; of usage that is not folded nothing is.</summary>
    public static void Add(NpgsqlBatch batch, List<KeyGroup> groups)
    {
        var naming = groups.FindAll(group => group.IsNew
            && group.First.Hold is not null
            && group.First.Measurements!.Any(measured => measured.Meter.Aggregation != Aggregation.TimeWeighted));
        if (naming.Count > 0)
        {
            batch.Sql(
                AddSql,
                naming.ConvertAll(group => group.First.Org.Value),
                naming.ConvertAll(group => group.Position.Fold),
                naming.ConvertAll(group => group.First.Hold!.Value),
                naming.ConvertAll(group => group.First.BillingAccount.Value));
        }
    }

    // What a limit cut off: a fold that names holds is taken as a whole, so that its holds are there for all of its usage.
    private const string TakeRestSql = """
        delete from metering.unrated_folds u
        using (select distinct unnest($1::uuid[]) as org_id, unnest($2::uuid[]) as fold_id) taken
        where u.org_id = taken.org_id
            and u.fold_id = taken.fold_id
        returning u.org_id, u.billing_account_id, u.meter_id, u.dimensions, u.bucket_start, u.fold_id, u.quantity,
            u.event_count, u.recorded_at, u.names_holds
        """;

    // Two who take parts of one fold at once wait here for each other, and the later one finds that nothing is left.
    private const string LockSql = """
        select 1
        from (select distinct unnest($1::uuid[]) as org_id, unnest($2::uuid[]) as fold_id) taken
        join metering.fold_holds h
            on h.org_id = taken.org_id
            and h.fold_id = taken.fold_id
        order by h.org_id, h.fold_id, h.hold_id
        for update of h
        """;

    private const string TakeSql = """
        delete from metering.fold_holds h
        using (select distinct unnest($1::uuid[]) as org_id, unnest($2::uuid[]) as fold_id) taken
        where h.org_id = taken.org_id
            and h.fold_id = taken.fold_id
            and not exists (
                select 1
                from metering.unrated_folds u
                where u.org_id = h.org_id
                    and u.fold_id = h.fold_id
            )
        returning h.org_id, h.billing_account_id, h.hold_id
        """;

    /// <summary>Takes what is left of the folds that name holds, and the holds of those of which nothing waits any more.</summary>
    public static async Task<TakenUsage> Complete(
        NpgsqlTransaction transaction, IReadOnlyList<FoldedUsage> taken, CancellationToken cancellationToken)
    {
        (OrgId Org, Guid Fold)[] folds =
            [.. taken.Where(usage => usage.NamesHolds).Select(usage => (usage.Org, usage.Fold)).Distinct()];
        if (folds.Length == 0)
        {
            return new TakenUsage(taken, []);
        }

        var orgs = Array.ConvertAll(folds, one => one.Org.Value);
        var ids = Array.ConvertAll(folds, one => one.Fold);
        await using var batch = transaction.Batch();
        batch.Sql(TakeRestSql, orgs, ids);
        batch.Sql(LockSql, orgs, ids);
        batch.Sql(TakeSql, orgs, ids);
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        var rest = await FoldedUsageRows.Read(reader, cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        var holds = new List<NamedHold>();
        while (await reader.ReadAsync(cancellationToken))
        {
            holds.Add(new NamedHold(
                new OrgId(reader.GetGuid(0)), new BillingAccountId(reader.GetGuid(1)), HoldName.Of(reader.GetGuid(2))));
        }

        return new TakenUsage([.. taken, .. rest], holds);
    }
}

/// <summary>
/// How the ledger's holds are named. Usage does not know the ledger: to it a hold is a name that its posting will know.
/// </summary>
internal static class HoldName
{
    private const string Prefix = "hold";

    public static string Of(Guid hold) => IdText.Format(Prefix, hold);

    public static bool TryParse(ReadOnlySpan<char> text, out Guid hold) => IdText.TryParse(Prefix, text, out hold);
}
