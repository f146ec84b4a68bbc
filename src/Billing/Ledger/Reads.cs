using Quoin.Kernel;

namespace Quoin.Ledger;

/// <summary>Which transfers to read; what is null does not filter.</summary>
public sealed record TransferFilter
{
    /// <summary>In this billing account's chart.</summary>
    public BillingAccountId? BillingAccount { get; init; }

    /// <summary>Of this kind.</summary>
    public string? Kind { get; init; }

    /// <summary>With exactly this key.</summary>
    public string? Key { get; init; }

    /// <summary>With this text in the reference, whatever the case of its letters.</summary>
    public string? Reference { get; init; }

    /// <summary>That change this account.</summary>
    public AccountId? Account { get; init; }

    /// <summary>Recorded at or after.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Recorded before.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>That move at least so much in one currency, in micros.</summary>
    public long? MovedMicrosMin { get; init; }
}

/// <summary>A transfer as it stands in the books.</summary>
/// <param name="Id">The transfer.</param>
/// <param name="BillingAccount">Whose chart.</param>
/// <param name="Kind">The business fact's name.</param>
/// <param name="Key">Its natural key.</param>
/// <param name="Reference">What led to it.</param>
/// <param name="Metadata">Names and values kept with it.</param>
/// <param name="Reverses">The transfer it undoes; null for any other.</param>
/// <param name="ReversedBy">The transfer that undid it; null while none did.</param>
/// <param name="OccurredAt">When the fact happened.</param>
/// <param name="RecordedAt">When the books learned of it.</param>
/// <param name="ChainCount">Its place in the organisation's chain, from 1.</param>
/// <param name="ChainHash">Its hash, which covers the one before it.</param>
/// <param name="Moved">What it moved, one amount a currency.</param>
public sealed record Transfer(
    TransferId Id,
    BillingAccountId BillingAccount,
    string Kind,
    string Key,
    string Reference,
    IReadOnlyDictionary<string, string> Metadata,
    TransferId? Reverses,
    TransferId? ReversedBy,
    DateTimeOffset OccurredAt,
    DateTimeOffset RecordedAt,
    long ChainCount,
    ReadOnlyMemory<byte> ChainHash,
    IReadOnlyList<Money> Moved);

/// <summary>What stood on an account at an instant.</summary>
/// <param name="Id">The account.</param>
/// <param name="BillingAccount">Whose chart.</param>
/// <param name="Kind">Its kind.</param>
/// <param name="Balance">What stood on it.</param>
public sealed record BalanceAt(AccountId Id, BillingAccountId BillingAccount, AccountKind Kind, Money Balance);

/// <summary>A line of a trial balance: all accounts of a kind in a currency. Debits and credits are equal in sum.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Debit">What stands below zero, as a positive amount.</param>
/// <param name="Credit">What stands above zero.</param>
public sealed record TrialBalanceLine(AccountKind Kind, Money Debit, Money Credit);

/// <summary>Which holds to read; what is null does not filter.</summary>
/// <param name="BillingAccount">In this billing account's chart.</param>
/// <param name="State">In this state.</param>
public sealed record HoldFilter(BillingAccountId? BillingAccount, HoldState? State);

/// <summary>Which grants to read; what is null does not filter.</summary>
/// <param name="BillingAccount">In this billing account's chart.</param>
/// <param name="State">In this state.</param>
public sealed record GrantFilter(BillingAccountId? BillingAccount, GrantState? State);

/// <summary>Open grants of an organisation that expire soon.</summary>
/// <param name="Org">The organisation.</param>
/// <param name="Grants">The grants.</param>
public sealed record ExpiringGrants(OrgId Org, IReadOnlyList<GrantId> Grants);
