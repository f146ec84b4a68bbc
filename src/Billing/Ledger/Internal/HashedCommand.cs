namespace Quoin.Ledger.Internal;

/// <summary>
/// A command with the hash of what it says: made where the caller waits, not where one flush decides for all of them.
/// </summary>
internal readonly record struct HashedCommand(LedgerCommand Command, Guid BodyHash)
{
    public static HashedCommand Of(LedgerCommand command) => new(command, Internal.BodyHash.Of(command));
}
