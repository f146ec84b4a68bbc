using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Npgsql;
using Quoin.Kernel;

namespace Quoin.Ledger.Internal;

/// <summary>An account by what it is, before its id is known. Ordered, so that accounts open in one order everywhere.</summary>
internal readonly record struct AccountName(OrgId Org, BillingAccountId BillingAccount, AccountKind Kind, Currency Currency)
    : IComparable<AccountName>
{
    public static IEnumerable<AccountName> Of(TransferRequest request) => Postings.AccountsOf(request.Fact)
        .Select(kind => new AccountName(request.Org, request.BillingAccount, kind, request.Fact.Amount.Currency));

    public int CompareTo(AccountName other) =>
        (Org.Value, BillingAccount.Value, Kind, Currency.Code).CompareTo(
            (other.Org.Value, other.BillingAccount.Value, other.Kind, other.Currency.Code));
}

internal sealed record EarlierTransfer(TransferId Id, Guid BodyHash);

/// <summary>An account under lock, with the balance as this flush changes it.</summary>
internal sealed class LockedAccount(Guid id)
{
    public Guid Id => id;

    public Guid Org { get; private set; }

    public long BalanceMicros { get; private set; }

    public long EntryCount { get; private set; }

    public bool IsLoaded { get; private set; }

    public bool IsChanged { get; private set; }

    public void Load(Guid org, long balanceMicros, long entryCount) =>
        (Org, BalanceMicros, EntryCount, IsLoaded) = (org, balanceMicros, entryCount, true);

    public void Change(long amountMicros)
    {
        BalanceMicros = checked(BalanceMicros + amountMicros);
        EntryCount++;
        IsChanged = true;
    }
}

/// <summary>The transfers and entries of one flush while they are decided, and the statement that writes them.</summary>
internal sealed class TransferDraft(
    Dictionary<Guid, LockedAccount> accounts,
    Dictionary<AccountName, Guid> chart,
    Dictionary<(Guid Org, string Key), EarlierTransfer> earlier,
    IdSource ids,
    DateTimeOffset now)
{
    private readonly List<(TransferRequest Request, Guid Id, Guid BodyHash)> transfers = [];
    private readonly List<DraftEntry> entries = [];

    /// <summary>Decides one request against everything decided before it, in the books and in this flush.</summary>
    public PostOutcome Decide(TransferRequest request)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(request.Key.Length, Limits.KeyLettersMax);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(request.Reference.Length, Limits.ReferenceLettersMax);
        var bodyHash = BodyHash(request);
        if (earlier.TryGetValue((request.Org.Value, request.Key), out var first))
        {
            return first.BodyHash == bodyHash ? new PostOutcome.Posted(first.Id, IsReplay: true) : new PostOutcome.KeyConflict(first.Id);
        }

        LockedAccount Account(AccountKind kind) =>
            accounts[chart[new AccountName(request.Org, request.BillingAccount, kind, request.Fact.Amount.Currency)]];

        var legs = Postings.Decide(request.Fact, kind => Account(kind).BalanceMicros);
        if (legs.Aggregate(Int128.Zero, (sum, leg) => sum + leg.AmountMicros) != 0)
        {
            throw new InvalidOperationException($"The legs of {request.Fact.Kind} do not sum to zero.");
        }

        var id = ids.Next();
        foreach (var (ordinal, leg) in legs.Index())
        {
            var account = Account(leg.Account);
            account.Change(leg.AmountMicros);
            entries.Add(new DraftEntry(
                request.Org.Value,
                id,
                (short)ordinal,
                account,
                account.EntryCount,
                request.Fact.Amount.Currency.Code,
                leg.AmountMicros,
                account.BalanceMicros));
        }

        transfers.Add((request, id, bodyHash));
        earlier[(request.Org.Value, request.Key)] = new EarlierTransfer(TransferId.From(id), bodyHash);
        return new PostOutcome.Posted(TransferId.From(id), IsReplay: false);
    }

    private const string InsertTransfersSql = """
        insert into ledger.transfers
            (org_id, transfer_id, billing_account_id, key, body_hash, kind, reference, occurred_at, recorded_at)
        select org_id, transfer_id, billing_account_id, key, body_hash, kind, reference, occurred_at, $9
        from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::uuid[], $6::text[], $7::text[], $8::timestamptz[])
            as posted (org_id, transfer_id, billing_account_id, key, body_hash, kind, reference, occurred_at)
        """;

    private const string InsertEntriesSql = """
        insert into ledger.entries
            (org_id, transfer_id, ordinal, account_id, account_sequence, currency, amount_micros, balance_after_micros)
        select *
        from unnest($1::uuid[], $2::uuid[], $3::smallint[], $4::uuid[], $5::bigint[], $6::text[], $7::bigint[], $8::bigint[])
        """;

    private const string UpdateAccountsSql = """
        update ledger.accounts
        set balance_micros = changed.balance_micros,
            entry_count = changed.entry_count
        from unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::bigint[])
            as changed (org_id, account_id, balance_micros, entry_count)
        where accounts.org_id = changed.org_id
            and accounts.account_id = changed.account_id
        """;

    /// <summary>Writes all that was decided, in one round trip.</summary>
    public async Task Write(NpgsqlTransaction transaction, CancellationToken cancellationToken)
    {
        if (transfers.Count == 0)
        {
            return;
        }

        await using var batch = new NpgsqlBatch(transaction.Connection!, transaction);
        batch.BatchCommands.Add(Command(
            InsertTransfersSql,
            transfers.Select(transfer => transfer.Request.Org.Value).ToArray(),
            transfers.Select(transfer => transfer.Id).ToArray(),
            transfers.Select(transfer => transfer.Request.BillingAccount.Value).ToArray(),
            transfers.Select(transfer => transfer.Request.Key).ToArray(),
            transfers.Select(transfer => transfer.BodyHash).ToArray(),
            transfers.Select(transfer => transfer.Request.Fact.Kind).ToArray(),
            transfers.Select(transfer => transfer.Request.Reference).ToArray(),
            transfers.Select(transfer => transfer.Request.OccurredAt.UtcDateTime).ToArray(),
            now));
        batch.BatchCommands.Add(Command(
            InsertEntriesSql,
            entries.Select(entry => entry.Org).ToArray(),
            entries.Select(entry => entry.Transfer).ToArray(),
            entries.Select(entry => entry.Ordinal).ToArray(),
            entries.Select(entry => entry.Account.Id).ToArray(),
            entries.Select(entry => entry.Sequence).ToArray(),
            entries.Select(entry => entry.Currency).ToArray(),
            entries.Select(entry => entry.Amount).ToArray(),
            entries.Select(entry => entry.After).ToArray()));
        var changed = accounts.Values.Where(account => account.IsChanged).ToArray();
        batch.BatchCommands.Add(Command(
            UpdateAccountsSql,
            changed.Select(account => account.Org).ToArray(),
            changed.Select(account => account.Id).ToArray(),
            changed.Select(account => account.BalanceMicros).ToArray(),
            changed.Select(account => account.EntryCount).ToArray()));
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    private static NpgsqlBatchCommand Command(string sql, params object[] values)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var value in values)
        {
            command.Parameters.Add(new() { Value = value });
        }

        return command;
    }

    private static Guid BodyHash(TransferRequest request)
    {
        var amount = request.Fact.Amount;
        var body = string.Create(
            CultureInfo.InvariantCulture,
            $"{request.BillingAccount}|{request.Fact.Kind}|{amount.Micros}|{amount.Currency}"
            + $"|{request.OccurredAt.UtcTicks}|{request.Reference}");
        return new Guid(SHA256.HashData(Encoding.UTF8.GetBytes(body)).AsSpan(0, 16), bigEndian: true);
    }

    private sealed record DraftEntry(
        Guid Org,
        Guid Transfer,
        short Ordinal,
        LockedAccount Account,
        long Sequence,
        string Currency,
        long Amount,
        long After);
}
