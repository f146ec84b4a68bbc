using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>Creates, lists, disables and enables service accounts.</summary>
internal sealed class ManageServiceAccounts(NpgsqlDataSource database, IAudit audit, IdSource ids, TimeProvider time)
{
    public async Task<ServiceAccountOutcome> Create(
        OrgId org,
        NewServiceAccount request,
        string actor,
        IdempotentRequest idempotent,
        CancellationToken cancellationToken)
    {
        var invalid = InvalidInput.Of(
            ("name", InputText.Problem(request.Name, Limits.NameLettersMax)),
            ("reason", InputText.OptionalProblem(request.Reason, Limits.ReasonLettersMax)));
        if (invalid is not null)
        {
            return new ServiceAccountOutcome.Invalid(invalid);
        }

        var account = new ServiceAccountProfile(
            ids.Next<ServiceAccountId>(), request.Name, actor, Instant.Now(time), DisabledBy: null, DisabledAt: null);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await Count(transaction, org, cancellationToken) >= Limits.ServiceAccountsMax)
        {
            return new ServiceAccountOutcome.TooMany();
        }

        await Insert(transaction, org, account, cancellationToken);
        await audit.Record(
            transaction,
            new AuditEntry(
                org, actor, "service_account.created", account.Id.ToString(), request.Reason, After: AuditState.Of(account)),
            cancellationToken);
        await idempotent.Complete(transaction, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new ServiceAccountOutcome.Done(account);
    }

    public async Task<ServiceAccountOutcome> Turn(
        OrgId org, ServiceAccountId id, bool on, string? reason, string actor, CancellationToken cancellationToken)
    {
        if (InvalidInput.Of(("reason", InputText.OptionalProblem(reason, Limits.ReasonLettersMax))) is { } invalid)
        {
            return new ServiceAccountOutcome.Invalid(invalid);
        }

        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await ServiceAccountRows.Lock(transaction, org, id, cancellationToken) is not { } before)
        {
            return new ServiceAccountOutcome.NoSuchAccount();
        }

        if (on == before.DisabledAt is null)
        {
            return new ServiceAccountOutcome.Done(before);
        }

        var after = before with { DisabledBy = on ? null : actor, DisabledAt = on ? null : Instant.Now(time) };
        await Update(transaction, org, after, cancellationToken);
        await audit.Record(
            transaction,
            new AuditEntry(
                org,
                actor,
                on ? "service_account.enabled" : "service_account.disabled",
                id.ToString(),
                reason,
                AuditState.Of(before),
                AuditState.Of(after)),
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new ServiceAccountOutcome.Done(after);
    }

    private const string ListSql = $"""
        select {ServiceAccountRows.Columns}
        from accounts.service_accounts
        where org_id = $1
            and ($2::uuid is null or service_account_id < $2)
        order by service_account_id desc
        limit $3
        """;

    public async Task<IReadOnlyList<ServiceAccountProfile>> List(
        OrgId org, ServiceAccountId? before, int rowsMax, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(ListSql, org.Value, before?.Value, rowsMax);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<ServiceAccountProfile>();
        while (await row.ReadAsync(cancellationToken))
        {
            rows.Add(ServiceAccountRows.Account(row));
        }

        return rows;
    }

    private const string CountSql = """
        select count(*)
        from accounts.service_accounts
        where org_id = $1
        """;

    private static async Task<long> Count(
        NpgsqlTransaction transaction, OrgId org, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(CountSql, org.Value);
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private const string InsertSql = """
        insert into accounts.service_accounts (org_id, service_account_id, name, created_by, created_at)
        values ($1, $2, $3, $4, $5)
        """;

    private static async Task Insert(
        NpgsqlTransaction transaction, OrgId org, ServiceAccountProfile account, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(
            InsertSql, org.Value, account.Id.Value, account.Name, account.CreatedBy, account.CreatedAt);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private const string UpdateSql = """
        update accounts.service_accounts
        set disabled_by = $3, disabled_at = $4
        where org_id = $1
            and service_account_id = $2
        """;

    private static async Task Update(
        NpgsqlTransaction transaction, OrgId org, ServiceAccountProfile account, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(
            UpdateSql, org.Value, account.Id.Value, account.DisabledBy, account.DisabledAt);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
