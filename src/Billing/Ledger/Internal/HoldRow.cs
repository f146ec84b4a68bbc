using Npgsql;
using Quoin.Kernel;

namespace Quoin.Ledger.Internal;

/// <summary>A hold as it was read, before its chart is known.</summary>
internal sealed record HoldRow(
    Guid Org,
    HoldId Id,
    BillingAccountId BillingAccount,
    Currency Currency,
    string Key,
    Guid BodyHash,
    PaymentTerms Terms,
    OverrunPolicy Overrun,
    string Reference,
    long AmountMicros,
    long CapturedMicros,
    Guid[] Accounts,
    long[] PartMicros,
    HoldState State,
    DateTimeOffset ExpiresAt,
    DateTimeOffset CreatedAt,
    DateTimeOffset? EndedAt)
{
    /// <summary>The columns <see cref="Read"/> reads, in order.</summary>
    public const string Columns = """
        org_id, hold_id, billing_account_id, currency, key, body_hash, terms, overrun, reference, amount_micros,
        captured_micros, account_ids, part_micros, state, expires_at, created_at, ended_at
        """;

    public static HoldRow Read(NpgsqlDataReader reader) => new(
        reader.GetGuid(0),
        new HoldId(reader.GetGuid(1)),
        new BillingAccountId(reader.GetGuid(2)),
        Currency.Of(reader.GetString(3)),
        reader.GetString(4),
        reader.GetGuid(5),
        reader.GetString(6) == PaymentTerms.Prepaid.Name() ? PaymentTerms.Prepaid : PaymentTerms.Postpaid,
        reader.GetString(7) == OverrunPolicy.Cap.Name() ? OverrunPolicy.Cap : OverrunPolicy.AllowNegative,
        reader.GetString(8),
        reader.GetInt64(9),
        reader.GetInt64(10),
        reader.GetFieldValue<Guid[]>(11),
        reader.GetFieldValue<long[]>(12),
        LedgerNames.HoldStateOf(reader.GetString(13)),
        reader.GetFieldValue<DateTimeOffset>(14),
        reader.GetFieldValue<DateTimeOffset>(15),
        reader.IsDBNull(16) ? null : reader.GetFieldValue<DateTimeOffset>(16));

    /// <summary>The hold, on its chart's accounts.</summary>
    public HeldMoney ToHeld(Chart chart) => new()
    {
        Org = new OrgId(Org),
        Id = Id,
        IsStored = true,
        Chart = chart,
        Key = Key,
        BodyHash = BodyHash,
        Terms = Terms,
        Overrun = Overrun,
        Reference = Reference,
        AmountMicros = AmountMicros,
        CapturedMicros = CapturedMicros,
        Parts = [.. Accounts.Zip(PartMicros, (account, micros) => new Reserved(
            chart.Account(new AccountId(account)) ?? throw new InvalidOperationException($"{Id} holds on an account its chart lacks."),
            micros))],
        State = State,
        ExpiresAt = ExpiresAt,
        CreatedAt = CreatedAt,
        EndedAt = EndedAt,
    };

    /// <summary>The hold as others see it.</summary>
    public Hold ToHold() => new(
        Id,
        BillingAccount,
        Key,
        Reference,
        new Money(AmountMicros, Currency),
        new Money(CapturedMicros, Currency),
        [.. Accounts.Zip(PartMicros, (account, micros) => new HoldPart(new AccountId(account), micros))],
        Terms,
        Overrun,
        State,
        ExpiresAt,
        CreatedAt,
        EndedAt);
}
