using Npgsql;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Payments.Internal;

/// <summary>
/// What may be locked of an account, in the order in which it must be. The audit log of its organisation comes after the
/// books, as it does where operators change the books themselves.
/// </summary>
internal enum LockStage
{
    Account,
    Subscriptions,
    Request,
    Checkouts,
    Money,
    Remediations,
    Jobs,
    Ledger,
}

/// <summary>
/// Takes an account's row before anything of the account is written: all writers of one account go one after another, and
/// two writers can never wait for each other. The one way to get a <see cref="LockedAccount"/>, which every writing
/// statement asks for.
/// </summary>
internal sealed class AccountLock(TimeProvider time)
{
    private const string InsertSql = """
        insert into payments.billing_accounts (org_id, billing_account_id, created_at)
        values ($1, $2, $3)
        on conflict do nothing
        """;

    private const string LockSql = """
        select
        from payments.billing_accounts
        where org_id = $1
          and billing_account_id = $2
        for update
        """;

    /// <summary>Waits for the account's row; makes it on first use.</summary>
    public async Task<LockedAccount> Take(
        NpgsqlTransaction transaction, BillingAccountKey account, CancellationToken cancellationToken)
    {
        var (org, id) = (account.Org.Value, account.Account.Value);
        if (!await TryLock(transaction, org, id, cancellationToken))
        {
            await using (var insert = transaction.Sql(InsertSql, org, id, time.GetUtcNow()))
            {
                await insert.ExecuteNonQueryAsync(cancellationToken);
            }

            if (!await TryLock(transaction, org, id, cancellationToken))
            {
                throw new InvalidOperationException($"The row of {account} went away while it was locked.");
            }
        }

        // Read after the wait: what is decided under the lock is decided now.
        return new LockedAccount(transaction, account, Instant.Now(time));
    }

    private const string InsertManySql = """
        insert into payments.billing_accounts (org_id, billing_account_id, created_at)
        select org, account, $3
        from unnest($1::uuid[], $2::uuid[]) as wanted (org, account)
        order by org, account
        on conflict do nothing
        """;

    private const string LockManySql = """
        select held.org_id, held.billing_account_id
        from payments.billing_accounts held
        join unnest($1::uuid[], $2::uuid[]) as wanted (org, account)
          on held.org_id = wanted.org and held.billing_account_id = wanted.account
        order by held.org_id, held.billing_account_id
        for update of held
        """;

    /// <summary>
    /// Waits for the rows of several accounts, in one order for everybody, before anything of any of them is locked.
    /// </summary>
    public async Task<IReadOnlyDictionary<BillingAccountKey, LockedAccount>> TakeMany(
        NpgsqlTransaction transaction, IReadOnlyCollection<BillingAccountKey> accounts, CancellationToken cancellationToken)
    {
        var (orgs, ids) = (
            accounts.Select(one => one.Org.Value).ToArray(), accounts.Select(one => one.Account.Value).ToArray());
        if (await LockMany(transaction, orgs, ids, cancellationToken) < accounts.Count)
        {
            await transaction.Sql(InsertManySql, orgs, ids, time.GetUtcNow()).Run(cancellationToken);
            await LockMany(transaction, orgs, ids, cancellationToken);
        }

        var now = Instant.Now(time);
        return accounts.ToDictionary(one => one, one => new LockedAccount(transaction, one, now));
    }

    private static async Task<int> LockMany(
        NpgsqlTransaction transaction, Guid[] orgs, Guid[] accounts, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(LockManySql, orgs, accounts);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var held = 0;
        while (await reader.ReadAsync(cancellationToken))
        {
            held++;
        }

        return held;
    }

    private static async Task<bool> TryLock(
        NpgsqlTransaction transaction, Guid org, Guid account, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(LockSql, org, account);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken);
    }
}

/// <summary>
/// An account whose row this transaction holds. Rows further down are locked through it and only in the order of
/// <see cref="LockStage"/>; going back throws, whatever the luck of the moment.
/// </summary>
internal sealed class LockedAccount
{
    private LockStage stage = LockStage.Account;

    internal LockedAccount(NpgsqlTransaction transaction, BillingAccountKey key, DateTimeOffset now) =>
        (Transaction, Key, Now) = (transaction, key, now);

    public NpgsqlTransaction Transaction { get; }

    public BillingAccountKey Key { get; }

    public OrgId Org => Key.Org;

    public BillingAccountId BillingAccount => Key.Account;

    /// <summary>The system clock when the lock was won; one instant for the whole transaction.</summary>
    public DateTimeOffset Now { get; }

    /// <summary>
    /// The same account for the next thing done in this transaction: whoever holds the account's row meets nobody below it.
    /// </summary>
    public LockedAccount Anew() => new(Transaction, Key, Now);

    /// <summary>Says that rows of a stage are about to be locked.</summary>
    /// <exception cref="InvalidOperationException">A later stage was entered before: a bug.</exception>
    public void Enter(LockStage next)
    {
        if (next < stage)
        {
            throw new InvalidOperationException($"{next} cannot be locked after {stage}.");
        }

        stage = next;
    }
}
