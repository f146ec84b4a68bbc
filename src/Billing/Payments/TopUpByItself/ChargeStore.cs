using Npgsql;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Payments.Internal;
using Quoin.Platform;

namespace Quoin.Payments.TopUpByItself;

/// <summary>How an automatic charge stands.</summary>
internal enum AutoTopUpChargeStatus
{
    /// <summary>Nobody knows yet.</summary>
    Pending,

    /// <summary>The money is there.</summary>
    Succeeded,

    /// <summary>It is not, and will not be.</summary>
    Failed,
}

/// <summary>An automatic charge.</summary>
internal sealed record ChargeRow
{
    public const string Columns = """
        org_id, charge_id, billing_account_id, customer_id, method_id, provider, mode, amount_minor, currency, operation_key,
        provider_key, frozen_params, replay_deadline_at, status, provider_payment_id, attempts
        """;

    public required BillingAccountKey Account { get; init; }

    public required AutoTopUpChargeId Id { get; init; }

    public required PaymentCustomerId Customer { get; init; }

    public required PaymentMethodId Method { get; init; }

    public required ProviderPlace Place { get; init; }

    public required long AmountMinor { get; init; }

    public required Currency Currency { get; init; }

    public required string OperationKey { get; init; }

    public required string ProviderKey { get; init; }

    public required string Frozen { get; init; }

    public required DateTimeOffset ReplayDeadlineAt { get; init; }

    public AutoTopUpChargeStatus Status { get; init; }

    public string? ProviderPayment { get; init; }

    public int Attempts { get; init; }

    public static ChargeRow Read(NpgsqlDataReader row) => new()
    {
        Account = new BillingAccountKey(new OrgId(row.GetGuid(0)), new BillingAccountId(row.GetGuid(2))),
        Id = new AutoTopUpChargeId(row.GetGuid(1)),
        Customer = new PaymentCustomerId(row.GetGuid(3)),
        Method = new PaymentMethodId(row.GetGuid(4)),
        Place = new ProviderPlace(row.GetString(5), row.Mode(6)),
        AmountMinor = row.GetInt64(7),
        Currency = Currency.Of(row.GetString(8)),
        OperationKey = row.GetString(9),
        ProviderKey = row.GetString(10),
        Frozen = row.GetString(11),
        ReplayDeadlineAt = row.Instant(12),
        Status = row.Word<AutoTopUpChargeStatus>(13),
        ProviderPayment = row.TextOrNull(14),
        Attempts = row.GetInt32(15),
    };
}

/// <summary>What was charged by itself.</summary>
internal sealed class ChargeStore(NpgsqlDataSource database)
{
    private const string UsedSql = """
        select coalesce(sum(amount_minor) filter (where month = $3 and status <> 'failed'), 0)::bigint,
            coalesce(bool_or(status = 'pending'), false),
            max(created_at)
        from payments.auto_top_up_charges
        where org_id = $1
          and billing_account_id = $2
        """;

    /// <summary>What counts against the cap of a month, whether one is pending, and when the last one was begun.</summary>
    public static async Task<(long Minor, bool HasPending, DateTimeOffset? LastAt)> Used(
        LockedAccount account, DateOnly month, CancellationToken cancellationToken)
    {
        await using var command = account.Transaction.Sql(UsedSql, account.Org.Value, account.BillingAccount.Value, month);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return (reader.GetInt64(0), reader.GetBoolean(1), reader.InstantOrNull(2));
    }

    private const string BoughtSql = """
        select coalesce(sum(amount_minor), 0)::bigint
        from payments.auto_top_up_charges
        where org_id = $1
          and billing_account_id = $2
          and month = $3
          and status <> 'failed'
        """;

    /// <summary>What counts against the cap of a month, read without a lock.</summary>
    public async Task<long> Bought(BillingAccountKey account, DateOnly month, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(BoughtSql, account.Org.Value, account.Account.Value, month);
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private const string InsertSql = """
        insert into payments.auto_top_up_charges
            (org_id, charge_id, billing_account_id, customer_id, method_id, provider, mode, month, amount_minor, currency,
            operation_key, provider_key, frozen_params, replay_deadline_at, status, attempts, due_at, created_at, updated_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 'pending', 1, $15, $16, $16)
        """;

    /// <summary>Keeps that one is about to be made.</summary>
    public static Task Insert(LockedAccount account, ChargeRow row, DateTimeOffset dueAt, CancellationToken cancellationToken) =>
        account.Transaction.Sql(
            InsertSql,
            row.Account.Org.Value,
            row.Id.Value,
            row.Account.Account.Value,
            row.Customer.Value,
            row.Method.Value,
            row.Place.Provider,
            row.Place.ModeWord,
            AutoTopUpRule.MonthOf(account.Now),
            row.AmountMinor,
            row.Currency.Code,
            row.OperationKey,
            row.ProviderKey,
            row.Frozen,
            row.ReplayDeadlineAt,
            dueAt,
            account.Now).Run(cancellationToken);

    private const string LockSql = $"""
        select {ChargeRow.Columns}
        from payments.auto_top_up_charges
        where org_id = $1
          and charge_id = $2
        for update
        """;

    /// <summary>One, locked. The account's row is the lock that counts: requests may still be locked behind it.</summary>
    public static Task<ChargeRow?> Lock(LockedAccount account, AutoTopUpChargeId id, CancellationToken cancellationToken)
    {
        return account.Transaction.Sql(LockSql, account.Org.Value, id.Value).Only(ChargeRow.Read, cancellationToken);
    }

    private const string DueSql = $"""
        select {ChargeRow.Columns}
        from payments.auto_top_up_charges
        where status = 'pending'
          and due_at <= $1
        order by due_at
        limit $2
        """;

    /// <summary>Those whose outcome is to be asked for.</summary>
    public Task<IReadOnlyList<ChargeRow>> Due(DateTimeOffset now, CancellationToken cancellationToken) =>
        database.Sql(DueSql, now, ClientLimits.ChargesAskedAtOnce).All(ChargeRow.Read, cancellationToken);

    private const string LeaveSql = """
        update payments.auto_top_up_charges
        set attempts = attempts + 1,
            due_at = $3,
            provider_payment_id = coalesce($4::text, provider_payment_id),
            updated_at = $5
        where org_id = $1
          and charge_id = $2
          and status = 'pending'
        """;

    /// <summary>Leaves one open, to be asked for later.</summary>
    public static Task Leave(
        LockedAccount account, AutoTopUpChargeId id, DateTimeOffset dueAt, string? payment, CancellationToken cancellationToken) =>
        account.Transaction.Sql(LeaveSql, account.Org.Value, id.Value, dueAt, payment, account.Now).Run(cancellationToken);

    private const string EndSql = """
        update payments.auto_top_up_charges
        set status = $3,
            provider_payment_id = coalesce($4::text, provider_payment_id),
            failure_code = $5::text,
            failure_message = $6::text,
            updated_at = $7,
            finished_at = $7
        where org_id = $1
          and charge_id = $2
          and status = 'pending'
        """;

    /// <summary>Ends one: without a failure it succeeded.</summary>
    public static Task End(
        LockedAccount account,
        AutoTopUpChargeId id,
        string? payment,
        (string Code, string? Message)? failure,
        CancellationToken cancellationToken) => account.Transaction.Sql(
        EndSql,
        account.Org.Value,
        id.Value,
        Word.Of(failure is null ? AutoTopUpChargeStatus.Succeeded : AutoTopUpChargeStatus.Failed),
        payment,
        failure?.Code,
        failure?.Message,
        account.Now).Run(cancellationToken);

    private const string PaymentSql = """
        select provider_payment_id, status
        from payments.payments
        where org_id = $1
          and billing_account_id = $2
          and operation_key = $3
        """;

    /// <summary>What the provider's news said of one's payment; null nothing.</summary>
    public static async Task<(string Payment, ProviderPaymentStatus Status)?> Told(
        LockedAccount account, string operationKey, CancellationToken cancellationToken)
    {
        await using var command = account.Transaction.Sql(
            PaymentSql, account.Org.Value, account.BillingAccount.Value, operationKey);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? (reader.GetString(0), reader.Word<ProviderPaymentStatus>(1))
            : null;
    }
}
