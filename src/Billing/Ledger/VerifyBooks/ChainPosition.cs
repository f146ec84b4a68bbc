namespace Quoin.Ledger.VerifyBooks;

/// <summary>How far an organisation's chain was verified: what verification needs to go on from there.</summary>
/// <param name="Count">The last transfer's number.</param>
/// <param name="LastTransfer">The last transfer.</param>
/// <param name="Head">Its hash.</param>
/// <param name="LastRecordedAtMicros">The latest instant of recording, in micros since 1970.</param>
/// <param name="Transfers">Transfers read.</param>
/// <param name="Entries">Entries read.</param>
internal sealed record ChainPosition(
    long Count, Guid LastTransfer, byte[] Head, long LastRecordedAtMicros, long Transfers, long Entries)
{
    public static ChainPosition Genesis(Kernel.OrgId org) => new(0, Guid.Empty, Internal.ChainHash.Genesis(org), 0, 0, 0);

    /// <summary>Whether no transfer was read yet.</summary>
    public bool IsGenesis => Transfers == 0;
}
