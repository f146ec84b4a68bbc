using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>Adds mail domains, checks in the DNS that they are the organisation's, and removes them.</summary>
internal sealed partial class ManageDomains(
    NpgsqlDataSource database, ITxtRecords records, Rates rates, IAudit audit, TimeProvider time)
{
    private const string Columns = "d.domain, d.proof, d.joining, d.created_at, d.checked_at, d.verified_at";

    private const string ListSql = $"""
        select {Columns}
        from accounts.domains d
        where d.org_id = $1
        order by d.domain
        """;

    public async Task<IReadOnlyList<DomainProfile>> List(OrgId org, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(ListSql, org.Value);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        var found = new List<DomainProfile>();
        while (await row.ReadAsync(cancellationToken))
        {
            found.Add(Read(row));
        }

        return found;
    }

    private const string PutSql = $"""
        insert into accounts.domains as d (org_id, domain, proof, joining, created_by, created_at)
        values ($1, $2, $3, $4, $5, $6)
        on conflict (org_id, domain) do update
        set joining = $4
        returning {Columns}
        """;

    private const string CountSql = """
        select count(*)
        from accounts.domains
        where org_id = $1
            and domain <> $2
        """;

    /// <summary>Adds a domain, or changes how people of one that is there come to belong.</summary>
    public async Task<DomainOutcome> Put(
        OrgId org, NewDomain wanted, string actor, CancellationToken cancellationToken)
    {
        var domain = wanted.Domain.Trim().ToLowerInvariant();
        if (InvalidInput.Of(("domain", Problem(domain))) is { } invalid)
        {
            return new DomainOutcome.Invalid(invalid);
        }

        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await MemberRows.TakeTurn(transaction, org, cancellationToken);
        await using (var count = transaction.Sql(CountSql, org.Value, domain))
        {
            if ((long)(await count.ExecuteScalarAsync(cancellationToken))! >= Limits.DomainsMax)
            {
                return new DomainOutcome.TooMany();
            }
        }

        var proof = $"quoin-domain-verification={Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16))}";
        await using var put = transaction.Sql(
            PutSql, org.Value, domain, proof, StoredWord.Of(wanted.Joining), actor, Instant.Now(time));
        var after = (await ReadOne(put, cancellationToken))!;
        await Record(transaction, org, actor, "domain.put", after, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new DomainOutcome.Done(after);
    }

    private const string FindSql = $"""
        select {Columns}
        from accounts.domains d
        where d.org_id = $1
            and d.domain = $2
        """;

    private const string CheckedSql = $"""
        update accounts.domains d
        set checked_at = $3, verified_at = $4
        where d.org_id = $1
            and d.domain = $2
        returning {Columns}
        """;

    /// <summary>Asks the DNS. A record that has gone takes the verification with it.</summary>
    public async Task<DomainOutcome> Check(
        OrgId org, string domain, string actor, CancellationToken cancellationToken)
    {
        await using var find = database.Sql(FindSql, org.Value, domain);
        if (await ReadOne(find, cancellationToken) is not { } before)
        {
            return new DomainOutcome.NotFound();
        }

        if (await rates.Take(Limits.DomainChecks, org.ToString(), cancellationToken) is { } wait)
        {
            return new DomainOutcome.TooSoon(wait);
        }

        // Before the transaction: no question to the network while rows are locked.
        var found = await records.Of(before.RecordName, cancellationToken);
        var isProved = found.Contains(before.RecordValue, StringComparer.Ordinal);
        var now = Instant.Now(time);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var update = transaction.Sql(
            CheckedSql, org.Value, domain, now, isProved ? before.VerifiedAt ?? now : null);
        if (await ReadOne(update, cancellationToken) is not { } after)
        {
            return new DomainOutcome.NotFound();
        }

        if (isProved != before.VerifiedAt is not null)
        {
            await Record(
                transaction, org, actor, isProved ? "domain.verified" : "domain.lost", after, cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        return isProved ? new DomainOutcome.Done(after) : new DomainOutcome.NotProved(after);
    }

    private const string DeleteSql = $"""
        delete from accounts.domains d
        where d.org_id = $1
            and d.domain = $2
        returning {Columns}
        """;

    /// <summary>Removes a domain.</summary>
    public async Task<DomainOutcome> Remove(
        OrgId org, string domain, string actor, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var delete = transaction.Sql(DeleteSql, org.Value, domain);
        if (await ReadOne(delete, cancellationToken) is not { } before)
        {
            return new DomainOutcome.NotFound();
        }

        await Record(transaction, org, actor, "domain.removed", before, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new DomainOutcome.Done(before);
    }

    private static string? Problem(string domain) =>
        !DomainPattern().IsMatch(domain) || domain.Length > 240 ? "must be a domain such as example.com"
        : PublicMailDomains.Contains(domain) ? "belongs to a mail service for everybody"
        : null;

    private Task Record(
        NpgsqlTransaction transaction,
        OrgId org,
        string actor,
        string action,
        DomainProfile after,
        CancellationToken cancellationToken) => audit.Record(
        transaction,
        new AuditEntry(org, actor, action, after.Domain, After: AuditState.Of(after)),
        cancellationToken);

    private static async Task<DomainProfile?> ReadOne(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        return await row.ReadAsync(cancellationToken) ? Read(row) : null;
    }

    private static DomainProfile Read(NpgsqlDataReader row) => new(
        row.GetString(0),
        $"_quoin.{row.GetString(0)}",
        row.GetString(1),
        StoredWord.Read<Joining>(row.GetString(2)),
        row.GetFieldValue<DateTimeOffset>(3),
        row.IsDBNull(4) ? null : row.GetFieldValue<DateTimeOffset>(4),
        row.IsDBNull(5) ? null : row.GetFieldValue<DateTimeOffset>(5));

    [GeneratedRegex(
        "^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]\\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex DomainPattern();
}
