namespace Quoin.Ledger.VerifyBooks;

/// <summary>An account: what the database says of it, and what its entries come to so far.</summary>
internal sealed class AccountTally(Guid id)
{
    public Guid Id => id;

    /// <summary>The account's row, as of the snapshot; null when there is none.</summary>
    public StoredAccount? Stored { get; set; }

    /// <summary>The kind to hash its entries with: the stored one, unless that was found to be changed.</summary>
    public byte[]? HashedKind { get; set; }

    /// <summary>The balance after its last entry.</summary>
    public long BalanceMicros { get; set; }

    /// <summary>All that came onto it.</summary>
    public Int128 ReceivedMicros { get; set; }

    /// <summary>All that left it, above zero.</summary>
    public Int128 PaidMicros { get; set; }

    /// <summary>What the transfer of the same id brought: a grant's funding.</summary>
    public Int128 FundedMicros { get; set; }

    /// <summary>Whether the transfer of the same id was seen.</summary>
    public bool IsFunded { get; set; }

    /// <summary>Whether something was reported that every further entry would repeat.</summary>
    public bool IsReported { get; set; }
}

/// <summary>A row of <c>ledger.accounts</c>.</summary>
internal sealed record StoredAccount(
    Guid BillingAccount,
    string Kind,
    string Currency,
    long BalanceMicros,
    long HeldMicros,
    long SpentMicros,
    long SpentAtCount)
{
    /// <summary>The billing account as it is compared.</summary>
    public byte[] BillingAccountBytes { get; } = BillingAccount.ToByteArray(bigEndian: true);

    /// <summary>The kind as it is hashed.</summary>
    public byte[] KindBytes { get; } = HashedText.Of(Kind);

    /// <summary>The currency as it is hashed.</summary>
    public byte[] CurrencyBytes { get; } = HashedText.Of(Currency);

    /// <summary>Whether usage is ever paid from such an account.</summary>
    public bool IsPayer => Kind is "grants" or "overdraft" or "receivable" or "operator_loss";
}

/// <summary>Texts as they are hashed: with their length before them.</summary>
internal static class HashedText
{
    public static byte[] Of(string text)
    {
        var content = new Internal.ContentWriter(stackalloc byte[128]);
        content.Text(text);
        return content.Written.ToArray();
    }
}
