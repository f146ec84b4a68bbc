namespace Quoin.Ledger;

/// <summary>The ledger's limits, each with its reason.</summary>
public static class Limits
{
    /// <summary>Letters of a transfer key: room for a prefixed natural key and a provider's id.</summary>
    public const int KeyLettersMax = 200;

    /// <summary>Letters of a reference: it names other rows, it does not carry their content.</summary>
    public const int ReferenceLettersMax = 500;

    /// <summary>
    /// Account ids remembered in a process: about 100 bytes each. They never change, so a forgotten one costs one look
    /// into the database.
    /// </summary>
    public const int RememberedAccountsMax = 100_000;

    /// <summary>One grant of credit, in micros: a million units of currency. More is a typing mistake.</summary>
    public const long GrantMicrosMax = 1_000_000 * Kernel.Money.MicrosPerUnit;
}
