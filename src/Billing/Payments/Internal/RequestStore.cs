using Npgsql;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Payments.Internal;

/// <summary>
/// The requests. A finished one never changes; while one is pending its lease version says who may finish it, and every
/// end is a comparison with it.
/// </summary>
internal sealed class RequestStore(NpgsqlDataSource database, Replica replica)
{
    private const string ByKeySql = $"""
        select {RequestRow.Columns}
        from payments.requests
        where org_id = $1
          and billing_account_id = $2
          and action = $3
          and client_key = $4
        for update
        """;

    /// <summary>The request of a client's key, locked.</summary>
    public Task<RequestRow?> ByKey(
        LockedAccount account, RequestAction action, string clientKey, CancellationToken cancellationToken)
    {
        account.Enter(LockStage.Request);
        return account.Transaction
            .Sql(ByKeySql, account.Org.Value, account.BillingAccount.Value, Word.Of(action), clientKey)
            .Only(RequestRow.Read, cancellationToken);
    }

    private const string IsKnownSql = """
        select exists (
            select
            from payments.requests
            where org_id = $1
              and billing_account_id = $2
              and action = $3
              and client_key = $4)
        """;

    /// <summary>Whether a client's key names a request, read without a lock; one that is there stays for long.</summary>
    public async Task<bool> IsKnown(
        BillingAccountKey account, RequestAction action, string clientKey, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(
            IsKnownSql, account.Org.Value, account.Account.Value, Word.Of(action), clientKey);
        return await command.ExecuteScalarAsync(cancellationToken) is true;
    }

    private const string HasMadeSql = """
        select exists (
                select
                from payments.checkouts
                where org_id = $1
                  and operation_key = $2
                  and not is_of_link)
            or exists (
                select
                from payments.purchases
                where org_id = $1
                  and operation_key = $2
                  and not is_of_link)
        """;

    /// <summary>Whether an operation made something that is kept, whatever became of its request.</summary>
    public async Task<bool> HasMade(LockedAccount account, string operationKey, CancellationToken cancellationToken)
    {
        await using var command = account.Transaction.Sql(HasMadeSql, account.Org.Value, operationKey);
        return await command.ExecuteScalarAsync(cancellationToken) is true;
    }

    private const string PendingCheckoutSql = $"""
        select {RequestRow.Columns}
        from payments.requests
        where org_id = $1
          and billing_account_id = $2
          and action = 'checkout'
          and status = 'pending'
        for update
        """;

    /// <summary>The account's pending checkout, locked; there is at most one.</summary>
    public Task<RequestRow?> PendingCheckout(LockedAccount account, CancellationToken cancellationToken)
    {
        account.Enter(LockStage.Request);
        return account.Transaction
            .Sql(PendingCheckoutSql, account.Org.Value, account.BillingAccount.Value)
            .Only(RequestRow.Read, cancellationToken);
    }

    private const string ByIdSql = $"""
        select {RequestRow.Columns}
        from payments.requests
        where org_id = $1
          and request_id = $2
        for update
        """;

    /// <summary>A request of the account, locked; null when it has none of this id.</summary>
    public async Task<RequestRow?> ById(LockedAccount account, PaymentRequestId id, CancellationToken cancellationToken)
    {
        account.Enter(LockStage.Request);
        var row = await account.Transaction.Sql(ByIdSql, account.Org.Value, id.Value)
            .Only(RequestRow.Read, cancellationToken);
        return row?.BillingAccount == account.BillingAccount ? row : null;
    }

    private const string ByOperationSql = $"""
        select {RequestRow.Columns}
        from payments.requests
        where org_id = $1
          and operation_key = $2
        for update
        """;

    /// <summary>The request of an operation, locked; null when the account has none.</summary>
    public async Task<RequestRow?> ByOperation(
        LockedAccount account, string operationKey, CancellationToken cancellationToken)
    {
        account.Enter(LockStage.Request);
        var row = await account.Transaction.Sql(ByOperationSql, account.Org.Value, operationKey)
            .Only(RequestRow.Read, cancellationToken);
        return row?.BillingAccount == account.BillingAccount ? row : null;
    }

    private const string PeekSql = $"""
        select {RequestRow.Columns}
        from payments.requests
        where org_id = $1
          and request_id = $2
        """;

    /// <summary>A request as it is, without a lock: to look, never to decide a write by.</summary>
    public Task<RequestRow?> Peek(OrgId org, PaymentRequestId id, CancellationToken cancellationToken) =>
        database.Sql(PeekSql, org.Value, id.Value).Only(RequestRow.Read, cancellationToken);

    private const string InsertSql = """
        insert into payments.requests
            (org_id, request_id, billing_account_id, action, flow, client_key, fingerprint, normalized, actor,
            operation_key, provider, mode, provider_key, replay_deadline_at, status, lease_owner, lease_version,
            lease_expires_at, lease_beat_at, recovery_attempts, created_at, updated_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 'pending', $15, 1, $16, $17, 0, $17, $17)
        on conflict do nothing
        """;

    /// <summary>Stores a new pending request, this replica's for a while.</summary>
    /// <returns>Null when its key is taken, or another checkout is pending: read again and see which.</returns>
    public async Task<RequestRow?> Insert(LockedAccount account, RequestRow request, CancellationToken cancellationToken)
    {
        account.Enter(LockStage.Request);
        var owned = request with { LeaseOwner = replica.Name };
        var count = await account.Transaction.Sql(
            InsertSql,
            owned.Org.Value,
            owned.Id.Value,
            owned.BillingAccount.Value,
            Word.Of(owned.Action),
            owned.Flow is { } flow ? Word.Of(flow) : null,
            owned.ClientKey,
            owned.Fingerprint,
            owned.Normalized,
            owned.Actor,
            owned.OperationKey,
            owned.Place.Provider,
            owned.Place.ModeWord,
            owned.ProviderKey,
            owned.ReplayDeadlineAt,
            owned.LeaseOwner,
            owned.LeaseExpiresAt,
            account.Now).Run(cancellationToken);
        return count == 1 ? owned : null;
    }

    private const string FreezeSql = """
        update payments.requests
        set frozen_params = $4,
            frozen_hash = $5,
            frozen_schema = $6,
            frozen_client = $7,
            frozen_client_version = $8,
            frozen_api_version = $9,
            frozen_at = $10,
            replay_deadline_at = $11,
            expires_upper_bound_at = $12,
            updated_at = $13
        where org_id = $1
          and request_id = $2
          and lease_version = $3
          and status = 'pending'
          and frozen_params is null
        """;

    /// <summary>Keeps what will be sent. Once only.</summary>
    /// <returns>False when it is no longer this lease's, or frozen already.</returns>
    public async Task<bool> Freeze(
        LockedAccount account,
        RequestRow request,
        FrozenRequest frozen,
        DateTimeOffset replayDeadlineAt,
        DateTimeOffset? upperBoundAt,
        CancellationToken cancellationToken) =>
        await account.Transaction.Sql(
            FreezeSql,
            request.Org.Value,
            request.Id.Value,
            request.LeaseVersion,
            frozen.Params,
            frozen.Hash,
            frozen.Schema,
            frozen.Provenance.Client,
            frozen.Provenance.ClientVersion,
            frozen.Provenance.ApiVersion,
            frozen.At,
            replayDeadlineAt,
            upperBoundAt,
            account.Now).Run(cancellationToken) == 1;

    private const string LeaseSql = """
        update payments.requests
        set lease_owner = $4,
            lease_version = lease_version + 1,
            lease_expires_at = $5,
            lease_beat_at = $6,
            recovery_attempts = recovery_attempts + 1,
            last_recovery_at = $6,
            updated_at = $6
        where org_id = $1
          and request_id = $2
          and lease_version = $3
          and status = 'pending'
        """;

    /// <summary>Takes a pending request over: whoever had it cannot finish it any more.</summary>
    public async Task<RequestRow> Lease(
        LockedAccount account, RequestRow request, TimeSpan duration, CancellationToken cancellationToken)
    {
        var expiresAt = account.Now + duration;
        var count = await account.Transaction.Sql(
            LeaseSql,
            request.Org.Value,
            request.Id.Value,
            request.LeaseVersion,
            replica.Name,
            expiresAt,
            account.Now).Run(cancellationToken);
        return count == 1
            ? request with
            {
                LeaseOwner = replica.Name,
                LeaseVersion = request.LeaseVersion + 1,
                LeaseExpiresAt = expiresAt,
                RecoveryAttempts = request.RecoveryAttempts + 1,
            }
            : throw new InvalidOperationException($"{request.Id} changed while it was locked.");
    }

    private const string SucceedSql = """
        update payments.requests
        set status = 'succeeded',
            response = $4,
            provider_object_id = coalesce($5, provider_object_id),
            provider_request_id = coalesce($7, provider_request_id),
            lease_owner = null,
            lease_expires_at = null,
            updated_at = $6,
            finished_at = $6
        where org_id = $1
          and request_id = $2
          and lease_version = $3
          and status = 'pending'
        """;

    /// <summary>Ends a request well. Write what it made before, in the same transaction.</summary>
    /// <param name="account">The account, locked.</param>
    /// <param name="request">The request as it was locked.</param>
    /// <param name="response">The answer, as JSON; a repeated request gets it word for word.</param>
    /// <param name="providerObject">What the provider made.</param>
    /// <param name="cancellationToken">Stops before the statement is sent.</param>
    /// <returns>False when it is not pending any more or was taken over.</returns>
    public async Task<bool> Succeed(
        LockedAccount account,
        RequestRow request,
        string response,
        string? providerObject,
        CancellationToken cancellationToken) =>
        await account.Transaction.Sql(
            SucceedSql,
            request.Org.Value,
            request.Id.Value,
            request.LeaseVersion,
            response,
            providerObject,
            account.Now,
            request.ProviderRequest).Run(cancellationToken) == 1;

    private const string EndSql = """
        update payments.requests
        set status = $4,
            failure_code = $5,
            failure_reason = $6,
            failure_details = $7,
            provider_object_id = coalesce($8, provider_object_id),
            provider_request_id = coalesce($10, provider_request_id),
            lease_owner = null,
            lease_expires_at = null,
            lease_version = lease_version + 1,
            updated_at = $9,
            finished_at = $9
        where org_id = $1
          and request_id = $2
          and lease_version = $3
          and status = 'pending'
        """;

    /// <summary>Ends a request without success.</summary>
    /// <param name="account">The account, locked.</param>
    /// <param name="request">The request as it was locked.</param>
    /// <param name="isExpired">Whether its outcome was never learnt, instead of refused.</param>
    /// <param name="failure">Why.</param>
    /// <param name="providerObject">What the provider had made, where that is known.</param>
    /// <param name="cancellationToken">Stops before the statement is sent.</param>
    /// <returns>False when it is not pending any more or was taken over.</returns>
    public async Task<bool> End(
        LockedAccount account,
        RequestRow request,
        bool isExpired,
        RequestFailure failure,
        string? providerObject,
        CancellationToken cancellationToken) =>
        await account.Transaction.Sql(
            EndSql,
            request.Org.Value,
            request.Id.Value,
            request.LeaseVersion,
            Word.Of(isExpired ? RequestStatus.Expired : RequestStatus.Failed),
            failure.Code,
            failure.Reason,
            failure.Details,
            providerObject,
            account.Now,
            request.ProviderRequest).Run(cancellationToken) == 1;

    private const string OverdueSql = $"""
        select {RequestRow.Columns}
        from payments.requests
        where status = 'pending'
          and lease_expires_at <= $1
        order by lease_expires_at, org_id, request_id
        limit $2
        """;

    /// <summary>Pending requests whose lease ended before an instant, the longest over first; read without locks.</summary>
    public Task<IReadOnlyList<RequestRow>> Overdue(
        DateTimeOffset before, int count, CancellationToken cancellationToken) =>
        database.Sql(OverdueSql, before, count).All(RequestRow.Read, cancellationToken);
}
